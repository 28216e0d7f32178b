"""Models what falls off or runs out of a lorry: sand, soil, gravel, mud, oil and pale liquids."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from datasets.render.mesh import Array, Shape, fractal2
from datasets.render.nodes import Nodes
from datasets.render.street import height_field, ragged
from datasets.render.surface import Surfaces


def build_spill(kind: str, seed: int, surfaces: Surfaces) -> Shape:
    """One spill centred on the origin, lying on z = 0."""
    rng = Random(seed)
    out = Shape()
    if kind in ("sand_heap", "soil_heap"):
        _heap(out, kind, rng, seed, surfaces)
    elif kind == "gravel_spill":
        _gravel(out, rng, seed, surfaces)
    elif kind == "mud_smear":
        _smear(out, rng, seed, surfaces)
    else:
        _pool(out, kind, rng, seed, surfaces)
    return out


def _clods(
    out: Shape,
    rng: Random,
    material: Any,
    half: tuple[float, float],
    count: int,
    size: tuple[float, float],
) -> None:
    for k in range(count):
        angle, r = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.0)
        s = rng.uniform(*size) * rng.uniform(0.5, 1.0)
        x, y = half[0] * r * np.cos(angle), half[1] * r * np.sin(angle)
        out.ball(
            (float(x), float(y), s * 0.25),
            (s, s * rng.uniform(0.7, 1), s * 0.65),
            material,
            segments=7,
            rough=0.4,
            seed=k,
            smooth=False,
            rz=rng.uniform(0, 360),
        )


def _heap(out: Shape, kind: str, rng: Random, seed: int, surfaces: Surfaces) -> None:
    material = surfaces.stuff("sand" if kind == "sand_heap" else "soil", variant=rng.randrange(6))
    half = (rng.uniform(1.4, 2.2), rng.uniform(1.0, 1.6))
    high = rng.uniform(0.35, 0.7) if kind == "sand_heap" else rng.uniform(0.2, 0.5)

    def height(x: Array, y: Array) -> Array:
        inside = ragged(x, y, half, seed)
        slope = np.clip(inside, 0, None) ** 1.25 * high
        lumps = (fractal2(x * 4, y * 4, seed + 5, 5) - 0.5) * 0.13
        thin = (inside + 0.08 + (fractal2(x * 3.2, y * 3.2, seed + 9, 5) - 0.5) * 0.9) * 0.03
        return np.asarray(
            np.maximum(
                slope + lumps * np.clip(inside * 3, 0, 1) - 0.004,
                np.minimum(thin, 0.012) - 0.004 + lumps * 0.1,
            ),
            dtype=np.float64,
        )

    height_field(out, (half[0] * 1.35, half[1] * 1.35), height, material)
    small = (0.012, 0.03) if kind == "sand_heap" else (0.014, 0.055)
    _clods(out, rng, material, (half[0] * 1.02, half[1] * 1.02), rng.randint(90, 200), small)


def _gravel(out: Shape, rng: Random, seed: int, surfaces: Surfaces) -> None:
    dust = surfaces.stuff("gravel", variant=0)
    half = (rng.uniform(1.3, 2.0), rng.uniform(0.8, 1.4))

    def height(x: Array, y: Array) -> Array:
        inside = ragged(x, y, half, seed, 0.6)
        return np.asarray(
            np.minimum(inside * 0.12, 0.05) + (fractal2(x * 14, y * 14, seed, 3) - 0.6) * 0.05,
            dtype=np.float64,
        )

    height_field(out, (half[0] * 1.3, half[1] * 1.3), height, dust, step=0.022)
    stones = [
        surfaces.paint(c, 0.85)
        for c in ((0.3, 0.29, 0.27), (0.42, 0.4, 0.37), (0.2, 0.19, 0.18), (0.36, 0.31, 0.25))
    ]
    for _ in range(rng.randint(3, 5)):
        _clods(out, rng, rng.choice(stones), half, 90, (0.018, 0.05))


def _smear(out: Shape, rng: Random, seed: int, surfaces: Surfaces) -> None:
    material = surfaces.stuff("mud", variant=rng.randrange(4))
    half = (rng.uniform(1.6, 2.4), rng.uniform(0.6, 1.0))
    offset = rng.uniform(-0.2, 0.2)

    def height(x: Array, y: Array) -> Array:
        inside = ragged(x, y, half, seed, 0.7)
        tread = np.sin(x * 38) * 0.5 + 0.5
        tracks = np.exp(-(((np.abs(y - offset) - 0.55) / 0.13) ** 2))
        long = (1.15 - np.abs(x / (half[0] * 1.25)) ** 3) * tracks
        ragged_track = (
            long * (0.6 + 0.6 * tread) + (fractal2(x * 2.5, y * 6, seed + 3, 5) - 0.5) * 1.3
        )
        body = inside * 0.9 + (fractal2(x * 3, y * 3, seed + 8, 5) - 0.52) * 0.9
        pressed = np.maximum(body, ragged_track - 0.55)
        return np.asarray(
            np.minimum(pressed, 0.7) * 0.03
            + (fractal2(x * 9, y * 9, seed, 4) - 0.5) * 0.012
            - 0.003,
            dtype=np.float64,
        )

    height_field(out, (half[0] * 1.3, half[1] * 1.5), height, material, step=0.025)
    _clods(out, rng, material, half, rng.randint(30, 70), (0.015, 0.06))


def _liquid(kind: str, rng: Random, surfaces: Surfaces) -> Any:
    n = Nodes("liquid")
    n.shader.inputs["Roughness"].default_value = 0.05
    if kind == "oil_pool":
        base = rng.choice(((0.012, 0.011, 0.01), (0.02, 0.014, 0.008), (0.03, 0.03, 0.032)))
        n.shader.inputs["Specular IOR Level"].default_value = 0.75
        spread = n.ramp(n.noise(1.4, 4), 0.35, 0.7)
        n.join(n.mix(spread, base, tuple(c * 2.0 for c in base)), n.shader.inputs["Base Color"])
    else:
        base = rng.choice(
            ((0.62, 0.6, 0.55), (0.5, 0.44, 0.32), (0.4, 0.42, 0.42), (0.42, 0.26, 0.1))
        )
        n.shader.inputs["Roughness"].default_value = 0.16
        spread = n.ramp(n.noise(2.0, 6), 0.3, 0.75)
        n.join(n.mix(spread, base, tuple(c * 0.5 for c in base)), n.shader.inputs["Base Color"])
    n.bump(n.noise(6.0, 2), 0.03)
    surfaces.made[("liquid", rng.random())] = n.material
    return n.material


def _pool(out: Shape, kind: str, rng: Random, seed: int, surfaces: Surfaces) -> None:
    half = (rng.uniform(1.3, 2.0), rng.uniform(0.8, 1.3))
    run = rng.choice((-1, 1))

    def height(x: Array, y: Array) -> Array:
        inside = ragged(x, y, half, seed, 0.8)
        stream = np.exp(-(((y + 0.25 * np.sin(x * 1.7 + seed % 7)) / 0.16) ** 2))
        stream = stream * np.clip(1.6 * run * x / half[0], 0, 1) - 0.45
        drops = (
            fractal2(x * 4.2, y * 4.2, seed + 4, 3) - 0.74 + np.clip(inside + 0.5, -0.3, 0) * 0.6
        )
        top = np.maximum(np.maximum(inside, stream), drops)
        return np.asarray(np.clip(top * 0.05, -0.01, 0.006), dtype=np.float64)

    height_field(
        out, (half[0] * 1.9, half[1] * 1.5), height, _liquid(kind, rng, surfaces), step=0.02
    )
