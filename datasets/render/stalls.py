"""Models street sellers' stalls: barrows, food carts, ground cloths, tents and cargo tricycles."""

from __future__ import annotations

from math import pi
from random import Random

import numpy as np

from datasets.render import lettering
from datasets.render.mesh import Array, Shape, fractal2
from datasets.render.props import (
    CRATE_COLOURS,
    carton,
    crate,
    produce,
    sack,
    sack_materials,
    stool,
    wheel,
)
from datasets.render.stall_parts import CLOTHS, clutter, tags, trays, umbrella
from datasets.render.surface import Surfaces


def build_stall(kind: str, seed: int, surfaces: Surfaces) -> Shape:
    """One stall on z = 0, customers' side towards -y, umbrella and goods included."""
    rng = Random(seed)
    out = Shape()
    {
        "cart_umbrella": _barrow,
        "food_cart": _food_cart,
        "ground_cloth": _ground_cloth,
        "tent": _tent,
        "tricycle": _tricycle,
    }[kind](out, rng, surfaces)
    return out


def _barrow(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    wood = surfaces.stuff("wood", variant=rng.randrange(3), tint=(0.36, 0.25, 0.16))
    steel = surfaces.paint((0.3, 0.3, 0.3), 0.4, metal=0.7)
    black = surfaces.paint((0.02, 0.02, 0.02), 0.7)
    out.box((0, 0, 0.74), (1.75, 0.95, 0.05), wood)
    for y in (-0.46, 0.46):
        out.box((0, y, 0.69), (1.75, 0.04, 0.1), wood)
    for x in (-0.75, 0.75):
        for y in (-0.4, 0.4):
            out.box((x, y, 0.35 if x > 0 else 0.36), (0.05, 0.05, 0.7), wood)
    for y in (-0.52, 0.52):
        wheel(out, (-0.35, y, 0.31), 0.31, black, steel)
    out.tube((-0.35, -0.52, 0.31), (-0.35, 0.52, 0.31), 0.018, steel)
    for y in (-0.38, 0.38):
        out.rod(((0.86, y, 0.72), (1.25, y, 0.86)), 0.018, steel)
    out.tube((1.25, -0.38, 0.86), (1.25, 0.38, 0.86), 0.02, black)
    trays(out, rng, surfaces, (0.84, 0.44), 0.79, rng.uniform(2, 8), rng.randint(3, 5), 2)
    out.box((0, 0, 0.32), (1.2, 0.7, 0.03), wood)
    for x in (-0.3, 0.2):
        carton(out, rng, surfaces, (x, 0, 0.335), (0.4, 0.34, 0.24), rng.uniform(-8, 8))
    umbrella(
        out,
        rng,
        surfaces,
        (rng.uniform(-0.3, 0.3), 0.42, 0.1),
        rng.uniform(1.1, 1.35),
        rng.uniform(2.15, 2.4),
    )
    clutter(out, rng, surfaces, (-1.2, 1.2), 0.75)


def _food_cart(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    colour = rng.choice(
        (
            (0.5, 0.05, 0.04),
            (0.55, 0.4, 0.05),
            (0.04, 0.24, 0.13),
            (0.05, 0.15, 0.4),
            (0.6, 0.6, 0.58),
        )
    )
    body = surfaces.paint(colour, 0.4)
    steel = surfaces.paint((0.55, 0.55, 0.54), 0.28, metal=0.9)
    black = surfaces.paint((0.02, 0.02, 0.02), 0.7)
    out.box((0, 0, 0.58), (1.7, 0.85, 0.72), body, chamfer=0.015)
    out.box((0, 0, 0.96), (1.8, 0.95, 0.04), steel)
    front = surfaces.printed(lettering.fare_board(rng))
    out.panel(
        ((-0.8, -0.43, 0.28), (0.8, -0.43, 0.28), (0.8, -0.43, 0.9), (-0.8, -0.43, 0.9)), front
    )
    for x in (-0.6, 0.6):
        for y in (-0.38, 0.38):
            wheel(out, (x, y, 0.16), 0.16, black, steel, thick=0.035, disc=True)
    for x in (-0.82, 0.82):
        for y in (-0.42, 0.42):
            out.tube((x, y, 0.97), (x, y, 2.08), 0.016, steel, sides=8)
    a, b = (surfaces.paint(c, 0.8) for c in rng.choice(CLOTHS))
    n = 10
    for k in range(n):
        x0, x1 = -1.0 + 2.0 * k / n, -1.0 + 2.0 * (k + 1) / n
        m = (a, b)[k % 2]
        out.add(
            [
                (x0, -0.75, 2.05),
                (x1, -0.75, 2.05),
                (x1, 0, 2.3),
                (x0, 0, 2.3),
                (x1, 0.6, 2.08),
                (x0, 0.6, 2.08),
                (x0, -0.75, 1.9),
                (x1, -0.75, 1.9),
            ],
            [[0, 1, 2, 3], [3, 2, 4, 5], [6, 7, 1, 0]],
            m,
        )
    sign = surfaces.printed(lettering.fare_board(rng), light=0.25)
    out.panel(
        ((-0.7, -0.77, 1.78), (0.7, -0.77, 1.78), (0.7, -0.77, 2.1), (-0.7, -0.77, 2.1)), sign
    )
    out.box((-0.25, -0.2, 1.17), (1.05, 0.4, 0.38), surfaces.glass((0.1, 0.1, 0.1), 0.75))
    for k in range(3):
        produce(
            out,
            rng,
            surfaces,
            (-0.55 + 0.3 * k, -0.2, 0.99),
            (0.12, 0.15),
            which=rng.choice((0, 2, 5)),
        )
    with out.at((0.55, 0.0, 0.98)):
        out.lathe(
            [(0.0, 0.0), (0.24, 0.0), (0.27, 0.07), (0.25, 0.07), (0.2, 0.02), (0, 0.02)],
            black,
            sides=22,
        )
    for k in range(3):
        out.tube(
            (0.3 + 0.1 * k, 0.3, 0.98),
            (0.3 + 0.1 * k, 0.3, 1.18),
            0.035,
            surfaces.paint(
                rng.choice(((0.5, 0.1, 0.02), (0.6, 0.6, 0.55), (0.1, 0.06, 0.03))), 0.3
            ),
            sides=10,
        )
    with out.at((1.02, 0.15, 0)):
        gas = surfaces.paint((0.35, 0.37, 0.4), 0.45)
        out.lathe(
            [
                (0, 0.02),
                (0.15, 0.02),
                (0.16, 0.1),
                (0.16, 0.45),
                (0.08, 0.56),
                (0.05, 0.62),
                (0, 0.63),
            ],
            gas,
        )
    out.ball((-0.4, -0.3, 1.95), (0.045, 0.045, 0.06), surfaces.glow((1, 0.85, 0.6), 4.0))
    clutter(out, rng, surfaces, (-1.1, 0.6), 0.7)


def _ground_cloth(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    w, d = rng.uniform(0.95, 1.25), rng.uniform(0.65, 0.85)
    cloth = surfaces.paint(
        rng.choice(
            (
                (0.04, 0.14, 0.42),
                (0.45, 0.06, 0.06),
                (0.3, 0.28, 0.24),
                (0.05, 0.22, 0.12),
                (0.5, 0.46, 0.4),
            )
        ),
        0.9,
        grime=0.4,
    )
    seed = rng.randrange(999)

    def surface(u: Array, v: Array) -> Array:
        x, y = (2 * u - 1) * w, (2 * v - 1) * d
        z = 0.006 + 0.02 * fractal2(x * 3, y * 3, seed, 3) ** 2
        rim = np.maximum(np.abs(2 * u - 1), np.abs(2 * v - 1)) > 0.97
        return np.stack(
            [
                x + 0.03 * np.sin(y * 5 + seed),
                y + 0.03 * np.sin(x * 4 + seed),
                np.where(rim, 0.003, z),
            ],
            axis=1,
        )

    out.sheet(surface, cloth, nu=40, nv=30)
    goods = rng.choice(("produce", "produce", "clothes", "shoes", "toys"))
    nx, ny = rng.randint(4, 6), 3
    for i in range(nx):
        for j in range(ny):
            x, y = -w * 0.82 + 1.64 * w * i / (nx - 1), -d * 0.65 + 0.65 * d * j
            _ware(out, rng, surfaces, goods, x, y)
    tags(out, rng, surfaces, [(rng.uniform(-w, w) * 0.7, -d * 0.9, 0.02) for _ in range(3)])
    if rng.random() < 0.45:
        umbrella(
            out, rng, surfaces, (w * 0.7, d * 0.9, 0), rng.uniform(1.0, 1.25), rng.uniform(1.9, 2.2)
        )
    stool(out, surfaces.paint((0.5, 0.05, 0.05), 0.4), (rng.uniform(-0.5, 0.3), d + 0.25, 0))
    face, back = sack_materials(rng, surfaces)
    sack(out, rng, face, back, (-w * 0.7, d + 0.28, 0), rng.uniform(-20, 20), (0.65, 0.42, 0.25))


def _ware(out: Shape, rng: Random, surfaces: Surfaces, goods: str, x: float, y: float) -> None:
    bright = [
        surfaces.paint(c, 0.7)
        for c in (
            (0.5, 0.06, 0.08),
            (0.08, 0.15, 0.45),
            (0.6, 0.55, 0.5),
            (0.05, 0.05, 0.06),
            (0.5, 0.35, 0.08),
            (0.4, 0.15, 0.3),
            (0.1, 0.3, 0.2),
        )
    ]
    if goods == "produce":
        produce(out, rng, surfaces, (x, y, 0.02), (0.14, 0.13), heap=0.05)
    elif goods == "clothes":
        for k in range(rng.randint(2, 5)):
            out.box(
                (x + rng.uniform(-0.01, 0.01), y, 0.035 + 0.035 * k),
                (0.3, 0.24, 0.034),
                rng.choice(bright),
                rz=rng.uniform(-8, 8),
                chamfer=0.014,
            )
    elif goods == "shoes":
        m = rng.choice(bright)
        for dx in (-0.055, 0.055):
            out.ball((x + dx, y, 0.05), (0.045, 0.13, 0.045), m, segments=12)
            out.ball((x + dx, y + 0.06, 0.075), (0.042, 0.07, 0.05), m, segments=10)
    else:
        for _ in range(3):
            s = rng.uniform(0.04, 0.08)
            px, py = x + rng.uniform(-0.1, 0.1), y + rng.uniform(-0.1, 0.1)
            if rng.random() < 0.5:
                out.ball((px, py, 0.02 + s), (s, s, s), rng.choice(bright))
            else:
                out.box(
                    (px, py, 0.02 + s),
                    (2 * s, 1.4 * s, 2 * s),
                    rng.choice(bright),
                    rz=rng.uniform(0, 90),
                )


def _tent(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    w, d, low, top = rng.uniform(1.15, 1.4), rng.uniform(0.95, 1.15), 2.0, 2.6
    a, _ = (surfaces.paint(c, 0.8, grime=0.3) for c in rng.choice(CLOTHS))
    steel = surfaces.paint((0.55, 0.55, 0.55), 0.35, metal=0.7)
    for x in (-w, w):
        for y in (-d, d):
            out.box((x * 0.98, y * 0.98, low / 2), (0.035, 0.035, low), steel)
    out.add(
        [(-w, -d, low), (w, -d, low), (w, d, low), (-w, d, low), (0, 0, top)],
        [[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]],
        a,
    )
    rim = [(-w, -d), (w, -d), (w, d), (-w, d)]
    for (x0, y0), (x1, y1) in zip(rim, rim[1:] + rim[:1], strict=True):
        out.add(
            [(x0, y0, low), (x1, y1, low), (x1, y1, low - 0.24), (x0, y0, low - 0.24)],
            [[0, 1, 2, 3]],
            a,
        )
    if rng.random() < 0.6:
        board = surfaces.printed(lettering.fare_board(rng))
        out.panel(
            (
                (-0.8, -d - 0.01, low - 0.23),
                (0.8, -d - 0.01, low - 0.23),
                (0.8, -d - 0.01, low),
                (-0.8, -d - 0.01, low),
            ),
            board,
        )
    cloth = surfaces.paint(
        rng.choice(((0.45, 0.05, 0.05), (0.05, 0.2, 0.1), (0.06, 0.12, 0.35), (0.6, 0.57, 0.5))),
        0.9,
    )
    y = -d * 0.35
    out.box((0, y, 0.72), (2 * w - 0.3, 0.8, 0.04), cloth)
    out.box((0, y - 0.4, 0.4), (2 * w - 0.3, 0.012, 0.66), cloth)
    for x in (-w + 0.15, w - 0.15):
        out.box((x, y, 0.4), (0.012, 0.8, 0.66), cloth)
    with out.at((0, y, 0)):
        trays(out, rng, surfaces, (w - 0.2, 0.37), 0.75, 5, rng.randint(4, 6), 2)
    for _ in range(rng.randint(2, 4)):
        x = rng.uniform(-w + 0.3, w - 0.3)
        carton(out, rng, surfaces, (x, d - 0.35, 0), (0.45, 0.35, 0.3), rng.uniform(-10, 10))
        if rng.random() < 0.5:
            carton(
                out, rng, surfaces, (x, d - 0.35, 0.304), (0.42, 0.33, 0.28), rng.uniform(-10, 10)
            )
    for k in range(rng.randint(1, 3)):
        x = -w + 0.3 + 0.58 * k
        crate(out, surfaces.paint(rng.choice(CRATE_COLOURS), 0.45), (x, -d - 0.05, 0))
        produce(out, rng, surfaces, (x, -d - 0.05, 0.14), (0.23, 0.15))


def _tricycle(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    colour = rng.choice(
        ((0.04, 0.12, 0.4), (0.45, 0.05, 0.04), (0.03, 0.24, 0.12), (0.3, 0.31, 0.32))
    )
    body = surfaces.paint(colour, 0.45, grime=0.4)
    black = surfaces.paint((0.02, 0.02, 0.02), 0.7)
    steel = surfaces.paint((0.4, 0.4, 0.4), 0.35, metal=0.7)
    out.box((-0.45, 0, 0.52), (1.55, 1.0, 0.04), body)
    for y in (-0.49, 0.49):
        out.box((-0.45, y, 0.68), (1.55, 0.025, 0.3), body)
        for k in range(4):
            out.box((-1.1 + 0.43 * k, y * 1.03, 0.68), (0.05, 0.03, 0.3), body)
        wheel(
            out,
            (-0.55, y + (0.09 if y > 0 else -0.09), 0.27),
            0.27,
            black,
            steel,
            thick=0.045,
            disc=True,
        )
    for x in (-1.22, 0.32):
        out.box((x, 0, 0.68), (0.025, 1.0, 0.3), body)
    out.tube((-0.55, -0.5, 0.27), (-0.55, 0.5, 0.27), 0.03, steel)
    wheel(out, (1.25, 0, 0.25), 0.25, black, steel, thick=0.045, disc=True)
    out.rod(((0.3, 0, 0.45), (0.75, 0, 0.3), (1.0, 0, 0.55), (1.08, 0, 0.85)), 0.035, body)
    for y in (-0.06, 0.06):
        out.rod(((1.06, y, 0.88), (1.25, y, 0.25)), 0.018, steel)
    out.box((1.2, 0, 0.5), (0.34, 0.16, 0.05), body, ry=18)
    out.rod(((0.93, -0.32, 1.02), (1.05, 0, 0.98), (0.93, 0.32, 1.02)), 0.016, black)
    out.ball((1.16, 0, 0.92), (0.07, 0.08, 0.08), surfaces.paint((0.6, 0.6, 0.6), 0.15, metal=0.5))
    out.box((0.52, 0, 0.7), (0.36, 0.3, 0.1), black, chamfer=0.03)
    out.box((0.52, 0, 0.52), (0.3, 0.26, 0.3), body, chamfer=0.03)
    if rng.random() < 0.6:
        with out.at((-0.45, 0, 0)):
            trays(out, rng, surfaces, (0.72, 0.44), 0.7, 0, rng.randint(3, 4), 2)
    else:
        for i in range(3):
            for j in range(2):
                crate(
                    out,
                    surfaces.paint(rng.choice(CRATE_COLOURS), 0.45),
                    (-0.98 + 0.54 * i, -0.22 + 0.44 * j, 0.54),
                    size=(0.5, 0.4, 0.24),
                )
                produce(
                    out, rng, surfaces, (-0.98 + 0.54 * i, -0.22 + 0.44 * j, 0.66), (0.22, 0.17)
                )
    if rng.random() < 0.5:
        umbrella(out, rng, surfaces, (-0.45, 0.3, 0.55), rng.uniform(1.1, 1.3), 1.65)
    else:
        cloth = surfaces.paint(rng.choice(CLOTHS)[0], 0.85, grime=0.3)
        for x in (-1.18, 0.28):
            for y in (-0.47, 0.47):
                out.tube((x, y, 0.8), (x, y, 1.75), 0.012, steel, sides=6)

        def roof(u: Array, v: Array) -> Array:
            return np.stack(
                [
                    -1.3 + 1.7 * u,
                    (v - 0.5) * 1.2,
                    1.75 + 0.17 * np.sin(v * pi) - 0.03 * np.sin(u * 2 * pi) ** 2,
                ],
                axis=1,
            )

        out.sheet(roof, cloth, nu=13, nv=9)
