"""One picture looked at several times, larger and mirrored: each thing once, as sure as all looks.

Boxes of one class that overlap are fused into one (weighted boxes fusion, after Solovyev et al.,
Weighted boxes fusion: Ensembling boxes from different object detection models, 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
"""Kx6: left, top, right, bottom in pixels of the picture, confidence 0..1, class index."""

SAME: Final = 0.5
"""Intersection over union from which boxes of one class are one thing; larger keeps more boxes."""


def mirrored_back(rows: Rows, width: int) -> Rows:
    """Rows of a picture of ``width`` pixels that was mirrored left to right, as in the picture."""
    back = rows.copy()
    back[:, 0], back[:, 2] = width - rows[:, 2], width - rows[:, 0]
    return back


def fuse(looks: Sequence[Rows], same: float = SAME) -> Rows:
    """The things that several looks at one picture saw, each once, best first.

    The surest box gathers those of its class that overlap it by ``same``. The corners are means
    weighted by confidence; the confidence is the mean over all looks of the surest box each has
    there, 0 for a look that has none.
    """
    rows = np.concatenate(looks)
    look_of = np.repeat(np.arange(len(looks)), [len(one) for one in looks])
    order = np.argsort(-rows[:, 4], kind="stable")
    rows, look_of = rows[order], look_of[order]
    fused = []
    for label in np.unique(rows[:, 5]):
        mine = rows[:, 5] == label
        fused += _fuse_class(rows[mine], look_of[mine], len(looks), same)
    if not fused:
        return np.zeros((0, 6), np.float32)
    result = np.array(fused, np.float32)
    best_first: Rows = result[np.argsort(-result[:, 4], kind="stable")]
    return best_first


def _fuse_class(
    rows: Rows, look_of: NDArray[np.intp], looks: int, same: float
) -> list[NDArray[np.float32]]:
    area = (rows[:, 2] - rows[:, 0]) * (rows[:, 3] - rows[:, 1])
    free = np.ones(len(rows), np.bool_)
    fused = []
    for index in range(len(rows)):
        if not free[index]:
            continue
        low = np.maximum(rows[index, :2], rows[:, :2])
        high = np.minimum(rows[index, 2:4], rows[:, 2:4])
        common = np.prod(np.maximum(high - low, 0), axis=1)
        together = area + area[index] - common
        joined = free & (common >= same * np.maximum(together, 1e-9))
        joined[index] = True
        free &= ~joined
        weight = rows[joined, 4] + 1e-9
        surest = np.zeros(looks, np.float32)
        np.maximum.at(surest, look_of[joined], rows[joined, 4])
        box = (rows[joined, :4] * weight[:, None]).sum(axis=0) / weight.sum()
        fused.append(np.array([*box, surest.mean(), rows[index, 5]], np.float32))
    return fused
