"""Models piled goods: cartons, crates, sacks, timber, bricks, furniture, and heaps of produce."""

from __future__ import annotations

from random import Random

from datasets.render.mesh import Shape
from datasets.render.props import CRATE_COLOURS, carton, chair, crate, produce, sack, sack_materials
from datasets.render.surface import Surfaces


def build_goods(kind: str, seed: int, surfaces: Surfaces) -> Shape:
    """One pile on z = 0, its front towards -y."""
    rng = Random(seed)
    out = Shape()
    if kind == "cartons":
        _cartons(out, rng, surfaces, rng.randint(2, 4), 2, rng.randint(2, 4))
    elif kind == "carton_few":
        _cartons(out, rng, surfaces, 2, 2, 2)
    elif kind == "crates":
        _crates(out, rng, surfaces, rng.randint(2, 3), rng.randint(2, 5))
    elif kind == "sacks":
        _sacks(out, rng, surfaces, rng.randint(2, 4))
    elif kind == "timber":
        _timber(out, rng, surfaces)
    elif kind == "bricks":
        _bricks(out, rng, surfaces)
    elif kind == "furniture":
        _furniture(out, rng, surfaces)
    else:
        with out.at((-0.65, 0, 0)):
            _cartons(out, rng, surfaces, 2, 2, rng.randint(2, 3))
        with out.at((0.45, 0.1, 0), rz=rng.uniform(-10, 10)):
            _crates(out, rng, surfaces, 1, rng.randint(2, 4))
        with out.at((0.85, -0.35, 0), rz=rng.uniform(-30, 30), s=0.85):
            _sacks(out, rng, surfaces, 2)
    return out


def _cartons(
    out: Shape, rng: Random, surfaces: Surfaces, across: int, deep: int, high: int
) -> None:
    w, d, h = rng.uniform(0.4, 0.55), rng.uniform(0.34, 0.44), rng.uniform(0.26, 0.4)
    for i in range(across):
        for j in range(deep):
            x, y, z = (i - (across - 1) / 2) * (w + 0.03), (j - (deep - 1) / 2) * (d + 0.03), 0.0
            levels = max(
                1, high - rng.choice((0, 0, 1, 2)) - (1 if j == 0 and rng.random() < 0.5 else 0)
            )
            for _ in range(levels):
                odd = rng.random() < 0.25
                size = (
                    (
                        w * rng.uniform(0.7, 0.95),
                        d * rng.uniform(0.75, 0.95),
                        h * rng.uniform(0.6, 1),
                    )
                    if odd
                    else (w, d, h)
                )
                carton(
                    out,
                    rng,
                    surfaces,
                    (x + rng.uniform(-0.02, 0.02), y + rng.uniform(-0.02, 0.02), z),
                    size,
                    rng.uniform(-5, 5),
                )
                z += size[2] + 0.004
    for _ in range(rng.randint(0, 3)):
        size = (rng.uniform(0.25, 0.45), rng.uniform(0.22, 0.36), rng.uniform(0.18, 0.34))
        reach = across * w / 2
        carton(
            out,
            rng,
            surfaces,
            (rng.uniform(-reach, reach), -deep * d / 2 - rng.uniform(0.22, 0.34), 0),
            size,
            rng.uniform(-40, 40),
        )


def _crates(out: Shape, rng: Random, surfaces: Surfaces, across: int, high: int) -> None:
    foam = surfaces.paint((0.72, 0.72, 0.7), 0.8)
    for i in range(across):
        for j in range(2):
            white = rng.random() < 0.2
            material = foam if white else surfaces.paint(rng.choice(CRATE_COLOURS), 0.45)
            levels = max(1, high - rng.choice((0, 0, 1, 2)))
            x, y = (i - (across - 1) / 2) * 0.57, (j - 0.5) * 0.41
            for k in range(levels):
                if rng.random() < 0.25 and not white:
                    material = surfaces.paint(rng.choice(CRATE_COLOURS), 0.45)
                at = (x + rng.uniform(-0.015, 0.015), y + rng.uniform(-0.015, 0.015), k * 0.285)
                if white:
                    out.box((at[0], at[1], at[2] + 0.125), (0.5, 0.36, 0.25), foam, chamfer=0.02)
                    out.box((at[0], at[1], at[2] + 0.262), (0.52, 0.38, 0.03), foam, chamfer=0.01)
                else:
                    crate(out, material, at, rng.uniform(-3, 3))
            if not white and rng.random() < 0.6:
                produce(out, rng, surfaces, (x, y, (levels - 1) * 0.285 + 0.16), (0.23, 0.15))
    for _ in range(rng.randint(0, 2)):
        crate(
            out,
            surfaces.paint(rng.choice(CRATE_COLOURS), 0.45),
            (rng.uniform(-0.7, 0.7), rng.uniform(-0.68, -0.62), 0),
            rng.uniform(-40, 40),
        )


def _sacks(out: Shape, rng: Random, surfaces: Surfaces, rows: int) -> None:
    face, back = sack_materials(rng, surfaces)
    for level in range(rows):
        for i in range(2):
            for j in range(2):
                if level and rng.random() < 0.12 * level:
                    continue
                turned = level % 2
                x, y = (i - 0.5) * (0.5 if turned else 0.76), (j - 0.5) * (0.76 if turned else 0.48)
                sack(
                    out,
                    rng,
                    face,
                    back,
                    (
                        x * 1.0 + rng.uniform(-0.03, 0.03),
                        y + rng.uniform(-0.03, 0.03),
                        level * 0.145,
                    ),
                    90 * turned + rng.uniform(-7, 7),
                )
    if rng.random() < 0.6:
        sack(out, rng, face, back, (rng.uniform(-0.4, 0.4), -0.78, 0), rng.uniform(-30, 30))


def _timber(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    kinds = [
        surfaces.stuff("new_wood", variant=k, tint=t)
        for k, t in enumerate(((0.55, 0.38, 0.22), (0.48, 0.33, 0.2), (0.6, 0.46, 0.3)))
    ]
    length, high = rng.uniform(2.2, 2.9), 0.0
    for x in (-length * 0.32, length * 0.32):
        out.box((x, 0, 0.04), (0.09, 0.8, 0.08), kinds[0])
    high = 0.08
    for _ in range(rng.randint(3, 7)):
        thick, wide = rng.choice(((0.04, 0.14), (0.05, 0.1), (0.09, 0.09), (0.025, 0.2)))
        y = -0.42
        while y + wide < 0.45:
            if rng.random() > 0.1:
                out.box(
                    (rng.uniform(-0.12, 0.12), y + wide / 2, high + thick / 2),
                    (length * rng.uniform(0.85, 1.0), wide * 0.95, thick),
                    rng.choice(kinds),
                    rz=rng.uniform(-1, 1),
                    chamfer=0.003,
                )
            y += wide + 0.008
        high += thick
    for _ in range(rng.randint(0, 3)):
        out.box(
            (rng.uniform(-0.2, 0.2), rng.uniform(-0.3, 0.3), high + 0.03),
            (length * 0.9, 0.06, 0.05),
            rng.choice(kinds),
            rz=rng.uniform(-14, 14),
        )


def _bricks(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    tones = [
        surfaces.paint(c, 0.9, grime=0.35)
        for c in (
            ((0.33, 0.11, 0.07), (0.38, 0.15, 0.09), (0.28, 0.1, 0.07))
            if rng.random() < 0.65
            else ((0.36, 0.36, 0.35), (0.42, 0.41, 0.4), (0.3, 0.3, 0.3))
        )
    ]
    nx, ny, levels = rng.randint(4, 5), rng.randint(5, 8), rng.randint(4, 9)
    w, d, h = 0.24, 0.115, 0.055
    for k in range(levels):
        for i in range(nx):
            for j in range(ny):
                if k == levels - 1 and rng.random() < 0.45:
                    continue
                out.box(
                    (
                        (i - nx / 2 + 0.5) * (w + 0.004) + rng.uniform(-0.008, 0.008),
                        (j - ny / 2 + 0.5) * (d + 0.004),
                        k * (h + 0.003) + h / 2,
                    ),
                    (w, d, h),
                    rng.choice(tones),
                    rz=rng.uniform(-2, 2),
                )
    for _ in range(rng.randint(3, 9)):
        out.box(
            (rng.uniform(-0.8, 0.8), -ny * d / 2 - rng.uniform(0.12, 0.3), h / 2),
            (w, d, h),
            rng.choice(tones),
            rz=rng.uniform(0, 180),
        )


def _furniture(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    wood = surfaces.stuff("wood", variant=rng.randrange(3), tint=(0.4, 0.26, 0.15))
    pale = surfaces.paint((0.55, 0.5, 0.42), 0.6)
    cloth = surfaces.paint(
        rng.choice(((0.35, 0.08, 0.06), (0.1, 0.16, 0.28), (0.3, 0.28, 0.24))), 0.95
    )
    out.box((-0.75, 0.2, 0.85), (0.85, 0.45, 1.7), wood, chamfer=0.01)
    for x in (-0.96, -0.54):
        out.box((x, -0.03, 0.9), (0.38, 0.02, 1.5), pale)
        out.ball(
            (x + 0.14, -0.05, 0.95),
            (0.015, 0.015, 0.05),
            surfaces.paint((0.5, 0.5, 0.5), 0.3, metal=1),
        )
    with out.at((0.35, 0.1, 0)):
        out.box((0, 0, 0.28), (1.3, 0.7, 0.3), cloth, chamfer=0.06)
        out.box((0, 0.3, 0.55), (1.3, 0.18, 0.6), cloth, chamfer=0.06)
        for x in (-0.6, 0.6):
            out.box((x, 0, 0.4), (0.16, 0.7, 0.42), cloth, chamfer=0.05)
        for x in (-0.5, 0.5):
            out.box((x, 0, 0.07), (0.06, 0.5, 0.14), wood)
    with out.at((0.5, -0.1, 0.44), rz=rng.uniform(-20, 20), ry=180):
        chair(out, wood)
    out.box(
        (-0.05, 0.34, 0.95),
        (0.9, 0.14, 1.85),
        surfaces.paint((0.6, 0.56, 0.5), 0.95, grime=0.5),
        rx=-8,
        chamfer=0.05,
    )
