"""Models things that only sprites show: rubble, leaning boards, single scraps."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin
from random import Random

from datasets.render import spills
from datasets.render.mesh import Shape
from datasets.render.surface import Surfaces
from datasets.render.waste import bottle, scrap


def _rubble(seed: int, surfaces: Surfaces) -> Shape:
    """Broken concrete and brick with dust, as tipped at a roadside."""
    out = spills.build_spill("soil_heap", seed, surfaces)
    rng = Random(seed + 1)
    stones = [surfaces.stuff(k, variant=rng.randrange(4)) for k in ("concrete", "kerb", "brick")]
    stones.append(surfaces.paint((0.4, 0.38, 0.35), 0.9))
    for k in range(rng.randint(40, 110)):
        r, a = rng.uniform(0, 1.05) ** 0.7, rng.uniform(0, 6.283)
        s = rng.uniform(0.05, 0.17)
        out.ball(
            (1.7 * r * cos(a), 1.2 * r * sin(a), s * 0.3 + 0.3 * max(0.0, 1 - r)),
            (s, s * rng.uniform(0.5, 1), s * rng.uniform(0.35, 0.7)),
            rng.choice(stones),
            segments=6,
            rough=0.5,
            seed=k,
            smooth=False,
            rz=rng.uniform(0, 360),
            rx=rng.uniform(-40, 40),
        )
    return out


def _boards(seed: int, surfaces: Surfaces) -> Shape:
    """Boards, doors or a mattress leaning or lying, with nothing to lean on needed."""
    rng, out = Random(seed), Shape()
    kinds = [
        surfaces.stuff("cardboard", variant=rng.randrange(4)),
        surfaces.paint((0.62, 0.58, 0.5), 0.7),
        surfaces.paint((0.32, 0.2, 0.1), 0.6),
        surfaces.paint((0.66, 0.66, 0.64), 0.5),
        surfaces.paint((0.5, 0.4, 0.27), 0.8),
    ]
    for k in range(rng.randint(2, 5)):
        w, h, t = rng.uniform(0.5, 1.1), rng.uniform(0.8, 1.9), rng.choice((0.02, 0.03, 0.05, 0.18))
        lean = rng.uniform(-16, -7)
        out.box(
            (rng.uniform(-0.15, 0.15), 0.25 - k * 0.09, h / 2 * cos(radians(lean))),
            (w, t, h),
            rng.choice(kinds),
            rx=lean,
            rz=rng.uniform(-6, 6),
        )
    return out


def _piece(seed: int, surfaces: Surfaces) -> Shape:
    rng, out = Random(seed), Shape()
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        place = (rng.gauss(0, 0.12), rng.gauss(0, 0.1), 0.0)
        (bottle if rng.random() < 0.35 else scrap)(out, rng, surfaces, place)
    return out


OWN: dict[str, Callable[[int, Surfaces], Shape]] = {
    "rubble": _rubble,
    "boards": _boards,
    "piece": _piece,
}
