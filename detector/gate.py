"""Did the view change since it was last inspected? If not, the last result still holds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.sketch import TILE, Grey, Sketch, sparse


@dataclass(frozen=True, slots=True)
class GateConfig:
    """What counts as a change.

    ``min_delta``: grey levels a pixel of the sketch must differ; larger lets less through.
    ``noise_factor``: and this many times the usual difference of the two views (noise, rain).
    ``min_pixels``: of the 64 in a tile; larger ignores smaller things.
    ``slack``: pixels of the sketch by which the camera may tremble; larger ignores more.
    ``most_reused``: after this many unchanged looks in a row the view is inspected anyway.
    ``still``: only what has been lying still since the look before is news; false: all change is.
    """

    min_delta: float = 9.0
    noise_factor: float = 6.0
    min_pixels: int = 3
    slack: int = 1
    most_reused: int = 12
    still: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """The tiles (bool, rows x columns) that differ from the reference; all when shapes differ.

    ``passing``: share of tiles that differ as well, but did not lie still since the look before.
    """

    tiles: NDArray[np.bool_]
    passing: float = 0.0

    @property
    def changed(self) -> bool:
        """True when any tile differs."""
        return bool(self.tiles.any())

    @property
    def share(self) -> float:
        """Changed tiles over all tiles, 0..1."""
        return float(self.tiles.mean())

    @staticmethod
    def everywhere(view: Sketch) -> Change:
        """All tiles: there is nothing to compare with."""
        return Change(np.ones(view.tiles, np.bool_))


def compare(reference: Sketch, current: Sketch, config: GateConfig | None = None) -> Change:
    """Which tiles of ``current`` differ from ``reference``, the last *inspected* view.

    This is no motion detector: rubbish changes the picture once and then lies still, so the
    comparison is with the view of the last inspection, however long ago. Light is cancelled by
    taking structure only and matching the contrast of both views; trembling of the pole by asking
    whether a pixel lies outside what its neighbourhood held before; noise and rain by the median
    difference over the view.

    >>> import numpy as np
    >>> from detector.sketch import sketch
    >>> road = np.random.default_rng(1).integers(90, 110, (360, 640, 3), dtype=np.uint8)
    >>> littered = road.copy()
    >>> littered[200:220, 300:320] = 220
    >>> compare(sketch(road), sketch(road)).changed, compare(sketch(road), sketch(littered)).changed
    (False, True)
    """
    config = config or GateConfig()
    if reference.structure.shape != current.structure.shape:
        return Change.everywhere(current)
    before, now = reference.structure, current.structure
    contrast_before = _middle(np.abs(before)) + 1.0
    contrast_now = _middle(np.abs(now)) + 1.0
    now = now * float(np.clip(contrast_before / contrast_now, 0.5, 2.0))
    near = np.ones((2 * config.slack + 1, 2 * config.slack + 1), np.uint8)
    above = now - cv2.dilate(before, near)
    below = cv2.erode(before, near) - now
    delta = np.maximum(np.maximum(above, below), 0.0)
    noise = _middle(np.abs(now - before))
    differs = delta > max(config.min_delta, config.noise_factor * noise)
    rows, columns = current.tiles
    counts = differs.reshape(rows, TILE, columns, TILE).sum(axis=(1, 3))
    return Change(counts >= config.min_pixels)


def _middle(values: Grey) -> float:
    return float(np.median(sparse(values)))


def news(
    reference: Sketch, last: Sketch, current: Sketch, config: GateConfig | None = None
) -> Change:
    """Which tiles have changed since ``reference`` and look as they did at the look before.

    Litter changes the picture once and lies still; a passing car is somewhere else at each look.
    So traffic alone needs no inspection, at the price of one look of delay. ``reference`` is what
    ``settled`` made of the views that were inspected.
    """
    config = config or GateConfig()
    changed = compare(reference, current, config)
    if not config.still or not changed.changed:
        return changed
    moving = _moving(last, current, config)
    if moving.share == 1.0:
        return changed
    return Change(changed.tiles & ~moving.tiles, float((changed.tiles & moving.tiles).mean()))


def settled(
    reference: Sketch | None, last: Sketch | None, current: Sketch, config: GateConfig | None = None
) -> Sketch:
    """The reference after ``current`` was inspected: its tiles, but for those where things move.

    There the older view stays: it is what will be seen again when the passing car has passed.
    """
    config = config or GateConfig()
    if reference is None or last is None or not config.still:
        return current
    moving = _moving(last, current, config)
    if reference.grey.shape != current.grey.shape or moving.share == 1.0:
        return current
    old = moving.tiles.repeat(TILE, axis=0).repeat(TILE, axis=1)
    grey = np.where(old, reference.grey, current.grey)
    structure = np.where(old, reference.structure, current.structure)
    return Sketch(grey, structure, current.sharpness)


def _moving(last: Sketch, current: Sketch, config: GateConfig) -> Change:
    """Tiles that are not as at the look before, keenly: the rim of a moving thing moves too."""
    keener = replace(config, min_delta=0.7 * config.min_delta, min_pixels=1)
    return compare(last, current, keener)
