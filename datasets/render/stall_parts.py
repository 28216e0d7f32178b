"""Models what most stalls have: umbrella, price tags, trays of produce, things standing about."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random

import numpy as np

from datasets.render import lettering
from datasets.render.mesh import Array, Shape
from datasets.render.props import (
    CRATE_COLOURS,
    bucket,
    carton,
    crate,
    produce,
    sack,
    sack_materials,
    stool,
)
from datasets.render.stuff import Colour
from datasets.render.surface import Surfaces

CLOTHS: tuple[tuple[Colour, Colour], ...] = (
    ((0.55, 0.04, 0.04), (0.68, 0.66, 0.62)),
    ((0.03, 0.1, 0.4), (0.03, 0.1, 0.4)),
    ((0.03, 0.26, 0.12), (0.68, 0.66, 0.62)),
    ((0.6, 0.42, 0.05), (0.55, 0.05, 0.05)),
    ((0.5, 0.06, 0.06), (0.5, 0.06, 0.06)),
    ((0.06, 0.14, 0.4), (0.66, 0.65, 0.62)),
    ((0.3, 0.12, 0.35), (0.68, 0.66, 0.62)),
    ((0.02, 0.2, 0.25), (0.02, 0.2, 0.25)),
)


def umbrella(
    out: Shape,
    rng: Random,
    surfaces: Surfaces,
    at: tuple[float, float, float],
    r: float,
    top: float,
) -> None:
    """A market umbrella with a scalloped rim on a pole from ``at``; metres."""
    a, b = (surfaces.paint(c, 0.85, grime=0.3) for c in rng.choice(CLOTHS))
    steel = surfaces.paint((0.5, 0.5, 0.5), 0.35, metal=0.8)
    n, drop = 8, r * 0.3
    lean = rng.uniform(-6, 6)
    with out.at(at, rx=lean, ry=rng.uniform(-5, 5), rz=rng.uniform(0, 45)):
        out.tube((0, 0, 0), (0, 0, top), 0.02, steel, sides=8)
        for k in range(n):
            a0 = 2 * pi * k / n

            def gore(u: Array, v: Array, a0: float = a0) -> Array:
                angle = a0 + v * 2 * pi / n
                sag = 1 - 0.05 * np.sin(v * pi) * u**2
                rim = r * u * sag
                z = top - drop * u**1.5 - 0.03 * np.sin(v * pi) * u
                return np.stack([rim * np.cos(angle), rim * np.sin(angle), z], axis=1)

            def fall(u: Array, v: Array, a0: float = a0) -> Array:
                angle = a0 + v * 2 * pi / n
                rim = r * (1 - 0.05 * np.sin(v * pi))
                z = (
                    top
                    - drop
                    - 0.03 * np.sin(v * pi)
                    - u * (0.14 + 0.03 * np.abs(np.sin(v * 3 * pi)))
                )
                return np.stack([rim * np.cos(angle), rim * np.sin(angle), z], axis=1)

            material = (a, b)[k % 2]
            out.sheet(gore, material, nu=7, nv=5)
            out.sheet(fall, material, nu=2, nv=9)
            out.tube(
                (0, 0, top - 0.1),
                (r * cos(a0), r * sin(a0), top - drop - 0.01),
                0.006,
                steel,
                sides=5,
                caps=False,
            )
        out.ball((0, 0, top + 0.03), (0.025, 0.025, 0.05), steel)


def tags(
    out: Shape, rng: Random, surfaces: Surfaces, spots: list[tuple[float, float, float]]
) -> None:
    """Price cards leaning at these spots, readable from -y."""
    for x, y, z in spots:
        face = surfaces.printed(lettering.price_card(rng))
        lean = 0.04
        out.panel(
            (
                (x - 0.08, y, z),
                (x + 0.08, y, z),
                (x + 0.08, y + lean, z + 0.13),
                (x - 0.08, y + lean, z + 0.13),
            ),
            face,
        )


def trays(
    out: Shape,
    rng: Random,
    surfaces: Surfaces,
    half: tuple[float, float],
    z: float,
    tilt: float,
    across: int,
    deep: int,
) -> None:
    """Rows of shallow trays full of produce on a table top."""
    rim = (
        surfaces.stuff("new_wood", variant=1, tint=(0.5, 0.38, 0.25))
        if rng.random() < 0.5
        else surfaces.paint(rng.choice(CRATE_COLOURS), 0.5)
    )
    w, d = 2 * half[0] / across, 2 * half[1] / deep
    with out.at((0, 0, z), rx=tilt):
        for i in range(across):
            for j in range(deep):
                x, y = -half[0] + (i + 0.5) * w, -half[1] + (j + 0.5) * d
                for sign in (1, -1):
                    out.box((x, y + sign * (d / 2 - 0.012), 0.045), (w - 0.02, 0.014, 0.09), rim)
                    out.box((x + sign * (w / 2 - 0.012), y, 0.045), (0.014, d - 0.02, 0.09), rim)
                out.box((x, y, 0.012), (w - 0.03, d - 0.03, 0.01), rim)
                produce(out, rng, surfaces, (x, y, 0.03), (w / 2 - 0.03, d / 2 - 0.03), heap=0.07)
        tags(
            out,
            rng,
            surfaces,
            [
                (-half[0] + (i + 0.5) * w, -half[1] + 0.02, 0.09)
                for i in range(across)
                if rng.random() < 0.7
            ],
        )


def clutter(out: Shape, rng: Random, surfaces: Surfaces, xs: tuple[float, float], y: float) -> None:
    """What stands about a stall: stools, buckets, cartons, a sack, bags."""
    for _ in range(rng.randint(2, 4)):
        x, yy = rng.uniform(*xs), y + rng.uniform(-0.1, 0.25)
        pick = rng.randrange(5)
        if pick == 0:
            stool(
                out,
                surfaces.paint(
                    rng.choice(((0.5, 0.04, 0.04), (0.03, 0.15, 0.45), (0.02, 0.3, 0.2))), 0.4
                ),
                (x, yy, 0),
            )
        elif pick == 1:
            bucket(
                out,
                surfaces.paint(
                    rng.choice(((0.5, 0.05, 0.05), (0.1, 0.2, 0.5), (0.65, 0.65, 0.62))), 0.4
                ),
                (x, yy, 0),
            )
        elif pick == 2:
            carton(out, rng, surfaces, (x, yy, 0), (0.42, 0.32, 0.3), rng.uniform(-30, 30))
        elif pick == 3:
            face, back = sack_materials(rng, surfaces)
            sack(out, rng, face, back, (x, yy, 0), rng.uniform(60, 120), (0.6, 0.4, 0.22))
        else:
            crate(
                out,
                surfaces.paint(rng.choice(CRATE_COLOURS), 0.45),
                (x, yy, 0),
                rng.uniform(-20, 20),
            )
