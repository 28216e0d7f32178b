"""Models single wares and props that goods, stalls and shops are put together from."""

from __future__ import annotations

from math import pi
from random import Random
from typing import Any

import numpy as np

from datasets.render import lettering
from datasets.render.mesh import Array, Shape
from datasets.render.stuff import Colour
from datasets.render.surface import Surfaces

CRATE_COLOURS: tuple[Colour, ...] = (
    (0.04, 0.12, 0.42),
    (0.03, 0.25, 0.12),
    (0.5, 0.05, 0.04),
    (0.55, 0.36, 0.03),
    (0.35, 0.35, 0.36),
)
PRODUCE: tuple[tuple[Colour, float], ...] = (
    ((0.72, 0.26, 0.03), 0.042),
    ((0.55, 0.04, 0.03), 0.04),
    ((0.62, 0.5, 0.06), 0.04),
    ((0.25, 0.4, 0.05), 0.045),
    ((0.14, 0.03, 0.12), 0.035),
    ((0.42, 0.26, 0.12), 0.04),
    ((0.7, 0.12, 0.08), 0.032),
    ((0.08, 0.19, 0.05), 0.1),
    ((0.52, 0.54, 0.4), 0.08),
)


def cartons_material(rng: Random, surfaces: Surfaces) -> list[tuple[Any, Any]]:
    """Four (printed side, plain top) pairs shared by all cartons of a scene."""
    key = ("cartons", rng.randrange(2))
    if key not in surfaces.made:
        surfaces.made[key] = [
            (
                surfaces.printed(lettering.carton_face(rng), rough=0.85, grime=0.25),
                surfaces.stuff("cardboard", variant=k),
            )
            for k in range(5)
        ]
    pairs: list[tuple[Any, Any]] = surfaces.made[key]
    return pairs


def carton(
    out: Shape,
    rng: Random,
    surfaces: Surfaces,
    at: tuple[float, float, float],
    size: tuple[float, float, float],
    rz: float = 0.0,
) -> None:
    """One taped carton whose bottom is at ``at``."""
    face, top = rng.choice(cartons_material(rng, surfaces))
    x, y, z = at
    w, h = size[0], size[2]
    out.box((x, y, z + h / 2), size, top, rz=rz, print_on=face)
    with out.at((x, y, z + h + 0.002), rz=rz):
        tape = surfaces.paint((0.42, 0.33, 0.2), 0.25)
        out.box((0, 0, 0), (w, 0.055, 0.002), tape)


def crate(
    out: Shape,
    material: Any,
    at: tuple[float, float, float],
    rz: float = 0.0,
    size: tuple[float, float, float] = (0.52, 0.36, 0.28),
) -> None:
    """An open plastic crate with slotted sides, bottom at ``at``."""
    w, d, h = size
    t = 0.015
    with out.at(at, rz=rz):
        out.box((0, 0, 0.012), (w, d, 0.02), material)
        for sign in (1, -1):
            for k in range(4):
                z = h * (0.1 + 0.25 * k)
                out.box((0, sign * (d / 2 - t / 2), z), (w, t, h * 0.17), material)
                out.box((sign * (w / 2 - t / 2), 0, z), (t, d, h * 0.17), material)
            for k in range(5):
                out.box(
                    (w * (k - 2) / 4.1, sign * (d / 2 - t / 2), h / 2), (0.03, t * 0.9, h), material
                )
            for k in range(3):
                out.box(
                    (sign * (w / 2 - t / 2), d * (k - 1) / 2.1, h / 2), (t * 0.9, 0.03, h), material
                )
            out.box((0, sign * d / 2, h - 0.015), (w + 0.02, 0.03, 0.03), material)
            out.box((sign * w / 2, 0, h - 0.015), (0.03, d + 0.02, 0.03), material)


def produce(
    out: Shape,
    rng: Random,
    surfaces: Surfaces,
    centre: tuple[float, float, float],
    half: tuple[float, float],
    *,
    heap: float = 0.06,
    which: int | None = None,
) -> None:
    """A heap of one sort of fruit or vegetable over a rectangle, lowest layer at ``centre``."""
    colour, r = PRODUCE[rng.randrange(len(PRODUCE)) if which is None else which]
    shades = [
        surfaces.paint((colour[0] * k, colour[1] * k, colour[2] * k), 0.4, grime=0.1)
        for k in (0.8, 1.0, 1.15)
    ]
    nx, ny = max(2, int(half[0] / r)), max(2, int(half[1] / r))
    for i in range(nx):
        for j in range(ny):
            u, v = (i + 0.5) / nx * 2 - 1, (j + 0.5) / ny * 2 - 1
            z = heap * max(0.0, 1 - max(abs(u), abs(v)) ** 2)
            s = r * rng.uniform(0.88, 1.1)
            out.ball(
                (
                    centre[0] + u * half[0] * 0.92 + rng.uniform(-1, 1) * r * 0.2,
                    centre[1] + v * half[1] * 0.92 + rng.uniform(-1, 1) * r * 0.2,
                    centre[2] + z + r * 0.8,
                ),
                (s, s, s * 0.92),
                rng.choice(shades),
                segments=9 if r < 0.06 else 12,
                rough=0.0 if r < 0.06 else 0.35,
                seed=rng.randrange(999),
                rz=rng.uniform(0, 90),
            )


def sack(
    out: Shape,
    rng: Random,
    face: Any,
    back: Any,
    at: tuple[float, float, float],
    rz: float,
    size: tuple[float, float, float] = (0.78, 0.46, 0.17),
    rx: float = 0.0,
) -> None:
    """A lying filled sack, bottom at ``at``."""
    w, d, h = size
    seed = rng.randrange(1000)

    def side(sign: float) -> Any:
        def surface(u: Array, v: Array) -> Array:
            a, b = 2 * u - 1, 2 * v - 1
            swell = np.clip((1 - np.abs(a) ** 3.5) * (1 - np.abs(b) ** 3.5), 0, 1) ** 0.5
            crease = 0.03 * np.sin(a * 7 + seed) * np.cos(b * 5 + seed * 2) * swell
            x = a * w / 2 * (1 - 0.05 * np.abs(b) ** 3)
            y = b * d / 2 * (1 - 0.08 * np.abs(a) ** 3)
            z = h * 0.45 + sign * (swell * h * 0.55 + crease * h)
            return np.stack([x, y, np.maximum(z, 0.0)], axis=1)

        return surface

    with out.at(at, rz=rz, rx=rx):
        out.sheet(side(1.0), face, nu=17, nv=13, printed=True)
        out.sheet(side(-1.0), back, nu=17, nv=13)


def sack_materials(rng: Random, surfaces: Surfaces) -> tuple[Any, Any]:
    """A printed and a plain woven-plastic material."""
    key = ("sacks", rng.randrange(2))
    if key not in surfaces.made:
        surfaces.made[key] = (
            surfaces.printed(lettering.sack_face(rng), rough=0.7, grime=0.35),
            surfaces.paint(
                rng.choice(((0.62, 0.6, 0.54), (0.5, 0.42, 0.28), (0.6, 0.6, 0.6))), 0.75, grime=0.4
            ),
        )
    pair: tuple[Any, Any] = surfaces.made[key]
    return pair


def chair(out: Shape, material: Any) -> None:
    """A plain chair standing on z = 0 (turned upside down it lies on its seat)."""
    out.box((0, 0, 0.44), (0.4, 0.4, 0.035), material)
    for x in (-0.17, 0.17):
        for y in (-0.17, 0.17):
            out.box((x, y, 0.22), (0.035, 0.035, 0.44), material)
        out.box((x, 0.185, 0.68), (0.035, 0.03, 0.48), material)
    for z in (0.65, 0.8):
        out.box((0, 0.185, z), (0.34, 0.02, 0.07), material)


def stool(out: Shape, material: Any, at: tuple[float, float, float], high: float = 0.28) -> None:
    """A round plastic stool."""
    with out.at(at):
        out.lathe(
            [
                (0.0, high),
                (0.14, high),
                (0.15, high - 0.03),
                (0.13, high - 0.05),
                (0.165, 0.0),
                (0.15, 0.0),
            ],
            material,
            sides=16,
            smooth=False,
        )


def bucket(out: Shape, material: Any, at: tuple[float, float, float], r: float = 0.15) -> None:
    """A plastic bucket."""
    with out.at(at):
        out.lathe(
            [
                (0.0, 0.01),
                (r * 0.75, 0.0),
                (r, r * 1.9),
                (r * 1.06, r * 1.9),
                (r * 0.94, r * 1.85),
                (r * 0.72, 0.03),
                (0.0, 0.03),
            ],
            material,
            sides=18,
        )


def wheel(
    out: Shape,
    at: tuple[float, float, float],
    r: float,
    tyre: Any,
    hub: Any,
    *,
    thick: float = 0.03,
    spokes: int = 12,
    disc: bool = False,
    rz: float = 0.0,
) -> None:
    """A wheel standing upright, its axle along y before turning; centre at ``at``."""
    with out.at(at, rz=rz):
        out.ring((0, 0, 0), r - thick, thick, tyre, rx=90)
        if disc:
            out.tube((0, -thick * 0.8, 0), (0, thick * 0.8, 0), r - thick * 1.6, hub, sides=18)
        else:
            out.ring((0, 0, 0), r - 2 * thick, thick * 0.35, hub, rx=90)
            for k in range(spokes):
                a = 2 * pi * k / spokes
                out.tube(
                    (0, 0.015 * (-1) ** k, 0),
                    (float(np.cos(a)) * (r - 2 * thick), 0, float(np.sin(a)) * (r - 2 * thick)),
                    0.0025,
                    hub,
                    sides=4,
                    caps=False,
                )
        out.tube((0, -0.05, 0), (0, 0.05, 0), 0.025, hub, sides=8)
