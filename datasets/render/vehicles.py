"""Models cars and light lorries roughly, for the kerb and the lanes."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from datasets.render import lettering
from datasets.render.mesh import Array, Shape
from datasets.render.props import wheel
from datasets.render.stuff import Colour
from datasets.render.surface import Surfaces

PAINTS: tuple[Colour, ...] = (
    (0.6, 0.6, 0.6),
    (0.7, 0.7, 0.69),
    (0.02, 0.02, 0.022),
    (0.2, 0.21, 0.22),
    (0.4, 0.03, 0.03),
    (0.03, 0.08, 0.25),
    (0.35, 0.32, 0.27),
    (0.68, 0.68, 0.66),
)


def _plate(out: Shape, rng: Random, surfaces: Surfaces, x: float, z: float) -> None:
    face = surfaces.printed(lettering.plate(rng), rough=0.4)
    if x > 0:
        out.panel(((x, -0.22, z), (x, 0.22, z), (x, 0.22, z + 0.14), (x, -0.22, z + 0.14)), face)
    else:
        out.panel(((x, 0.22, z), (x, -0.22, z), (x, -0.22, z + 0.14), (x, 0.22, z + 0.14)), face)


def build_car(seed: int, surfaces: Surfaces) -> Shape:
    """A saloon, hatchback or SUV on z = 0, front towards +x; about 4.4 m long."""
    rng = Random(seed)
    out = Shape()
    paint = surfaces.paint(rng.choice(PAINTS), 0.18, grime=0.05)
    glass = surfaces.glass((0.01, 0.012, 0.014), 0.08)
    black = surfaces.paint((0.018, 0.018, 0.018), 0.6)
    steel = surfaces.paint((0.5, 0.5, 0.52), 0.25, metal=0.8)
    kind = rng.choice(("saloon", "suv", "hatch"))
    lift = 0.15 if kind == "suv" else 0.0
    half = 2.2 if kind != "hatch" else 2.0
    tail = {"saloon": -1.55, "suv": -2.05, "hatch": -1.95}[kind]
    roof_back = {"saloon": -0.95, "suv": -1.75, "hatch": -1.45}[kind]
    xs = np.array([-half, -half + 0.12, tail, roof_back, 0.2, 0.55, 1.12, 1.9, half - 0.1, half])
    belt = np.array([0.62, 0.86, 0.95, 0.95, 0.93, 0.92, 0.9, 0.8, 0.72, 0.55]) + lift
    top = np.array([0.64, 0.9, 0.99, 1.4, 1.47, 1.4, 0.97, 0.85, 0.75, 0.57]) + lift
    fine = np.linspace(-half, half, 61)
    belt_f, top_f = np.interp(fine, xs, belt), np.interp(fine, xs, top)
    taper = 1 - 0.14 * np.abs(fine / half) ** 5
    cabin = np.clip((top_f - belt_f) / 0.5, 0, 1)
    rows = []
    for s in (-1.0, 1.0):
        rows += [
            np.stack([fine, s * 0.80 * taper, np.full_like(fine, 0.22 + lift)], 1),
            np.stack([fine, s * 0.88 * taper, np.full_like(fine, 0.42 + lift)], 1),
            np.stack([fine, s * 0.9 * taper, belt_f * 0.55 + 0.2], 1),
            np.stack([fine, s * 0.85 * taper, belt_f], 1),
            np.stack(
                [fine, s * (0.85 - 0.2 * cabin) * taper, np.maximum(top_f - 0.07 * cabin, belt_f)],
                1,
            ),
            np.stack([fine, s * (0.8 - 0.28 * cabin) * taper, top_f], 1),
        ]
    order = [0, 1, 2, 3, 4, 5, 11, 10, 9, 8, 7, 6]
    grid = np.stack([rows[k] for k in order], axis=1)  # (61, 12, 3)
    n, m = grid.shape[:2]
    quads: dict[str, list[list[int]]] = {"paint": [], "glass": []}
    for i in range(n - 1):
        c = (cabin[i] + cabin[i + 1]) / 2
        mid = (fine[i] + fine[i + 1]) / 2
        pillar = abs(mid - 0.02) < 0.05 or abs(mid - roof_back * 0.93) < 0.09
        for j in range(m - 1):
            face = [i * m + j, (i + 1) * m + j, (i + 1) * m + j + 1, i * m + j + 1]
            side = j in (3, 7) and c > 0.3 and not pillar
            screen = j == 5 and 0.12 < c < 0.9 and (mid > 0.2 or mid < roof_back + 0.1)
            quads["glass" if side or screen else "paint"].append(face)
    pts = grid.reshape(-1, 3)
    out.add(pts, quads["paint"], paint, smooth=True)
    out.add(pts, quads["glass"], glass, smooth=True)
    ends = [list(range(m)), [(n - 1) * m + k for k in range(m)][::-1]]
    out.add(pts, ends, paint)
    out.box((0, 0, 0.26 + lift), (2 * half - 0.3, 1.5, 0.14), black)
    for x in (-half + 0.82, half - 0.85):
        for y in (-0.8, 0.8):
            out.tube(
                (x, y * 0.9, 0.33 + lift * 0.4),
                (x, y * 1.105, 0.33 + lift * 0.4),
                0.38,
                black,
                sides=24,
            )
            wheel(out, (x, y * 1.04, 0.32), 0.32, black, steel, thick=0.085, disc=True)
    lamp, red = (
        surfaces.paint((0.75, 0.75, 0.72), 0.08, grime=0),
        surfaces.paint((0.4, 0.01, 0.01), 0.12, grime=0),
    )
    for y in (-0.62, 0.62):
        out.ball((half - 0.16, y, 0.66 + lift), (0.2, 0.17, 0.075), lamp, segments=14)
        out.ball((-half + 0.1, y, 0.78 + lift), (0.13, 0.17, 0.09), red, segments=14)
        out.box((0.72, y * 1.52, 0.96 + lift), (0.1, 0.16, 0.1), paint, chamfer=0.02)
    out.box((half - 0.02, 0, 0.46 + lift), (0.06, 1.2, 0.2), black, chamfer=0.02)
    for x in (0.42, -0.62):
        for y in (-0.895, 0.895):
            out.box((x, y, 0.8 + lift), (0.16, 0.02, 0.025), steel)
    _plate(out, rng, surfaces, half + 0.015, 0.46 + lift)
    _plate(out, rng, surfaces, -half - 0.012, 0.52 + lift)
    return out


def build_box_lorry(seed: int, surfaces: Surfaces) -> Shape:
    """A light lorry with a closed box."""
    return build_truck(seed, surfaces, closed=True)


def build_truck(seed: int, surfaces: Surfaces, *, closed: bool | None = None) -> Shape:
    """A light lorry (drop sides or closed box) on z = 0, front towards +x; about 5.6 m."""
    rng = Random(seed)
    out = Shape()
    cab = surfaces.paint(
        rng.choice(((0.03, 0.12, 0.42), (0.62, 0.62, 0.6), (0.45, 0.04, 0.03), (0.5, 0.4, 0.05))),
        0.25,
        grime=0.3,
    )
    glass = surfaces.glass((0.01, 0.012, 0.014), 0.08)
    black = surfaces.paint((0.02, 0.02, 0.02), 0.6)
    steel = surfaces.paint((0.45, 0.45, 0.45), 0.35, metal=0.7)

    def nose(u: Array, v: Array) -> Array:
        z = 0.5 + 1.6 * u
        front = (
            2.78 - 0.32 * np.clip((u - 0.45) / 0.55, 0, 1) ** 1.2 - 0.06 * np.abs(2 * v - 1) ** 4
        )
        return np.stack([front, (v - 0.5) * 1.84, z], axis=1)

    out.sheet(nose, cab, nu=15, nv=9)
    out.box((2.0, 0, 1.3), (0.95, 1.84, 1.6), cab, chamfer=0.05)
    out.add(
        [(2.66, -0.8, 1.33), (2.66, 0.8, 1.33), (2.5, 0.76, 1.98), (2.5, -0.76, 1.98)],
        [[0, 1, 2, 3]],
        glass,
    )
    for y in (-0.925, 0.925):
        out.add(
            [(1.7, y, 1.35), (2.42, y, 1.35), (2.34, y, 1.92), (1.7, y, 1.92)],
            [[0, 1, 2, 3]],
            glass,
        )
        out.ball(
            (2.74, y * 0.72, 0.78),
            (0.07, 0.18, 0.1),
            surfaces.paint((0.75, 0.75, 0.72), 0.1),
            segments=12,
        )
        out.box((2.62, y * 1.14, 1.62), (0.08, 0.14, 0.3), black, chamfer=0.02)
    out.box((2.74, 0, 0.55), (0.1, 1.8, 0.22), black, chamfer=0.02)
    out.box((0, 0, 0.56), (5.0, 0.8, 0.16), black)
    bed(out, rng, surfaces, steel, rng.random() < 0.5 if closed is None else closed)
    for x in (1.85, -1.6):
        for y in (-0.8, 0.8):
            wheel(out, (x, y, 0.39), 0.39, black, steel, thick=0.1, disc=True)
    _plate(out, rng, surfaces, 2.8, 0.48)
    _plate(out, rng, surfaces, -2.78, 0.6)
    return out


def bed(out: Shape, rng: Random, surfaces: Surfaces, steel: Any, closed: bool) -> None:
    """What stands behind the cab: drop sides with a load, or a closed box."""
    if closed:
        box = surfaces.paint(
            rng.choice(((0.62, 0.62, 0.6), (0.5, 0.5, 0.5), (0.05, 0.16, 0.35))), 0.4, grime=0.35
        )
        out.box((-0.7, 0, 1.62), (4.1, 1.95, 1.85), box, chamfer=0.02)
        for k in range(9):
            out.box((-2.5 + 0.45 * k, 0, 1.62), (0.03, 1.98, 1.8), box)
        for y in (-0.1, 0.1):
            out.tube((-2.77, y, 0.8), (-2.77, y, 2.45), 0.015, steel, sides=6)
        return
    side = surfaces.paint(
        rng.choice(((0.03, 0.12, 0.42), (0.4, 0.05, 0.04), (0.1, 0.25, 0.14))), 0.45, grime=0.45
    )
    out.box((-0.7, 0, 0.74), (4.1, 1.9, 0.08), side)
    for y in (-0.94, 0.94):
        out.box((-0.7, y, 1.0), (4.1, 0.04, 0.48), side)
        for k in range(7):
            out.box((-2.6 + 0.63 * k, y * 1.02, 1.0), (0.06, 0.05, 0.48), side)
    for x in (-2.74, 1.34):
        out.box((x, 0, 1.0), (0.04, 1.9, 0.48), side)
    if rng.random() < 0.6:
        earth = surfaces.stuff("soil", variant=1)
        out.ball((-0.7, 0, 0.85), (1.9, 0.88, 0.55), earth, segments=26, rough=0.15, seed=3)
