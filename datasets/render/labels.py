"""Turns the renderer's index picture into exact boxes, and drops what is hardly visible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from datasets.classes import CLASSES
from datasets.render.mesh import Array

MIN_VISIBLE = 0.35
"""Share of a thing's outline that must be seen."""
MIN_SIDE = 7
"""Shorter side of the smallest box kept, in pixels of a 960 px wide picture."""


@dataclass(frozen=True)
class Label:
    """A class name and its box: x1, y1, x2, y2 in pixels, x2 and y2 exclusive."""

    label: str
    box: tuple[int, int, int, int]

    def yolo(self, width: int, height: int) -> str:
        """One line of a YOLO label file: class id, then centre and size as shares."""
        x1, y1, x2, y2 = self.box
        return (
            f"{CLASSES.index(self.label)} {(x1 + x2) / 2 / width:.6f} {(y1 + y2) / 2 / height:.6f} "
            f"{(x2 - x1) / width:.6f} {(y2 - y1) / height:.6f}"
        )


def project(
    points: Array, matrix: Array, width: int, height: int
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """World points (n, 3) to pixels (n, 2) by a 4x4 view-projection; and which lie ahead."""
    h = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    w = h[:, 3]
    ahead = w > 0.05
    safe = np.where(ahead, w, 1.0)
    xy = np.stack(
        [(h[:, 0] / safe * 0.5 + 0.5) * width, (0.5 - h[:, 1] / safe * 0.5) * height], axis=1
    )
    return xy, ahead


def outline_area(triangles: Array, matrix: Array, width: int, height: int) -> int:
    """Pixels a thing would cover if nothing stood before it and the picture had no border.

    ``triangles`` (n, 3, 3) in world metres. Counted on a canvas three times as wide and high;
    triangles partly behind the camera are left out.
    """
    xy, ahead = project(triangles.reshape(-1, 3), matrix, width, height)
    xy, ok = xy.reshape(-1, 3, 2), ahead.reshape(-1, 3).all(axis=1)
    canvas = Image.new("1", (3 * width, 3 * height))
    draw = ImageDraw.Draw(canvas)
    for tri in np.clip(xy[ok] + (width, height), -4 * width, 8 * width):
        draw.polygon([(float(x), float(y)) for x, y in tri], fill=1)
    return int(np.asarray(canvas).sum())


def labels_from_index(
    index: npt.NDArray[np.int64], names: Mapping[int, str], whole: Mapping[int, int]
) -> tuple[Label, ...]:
    """Boxes of the visible pixels of every numbered thing in ``index`` (h, w).

    ``names``: number to class; ``whole``: number to `outline_area`. A thing seen by less than
    `MIN_VISIBLE` of its outline, or smaller than `MIN_SIDE`, gets no box.
    """
    w = index.shape[1]
    least = max(3.0, MIN_SIDE * w / 960)
    out = []
    for number in sorted(names):
        ys, xs = np.nonzero(index == number)
        if not len(xs):
            continue
        box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
        if min(box[2] - box[0], box[3] - box[1]) < least:
            continue
        if len(xs) < MIN_VISIBLE * max(whole.get(number, 0), 1):
            continue
        out.append(Label(names[number], box))
    return tuple(out)
