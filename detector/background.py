"""What is new in a view and has stayed: helps with spills and goods the network sees poorly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Final

import cv2
import numpy as np

from detector.geometry import held
from detector.sketch import Grey, Sketch, sparse
from detector.types import Box, require_aware

_REACH: Final = 16  # looks that a beginning can be dated back by


@dataclass(frozen=True, slots=True)
class LastingConfig:
    """When a change counts as lasting. Times in seconds, levels in grey levels of structure.

    ``after_s``: a region differs at least this long; larger reports later. ``learn_looks``: looks
    that only teach what is usual. ``step``: levels the recent view moves per look towards the
    present one, so what stands for a look or two hardly shows; larger follows faster.
    ``forget_s``: time in which the usual view takes over two thirds of a change.
    ``min_delta``/``noise_factor``: how much a pixel must differ. ``min_size``: smallest region, as
    a share of the view. ``most``: share of the view above which it was the light or the camera.
    """

    after_s: float = 180.0
    learn_looks: int = 12
    step: float = 5.0
    forget_s: float = 3 * 3600.0
    min_delta: float = 10.0
    noise_factor: float = 5.0
    min_size: float = 0.0008
    most: float = 0.2


@dataclass(frozen=True, slots=True)
class Region:
    """A lasting change: its box in shares of the view, and since when the view differs there."""

    box: Box
    since: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """One camera's usual and recent view (structure of sketches) and how long pixels differ.

    ``since``: float64 HxW, POSIX seconds from which a pixel differs (from when it must have begun
    to, as the recent view follows in steps), infinite where it does not. ``earlier``: POSIX seconds
    of some looks before that at ``at``, oldest first: as many as such a beginning reaches back.
    """

    usual: Grey
    recent: Grey
    since: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    at: datetime
    looks: int = 1
    earlier: tuple[float, ...] = ()


def learn(
    background: Background | None,
    view: Sketch,
    at: datetime,
    passing: tuple[Box, ...] = (),
    config: LastingConfig | None = None,
) -> tuple[Background, tuple[Region, ...]]:
    """The background after a look, and the lasting regions.

    Args:
        background: after the look before; None at the first, and whenever the camera was moved.
        view: the sketch of the present look; only of fit views.
        at: its capture time, aware.
        passing: boxes of people and vehicles in shares of the view: nothing is learnt there, and
            no region is reported under them.
        config: thresholds.
    """
    require_aware("at", at)
    config = config or LastingConfig()
    now = view.structure
    if background is None or background.usual.shape != now.shape:
        since = np.full(now.shape, np.inf)
        return Background(now.copy(), now.copy(), since, at), ()
    away = np.clip(now - background.recent, -config.step, config.step)
    away[_mask(now.shape, passing)] = 0.0
    recent = background.recent + away
    looked = _looked(background)
    if background.looks < config.learn_looks:
        return replace(
            background,
            usual=recent.copy(),
            recent=recent,
            at=at,
            looks=background.looks + 1,
            earlier=looked,
        ), ()
    passed = max(0.0, (at - background.at).total_seconds())
    share = 1.0 - float(np.exp(-passed / config.forget_s))
    usual = background.usual + np.float32(share) * (recent - background.usual)
    delta = np.abs(recent - usual)
    level = max(config.min_delta, config.noise_factor * float(np.median(sparse(delta))))
    differs = delta > level
    steps = ceil(level / config.step)  # that the recent view takes, this look's among them
    begun = (*looked, at.timestamp())[-min(steps, len(looked) + 1)]
    since = np.where(differs, np.minimum(background.since, begun), np.inf)
    after = Background(usual, recent, since, at, background.looks + 1, looked)
    lasting = since <= at.timestamp() - config.after_s
    return after, _regions(lasting, after, passing, config)


def _looked(background: Background) -> tuple[float, ...]:
    """When the last looks were, up to that of this background."""
    return (*background.earlier, background.at.timestamp())[-_REACH:]


def _mask(
    shape: tuple[int, ...], boxes: tuple[Box, ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    mask = np.zeros(shape, np.bool_)
    rows, columns = shape[0], shape[1]
    for left, top, right, bottom in boxes:
        y0, y1 = int(top * rows) - 1, int(bottom * rows) + 2
        x0, x1 = int(left * columns) - 1, int(right * columns) + 2
        mask[max(0, y0) : y1, max(0, x0) : x1] = True
    return mask


def _regions(
    lasting: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    background: Background,
    passing: tuple[Box, ...],
    config: LastingConfig,
) -> tuple[Region, ...]:
    share = float(lasting.mean())
    if share == 0.0 or share > config.most:
        return ()
    joined = cv2.morphologyEx(lasting.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    rows, columns = lasting.shape
    regions = []
    for index in range(1, count):
        x, y, width, height, size = (int(value) for value in stats[index])
        box = (x / columns, y / rows, (x + width) / columns, (y + height) / rows)
        if size < config.min_size * rows * columns or any(held(box, p) >= 0.3 for p in passing):
            continue
        part = labels == index
        if np.abs(background.recent[part]).mean() >= np.abs(background.usual[part]).mean():
            begun = float(np.median(background.since[part & lasting]))
            since = datetime.fromtimestamp(round(begun), background.at.tzinfo)
            regions.append(Region(box, since))  # else something that was usual has gone
    return tuple(regions)
