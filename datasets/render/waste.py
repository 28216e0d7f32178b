"""Models rubbish and bins: bags, bottles, paper, heaps, and bins both shut and overflowing."""

from __future__ import annotations

from math import pi
from random import Random
from typing import Any

import numpy as np

from datasets.render import lettering
from datasets.render.mesh import Array, Shape, fractal3
from datasets.render.nodes import Nodes
from datasets.render.props import wheel
from datasets.render.stuff import Colour
from datasets.render.surface import Surfaces

BAGS: tuple[tuple[Colour, float], ...] = (
    ((0.012, 0.012, 0.014), 0.32),
    ((0.012, 0.012, 0.014), 0.32),
    ((0.62, 0.62, 0.6), 0.4),
    ((0.45, 0.04, 0.05), 0.4),
    ((0.1, 0.3, 0.14), 0.4),
    ((0.5, 0.5, 0.48), 0.35),
    ((0.08, 0.14, 0.35), 0.4),
)


def _film(surfaces: Surfaces, colour: Colour, rough: float) -> Any:
    """Crumpled plastic film."""
    key = ("film", colour, rough)
    if key not in surfaces.made:
        n = Nodes("film")
        n.shader.inputs["Base Color"].default_value = (*colour, 1)
        n.shader.inputs["Roughness"].default_value = rough
        n.shader.inputs["Specular IOR Level"].default_value = 0.6
        n.bump(n.noise(22, 2), 0.55, 0.03)
        surfaces.made[key] = n.material
    return surfaces.made[key]


def bag(
    out: Shape, rng: Random, surfaces: Surfaces, at: tuple[float, float, float], size: float
) -> None:
    """A tied rubbish bag, bottom at ``at``; ``size``: about its width in metres."""
    colour, rough = rng.choice(BAGS)
    material = _film(surfaces, colour, rough)
    seed = rng.randrange(1000)
    squat = rng.uniform(0.75, 1.15)

    def surface(u: Array, v: Array) -> Array:
        a, t = 2 * pi * u, v
        r = np.sin(np.clip(t, 0, 1) * pi * 0.93 + 0.07) ** 0.7
        r = np.where(t > 0.86, 0.09 + 0.5 * np.abs(t - 0.9), r)
        folds = 1 + 0.09 * np.sin(a * 5 + seed + t * 3) * (0.3 + t)
        where = np.stack([np.cos(a) * 1.6, np.sin(a) * 1.6, t * 2.2], axis=1) + seed
        bumps = 0.75 + 0.5 * fractal3(where, seed, 4)
        r = r * folds * bumps * size * 0.5
        z = size * squat * (1 - np.cos(np.clip(t, 0, 0.86) / 0.86 * pi)) / 2 * 0.85
        z = z + np.where(t > 0.86, (t - 0.86) * size * 1.1, 0)
        return np.stack([r * np.cos(a), r * np.sin(a), np.maximum(z, 0.002)], axis=1)

    with out.at(at, rz=rng.uniform(0, 360), rx=rng.uniform(-12, 12), ry=rng.uniform(-12, 12)):
        out.sheet(surface, material, nu=25, nv=21)


def bottle(out: Shape, rng: Random, surfaces: Surfaces, at: tuple[float, float, float]) -> None:
    """A drinks bottle lying down."""
    body = surfaces.paint(
        rng.choice(((0.45, 0.52, 0.55), (0.1, 0.28, 0.12), (0.5, 0.52, 0.5), (0.25, 0.12, 0.04))),
        0.12,
        grime=0,
        clear=0.45,
    )
    label = surfaces.paint(
        rng.choice(((0.5, 0.05, 0.05), (0.08, 0.2, 0.5), (0.1, 0.35, 0.15), (0.6, 0.45, 0.05))), 0.4
    )
    cap = surfaces.paint(rng.choice(((0.5, 0.05, 0.05), (0.6, 0.6, 0.6), (0.08, 0.2, 0.5))), 0.4)
    with out.at((at[0], at[1], at[2] + 0.034), rz=rng.uniform(0, 360), ry=90):
        out.lathe(
            [(0, -0.11), (0.03, -0.11), (0.033, -0.06), (0.033, 0.04), (0.015, 0.09), (0.013, 0.1)],
            body,
            sides=12,
        )
        out.lathe([(0.0335, -0.04), (0.0335, 0.02)], label, sides=12)
        out.tube((0, 0, 0.098), (0, 0, 0.115), 0.015, cap, sides=10)


def scrap(out: Shape, rng: Random, surfaces: Surfaces, at: tuple[float, float, float]) -> None:
    """One small piece: paper, a cup, a can, a food box, a flat carton or a film bag."""
    pick = rng.randrange(8)
    turn = rng.uniform(0, 360)
    x, y, z = at
    pale = surfaces.paint(
        rng.choice(((0.66, 0.65, 0.62), (0.6, 0.56, 0.48), (0.45, 0.34, 0.22))), 0.9
    )
    if pick == 0:
        s = rng.uniform(0.03, 0.07)
        out.ball(
            (x, y, z + s * 0.8),
            (s, s, s * 0.8),
            pale,
            segments=9,
            rough=0.6,
            seed=rng.randrange(99),
            smooth=False,
        )
    elif pick in (1, 2):
        key = ("newsprint", rng.randrange(3))
        if key not in surfaces.made:
            surfaces.made[key] = surfaces.printed(lettering.newsprint(rng), rough=0.95)
        w, d, seed = rng.uniform(0.1, 0.24), rng.uniform(0.08, 0.17), rng.randrange(99)

        def page(u: Array, v: Array) -> Array:
            lift = fractal3(np.stack([u * 2.5, v * 2.5, np.full_like(u, seed)], 1), seed, 3)
            return np.stack([(u - 0.5) * 2 * w, (v - 0.5) * 2 * d, 0.004 + 0.07 * lift**2], axis=1)

        with out.at((x, y, z), rz=turn):
            out.sheet(page, surfaces.made[key], nu=14, nv=12, printed=True)
    elif pick == 3:
        red = surfaces.paint(
            rng.choice(((0.5, 0.05, 0.05), (0.65, 0.65, 0.62), (0.3, 0.18, 0.08))), 0.6
        )
        with out.at((x, y, z + 0.036), rz=turn, ry=82):
            out.lathe(
                [(0, -0.05), (0.028, -0.05), (0.037, 0.05), (0.034, 0.05), (0.026, -0.045)],
                red,
                sides=12,
            )
    elif pick == 4:
        can = surfaces.paint(
            rng.choice(((0.55, 0.04, 0.04), (0.05, 0.25, 0.5), (0.5, 0.5, 0.5))), 0.25, metal=0.6
        )
        with out.at((x, y, z + 0.032), rz=turn, ry=90):
            out.lathe(
                [(0, -0.06), (0.03, -0.058), (0.032, 0), (0.03, 0.058), (0, 0.06)], can, sides=12
            )
    elif pick == 5:
        foam = surfaces.paint((0.7, 0.7, 0.67), 0.7)
        with out.at((x, y, z), rz=turn):
            out.box((0, 0, 0.025), (0.19, 0.15, 0.05), foam, chamfer=0.015)
            out.box((0, 0.12, 0.07), (0.19, 0.02, 0.14), foam, rx=-25)
    elif pick == 6:
        card = surfaces.stuff("cardboard", variant=rng.randrange(4))
        with out.at((x, y, z + 0.012), rz=turn, rx=rng.uniform(-6, 6), ry=rng.uniform(-6, 6)):
            w = rng.uniform(0.2, 0.42)
            out.box((0, 0, 0.006), (w, w * 0.6, 0.008), card)
            out.box((0, w * 0.42, 0.03), (w, w * 0.28, 0.006), card, rx=18)
    else:
        colour = rng.choice(((0.6, 0.6, 0.6), (0.5, 0.08, 0.08), (0.1, 0.25, 0.5)))
        s = rng.uniform(0.08, 0.16)
        out.ball(
            (x, y, z + s * 0.3),
            (s, s * 0.7, s * 0.35),
            _film(surfaces, colour, 0.4),
            segments=16,
            rough=0.55,
            seed=rng.randrange(99),
            rz=turn,
        )


def build_litter(kind: str, seed: int, surfaces: Surfaces) -> Shape:
    """One heap of exposed rubbish on z = 0."""
    rng = Random(seed)
    out = Shape()
    if kind == "bag_heap":
        _bags(out, rng, surfaces, rng.randint(4, 9), 0.62)
        _pieces(out, rng, surfaces, rng.randint(5, 14), 0.75)
    elif kind == "scatter":
        _pieces(out, rng, surfaces, rng.randint(16, 34), 0.75)
        for _ in range(rng.randint(2, 5)):
            bottle(out, rng, surfaces, (rng.gauss(0, 0.4), rng.gauss(0, 0.25), 0))
    else:
        _bags(out, rng, surfaces, rng.randint(2, 4), 0.5)
        _pieces(out, rng, surfaces, rng.randint(18, 32), 0.7, 0.12)
        for _ in range(rng.randint(2, 5)):
            bottle(
                out, rng, surfaces, (rng.gauss(0, 0.4), rng.gauss(0, 0.28), rng.uniform(0, 0.03))
            )
    return out


def _bags(out: Shape, rng: Random, surfaces: Surfaces, count: int, reach: float) -> None:
    for k in range(count):
        size = rng.uniform(0.32, 0.58)
        high = 0.0 if k < 4 else rng.uniform(0.2, 0.3)
        spread = reach * (0.8 if high == 0 else 0.35)
        angle = k * 2.4 + rng.uniform(-0.4, 0.4)
        r = spread * min(1.0, 0.45 + 0.2 * k) if high == 0 else spread * 0.6
        bag(
            out,
            rng,
            surfaces,
            (float(np.cos(angle)) * r, float(np.sin(angle)) * r * 0.6, high),
            size,
        )


def _pieces(
    out: Shape, rng: Random, surfaces: Surfaces, count: int, reach: float, heap: float = 0.0
) -> None:
    for _ in range(count):
        x, y = rng.gauss(0, reach * 0.5), rng.gauss(0, reach * 0.32)
        near = max(0.0, 1 - (x / reach) ** 2 - (y / reach / 0.64) ** 2)
        scrap(out, rng, surfaces, (x, y, heap * near * rng.random()))


# -- bins -----------------------------------------------------------------------------------------
def build_bin(kind: str, seed: int, surfaces: Surfaces) -> Shape:
    """One bin on z = 0, front towards -y; a kind ending in ``_full`` overflows."""
    rng = Random(seed)
    out = Shape()
    full = kind.endswith("_full")
    base = kind.removesuffix("_full")
    if base == "bin240":
        _wheelie(out, rng, surfaces, full)
        mouth, reach = 1.0, 0.2
    elif base == "street_bin":
        _street_bin(out, rng, surfaces, full)
        mouth, reach = 0.86, 0.14
    else:
        _container(out, rng, surfaces, full)
        mouth, reach = 1.15, 0.4
    if full:
        for k in range(5 if base == "container" else 3):
            side = reach * (k / 2 - (1.0 if base == "container" else 0.5))
            bag(
                out,
                rng,
                surfaces,
                (side + rng.uniform(-0.05, 0.05), rng.uniform(-0.08, 0.08), mouth - 0.16),
                rng.uniform(0.34, 0.48),
            )
        for _ in range(9):
            scrap(
                out,
                rng,
                surfaces,
                (rng.gauss(0, reach * 0.8), rng.gauss(0, 0.1), mouth + rng.uniform(-0.02, 0.1)),
            )
        for _ in range(rng.randint(1, 4)):
            bag(
                out,
                rng,
                surfaces,
                (
                    rng.choice((-1, 1)) * (reach + rng.uniform(0.28, 0.5)),
                    rng.uniform(-0.35, 0.1),
                    0,
                ),
                rng.uniform(0.34, 0.5),
            )
        for _ in range(rng.randint(6, 16)):
            scrap(
                out, rng, surfaces, (rng.gauss(0, reach + 0.35), -0.35 - abs(rng.gauss(0, 0.2)), 0)
            )
    return out


def _wheelie(out: Shape, rng: Random, surfaces: Surfaces, full: bool) -> None:
    colour: Colour = rng.choice(
        ((0.02, 0.2, 0.07), (0.03, 0.09, 0.32), (0.1, 0.1, 0.11), (0.35, 0.03, 0.03))
    )
    body = surfaces.paint(colour, 0.42, grime=0.45)
    lid_colour = (colour[0] * 0.8, colour[1] * 0.8, colour[2] * 0.8)
    lid = surfaces.paint(lid_colour, 0.42, grime=0.4)
    low, high = (0.21, 0.24), (0.29, 0.36)
    pts = [
        (sx * w, sy * d, z)
        for w, d, z in ((*low, 0.06), (*high, 0.98))
        for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    out.add(pts, [[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7], [3, 2, 1, 0]], body)
    out.box((0, 0, 0.97), (0.62, 0.76, 0.05), body, chamfer=0.015)
    for x in (-0.15, 0.0, 0.15):
        out.box((x, -0.305, 0.5), (0.03, 0.03, 0.8), body, rx=7.5)
    black = surfaces.paint((0.02, 0.02, 0.02), 0.7)
    for x in (-0.25, 0.25):
        wheel(out, (x, 0.3, 0.1), 0.1, black, black, thick=0.03, disc=True, rz=90)
    out.rod(
        ((-0.22, 0.38, 0.95), (-0.22, 0.46, 0.96), (0.22, 0.46, 0.96), (0.22, 0.38, 0.95)),
        0.014,
        body,
    )
    opened = rng.choice((-262.0, -258.0, -35.0, -48.0)) if full else 0.0
    with out.at((0, 0.39 if full else 0.37, 1.0), rx=opened):
        out.box((0, -0.37, 0.03), (0.63, 0.78, 0.05), lid, chamfer=0.02)
        out.box((0, -0.37, 0.06), (0.5, 0.62, 0.03), lid, chamfer=0.012)
    label = surfaces.printed(lettering.bin_label(rng))
    out.panel(
        ((-0.11, -0.302, 0.55), (0.11, -0.302, 0.55), (0.11, -0.327, 0.77), (-0.11, -0.327, 0.77)),
        label,
    )


def _street_bin(out: Shape, rng: Random, surfaces: Surfaces, full: bool) -> None:
    steel = surfaces.paint(
        rng.choice(((0.34, 0.35, 0.36), (0.1, 0.14, 0.12), (0.22, 0.13, 0.07))),
        0.4,
        metal=0.4,
        grime=0.4,
    )
    dark = surfaces.paint((0.015, 0.015, 0.015), 0.8)
    for x in (-0.24, 0.24):
        out.box((x, 0, 0.42), (0.42, 0.38, 0.64), steel, chamfer=0.02)
        out.box((x, -0.193, 0.66), (0.28, 0.012, 0.11), dark)
        label = surfaces.printed(lettering.bin_label(rng))
        out.panel(
            (
                (x - 0.11, -0.195, 0.3),
                (x + 0.11, -0.195, 0.3),
                (x + 0.11, -0.195, 0.53),
                (x - 0.11, -0.195, 0.53),
            ),
            label,
        )
    for x in (-0.47, 0.47):
        out.box((x, 0, 0.5), (0.035, 0.3, 1.0), steel)
    if not full:
        out.box((0, 0, 1.02), (1.05, 0.48, 0.05), steel, chamfer=0.015)
    else:
        out.box((0, 0.14, 1.02), (1.05, 0.2, 0.04), steel, chamfer=0.015)


def _container(out: Shape, rng: Random, surfaces: Surfaces, full: bool) -> None:
    body = surfaces.paint(
        rng.choice(((0.02, 0.2, 0.07), (0.05, 0.13, 0.3), (0.18, 0.19, 0.2))), 0.45, grime=0.5
    )
    black = surfaces.paint((0.02, 0.02, 0.02), 0.7)
    pts = [
        (sx * w, sy * d, z)
        for w, d, z in ((0.58, 0.36, 0.18), (0.68, 0.46, 1.12))
        for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    out.add(pts, [[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7], [3, 2, 1, 0]], body)
    out.box((0, 0, 1.12), (1.4, 0.96, 0.06), body, chamfer=0.015)
    for k in range(5):
        out.box((-0.44 + 0.22 * k, -0.42, 0.66), (0.05, 0.035, 0.8), body, rx=6)
    for x in (-0.48, 0.48):
        for y in (-0.28, 0.28):
            wheel(out, (x, y, 0.09), 0.09, black, black, thick=0.025, disc=True)
    with out.at((0, 0.46, 1.15), rx=rng.uniform(-100, -65) if full else 0.0):
        out.box((0, -0.46, 0.04), (1.38, 0.94, 0.06), body, chamfer=0.025)
        out.box((0, -0.46, 0.08), (1.1, 0.7, 0.05), body, chamfer=0.02)
    label = surfaces.printed(lettering.bin_label(rng))
    out.panel(
        ((-0.16, -0.445, 0.55), (0.16, -0.445, 0.55), (0.16, -0.478, 0.87), (-0.16, -0.478, 0.87)),
        label,
    )
