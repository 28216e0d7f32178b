"""Decide whether a new model may replace the one in service, on the same pictures for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from datasets.classes import CLASSES, ISSUE_CLASSES
from training import bootstrap, metrics
from training.bootstrap import Interval
from training.evaluate import DEFAULT_THRESHOLD
from training.metrics import Floats, Sample

MEASURED: Final = (*ISSUE_CLASSES, "bin")
"""Classes that must not fall; the mean of the issue classes among them must rise."""


@dataclass(frozen=True)
class Contender:
    """One model's findings on the pictures; ``thresholds`` are its review thresholds."""

    name: str
    sha256: str
    samples: Sequence[Sample]
    thresholds: Mapping[str, float]


@dataclass(frozen=True)
class Difference:
    """A figure of the model in service and of the new one, and the change with its interval.

    The interval is of the change itself: in each resample both models are measured on the same
    pictures (paired bootstrap), so what is hard for both cancels out.
    """

    incumbent: float | None
    candidate: float | None
    change: Interval

    @property
    def rises(self) -> bool:
        """True where the figure is higher by more than the interval."""
        return self.change.low is not None and self.change.low > 0

    @property
    def falls(self) -> bool:
        """True where the figure is lower by more than the interval."""
        return self.change.high is not None and self.change.high < 0


@dataclass(frozen=True)
class Comparison:
    """The report of ``patrol compare``; ``promote`` and ``reasons`` follow from the figures.

    ``overall`` is the mean AP50 of the issue classes, ``classes`` AP50 of each class pooled over
    the sources that label it, ``alarms`` false alarms per 100 looks at quiet views (by view, each
    model at its own review thresholds; None without quiet views).
    """

    candidate: dict[str, str]
    incumbent: dict[str, str]
    dataset_sha256: str
    pictures: int
    overall: Difference
    classes: dict[str, Difference]
    alarms: Difference | None
    promote: bool
    reasons: tuple[str, ...]


def compare(
    candidate: Contender,
    incumbent: Contender,
    *,
    clean: frozenset[str] = frozenset(),
    dataset_sha256: str = "",
    resamples: int = bootstrap.RESAMPLES,
    seed: int = bootstrap.SEED,
) -> Comparison:
    """Measure both on the same pictures and apply the rule of ``verdict``.

    ``clean`` names the sources that show nothing to report.

    Raises:
        ValueError: the two did not look at the same pictures, or nothing is labelled in them.
    """
    for one, other in zip(candidate.samples, incumbent.samples, strict=False):
        if one.key != other.key or not _same_boxes(one.truth_boxes, other.truth_boxes):
            raise ValueError(f"{one.key} and {other.key}: the models saw different pictures")
    if len(candidate.samples) != len(incumbent.samples):
        raise ValueError(
            f"the models saw {len(candidate.samples)} and {len(incumbent.samples)} pictures"
        )
    shown = [index for index, one in enumerate(candidate.samples) if one.source not in clean]
    new, old = ([who.samples[index] for index in shown] for who in (candidate, incumbent))
    weights = _draw(new, resamples, seed)
    values: dict[str, tuple[Floats, Floats]] = {}
    for label in MEASURED:
        number = CLASSES.index(label)
        members = [index for index, one in enumerate(new) if number in one.labelled]
        here = np.concatenate([np.ones((1, len(members))), weights[:, members]])
        pair = [metrics.match(samples, [number], label) for samples in (old, new)]
        if pair[0].boxes:
            first, second = (metrics.average_precision(one, here)[:, 0] for one in pair)
            values[label] = (first, second)
    if not any(label in values for label in ISSUE_CLASSES):
        raise ValueError("no issue class is labelled in these pictures")
    issues = [values[label] for label in values if label in ISSUE_CLASSES]
    overall = _difference(
        _mean_of_known([one[0] for one in issues]), _mean_of_known([one[1] for one in issues])
    )
    classes = {label: _difference(*pair) for label, pair in values.items()}
    quiet = [index for index, one in enumerate(candidate.samples) if one.source in clean]
    alarms = _alarms(candidate, incumbent, quiet, resamples, seed) if quiet else None
    promote, reasons = verdict(overall, classes, alarms)
    return Comparison(
        candidate={"name": candidate.name, "sha256": candidate.sha256},
        incumbent={"name": incumbent.name, "sha256": incumbent.sha256},
        dataset_sha256=dataset_sha256,
        pictures=len(candidate.samples),
        overall=overall,
        classes=classes,
        alarms=alarms,
        promote=promote,
        reasons=reasons,
    )


def _same_boxes(one: Floats, other: Floats) -> bool:
    """Equal but for the rounding of a file of found boxes."""
    return one.shape == other.shape and bool(np.allclose(one, other, atol=0.01))


def verdict(
    overall: Difference, classes: Mapping[str, Difference], alarms: Difference | None
) -> tuple[bool, tuple[str, ...]]:
    """The rule: better overall by more than the interval, and nothing worse by more than its own.

    Returns whether the new model may replace the old one, and why, in words.
    """
    against = [
        f"{label} falls: {_words(one)}" for label, one in sorted(classes.items()) if one.falls
    ]
    if alarms is not None and alarms.rises:
        against.append(f"false alarms per 100 looks rise: {_words(alarms, digits=1)}")
    if not overall.rises:
        against.append(f"mean AP50 does not rise by more than the interval: {_words(overall)}")
    if against:
        return False, tuple(against)
    gained = [f"{label} rises: {_words(one)}" for label, one in classes.items() if one.rises]
    return True, (f"mean AP50 rises: {_words(overall)}", *gained)


def _words(one: Difference, *, digits: int = 3) -> str:
    change = one.change
    if one.incumbent is None or one.candidate is None or change.value is None:
        return "not defined"
    text = f"{one.incumbent:.{digits}f} to {one.candidate:.{digits}f}"
    if change.low is None or change.high is None:
        return text
    return f"{text}, change {change.low:+.{digits}f} to {change.high:+.{digits}f}"


def _mean_of_known(rows: Sequence[Floats]) -> Floats:
    """Mean over the classes (rows) that a resample (column) holds; NaN where it holds none."""
    stack = np.stack(rows)
    known = ~np.isnan(stack)
    count = known.sum(axis=0)
    total = np.where(known, stack, 0.0).sum(axis=0)
    result: Floats = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return result


def _draw(samples: Sequence[Sample], resamples: int, seed: int) -> Floats:
    groups = np.unique([f"{one.source}\0{one.group}" for one in samples], return_inverse=True)[1]
    sources = np.unique([one.source for one in samples], return_inverse=True)[1]
    return bootstrap.draw(
        groups.astype(np.int64), sources.astype(np.int64), resamples=resamples, seed=seed
    )


def _difference(incumbent: Floats, candidate: Floats) -> Difference:
    """Row 0 holds the plain figures, the further rows their resamples."""
    change = candidate - incumbent
    return Difference(
        incumbent=float(incumbent[0]),
        candidate=float(candidate[0]),
        change=Interval.of(float(change[0]), change[1:]),
    )


def _alarms(
    candidate: Contender, incumbent: Contender, quiet: Sequence[int], resamples: int, seed: int
) -> Difference:
    names = [f"{candidate.samples[i].source}\0{candidate.samples[i].group}" for i in quiet]
    _, view = np.unique(names, return_inverse=True)
    looks = np.bincount(view)
    draws = np.random.default_rng(seed).integers(0, len(looks), (resamples, len(looks)))
    rows = np.concatenate([np.arange(len(looks))[None, :], draws])
    rates = []
    for who in (incumbent, candidate):
        limits = np.full(len(CLASSES), np.inf)
        for number, label in enumerate(ISSUE_CLASSES):
            limits[number] = who.thresholds.get(label, DEFAULT_THRESHOLD)
        loud = [
            int((who.samples[i].found_scores >= limits[who.samples[i].found_classes]).sum())
            for i in quiet
        ]
        rates.append(100.0 * np.bincount(view, weights=loud) / looks)
    return _difference(rates[0][rows].mean(axis=1), rates[1][rows].mean(axis=1))
