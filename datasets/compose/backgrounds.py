"""Street views that things may be pasted onto, with their ground, their light and what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot
from pathlib import Path
from statistics import median
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.classes import CLASSES
from datasets.compose.ground import GroundView, pitch_of
from datasets.manifest import Picture
from datasets.render.plan import Item, Scene, plan_scene
from datasets.render.things import KINDS
from datasets.yolo import DatasetError, Label, read_labels

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Box = tuple[float, float, float, float]

EYE: Final = 1.5
"""Metres at which a phone or a car's camera is taken to be."""
HEIGHTS: Final = {"bin": 1.05, "overflowing_bin": 1.2, "car": 1.48, "person": 1.65}
"""Metres that labelled things are taken to be high when the horizon is read from them."""
USABLE: Final = {
    "litter_riyadh": (0.455, 0.8, "sunny"),
    "cn_street_case": (0.3, 1.0, "any"),
    "cn_street_bins": (0.3, 1.0, "any"),
    "goods_cn_bins": (0.3, 1.0, "any"),
    "cn_street_news": (0.3, 1.0, "any"),
    "clean_vehicles": (0.4, 1.0, "any"),
    "stall_india": (0.42, 0.9, "any"),
}
"""Sources fit as backgrounds: usual row of the horizon as a share of the height, focal length as a
share of the width, usual light by day."""

HEAPS: Final = frozenset(
    (
        "1c39e88b316bb6c43dd85be348aacd46",
        "3659694d40ac204ddcd03c5a502708ad",
        "39491770a4c134e2ea831ce97b8cab48",
        "660811c24a315a650cf5e39c9c0de0b4",
        "6daf4bed282f11df63d7147742a3015a",
        "8f1e5e351b73cbed5a015f636cf57792",
        "c6152be032fa52b767be04d83336488f",
        "d672740fc3337e1d0668584ea6ac3ce3",
        "dc5f564af45ce4aa05cd67bf6e403f45",
        "df9cb70dbe0ae07e87bbe14e7e618f21",
    )
)
"""Pictures (stems of their files) with heaps of rubble that nobody labelled."""
SAME_CAMERA: Final = ("litter_riyadh",)
"""Sources whose usual horizon serves where nothing of known height is seen."""


@dataclass(frozen=True)
class Background:
    """One view: pixels BGR (h, w, 3), camera, what is labelled on it, its light, where ground is
    seen (h, w), and boxes (x1, y1, x2, y2; pixels) of other things that stand there."""

    name: str
    source: str
    licence: str
    pixels: Pixels
    view: GroundView
    labels: tuple[Label, ...]
    light: str
    ground: Mask
    standing: tuple[Box, ...]
    scene: Scene | None = None

    def boxes(self) -> list[Box]:
        """All boxes of things that stand in the view, in pixels."""
        h, w = self.pixels.shape[:2]
        own = [tuple(np.array(one.corners()) * (w, h, w, h)) for one in self.labels]
        return [*self.standing, *own]

    def mirrored(self) -> Background:
        """The same view seen in a mirror."""
        w = self.pixels.shape[1]
        return replace(
            self,
            pixels=np.fliplr(self.pixels).copy(),
            labels=tuple(
                Label(one.class_id, (1 - one.box[0], *one.box[1:])) for one in self.labels
            ),
            ground=np.fliplr(self.ground).copy(),
            standing=tuple((w - x2, y1, w - x1, y2) for x1, y1, x2, y2 in self.standing),
        )


def fit_for_background(picture: Picture) -> bool:
    """May things be pasted onto this picture? Only what a released model may be trained on."""
    known = picture.source in USABLE and picture.image.stem not in HEAPS
    return picture.trainable and known


def context_of(picture: Picture, folder: Path | None) -> tuple[Label, ...]:
    """People and vehicles another run found on a picture (one text file each under ``folder``)."""
    if folder is None:
        return ()
    name = f"{picture.file.replace('/', '__')}.txt"
    for path in (folder / name, *sorted(folder.glob(f"*/{name}"))):
        if path.is_file():
            return read_labels(path)
    return ()


def real_background(picture: Picture, context: Sequence[Label]) -> Background | None:
    """A real street view as a background; None where its ground or scale cannot be told.

    Raises DatasetError for a picture that may not be trained on, or that cannot be read.
    """
    if not picture.trainable:
        raise DatasetError(f"{picture.file}: not a training picture, never a background")
    image = cv2.imread(str(picture.image), cv2.IMREAD_COLOR)
    if image is None:
        raise DatasetError(f"{picture.image}: not a picture that can be read")
    pixels = np.asarray(image, dtype=np.uint8)
    issues = read_labels(picture.label)
    known = tuple(c for c in context if all(_iou(c, i) < 0.6 for i in issues))
    labels = issues + known
    if any(CLASSES[one.class_id] == "spill" for one in issues) or _stacked(pixels):
        return None
    usual, wide, light = USABLE[picture.source]
    h, w = pixels.shape[:2]
    horizon = horizon_from(labels, w, h)
    if horizon is None:
        if picture.source not in SAME_CAMERA:
            return None
        horizon = usual * h
    low, high = (0.40, 0.53) if picture.source == "litter_riyadh" else (-0.6, 0.55)
    if not low * h <= horizon <= high * h:
        return None
    view = GroundView.from_horizon(w, h, horizon=horizon, focal=wide * w, camera_height=EYE)
    ground = ground_like(pixels, view)
    bottoms = [
        one.corners()[3]
        for one in labels
        if CLASSES[one.class_id] in ("bin", "overflowing_bin", "car", "person")
    ]
    if picture.source != "litter_riyadh" and bottoms:
        ground[: max(0, round((min(bottoms) - 0.05) * h))] = False
    if ground.mean() < 0.12:
        return None
    brightness = float(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).mean())
    light = "dusk" if brightness < 62 else light
    return Background(
        picture.file, picture.source, picture.licence, pixels, view, labels, light, ground, ()
    )


def horizon_from(labels: Sequence[Label], width: int, height: int) -> float | None:
    """Row of the horizon told by things of known height that stand on the ground and are whole.

    By similar triangles: a thing of H metres whose foot is seen at row b and whose image is p
    pixels high puts the horizon of a camera at E metres at b - p * E / H.
    """
    found = []
    for one in labels:
        name = CLASSES[one.class_id]
        x1, y1, x2, y2 = one.corners()
        if name not in HEIGHTS or y2 > 0.985 or y1 < 0.01 or x1 < 0.005 or x2 > 0.995:
            continue
        shape = (one.box[3] * height) / max(one.box[2] * width, 1.0)
        if name in ("bin", "overflowing_bin") and not 1.15 < shape < 2.6:
            continue
        if name == "person" and shape < 2.0:
            continue
        if one.box[3] < 0.05:
            continue
        found.append((y2 - one.box[3] * EYE / HEIGHTS[name]) * height)
    if not found:
        return None
    middle = median(found)
    if len(found) > 1 and max(abs(f - middle) for f in found) > 0.25 * height:
        return None
    return float(middle)


def ground_like(pixels: Pixels, view: GroundView) -> Mask:
    """Where the picture looks like the ground that its lower middle shows; (h, w).

    Grown from the lower middle over smooth changes of colour, below the horizon only.
    """
    h, w = pixels.shape[:2]
    lab = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), w / 160), cv2.COLOR_BGR2LAB)
    grown = np.zeros((h + 2, w + 2), dtype=np.uint8)
    top = max(0, round(view.horizon + 0.03 * h))
    grown[1 : top + 1] = 1
    flags = 4 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY
    for x in (0.3, 0.5, 0.7):
        seed = (round(x * w), round(0.93 * h))
        if grown[seed[1] + 1, seed[0] + 1] == 0:
            cv2.floodFill(lab.copy(), grown, seed, (0, 0, 0), (4, 3, 3), (4, 3, 3), flags)
    found = (grown[1:-1, 1:-1] == 255).astype(np.uint8)
    colour = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), w / 160), cv2.COLOR_BGR2HSV)
    leafy = (colour[..., 0] > 32) & (colour[..., 0] < 90) & (colour[..., 1] > 70)
    near = lab[round(0.8 * h) :][found[round(0.8 * h) :] > 0]
    if not len(near):
        return np.zeros((h, w), dtype=bool)
    away = np.abs(lab.astype(np.float32) - np.median(near, axis=0))
    alike = (away[..., 0] < 55) & (away[..., 1:].max(axis=2) < 13)
    found[leafy | ~alike] = 0
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    whole = cv2.morphologyEx(found, cv2.MORPH_CLOSE, kernel) > 0
    # what is reached only over something that is not ground may be a wall or a hedge
    below = np.logical_and.accumulate(whole[: round(0.97 * h)][::-1], axis=0)[::-1]
    out = np.zeros((h, w), dtype=bool)
    out[: len(below)] = below
    out[len(below) :] = whole[len(below) :]
    return out


def _stacked(pixels: Pixels) -> bool:
    """Are these two pictures in one frame (a straight seam across the middle, either way)?"""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
    for one in (grey, grey.T):
        n = one.shape[0]
        jump = np.median(np.abs(np.diff(one, axis=0)), axis=1)
        middle = jump[int(0.35 * n) : int(0.65 * n)]
        if middle.max() > 10 and middle.max() > 4 * np.median(jump) + 1:
            return True
        rows = one[int(0.4 * n) : int(0.6 * n)]
        if ((rows.std(axis=1) < 4) & (rows.mean(axis=1) > 235)).any():
            return True
    return False


def rendered_background(image: Path, seed: int, light: str) -> Background:
    """A picture of this renderer's empty street as a background; its camera is known exactly."""
    loaded = cv2.imread(str(image), cv2.IMREAD_COLOR)
    if loaded is None:
        raise DatasetError(f"{image}: not a picture that can be read")
    pixels = np.asarray(loaded, dtype=np.uint8)
    scene = plan_scene(seed, light=light, camera="pole", things=())
    view = view_of(scene, pixels.shape[1], pixels.shape[0])
    labels = read_labels(image.parent.parent / "labels" / f"{image.stem}.txt")
    standing = []
    for item in scene.items:
        if KINDS[item.kind].zone in ("flat", "gutter"):
            continue
        box = box_of(scene, view, item)
        if box is not None:
            standing.append(box)
    ground = np.zeros(pixels.shape[:2], dtype=bool)
    ground[max(0, round(view.horizon)) :] = True
    return Background(
        image.name,
        "rendered_empty",
        "own",
        pixels,
        view,
        labels,
        light,
        ground,
        tuple(standing),
        scene,
    )


def view_of(scene: Scene, width: int, height: int) -> GroundView:
    """The ground view of a planned scene's camera, for a picture of this size."""
    c = scene.camera
    focal = width / 2 / np.tan(np.radians(c.fov / 2))
    return GroundView(width, height, float(focal), pitch_of((c.x, c.y, c.z), c.target), c.z)


def to_view(scene: Scene, x: float, y: float) -> tuple[float, float]:
    """A place of the scene (x along the road, y across) as its camera's X (right), Z (ahead)."""
    c = scene.camera
    ax, ay = c.target[0] - c.x, c.target[1] - c.y
    length = hypot(ax, ay)
    ax, ay = ax / length, ay / length
    dx, dy = x - c.x, y - c.y
    return dx * ay - dy * ax, dx * ax + dy * ay


def box_of(scene: Scene, view: GroundView, item: Item) -> Box | None:
    """Pixels (x1, y1, x2, y2) that a thing of the scene covers at most; None if out of sight."""
    kind = KINDS[item.kind]
    half, high, x, y, z = kind.half, kind.height, item.x, item.y, item.z
    a = np.radians(item.rz)
    corners = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            px = x + np.cos(a) * sx * half[0] - np.sin(a) * sy * half[1]
            py = y + np.sin(a) * sx * half[0] + np.cos(a) * sy * half[1]
            right, ahead = to_view(scene, float(px), float(py))
            if ahead < 0.8:
                return None
            corners += [(right, ahead, z), (right, ahead, z + high)]
    seen = view.project(np.array(corners, dtype=np.float64))
    (x1, y1), (x2, y2) = seen.min(axis=0), seen.max(axis=0)
    if x2 < 0 or y2 < 0 or x1 > view.width or y1 > view.height:
        return None
    return float(x1), float(y1), float(x2), float(y2)


def _iou(a: Label, b: Label) -> float:
    ax1, ay1, ax2, ay2 = a.corners()
    bx1, by1, bx2, by2 = b.corners()
    both = max(0.0, min(ax2, bx2) - max(ax1, bx1)) * max(0.0, min(ay2, by2) - max(ay1, by1))
    return both / max(a.box[2] * a.box[3] + b.box[2] * b.box[3] - both, 1e-9)
