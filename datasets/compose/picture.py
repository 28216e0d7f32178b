"""Composes one picture: what stands where on a background, drawn far things first, with labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.classes import CLASSES
from datasets.compose.backgrounds import Background, to_view
from datasets.compose.cutouts import Cutout, Sprite, cut, extent
from datasets.compose.decals import draw_decal, lay, seen_box
from datasets.compose.paste import match_of, paste
from datasets.render.plan import Scene
from datasets.yolo import Label

Box = tuple[float, float, float, float]

WISHES: Final = {"stall": 0.3, "stacked_goods": 0.32, "spill": 0.27, "litter": 0.07, "other": 0.04}
"""How often a thing of each sort is tried; `other` are bins, plants, two-wheelers and the like."""
ON_ROAD: Final = ("spill",)
DEPRESSION_APART: Final = 8.0
"""Degrees by which the view of a sprite may differ from that of its place."""
LARGEST: Final = 0.6
"""Share of the picture's width that one sprite may take."""
SMALLEST: Final = 13
"""Pixels of the shorter side of the smallest label."""


@dataclass(frozen=True)
class Placed:
    """A sprite at its final size, the pixel its foot stands on, and the pixels it covers."""

    sprite: Sprite
    foot: tuple[float, float]
    cutout: Cutout
    box: Box


@dataclass
class _Layout:
    """What a picture holds so far: sprites placed, boxes taken, and from where the sun shines."""

    background: Background
    sun: float
    taken: list[Box] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)


@dataclass(frozen=True)
class Composed:
    """A finished picture BGR (h, w, 3), its labels, and the names of what was put in."""

    pixels: NDArray[np.uint8]
    labels: tuple[Label, ...]
    things: tuple[str, ...]


def compose(
    background: Background,
    sprites: Sequence[Sprite],
    rng: np.random.Generator,
    textures: Path | None,
) -> Composed | None:
    """Put one to four things onto a background; None where nothing found a place."""
    match = match_of(background.pixels)
    canvas = background.pixels.astype(np.float32)
    h, w = canvas.shape[:2]
    owners = np.zeros((h, w), dtype=np.int32)
    labels: list[Label] = []
    things: list[str] = []
    layout = _Layout(background, float(rng.uniform(-180, 180)))
    wishes = rng.choice(list(WISHES), size=int(rng.integers(2, 5)), p=list(WISHES.values()))
    for wish in wishes:
        if wish == "spill" and rng.random() < 0.4:
            found = _decal(layout, canvas, rng, textures)
            if found is not None:
                labels.append(found[0])
                things.append(found[1])
            continue
        _place(layout, sprites, str(wish), rng)
    placed = sorted(layout.placed, key=lambda p: p.foot[1])
    for number, one in enumerate(placed, 1):
        paste(
            canvas,
            owners,
            one.cutout,
            one.foot,
            match,
            first=number * 1000,
            lit_ground=one.sprite.ground,
            shade=0.4 if one.sprite.light == "sunny" and background.light != "sunny" else 0.85,
            rng=rng,
        )
        things.append(one.sprite.name)
    if not things:
        return None
    for number, one in enumerate(placed, 1):
        labels += labels_of(one, owners, number * 1000)
    kept = [old for old in background.labels if not hidden(old, owners)]
    pixels = np.asarray(np.rint(canvas.clip(0, 255)), dtype=np.uint8)
    return Composed(pixels, (*kept, *labels), tuple(things))


def labels_of(one: Placed, owners: NDArray[np.int32], first: int) -> list[Label]:
    """Labels of the visible pixels of a placed sprite's parts; goods that touch are one box."""
    h, w = owners.shape
    boxes: dict[str, list[Box]] = {}
    for number, name in enumerate(one.sprite.labels, 1):
        if name is None:
            continue
        ys, xs = np.nonzero(owners == first + number)
        whole = int(((one.cutout.parts == number) & (one.cutout.alpha > 0.45)).sum())
        if len(xs) < max(20, 0.3 * whole):
            continue
        box = (float(xs.min()), float(ys.min()), float(xs.max()) + 1, float(ys.max()) + 1)
        boxes.setdefault(name, []).append(box)
    out = []
    for name, found in boxes.items():
        merged = joined(found) if name == "stacked_goods" else found
        for x1, y1, x2, y2 in merged:
            if min(x2 - x1, y2 - y1) >= (SMALLEST if name != "litter" else 7):
                corners = (x1 / w, y1 / h, x2 / w, y2 / h)
                out.append(Label.from_corners(CLASSES.index(name), corners))
    return out


def joined(boxes: Sequence[Box]) -> list[Box]:
    """Boxes that touch or nearly touch sideways become one, as people label a row of goods."""
    out: list[Box] = []
    for box in sorted(boxes):
        if out:
            last = out[-1]
            reach = 0.15 * max(box[2] - box[0], last[2] - last[0])
            if box[0] <= last[2] + reach:
                out[-1] = (
                    min(last[0], box[0]),
                    min(last[1], box[1]),
                    max(last[2], box[2]),
                    max(last[3], box[3]),
                )
                continue
        out.append(box)
    return out


def hidden(label: Label, owners: NDArray[np.int32], most: float = 0.6) -> bool:
    """Is an old label covered by what was put in, by more than this share?"""
    h, w = owners.shape
    x1, y1, x2, y2 = label.corners()
    window = owners[int(y1 * h) : int(np.ceil(y2 * h)), int(x1 * w) : int(np.ceil(x2 * w))]
    return bool(window.size and (window > 0).mean() > most)


def _wanted(sprite: Sprite, wish: str) -> bool:
    if wish == "other":
        return sprite.label not in WISHES
    return sprite.label == wish


def _light_fits(sprite: Sprite, light: str, sun: float) -> bool:
    if light == "sunny":
        apart = min(
            abs((sprite.sun - sun + 180) % 360 - 180), abs((-sprite.sun - sun + 180) % 360 - 180)
        )
        return sprite.light == "sunny" and apart < 60
    if light == "dusk":
        return sprite.light in ("dusk", "overcast")
    if light == "any":
        return sprite.light in ("overcast", "sunny")
    return sprite.light in ("overcast", "wet")


def _place(layout: _Layout, sprites: Sequence[Sprite], wish: str, rng: np.random.Generator) -> None:
    """Find a sprite and a place for a wish, if there is one."""
    background, sun = layout.background, layout.sun
    fits = [s for s in sprites if _wanted(s, wish) and _light_fits(s, background.light, sun)]
    if not fits:
        return
    h, w = background.pixels.shape[:2]
    view = background.view
    for _ in range(60):
        spot = _spot(background, wish, rng)
        if spot is None or not (0.02 * w < spot[0] < 0.98 * w and spot[1] < 0.97 * h):
            continue
        angle, scale = view.depression(spot[1]), view.pixels_per_metre(spot[1])
        if scale < 7:
            continue
        close = [s for s in fits if abs(s.depression - angle) < DEPRESSION_APART]
        if not close:
            continue
        sprite = close[int(rng.integers(len(close)))]
        factor = scale / sprite.pixels_per_metre * rng.uniform(0.94, 1.06)
        if factor > 1.5:
            continue
        mirrored = bool(rng.random() < 0.5)
        if background.light == "sunny":
            straight = abs((sprite.sun - sun + 180) % 360 - 180)
            mirrored = abs((-sprite.sun - sun + 180) % 360 - 180) < straight
        widen = 1.0
        if background.source.startswith("cn_"):
            widen = float(rng.uniform(0.78, 1.12))
        left, top, right, low = (v * factor for v in extent(sprite))
        left, right = (-right, -left) if mirrored else (left, right)
        box = (spot[0] + left * widen, spot[1] + top, spot[0] + right * widen, spot[1] + low)
        if _free(box, spot, layout):
            layout.taken.append(box)
            cutout = cut(sprite, factor, mirrored=mirrored, widen=widen)
            layout.placed.append(Placed(sprite, spot, cutout, box))
            return


def _spot(
    background: Background, wish: str, rng: np.random.Generator
) -> tuple[float, float] | None:
    """A pixel of the ground where such a thing may stand."""
    h, w = background.pixels.shape[:2]
    view = background.view
    if background.scene is not None:
        right, ahead = to_view(background.scene, *street_place(background.scene, wish, rng))
        if ahead < 1.0:
            return None
        column, row = view.project(np.array([[right, ahead]], dtype=np.float64))[0]
        return float(column), float(row)
    bins = [b for b in background.labels if CLASSES[b.class_id] in ("bin", "overflowing_bin")]
    if bins and wish in ("stacked_goods", "litter") and rng.random() < 0.7:
        x1, _, x2, y2 = bins[int(rng.integers(len(bins)))].corners()
        side = rng.choice((-1, 1))
        edge = x2 if side > 0 else x1
        column = (edge + side * rng.uniform(0.05, 0.3)) * w
        row = (y2 + rng.uniform(-0.03, 0.05)) * h
        return float(column), float(row)
    if wish != "spill" and not (wish == "litter" and rng.random() < 0.5):
        return _edge_spot(background, rng)
    top, low = view.horizon + 0.05 * h, 0.93 * h
    # more places far away than near, as the ground itself has
    row = top + (low - top) * float(rng.beta(1.1, 2.2))
    return float(rng.uniform(0.05, 0.95) * w), max(row, 2.0)


def _edge_spot(background: Background, rng: np.random.Generator) -> tuple[float, float] | None:
    """A pixel of the ground within a metre or so of where the ground ends: kerb, wall, hedge."""
    h, w = background.pixels.shape[:2]
    columns = np.arange(round(0.03 * w), round(0.97 * w))
    tops = np.where(background.ground.any(axis=0), background.ground.argmax(axis=0), h)[columns]
    column = int(columns[int(rng.integers(len(columns)))])
    top = float(tops[column - columns[0]])
    if top >= 0.93 * h:
        return None
    scale = background.view.pixels_per_metre(top)
    tall = max(scale, 1.0) * np.sin(np.radians(max(background.view.depression(top), 3.0)))
    return float(column), top + tall * float(rng.uniform(0.3, 1.3))


def street_place(scene: Scene, wish: str, rng: np.random.Generator) -> tuple[float, float]:
    """A place (x along, y across; metres) on a planned street where such a thing may stand."""
    s, c = scene.street, scene.camera
    edge = s.road / 2
    side = 1 if c.target[1] > c.y else -1
    if rng.random() < 0.15:
        side = -side
    x = c.target[0] + float(rng.normal(0, 7))
    if wish == "spill":
        return x, float(rng.uniform(-edge + 0.8, edge - 0.8))
    if wish == "stall" and rng.random() < 0.4:
        return x, side * (edge - float(rng.uniform(0.8, 1.4)))
    return x, side * (edge + float(rng.uniform(0.8, s.pavement - 0.7)))


def _free(box: Box, spot: tuple[float, float], layout: _Layout) -> bool:
    """Does it stand wholly on ground, not through anything, and hide little of what is labelled?"""
    background = layout.background
    h, w = background.pixels.shape[:2]
    x1, y1, x2, y2 = box
    if x1 < -0.15 * (x2 - x1) or x2 > w + 0.15 * (x2 - x1) or y1 < 0 or y2 > h + 2:
        return False
    if not max(x2 - x1, y2 - y1) >= SMALLEST or x2 - x1 > LARGEST * w:
        return False
    wide = x2 - x1
    foot = background.ground[
        max(0, round(y2 - max(4, 0.12 * wide))) : round(y2) + 2,
        max(0, round(x1)) : max(1, round(x2)),
    ]
    if foot.size == 0 or foot.mean() < 0.72:
        return False
    for b in background.boxes():
        share = _overlap((x1, y1, x2, y2), b)
        if b[3] > spot[1] - 0.01 * h and share > 0.0:
            return False
        if share > 0.5:
            return False
    for other in layout.placed:
        near = abs(other.foot[1] - spot[1]) < 0.04 * h
        if _overlap(box, other.box) > (0.03 if near else 0.4):
            return False
    flat = [b for b in layout.taken if all(b != other.box for other in layout.placed)]
    return not any(_overlap(box, b) > 0.25 for b in flat)


def _overlap(a: Box, b: Box) -> float:
    """Share of ``b`` that ``a`` covers."""
    both = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    return both / max((b[2] - b[0]) * (b[3] - b[1]), 1e-6)


DECALS: Final = ("soil", "sand", "gravel", "tracks", "dark_liquid", "pale_liquid")


def _decal(
    layout: _Layout, canvas: NDArray[np.float32], rng: np.random.Generator, textures: Path | None
) -> tuple[Label, str] | None:
    background, taken = layout.background, layout.taken
    h, w = canvas.shape[:2]
    view = background.view
    for _ in range(25):
        spot = _spot(background, "spill", rng)
        if spot is None or spot[1] <= view.horizon + 0.04 * h:
            continue
        kind = str(rng.choice(DECALS, p=(0.24, 0.2, 0.16, 0.16, 0.12, 0.12)))
        size = (float(rng.uniform(1.2, 3.6)), float(rng.uniform(1.5, 4.5)))
        turn = float(rng.uniform(-180, 180))
        if kind == "tracks":
            size, turn = (2.6, float(rng.uniform(5, 11))), float(rng.uniform(-8, 8))
            if background.scene is not None:
                c = background.scene.camera
                turn = float(np.degrees(np.arctan2(c.target[1] - c.y, c.target[0] - c.x)))
        at = view.on_ground(*spot)
        around = seen_box(view, at, size, turn)
        if around[2] - around[0] < 30 or around[2] - around[0] > 1.1 * w:
            continue
        middle = background.ground[
            max(0, round(around[1])) : max(1, round(around[3])),
            max(0, round(around[0])) : max(1, round(around[2])),
        ]
        if middle.size == 0 or middle.mean() < 0.75 or around[3] > 1.02 * h:
            continue
        if any(_overlap(around, b) > 0.02 for b in [*background.boxes(), *taken]):
            continue
        trial = np.zeros_like(canvas)
        decal = draw_decal(kind, size, rng, textures)
        try_view = lay(trial, view, decal, at, turn)
        seen = try_view > 0.25
        if seen.sum() < 250:
            continue
        ys, xs = np.nonzero(seen)
        box = (float(xs.min()), float(ys.min()), float(xs.max()) + 1, float(ys.max()) + 1)
        wide, high = box[2] - box[0], box[3] - box[1]
        if wide > 0.75 * w or wide < 26 or high < 11 or wide > 7 * high or ys.max() >= h - 1:
            continue
        if background.ground[seen].mean() < 0.93:
            continue
        if any(_overlap(box, b) > 0 or _overlap(b, box) > 0 for b in [*background.boxes(), *taken]):
            continue
        lay(canvas, view, decal, at, turn)
        taken.append(box)
        corners = (box[0] / w, box[1] / h, box[2] / w, box[3] / h)
        return Label.from_corners(CLASSES.index("spill"), corners), f"decal:{kind}"
    return None


def shrunk(pixels: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """The picture with its longest side at most ``longest`` pixels."""
    scale = longest / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
