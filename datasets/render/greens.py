"""Models what lines a street: trees, lamps, poles with wires, bollards, tubs and shop clutter."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random
from typing import Any

import numpy as np

from datasets.render import lettering
from datasets.render.mesh import Array, Shape
from datasets.render.props import bucket, carton, chair, stool
from datasets.render.surface import Surfaces


def build_furniture(kind: str, seed: int, surfaces: Surfaces) -> Shape:
    """One piece of street furniture on z = 0, front towards -y."""
    rng = Random(seed)
    out = Shape()
    {
        "tree": _tree,
        "lamp": _lamp,
        "pole": _pole,
        "bollard": _bollard,
        "planter": _planter,
        "shop_things": _shop_things,
        "board": _board,
    }[kind](out, rng, surfaces)
    return out


def _leafage(
    out: Shape,
    gen: np.random.Generator,
    centre: Array,
    radius: float,
    count: int,
    size: float,
    material: Any,
) -> None:
    """Many small leaf quads in and about a ball."""
    d = gen.normal(size=(count, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    at = centre + d * (radius * gen.random(count)[:, None] ** 0.45) * np.array([1, 1, 0.75])
    a = gen.normal(size=(count, 3))
    a /= np.linalg.norm(a, axis=1, keepdims=True)
    b = np.cross(a, gen.normal(size=(count, 3)))
    b /= np.linalg.norm(b, axis=1, keepdims=True)
    s = size * (0.6 + 0.8 * gen.random(count))[:, None]
    pts = np.stack([at - a * s, at - b * s * 0.45, at + a * s, at + b * s * 0.45], axis=1).reshape(
        -1, 3
    )
    out.add(pts, np.arange(4 * count).reshape(-1, 4), material)


def _tree(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    gen = np.random.default_rng(rng.randrange(1 << 30))
    bark = surfaces.stuff("bark")
    tone = rng.choice(
        ((0.05, 0.13, 0.025), (0.08, 0.15, 0.03), (0.04, 0.1, 0.03), (0.13, 0.15, 0.03))
    )
    leaves = [
        surfaces.paint((tone[0] * k, tone[1] * k, tone[2] * k), 0.65, grime=0)
        for k in (0.7, 1.0, 1.35)
    ]
    r, fork = rng.uniform(0.09, 0.16), rng.uniform(2.3, 3.0)
    lean = (rng.uniform(-0.15, 0.15), rng.uniform(-0.1, 0.1))
    bend = (lean[0] * 0.4, lean[1] * 0.4, fork * 0.5)
    top = (lean[0], lean[1], fork)
    out.tube((0, 0, -0.05), (0, 0, 0.15), r * 1.35, bark, end=r * 1.05, sides=14)
    out.tube((0, 0, 0.12), bend, r * 1.05, bark, end=r * 0.9, sides=14)
    out.tube(bend, top, r * 0.9, bark, end=r * 0.8, sides=14)
    if rng.random() < 0.7:
        out.tube(
            (0, 0, 0.1),
            (bend[0] * 0.7, bend[1] * 0.7, 1.1),
            r * 1.12,
            surfaces.paint((0.62, 0.61, 0.58), 0.9),
            end=r,
            sides=14,
            caps=False,
        )
    for k in range(rng.randint(5, 7)):
        a = 2 * pi * k / 6 + rng.uniform(-0.4, 0.4)
        reach, up = rng.uniform(0.7, 1.5), rng.uniform(0.9, 2.3)
        tip = (top[0] + reach * cos(a), top[1] + reach * sin(a), fork + up)
        out.tube(top, tip, r * 0.5, bark, end=r * 0.15, sides=8)
        for _ in range(3):
            centre = np.array(tip) + gen.normal(size=3) * np.array([0.45, 0.45, 0.35])
            _leafage(
                out, gen, centre, rng.uniform(0.6, 0.95), 420, 0.075, leaves[int(gen.integers(3))]
            )
    earth = surfaces.stuff("earth", ground=True)
    stone = surfaces.stuff("kerb", variant=1)
    out.box((0, 0, 0.005), (1.0, 0.8, 0.02), earth)
    for y in (-0.42, 0.42):
        out.box((0, y, 0.01), (1.1, 0.07, 0.05), stone)
    for x in (-0.53, 0.53):
        out.box((x, 0, 0.01), (0.07, 0.8, 0.05), stone)


def _lamp(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    steel = surfaces.paint(
        rng.choice(((0.35, 0.36, 0.37), (0.5, 0.5, 0.5), (0.05, 0.08, 0.07))), 0.4, metal=0.4
    )
    out.tube((0, 0, 0), (0, 0, 0.9), 0.11, steel, end=0.1, sides=14)
    out.tube((0, 0, 0.9), (0, 0, 7.2), 0.075, steel, end=0.05, sides=12)
    out.rod(((0, 0, 7.1), (0, -0.5, 7.45), (0, -1.7, 7.55)), 0.035, steel)
    out.box((0, -1.85, 7.55), (0.22, 0.6, 0.09), steel, chamfer=0.03)


def _pole(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    concrete = surfaces.stuff("concrete")
    dark = surfaces.paint((0.02, 0.02, 0.02), 0.7)
    out.tube((0, 0, 0), (0, 0, 7.6), 0.14, concrete, end=0.1, sides=14)
    out.box((0, 0, 7.1), (0.09, 1.4, 0.09), surfaces.paint((0.3, 0.3, 0.3), 0.6, metal=0.5))
    for y in (-0.6, -0.2, 0.3, 0.62):
        out.tube((0, y, 7.15), (0, y, 7.3), 0.03, surfaces.paint((0.5, 0.5, 0.5), 0.3), sides=8)
        sag = rng.uniform(0.5, 0.9)
        for end in (-34.0, 34.0):
            out.rod(
                [
                    (end * t, y, 7.3 - 4 * sag * t * (1 - t))
                    for t in (0, 0.15, 0.3, 0.5, 0.7, 0.85, 1.0)
                ],
                0.009,
                dark,
                4,
            )
    bill = surfaces.printed(lettering.poster(rng), grime=0.4)
    out.panel(
        ((-0.1, -0.146, 1.4), (0.1, -0.146, 1.4), (0.1, -0.146, 1.68), (-0.1, -0.146, 1.68)), bill
    )


def _bollard(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    out.tube((0, 0, 0), (0, 0, 0.75), 0.06, surfaces.paint((0.3, 0.3, 0.3), 0.35, metal=0.6))
    out.tube((0, 0, 0.55), (0, 0, 0.65), 0.062, surfaces.paint((0.6, 0.42, 0.02), 0.5))


def _planter(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    gen = np.random.default_rng(rng.randrange(1 << 30))
    pot = surfaces.paint(
        rng.choice(((0.3, 0.13, 0.07), (0.45, 0.44, 0.42), (0.1, 0.12, 0.2))), 0.7, grime=0.4
    )
    leaf = surfaces.paint((0.05, 0.14, 0.03), 0.6, grime=0)
    flower = surfaces.paint(
        rng.choice(((0.5, 0.05, 0.1), (0.6, 0.4, 0.05), (0.5, 0.2, 0.4))), 0.6, grime=0
    )
    for x in (-0.38, 0.0, 0.38)[: rng.randint(1, 3)]:
        with out.at((x, rng.uniform(-0.05, 0.05), 0)):
            out.lathe([(0, 0), (0.12, 0), (0.17, 0.28), (0.15, 0.28), (0, 0.25)], pot, sides=16)
        high = rng.uniform(0.1, 0.5)
        _leafage(out, gen, np.array([x, 0, 0.35 + high * 0.6]), 0.17 + high * 0.25, 170, 0.06, leaf)
        if rng.random() < 0.5:
            _leafage(
                out, gen, np.array([x, 0, 0.42 + high * 0.6]), 0.17 + high * 0.2, 40, 0.035, flower
            )


def _shop_things(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    """A few things any shop has by its door; too few to count as goods piled up."""
    pick = rng.randrange(4)
    red = surfaces.paint(rng.choice(((0.5, 0.05, 0.04), (0.04, 0.15, 0.4), (0.5, 0.5, 0.48))), 0.45)
    if pick == 0:
        stool(out, red, (-0.2, 0, 0))
        stool(out, red, (0.25, 0.05, 0))
    elif pick == 1:
        chair(out, surfaces.stuff("wood", tint=(0.35, 0.22, 0.12)))
    elif pick == 2:
        bucket(out, red, (0, 0, 0))
        wood = surfaces.stuff("new_wood")
        out.tube((0.16, 0.1, 0.0), (0.22, 0.24, 1.25), 0.012, wood, sides=6)
        out.ball(
            (0.16, 0.1, 0.06),
            (0.1, 0.06, 0.07),
            surfaces.paint((0.4, 0.38, 0.33), 0.95),
            segments=10,
            rough=0.4,
        )
    else:
        carton(out, rng, surfaces, (0, 0.05, 0), (0.4, 0.3, 0.28), rng.uniform(-15, 15))


def _board(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    frame = surfaces.paint((0.1, 0.08, 0.06), 0.6)
    face = surfaces.printed(lettering.poster(rng))
    for sign in (-1, 1):
        with out.at((0, sign * 0.13, 0.0), rx=sign * 14):
            out.box((0, 0, 0.45), (0.56, 0.03, 0.9), frame)
            y = sign * 0.017
            xs = (-0.25, 0.25) if sign < 0 else (0.25, -0.25)
            out.panel(
                ((xs[0], y, 0.08), (xs[1], y, 0.08), (xs[1], y, 0.86), (xs[0], y, 0.86)), face
            )
