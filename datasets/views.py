"""Other views of a labelled picture (crop, stretch), with boxes that still fit."""

from __future__ import annotations

import random
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.yolo import Label

Image = NDArray[np.uint8]


def resized(image: Image, longest: int) -> Image:
    """Shrink HxWx3 uint8 so that its longest side is at most ``longest`` pixels; never enlarge."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def stretched(image: Image, factor: float) -> Image:
    """Multiply the width of HxWx3 uint8 by ``factor``; labels in fractions stay valid."""
    height, width = image.shape[:2]
    size = (max(1, round(width * factor)), height)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def crop_window(
    labels: Sequence[Label], rng: random.Random, *, smallest: float, largest: float
) -> tuple[float, float, float, float]:
    """A window (x1, y1, x2, y2) in fractions of the picture that holds one label's centre.

    Both sides are the same fraction, drawn between ``smallest`` and ``largest``, and at least 1.25
    times the chosen box, so that the box is seen whole. Without labels the place is drawn freely.
    """
    side = rng.uniform(smallest, largest)
    centre = (rng.random(), rng.random())
    if labels:
        x, y, w, h = rng.choice(list(labels)).box
        side = min(1.0, max(side, 1.25 * max(w, h)))
        reach_x, reach_y = (side - w) / 2, (side - h) / 2
        centre = (x + rng.uniform(-reach_x, reach_x), y + rng.uniform(-reach_y, reach_y))
    x1 = min(max(centre[0] - side / 2, 0.0), 1.0 - side)
    y1 = min(max(centre[1] - side / 2, 0.0), 1.0 - side)
    return x1, y1, x1 + side, y1 + side


def crop_labels(
    labels: Sequence[Label], window: tuple[float, float, float, float], *, visible: float = 0.4
) -> tuple[Label, ...]:
    """Labels as seen in ``window``, clipped; below ``visible`` of its area a label is left out."""
    wx1, wy1, wx2, wy2 = window
    width, height = wx2 - wx1, wy2 - wy1
    kept = []
    for label in labels:
        x1, y1, x2, y2 = label.corners()
        cx1, cy1, cx2, cy2 = max(x1, wx1), max(y1, wy1), min(x2, wx2), min(y2, wy2)
        if cx2 <= cx1 or cy2 <= cy1:
            continue
        if (cx2 - cx1) * (cy2 - cy1) < visible * label.box[2] * label.box[3]:
            continue
        inside = (
            (cx1 - wx1) / width,
            (cy1 - wy1) / height,
            (cx2 - wx1) / width,
            (cy2 - wy1) / height,
        )
        kept.append(Label.from_corners(label.class_id, inside))
    return tuple(kept)


def crop_image(image: Image, window: tuple[float, float, float, float]) -> Image:
    """The part of HxWx3 uint8 inside ``window`` (fractions), rounded to whole pixels."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = window
    top, bottom = round(y1 * height), round(y2 * height)
    left, right = round(x1 * width), round(x2 * width)
    return image[top : max(bottom, top + 1), left : max(right, left + 1)]
