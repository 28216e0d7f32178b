"""Models people, electric mopeds and bicycles roughly: they are context, not what is looked for."""

from __future__ import annotations

from math import cos, pi, radians, sin
from random import Random
from typing import Any

import numpy as np

from datasets.render.mesh import Array, Shape
from datasets.render.props import wheel
from datasets.render.stuff import Colour
from datasets.render.surface import Surfaces

TOPS: tuple[Colour, ...] = (
    (0.5, 0.05, 0.05),
    (0.05, 0.08, 0.2),
    (0.6, 0.6, 0.58),
    (0.03, 0.03, 0.035),
    (0.1, 0.2, 0.3),
    (0.4, 0.36, 0.28),
    (0.18, 0.25, 0.15),
    (0.5, 0.25, 0.3),
    (0.28, 0.28, 0.3),
    (0.55, 0.4, 0.1),
)
TROUSERS: tuple[Colour, ...] = (
    (0.02, 0.025, 0.05),
    (0.02, 0.02, 0.022),
    (0.2, 0.2, 0.21),
    (0.25, 0.2, 0.14),
    (0.06, 0.09, 0.16),
)
SKIN: tuple[Colour, ...] = ((0.5, 0.3, 0.2), (0.42, 0.24, 0.15), (0.56, 0.36, 0.26))


def build_person(seed: int, surfaces: Surfaces) -> Shape:
    """A standing or walking person on z = 0, facing +x; about 1.55-1.8 m."""
    rng = Random(seed)
    out = Shape()
    skin = surfaces.paint(rng.choice(SKIN), 0.55, grime=0)
    sweeper = rng.random() < 0.08
    top = surfaces.paint((0.75, 0.22, 0.02) if sweeper else rng.choice(TOPS), 0.9)
    legs = surfaces.paint(rng.choice(TROUSERS), 0.9)
    hair = surfaces.paint((0.012, 0.01, 0.009), 0.5, grime=0)
    shoe = surfaces.paint(
        rng.choice(((0.02, 0.02, 0.02), (0.55, 0.55, 0.53), (0.12, 0.08, 0.05))), 0.6
    )
    with out.at(s=rng.uniform(0.91, 1.04)):
        _body(out, rng, (skin, top, legs, hair, shoe), surfaces)
    return out


def _limb(
    out: Shape, path: list[tuple[float, float, float]], radii: list[float], material: Any
) -> None:
    for k in range(len(path) - 1):
        out.tube(path[k], path[k + 1], radii[k], material, end=radii[k + 1], sides=12, caps=False)
    for p, r in zip(path, radii, strict=True):
        out.ball(p, (r, r, r), material, segments=10)


def _body(
    out: Shape, rng: Random, wear: tuple[Any, Any, Any, Any, Any], surfaces: Surfaces
) -> None:
    skin, top, legs, hair, shoe = wear
    stride = rng.uniform(0.0, 26.0) if rng.random() < 0.7 else 3.0
    woman = rng.random() < 0.5
    for sign in (1, -1):
        a = radians(stride * sign)
        bend = radians(18.0 + stride * 0.6) if sign < 0 else radians(4.0)
        hip = (0.0, 0.095 * sign, 0.9)
        knee = (0.43 * sin(a), 0.095 * sign, 0.9 - 0.43 * cos(a))
        foot = (knee[0] + 0.42 * sin(a - bend), 0.095 * sign, knee[2] - 0.42 * cos(a - bend))
        lift = 0.075 - min(foot[2], 0.075)
        foot = (foot[0], foot[1], foot[2] + lift)
        _limb(out, [hip, knee, foot], [0.098, 0.068, 0.052], legs)
        out.ball(
            (foot[0] + 0.055, foot[1], foot[2] - 0.03), (0.13, 0.047, 0.048), shoe, segments=12
        )
        b = radians(-stride * 0.9 * sign)
        shoulder = (0.0, 0.2 * sign, 1.4)
        elbow = (0.27 * sin(b), 0.245 * sign, 1.4 - 0.27 * cos(b))
        fore = b + radians(rng.uniform(12, 70))
        hand = (elbow[0] + 0.25 * sin(fore), 0.235 * sign, elbow[2] - 0.25 * cos(fore))
        _limb(out, [shoulder, elbow, hand], [0.066, 0.05, 0.04], top)
        out.ball(hand, (0.045, 0.03, 0.055), skin, segments=10)

    def trunk(u: Array, v: Array) -> Array:
        z = 0.86 + 0.62 * v
        half_w = np.interp(v, [0, 0.25, 0.5, 0.8, 0.93, 1], [0.175, 0.165, 0.17, 0.205, 0.17, 0.06])
        half_d = np.interp(v, [0, 0.25, 0.5, 0.8, 0.93, 1], [0.125, 0.12, 0.125, 0.13, 0.1, 0.055])
        if woman:
            half_w = half_w * np.interp(v, [0, 0.3, 0.8], [1.02, 0.88, 0.92])
        return np.stack([half_d * np.cos(2 * pi * u), half_w * np.sin(2 * pi * u), z], axis=1)

    out.sheet(trunk, top, nu=21, nv=14)
    if woman and rng.random() < 0.35:
        out_skirt = [(0.18, 0.98), (0.22, 0.75), (0.27, 0.5)]
        out.lathe(out_skirt, top if rng.random() < 0.5 else legs, sides=20)
    out.tube((0.0, 0, 1.44), (0.01, 0, 1.55), 0.055, skin, sides=10)
    out.ball((0.025, 0, 1.63), (0.095, 0.078, 0.115), skin, segments=16)
    out.ball((0.005, 0, 1.665), (0.102, 0.087, 0.1), hair, segments=16)
    dark = surfaces.paint((0.03, 0.02, 0.018), 0.5, grime=0)
    for y in (-0.032, 0.032):
        out.ball((0.106, y, 1.645), (0.01, 0.014, 0.006), dark, segments=8)
        out.ball((0.1, y, 1.667), (0.012, 0.02, 0.005), hair, segments=8)
    out.ball((0.122, 0, 1.618), (0.014, 0.012, 0.02), skin, segments=8)
    out.ball(
        (0.1, 0, 1.583),
        (0.012, 0.024, 0.006),
        surfaces.paint((0.3, 0.09, 0.07), 0.5, grime=0),
        segments=8,
    )
    if woman:
        out.ball((-0.05, 0, 1.57), (0.07, 0.09, 0.15), hair, segments=12)
    pick = rng.random()
    if pick < 0.14:
        straw = surfaces.paint((0.5, 0.38, 0.18), 0.9)
        with out.at((0.01, 0, 1.7)):
            out.lathe([(0.23, -0.03), (0.11, 0.01), (0.09, 0.08), (0, 0.1)], straw, sides=18)
    elif pick < 0.3:
        bag = surfaces.paint(rng.choice(TOPS), 0.85)
        out.box((-0.19, 0, 1.2), (0.15, 0.3, 0.42), bag, chamfer=0.05)
    elif pick < 0.55:
        film = surfaces.paint(
            rng.choice(((0.6, 0.6, 0.58), (0.5, 0.06, 0.06), (0.1, 0.3, 0.4))), 0.5
        )
        out.ball((0.05, 0.25, 0.62), (0.12, 0.07, 0.16), film, segments=12, rough=0.3)


def build_moped(seed: int, surfaces: Surfaces) -> Shape:
    """An electric moped on its stand, front towards +x, on z = 0."""
    rng = Random(seed)
    out = Shape()
    body = surfaces.paint(
        rng.choice(
            (
                (0.5, 0.05, 0.05),
                (0.6, 0.6, 0.58),
                (0.02, 0.02, 0.025),
                (0.05, 0.15, 0.4),
                (0.1, 0.35, 0.3),
                (0.55, 0.3, 0.3),
                (0.3, 0.32, 0.34),
                (0.6, 0.45, 0.08),
            )
        ),
        0.22,
        grime=0.25,
    )
    black = surfaces.paint((0.018, 0.018, 0.018), 0.65)
    steel = surfaces.paint((0.5, 0.5, 0.5), 0.3, metal=0.8)
    for x in (-0.55, 0.6):
        wheel(out, (x, 0, 0.22), 0.22, black, steel, thick=0.05, disc=True)
    out.box((0.08, 0, 0.3), (0.5, 0.27, 0.09), black, chamfer=0.02)

    def shield(u: Array, v: Array) -> Array:
        y = (v - 0.5) * 0.42 * (1 - 0.35 * u)
        return np.stack([0.34 + 0.1 * u + 0.1 * np.cos((v - 0.5) * pi), y, 0.3 + 0.62 * u], axis=1)

    out.sheet(shield, body, nu=9, nv=11)
    out.ball((0.6, 0, 0.42), (0.27, 0.08, 0.09), body, segments=14)
    out.ball((-0.42, 0, 0.52), (0.44, 0.16, 0.16), body, segments=18)
    out.box((-0.2, 0, 0.45), (0.3, 0.24, 0.24), body, chamfer=0.04)
    out.box((-0.34, 0, 0.69), (0.66, 0.25, 0.1), black, chamfer=0.04)
    out.tube((0.6, 0, 0.3), (0.45, 0, 0.98), 0.03, steel)
    out.rod(
        ((0.36, -0.32, 1.02), (0.46, -0.1, 1.0), (0.46, 0.1, 1.0), (0.36, 0.32, 1.02)), 0.016, black
    )
    out.ball((0.5, 0, 0.92), (0.09, 0.12, 0.09), body, segments=14)
    out.ball(
        (0.57, 0, 0.91), (0.035, 0.07, 0.05), surfaces.paint((0.7, 0.7, 0.66), 0.1), segments=10
    )
    for y in (-0.26, 0.26):
        out.tube((0.4, y, 1.02), (0.38, y * 1.15, 1.17), 0.006, black, sides=5)
        out.ball((0.38, y * 1.15, 1.2), (0.015, 0.055, 0.04), black, segments=8)
    out.box((-0.86, 0, 0.55), (0.05, 0.12, 0.06), surfaces.paint((0.5, 0.02, 0.02), 0.2))
    out.box((-0.88, 0, 0.42), (0.01, 0.17, 0.12), surfaces.paint((0.12, 0.35, 0.16), 0.5))
    out.rod(((-0.1, 0.1, 0.2), (-0.16, 0.2, 0.01)), 0.012, steel)
    if rng.random() < 0.45:
        out.box(
            (-0.78, 0, 0.86),
            (0.32, 0.34, 0.26),
            surfaces.paint(
                rng.choice(((0.02, 0.02, 0.02), (0.05, 0.25, 0.5), (0.6, 0.42, 0.03))), 0.5
            ),
            chamfer=0.04,
        )
    if rng.random() < 0.3:
        quilt = surfaces.paint(rng.choice(TOPS), 0.9)

        def drape(u: Array, v: Array) -> Array:
            return np.stack(
                [
                    0.5 + 0.12 * u - 0.2 * np.abs(v - 0.5) + 0.03 * np.sin(v * 19 + u * 5),
                    (v - 0.5) * 0.85,
                    0.98 - 0.62 * u,
                ],
                axis=1,
            )

        out.sheet(drape, quilt, nu=9, nv=15)
    return out


def build_bicycle(seed: int, surfaces: Surfaces) -> Shape:
    """A bicycle on its stand, front towards +x, on z = 0; often a hire bicycle's colours."""
    rng = Random(seed)
    out = Shape()
    frame = surfaces.paint(
        rng.choice(
            (
                (0.02, 0.25, 0.6),
                (0.7, 0.5, 0.02),
                (0.05, 0.4, 0.3),
                (0.03, 0.03, 0.03),
                (0.5, 0.05, 0.05),
            )
        ),
        0.3,
    )
    black = surfaces.paint((0.02, 0.02, 0.02), 0.6)
    steel = surfaces.paint((0.5, 0.5, 0.5), 0.3, metal=0.9)
    rear, front, crank, seat, head = (
        (-0.5, 0, 0.32),
        (0.52, 0, 0.32),
        (-0.06, 0, 0.28),
        (-0.22, 0, 0.74),
        (0.36, 0, 0.78),
    )
    for at in (rear, front):
        wheel(out, at, 0.33, black, steel, thick=0.02, spokes=14)
        t = [radians(k) for k in range(20, 165, 18)]
        out.rod([(at[0] - 0.36 * cos(a), 0, at[2] + 0.36 * sin(a)) for a in t], 0.022, frame, 6)
    for a, b in (
        (crank, seat),
        (crank, head),
        (seat, (0.34, 0, 0.74)),
        (rear, crank),
        (rear, seat),
    ):
        out.tube(a, b, 0.02, frame)
    for y in (-0.05, 0.05):
        out.tube((0.36, y, 0.74), (0.52, y, 0.32), 0.014, frame)
    out.rod(((0.36, 0, 0.76), (0.33, 0, 0.98)), 0.016, steel)
    out.rod(
        ((0.22, -0.28, 1.0), (0.33, -0.1, 1.0), (0.33, 0.1, 1.0), (0.22, 0.28, 1.0)), 0.014, black
    )
    out.tube(seat, (-0.25, 0, 0.9), 0.016, steel)
    out.ball((-0.26, 0, 0.93), (0.14, 0.075, 0.04), black, segments=12)
    out.tube((-0.06, -0.05, 0.28), (-0.06, 0.05, 0.28), 0.09, steel, sides=16)
    basket = surfaces.paint((0.05, 0.05, 0.05), 0.5)
    for z in (0.72, 0.8, 0.88, 0.95):
        for y in (-0.15, 0.15):
            out.tube((0.42, y, z), (0.68, y, z), 0.005, basket, sides=4, caps=False)
        for x in (0.42, 0.68):
            out.tube((x, -0.15, z), (x, 0.15, z), 0.005, basket, sides=4, caps=False)
    for k in range(5):
        for y in (-0.15, 0.15):
            out.tube(
                (0.42 + 0.065 * k, y, 0.72),
                (0.42 + 0.065 * k, y, 0.95),
                0.004,
                basket,
                sides=4,
                caps=False,
            )
    out.box((0.55, 0, 0.72), (0.26, 0.3, 0.01), basket)
    return out
