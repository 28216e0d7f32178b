"""A view reduced to what gate, sentry and background need: small, grey, its light removed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.types import Image

Grey = NDArray[np.float32]
"""float32 HxW, grey levels 0..255."""

WIDTH = 256  # pixels of a sketch; a 1080p pixel is 2/15 of one
TILE = 8  # pixels of a sketch; a tile is 1/32 of the view's width
_ENOUGH = 900  # pixels of width; of larger pictures every second, third, ... pixel is enough
_BLOCK = 16  # pixels of a sketch: what is compared when two views are
_TEXTURED, _SAME = 5.0, 0.5  # grey levels of deviation; correlation
_LOCAL = 31  # the neighbourhood whose mean counts as light, about 1/8 of the width


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A view at 256 pixels of width, its height a multiple of 8 near the view's own shape.

    ``grey`` is slightly smoothed; ``structure`` is grey less its local mean, so that slow changes
    of light cancel; ``sharpness`` is the variance of the Laplacian at 512 pixels of width over the
    variance of the picture (no unit), which falls when the lens is dirty or out of focus.
    """

    grey: Grey
    structure: Grey
    sharpness: float

    @property
    def tiles(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        return self.grey.shape[0] // TILE, self.grey.shape[1] // TILE


def sketch(image: Image) -> Sketch:
    """The sketch of a picture (uint8 HxWx3 BGR)."""
    height, width = image.shape[:2]
    rows = max(TILE, round(WIDTH * height / width / TILE) * TILE)
    step = max(1, width // _ENOUGH)
    few = (width // step, height // step)
    fewer = cv2.resize(image, few, interpolation=cv2.INTER_NEAREST) if step > 1 else image
    grey_full = cv2.cvtColor(fewer, cv2.COLOR_BGR2GRAY)
    # to less than half, the mean of what falls into a pixel; to more, its neighbours will do
    method = cv2.INTER_LINEAR if few[0] <= 4 * WIDTH else cv2.INTER_AREA
    middle = cv2.resize(grey_full, (WIDTH * 2, rows * 2), interpolation=method)
    laplacian = cv2.Laplacian(middle, cv2.CV_32F)
    sharpness = float(laplacian.var() / (float(middle.var()) + 1.0))
    small = cv2.resize(middle, (WIDTH, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    grey = cv2.GaussianBlur(small, (3, 3), 0).astype(np.float32, copy=False)
    structure = (grey - cv2.blur(grey, (_LOCAL, _LOCAL))).astype(np.float32, copy=False)
    return Sketch(grey, structure, sharpness)


def sparse(plane: Grey) -> Grey:
    """Every third pixel of each row and column: enough for the middle of all values."""
    return plane[::3, ::3]


def alike(a: Grey, b: Grey) -> float:
    """Share, 0..1, of the textured blocks of structure ``a`` that look the same in ``b``.

    A block is 16x16 pixels of the sketch, the same when the correlation of its structure is 0.5 or
    more. Traffic and people change some blocks, another view nearly all. 0 when the shapes differ
    or nothing in ``a`` has texture.
    """
    if a.shape != b.shape:
        return 0.0
    x, y = _blocks(a), _blocks(b)
    xx, yy, xy = (x * x).sum(1), (y * y).sum(1), (x * y).sum(1)
    textured = xx > _TEXTURED**2 * x.shape[1]
    if not textured.any():
        return 0.0
    same = xy[textured] >= _SAME * np.sqrt(xx[textured] * yy[textured] + 1e-6)
    return float(same.mean())


def _blocks(structure: Grey) -> Grey:
    rows, columns = structure.shape[0] // _BLOCK, structure.shape[1] // _BLOCK
    cut = structure[: rows * _BLOCK, : columns * _BLOCK]
    blocks = cut.reshape(rows, _BLOCK, columns, _BLOCK).swapaxes(1, 2).reshape(rows * columns, -1)
    centred: Grey = blocks - blocks.mean(axis=1, keepdims=True)
    return centred
