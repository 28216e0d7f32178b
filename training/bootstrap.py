"""Bootstrap intervals over pictures, so that every figure comes with how far it can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from training.metrics import Floats, Ints, Matches

RESAMPLES: Final = 1000
SEED: Final = 20250601
MIN_GROUPS: Final = 10
"""With fewer sites than this in a source, whole sites are too coarse a draw: pictures are drawn."""

Unit = Literal["sites", "pictures"]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval; all None where it is not defined (no true box, say)."""

    value: float | None
    low: float | None
    high: float | None

    @staticmethod
    def of(value: float, resampled: Floats) -> Interval:
        """The figure and the 2.5 % and 97.5 % quantiles of its resamples (NaN ones left out)."""
        if math.isnan(value):
            return Interval(None, None, None)
        defined = resampled[~np.isnan(resampled)]
        if len(defined) < 2:
            return Interval(float(value), None, None)
        low, high = np.quantile(defined, (0.025, 0.975))
        return Interval(float(value), float(low), float(high))


def resample_unit(groups: Ints, *, minimum: int = MIN_GROUPS) -> Unit:
    """What is drawn at random in one source: its sites, or its pictures where sites are few."""
    return "sites" if len(np.unique(groups)) >= minimum else "pictures"


def draw(groups: Ints, sources: Ints, *, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """How often each picture counts in each resample: (R, P) float64 whole numbers.

    Sources are drawn apart, each as many times as it has sites (or pictures, see
    ``resample_unit``), so that every resample holds the same mixture of sources. The draws depend
    on seed and picture order alone: two models on the same pictures get the same draws.
    """
    if groups.shape != sources.shape:
        raise ValueError(f"{groups.shape} groups for {sources.shape} sources")
    generator = np.random.default_rng(seed)
    weights = np.zeros((resamples, len(groups)))
    for source in np.unique(sources):
        members = np.flatnonzero(sources == source)
        mine = groups[members]
        if resample_unit(mine) == "sites":
            names, unit = np.unique(mine, return_inverse=True)
            count = len(names)
        else:
            count, unit = len(members), np.arange(len(members))
        drawn = generator.multinomial(count, np.full(count, 1 / count), size=resamples)
        weights[:, members] = drawn[:, unit]
    return weights


def draw_for(matches: Matches, *, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """``draw`` for the pictures of some matches."""
    return draw(matches.groups, matches.sources, resamples=resamples, seed=seed)


def interval(
    matches: Matches, figure: Callable[[Matches, Floats | None], Floats], weights: Floats
) -> Interval:
    """A figure of the metrics module, (R,) per row of weights, with its interval."""
    return Interval.of(float(figure(matches, None)[0]), figure(matches, weights))


def wilson(hits: int, total: int, *, z: float = 1.959963984540054) -> Interval:
    """A share with its 95 % Wilson score interval (Wilson 1927); undefined for a total of 0."""
    if not 0 <= hits <= total:
        raise ValueError(f"expected 0 <= hits <= total, got {hits} of {total}")
    if total == 0:
        return Interval(None, None, None)
    share = hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + (z / total) ** 2 / 4)
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))
