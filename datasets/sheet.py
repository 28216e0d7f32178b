"""Label sheets: many labelled pictures on one page, because labels must be looked at."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.classes import CLASSES
from datasets.manifest import Picture
from datasets.yolo import DatasetError, Label, read_labels

COLOURS: Final = (
    (36, 36, 230),
    (230, 120, 30),
    (30, 210, 230),
    (60, 190, 60),
    (210, 60, 200),
    (210, 200, 60),
    (150, 150, 250),
    (250, 180, 180),
    (190, 190, 190),
    (120, 170, 200),
)
"""BGR, one for each class."""


def sheet(
    pictures: Sequence[Picture],
    *,
    count: int = 30,
    columns: int = 6,
    tile: int = 320,
    seed: int = 1,
) -> NDArray[np.uint8]:
    """A page of up to ``count`` labelled pictures drawn by ``seed``: uint8 HxWx3 BGR.

    Each is fitted into ``tile`` x ``tile`` pixels with its boxes, class names and file name.

    Raises:
        DatasetError: there is no picture, or one cannot be read.
    """
    if not pictures:
        raise DatasetError("no picture fits the choice, nothing to draw")
    if count < 1 or columns < 1 or tile < 32:
        raise DatasetError("count and columns must be at least 1, tile at least 32 pixels")
    chosen = list(pictures)
    random.Random(seed).shuffle(chosen)  # noqa: S311 - repeatable, not secret
    tiles = [_tile(picture, tile) for picture in chosen[:count]]
    rows = -(-len(tiles) // columns)
    page = np.full((rows * tile, min(columns, len(tiles)) * tile, 3), 24, dtype=np.uint8)
    for index, one in enumerate(tiles):
        y, x = index // columns * tile, index % columns * tile
        page[y : y + tile, x : x + tile] = one
    return page


def draw_labels(image: NDArray[np.uint8], labels: Sequence[Label]) -> NDArray[np.uint8]:
    """A copy of HxWx3 BGR uint8 with boxes and class names."""
    drawn = image.copy()
    height, width = drawn.shape[:2]
    for label in labels:
        x1, y1, x2, y2 = label.corners()
        corner = (round(x1 * width), round(y1 * height))
        colour = COLOURS[label.class_id]
        cv2.rectangle(drawn, corner, (round(x2 * width), round(y2 * height)), colour, 2)
        place = (corner[0] + 2, max(corner[1] - 4, 10))
        _write(drawn, CLASSES[label.class_id], place, colour)
    return drawn


def _tile(picture: Picture, size: int) -> NDArray[np.uint8]:
    loaded = cv2.imread(str(picture.image), cv2.IMREAD_COLOR)
    if loaded is None:
        raise DatasetError(f"{picture.image}: not a picture that can be read")
    height, width = loaded.shape[:2]
    scale = (size - 4) / max(height, width)
    fitted = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(loaded, fitted, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    drawn = draw_labels(small, read_labels(picture.label))
    _write(drawn, picture.file, (4, drawn.shape[0] - 6), (255, 255, 255))
    page = np.full((size, size, 3), 24, dtype=np.uint8)
    page[: drawn.shape[0], : drawn.shape[1]] = drawn
    return page


def _write(
    image: NDArray[np.uint8], text: str, place: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    for ink, width in (((0, 0, 0), 3), (colour, 1)):
        cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.38, ink, width, cv2.LINE_AA)
