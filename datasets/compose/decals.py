"""Flat spills drawn in metres on the ground and seen through the background's camera."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.compose.ground import GroundView

Floats = NDArray[np.float32]

KINDS: Final = ("dark_liquid", "pale_liquid", "soil", "sand", "gravel", "tracks")
PER_METRE: Final = 90
TEXTURES: Final = {
    "soil": ("brown_mud_dry", "brown_mud_rocks_01", "Ground_Dirt_007"),
    "sand": ("gravelly_sand", "hterrain_sand", "Sand_002"),
    "gravel": ("dry_riverbed_rock", "rocky_terrain", "Pebbles_025"),
    "tracks": ("brown_mud_dry", "Ground_Dirt_007"),
}
TINTS: Final = {
    "soil": (52, 74, 98),
    "sand": (110, 146, 172),
    "gravel": (118, 122, 126),
    "tracks": (70, 92, 112),
}
"""BGR of the stuff under light that shows mid-grey asphalt as about 110."""


@dataclass(frozen=True)
class Decal:
    """What lies on the ground, from above: BGR (n, m, 3), cover (n, m) in 0..1, pixels per metre.

    ``wet`` in 0..1: how far it darkens and mirrors instead of covering.
    """

    kind: str
    colour: Floats
    cover: Floats
    per_metre: float
    wet: float


def noise(
    shape: tuple[int, int], cell: float, rng: np.random.Generator, octaves: int = 4
) -> Floats:
    """Smooth noise (h, w) in about 0..1 whose largest lumps are ``cell`` pixels wide."""
    out = np.zeros(shape, dtype=np.float32)
    total = 0.0
    for k in range(octaves):
        size = max(cell / 2**k, 1.0)
        grid = (max(2, round(shape[1] / size) + 2), max(2, round(shape[0] / size) + 2))
        field = rng.random((grid[1], grid[0])).astype(np.float32)
        out += cv2.resize(field, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) / 2**k
        total += 1 / 2**k
    return np.asarray(out / total, dtype=np.float32)


def draw_decal(
    kind: str, size: tuple[float, float], rng: np.random.Generator, textures: Path | None
) -> Decal:
    """A spill of this kind, ``size`` metres wide and long.

    Raises ValueError for an unknown kind.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: {kind!r} is none of {', '.join(KINDS)}")
    h, w = round(size[1] * PER_METRE), round(size[0] * PER_METRE)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    u, v = x / w * 2 - 1, y / h * 2 - 1
    rough = noise((h, w), 0.9 * PER_METRE, rng, 5) - 0.5
    fine = noise((h, w), 0.16 * PER_METRE, rng, 4) - 0.5
    if kind == "tracks":
        body = np.full((h, w), -1.0, dtype=np.float32)
        for side in (-0.55, 0.55):
            bend = 0.12 * np.sin(v * 2.2 + rng.uniform(0, 6))
            lane = 1 - np.abs(u - side - bend) / 0.3
            body = np.maximum(body, lane * (1.25 - 0.75 * (v * 0.5 + 0.5)) - 0.45)
        tread = 0.18 * np.sin(y / PER_METRE * 2 * np.pi / 0.16 + 3 * u)
        inside = body + rough * 1.5 + fine * 0.6 + tread
        cover = np.clip(inside * 3.2, 0, 1) * 0.9
    else:
        r = np.hypot(u, v)
        inside = 0.62 - r - rough * 1.5
        if kind.endswith("liquid"):
            inside = np.maximum(inside, (noise((h, w), 0.3 * PER_METRE, rng) - 0.76) * 3 - r * 0.2)
            cover = np.clip(inside * 30, 0, 1)
        else:
            grains = rng.random((h, w)).astype(np.float32)
            thin = np.clip(inside * 2.2 + 0.55, 0, 1) ** 2
            cover = np.clip(inside * 5 + fine * 2.0, 0, 1)
            cover = np.maximum(cover, (grains < thin * 0.55) * 0.85 * (inside > -0.35))
            cover = cv2.GaussianBlur(cover, (0, 0), 0.8)
    edge = np.minimum(np.minimum(x, w - 1 - x), np.minimum(y, h - 1 - y)) / (0.08 * min(h, w))
    cover = cover * np.clip(edge, 0, 1)
    if kind.endswith("liquid"):
        base = (
            np.array(((18, 17, 16), (20, 26, 32), (30, 32, 34))[rng.integers(3)])
            if kind == "dark_liquid"
            else np.array(
                ((205, 212, 214), (150, 178, 192), (92, 120, 152), (70, 90, 190))[rng.integers(4)]
            )
        )
        colour = np.ones((h, w, 3), dtype=np.float32) * base.astype(np.float32)
        wet = 0.75 if kind == "dark_liquid" else 0.15
    else:
        colour = _stuff(kind, (h, w), rng, textures)
        wet = 0.0
    shaded = 1 + 0.5 * (noise((h, w), 0.5 * PER_METRE, rng, 4) - 0.5)
    if not kind.endswith("liquid"):
        lump = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 2.0)
        shaded = shaded + np.clip((np.roll(lump, 3, 1) - lump) * 3, -0.25, 0.25)
        colour = colour * shaded[..., None]
    return Decal(kind, colour.astype(np.float32), cover.astype(np.float32), PER_METRE, wet)


def _stuff(
    kind: str, shape: tuple[int, int], rng: np.random.Generator, textures: Path | None
) -> Floats:
    tint = np.array(TINTS[kind], dtype=np.float32) * rng.uniform(0.85, 1.2)
    if textures is not None:
        name = TEXTURES[kind][rng.integers(len(TEXTURES[kind]))]
        picture = cv2.imread(str(textures / "textures" / name / "albedo.jpg"), cv2.IMREAD_COLOR)
        if picture is not None:
            metres = 1.6
            side = round(metres * PER_METRE)
            tile = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
            reps = (-(-shape[0] // side), -(-shape[1] // side), 1)
            tiled = np.tile(tile, reps)[: shape[0], : shape[1]].astype(np.float32)
            mean = tiled.reshape(-1, 3).mean(axis=0)
            return np.asarray(tiled / mean * (0.6 * tint + 0.4 * mean), dtype=np.float32)
    grain = noise(shape, 0.05 * PER_METRE, rng, 3)[..., None]
    return np.asarray(tint * (0.55 + 0.9 * grain), dtype=np.float32)


def _corners(
    size: tuple[float, float], at: tuple[float, float], turn: float
) -> NDArray[np.float64]:
    """Ground points of the corners of a patch: far left, far right, near right, near left."""
    w, h = size
    metres = np.array([(-w, h), (w, h), (w, -h), (-w, -h)], dtype=np.float64) / 2
    a = np.radians(turn)
    spun = metres @ np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    return np.asarray(spun + np.array(at), dtype=np.float64)


def seen_box(
    view: GroundView, at: tuple[float, float], size: tuple[float, float], turn: float
) -> tuple[float, float, float, float]:
    """Pixels x1, y1, x2, y2 that a patch of the ground of this size (metres) is seen in."""
    points = _corners(size, at, turn)
    points[:, 1] = np.maximum(points[:, 1], 0.5)
    seen = view.project(points)
    (x1, y1), (x2, y2) = seen.min(axis=0), seen.max(axis=0)
    return float(x1), float(y1), float(x2), float(y2)


def lay(
    canvas: Floats, view: GroundView, decal: Decal, at: tuple[float, float], turn: float
) -> Floats:
    """Lay a decal with its middle at X, Z metres, turned by ``turn`` degrees, onto ``canvas``.

    Changes the canvas in place; gives the cover (h, w) in 0..1 as seen.
    """
    h, w = decal.cover.shape
    size_m = (w / decal.per_metre, h / decal.per_metre)
    seen = view.project(_corners(size_m, at, turn))
    corners = np.array([(0, 0), (w, 0), (w, h), (0, h)], dtype=np.float32)
    lens = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    size = (view.width, view.height)
    cover = cv2.warpPerspective(decal.cover, lens, size, flags=cv2.INTER_AREA)
    soft = decal.colour * np.maximum(decal.cover, 0.02)[..., None]
    colour = cv2.warpPerspective(soft, lens, size, flags=cv2.INTER_LINEAR)
    weight = cv2.warpPerspective(np.maximum(decal.cover, 0.02), lens, size)
    colour = colour / np.maximum(weight, 1e-3)[..., None]
    cover = cv2.GaussianBlur(cover, (0, 0), 0.6)
    inside = cover > 0.2
    here = float(np.median(canvas[inside].mean(axis=1))) if inside.any() else 110.0
    gain = np.clip((here / 110.0) ** 0.8, 0.35, 1.5)
    local = cv2.GaussianBlur(canvas.mean(axis=2), (0, 0), view.width / 40)
    light = np.clip(
        local / max(float(local[inside].mean()) if inside.any() else 110.0, 1.0), 0.5, 1.6
    )
    laid = colour * gain * light[..., None]
    if decal.wet > 0:
        darker = canvas * 0.42
        sky = cv2.GaussianBlur(np.flipud(canvas).copy(), (0, 0), view.width / 60)
        angle = np.radians([max(view.depression(float(r)), 1.0) for r in range(view.height)])
        mirror = (0.03 + 0.6 * (1 - np.sin(angle)) ** 5).astype(np.float32)[:, None, None]
        film = darker * (1 - mirror) + sky * mirror
        laid = film * decal.wet + laid * (1 - decal.wet)
    canvas[:] = canvas * (1 - cover[..., None]) + laid * cover[..., None]
    return np.asarray(cover, dtype=np.float32)
