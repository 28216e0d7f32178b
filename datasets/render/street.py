"""Lays the ground of a street: worn road, markings, kerbs, paved walks and what lies flat."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from datasets.render.mesh import Array, Shape, fractal2
from datasets.render.nodes import Nodes
from datasets.render.plan import Street
from datasets.render.surface import Surfaces

FAR = 75.0
NEAR = 26.0


def road_paint(surfaces: Surfaces, colour: tuple[float, float, float], worn: float) -> Any:
    """Road marking paint with holes where tyres have rubbed it off."""
    key = ("road paint", colour, round(worn, 2))
    if key not in surfaces.made:
        n = Nodes("road paint")
        n.shader.inputs["Base Color"].default_value = (*colour, 1)
        n.shader.inputs["Roughness"].default_value = 0.6 - 0.35 * surfaces.wet
        holes = n.ramp(n.noise(24.0, 4), 0.6 - worn, 0.8 - worn, 0.95, 0.2)
        n.join(holes, n.shader.inputs["Alpha"])
        surfaces.made[key] = n.material
    return surfaces.made[key]


def _plate(
    shape: Shape, x0: float, y0: float, x1: float, y1: float, z: float, material: Any
) -> None:
    shape.add([(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)], [[0, 1, 2, 3]], material)


def build_ground(street: Street, surfaces: Surfaces) -> Shape:
    """Road, markings, kerbs and pavements as one shape; the road's surface is z = 0."""
    rng = Random(street.seed)
    out = Shape()
    edge, wide, high = street.road / 2, street.pavement, street.kerb
    asphalt = surfaces.stuff("asphalt", variant=rng.randrange(12), ground=True)
    _plate(out, -FAR, -edge - 0.3, FAR, edge + 0.3, 0, asphalt)
    gutter = surfaces.stuff("concrete", variant=rng.randrange(4), ground=True)
    paving = surfaces.stuff("paving", variant=rng.randrange(10), ground=True)
    kerb = surfaces.stuff("kerb", variant=rng.randrange(4), ground=True)
    tactile = surfaces.paint((0.55, 0.4, 0.09), 0.8, grime=0.5)
    for side in (1, -1):
        if rng.random() < 0.6:
            ys = sorted((side * edge, side * (edge - 0.3)))
            _plate(out, -FAR, ys[0], FAR, ys[1], 0.002, gutter)
        ys = sorted((side * (edge + 0.09), side * (edge + wide + 0.5)))
        _plate(out, -FAR, ys[0], FAR, ys[1], high - 0.004, paving)
        x = -NEAR
        while x < NEAR:
            length = 0.99
            nudge = rng.uniform(-0.004, 0.004)
            out.box(
                (x + 0.5, side * (edge + 0.07) + nudge, high / 2 - 0.05 + nudge / 2),
                (length, 0.15, high + 0.1),
                kerb,
                chamfer=0.02,
            )
            x += 1.0
        for x0, x1 in ((-FAR, -NEAR), (NEAR, FAR)):
            out.box(
                ((x0 + x1) / 2, side * (edge + 0.07), high / 2 - 0.05),
                (x1 - x0, 0.15, high + 0.1),
                kerb,
            )
        if rng.random() < 0.75:
            d = edge + rng.uniform(1.7, max(1.8, wide - 1.4))
            _tactile(out, side * d, high, tactile)
    _markings(out, street, surfaces, rng)
    return out


def _tactile(out: Shape, y: float, z: float, material: Any) -> None:
    ys = (y - 0.15, y + 0.15)
    _plate(out, -FAR, ys[0], FAR, ys[1], z - 0.001, material)
    for k in range(4):
        yy = ys[0] + 0.045 + 0.07 * k
        out.box((0, yy, z), (2 * NEAR, 0.032, 0.007), material)


def _markings(out: Shape, street: Street, surfaces: Surfaces, rng: Random) -> None:
    worn = rng.uniform(0.02, 0.2)
    white = road_paint(surfaces, (0.62, 0.62, 0.6), worn)
    yellow = road_paint(surfaces, (0.6, 0.4, 0.06), worn)
    edge = street.road / 2
    if street.marking == "dashed":
        x = -FAR
        while x < FAR:
            _plate(out, x, -0.06, x + 2.5, 0.06, 0.003, yellow)
            x += 6
    elif street.marking == "solid":
        for y in (-0.14, 0.14):
            _plate(out, -FAR, y - 0.055, FAR, y + 0.055, 0.003, yellow)
    if street.crossing is not None:
        y = -edge + 0.4
        while y < edge - 0.6:
            _plate(out, street.crossing, y, street.crossing + 3.2, y + 0.42, 0.003, white)
            y += 0.9
    for side in (1, -1):
        if rng.random() < 0.6 and edge > 3.6:
            ys = side * (edge - 2.15)
            _plate(out, -FAR, ys - 0.05, FAR, ys + 0.05, 0.0032, white)
            x = -40 + rng.uniform(0, 3)
            while x < 44:
                y0, y1 = sorted((side * (edge - 2.15), side * (edge - 0.1)))
                _plate(out, x, y0, x + 0.1, y1, 0.0034, white)
                x += 5.8


def build_flat(kind: str, seed: int, surfaces: Surfaces) -> Shape:
    """What lies flat on the road and is no issue: manhole, repair patch, old stain, leaves."""
    rng = Random(seed)
    out = Shape()
    if kind == "manhole":
        iron = surfaces.paint((0.09, 0.085, 0.08), 0.55, metal=0.4)
        out.lathe([(0.0, 0.006), (0.33, 0.006), (0.35, 0.003)], iron, sides=28, smooth=False)
        out.ring((0, 0, 0.002), 0.36, 0.02, surfaces.paint((0.2, 0.19, 0.18), 0.8))
        for k in range(-3, 4):
            out.box((0, k * 0.085, 0.008), (0.5 - abs(k) * 0.07, 0.03, 0.006), iron)
    elif kind == "patch":
        patch = surfaces.stuff("asphalt_patch", variant=rng.randrange(2), ground=True)
        w, d = rng.uniform(0.8, 1.3), rng.uniform(0.5, 0.9)
        _plate(out, -w, -d, w, d, 0.0025, patch)
    elif kind == "stain":
        _stain(out, rng, surfaces)
    else:
        _leaves(out, rng, surfaces)
    return out


def _stain(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    n = Nodes("stain")
    n.shader.inputs["Base Color"].default_value = (0.025, 0.024, 0.022, 1)
    n.shader.inputs["Roughness"].default_value = 0.7
    gradient = n.tree.nodes.new("ShaderNodeTexGradient")
    gradient.gradient_type = "SPHERICAL"
    mapping = n.add("ShaderNodeMapping", Scale=(1.3, 1.7, 1))
    n.join(n.add("ShaderNodeTexCoord").outputs["Object"], mapping.inputs["Vector"])
    n.join(mapping.outputs["Vector"], gradient.inputs["Vector"])
    cloud = n.math("MULTIPLY", gradient.outputs["Fac"], n.ramp(n.noise(4, 3), 0.35, 0.7))
    n.join(n.math("MULTIPLY", cloud, rng.uniform(0.4, 0.9)), n.shader.inputs["Alpha"])
    surfaces.made[("stain", rng.random())] = n.material
    _plate(out, -0.8, -0.6, 0.8, 0.6, 0.004, n.material)


def _leaves(out: Shape, rng: Random, surfaces: Surfaces) -> None:
    colours = [
        surfaces.paint(c, 0.8, grime=0)
        for c in ((0.3, 0.19, 0.05), (0.22, 0.11, 0.03), (0.2, 0.2, 0.05), (0.38, 0.28, 0.08))
    ]
    for _ in range(rng.randint(10, 40)):
        x, y = rng.gauss(0, 0.8), rng.gauss(0, 0.12)
        with out.at(
            (x, y, 0.008), rz=rng.uniform(0, 360), rx=rng.uniform(-20, 20), ry=rng.uniform(-20, 20)
        ):
            s = rng.uniform(0.025, 0.05)
            out.add(
                [(-s, 0, 0), (0, -s * 0.5, 0.006), (s, 0, 0), (0, s * 0.5, 0.006)],
                [[0, 1, 2, 3]],
                rng.choice(colours),
            )


def height_field(
    shape: Shape,
    half: tuple[float, float],
    height: Any,
    material: Any,
    *,
    step: float = 0.03,
) -> None:
    """Add the part of z = height(x, y) that stands above the ground; its edge meets z = 0."""
    nx, ny = int(2 * half[0] / step), int(2 * half[1] / step)
    xs, ys = np.linspace(-half[0], half[0], nx), np.linspace(-half[1], half[1], ny)
    x, y = np.meshgrid(xs, ys, indexing="ij")
    z: Array = np.maximum(height(x, y), -0.012)
    i, j = np.meshgrid(np.arange(nx - 1), np.arange(ny - 1), indexing="ij")
    k = (i * ny + j).ravel()
    quads = np.stack([k, k + ny, k + ny + 1, k + 1], axis=1)
    flat = z.ravel()
    quads = quads[(flat[quads] > 0).any(axis=1)]
    if not len(quads):
        return
    used, remap = np.unique(quads, return_inverse=True)
    pts = np.stack([x.ravel(), y.ravel(), flat], axis=1)[used]
    shape.add(pts, remap.reshape(quads.shape), material, smooth=True)


def ragged(x: Array, y: Array, half: tuple[float, float], seed: int, rough: float = 0.45) -> Array:
    """1 in the middle of an ellipse, 0 at its ragged edge, negative outside."""
    r = np.hypot(x / half[0], y / half[1])
    warp = fractal2(x * 1.1, y * 1.1, seed, 5) - 0.5
    return np.asarray(1 - r * (1 + rough * 0.4) - warp * rough * 1.6, dtype=np.float64)
