"""What is reported about a model: figures of a class, and false alarms on quiet views."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from datasets.classes import CLASSES, ISSUE_CLASSES
from training import bootstrap, metrics
from training.bootstrap import Interval
from training.metrics import Floats, Matches, Sample

CALIBRATION_FLOOR: Final = 0.05
"""Detections below this confidence are left out of the calibration error: nobody acts on them."""


@dataclass(frozen=True)
class Calibration:
    """Calibration error of ``detections`` at or above confidence ``floor``, overlap 0.50.

    ``error`` has 15 bins of equal width, ``adaptive`` 15 bins of equal count.
    """

    error: float | None
    adaptive: float | None
    detections: int
    floor: float


@dataclass(frozen=True)
class ClassFigures:
    """One class (or several taken together) over some pictures, with 95 % intervals.

    ``ap50`` and ``ap50_95`` are COCO's; ``precision`` and ``recall`` are those of boxes at
    ``threshold`` and overlap 0.50, ``picture_*`` those of the question whether the picture shows
    the class at all. ``resampled`` says what the bootstrap drew.
    """

    label: str
    pictures: int
    boxes: int
    resampled: str
    ap50: Interval
    ap50_95: Interval
    recall_at_precision_90: Interval
    threshold: float | None
    precision: Interval | None
    recall: Interval | None
    picture_precision: Interval | None
    picture_recall: Interval | None
    calibration: Calibration


@dataclass(frozen=True)
class CleanFigures:
    """False alarms: issue detections at the review thresholds on views with nothing to report.

    A fixed camera shows the same mistake in frame after frame, so ``per_100_looks`` is counted per
    view: 100 times the mean over views of (alarms / looks of the view). ``pooled_per_100_looks`` is
    plainly 100 * alarms / looks. ``loud_views`` are the views with alarms and how many.
    """

    looks: int
    views: int
    alarms: int
    per_100_looks: Interval
    pooled_per_100_looks: float
    looks_with_alarm: int
    views_with_alarm: int
    by_class: dict[str, int]
    loud_views: dict[str, int]


def class_figures(
    matches: Matches,
    *,
    threshold: float | None,
    resamples: int = bootstrap.RESAMPLES,
    seed: int = bootstrap.SEED,
) -> ClassFigures:
    """All figures of one class; ``threshold`` None leaves out those that need one."""
    weights = bootstrap.draw_for(matches, resamples=resamples, seed=seed)

    boxes = _at_threshold(matches, metrics.precision_recall_at, threshold, weights)
    seen = _at_threshold(matches, metrics.picture_precision_recall_at, threshold, weights)
    precisions = metrics.average_precision(matches)
    resampled = metrics.average_precision(matches, weights)
    units = {
        bootstrap.resample_unit(matches.groups[matches.sources == source])
        for source in np.unique(matches.sources)
    }
    return ClassFigures(
        label=matches.label,
        pictures=matches.pictures,
        boxes=matches.boxes,
        resampled=" and ".join(sorted(units)),
        ap50=Interval.of(float(precisions[0, 0]), resampled[:, 0]),
        ap50_95=Interval.of(float(precisions[0].mean()), resampled.mean(axis=1)),
        recall_at_precision_90=bootstrap.interval(
            matches, lambda m, w: metrics.recall_at_precision(m, 0.9, w), weights
        ),
        threshold=threshold,
        precision=boxes[0],
        recall=boxes[1],
        picture_precision=seen[0],
        picture_recall=seen[1],
        calibration=calibration_figures(matches),
    )


def _at_threshold(
    matches: Matches,
    measure: Callable[[Matches, float, Floats | None], tuple[Floats, Floats]],
    threshold: float | None,
    weights: Floats,
) -> tuple[Interval | None, Interval | None]:
    if threshold is None:
        return None, None
    value, resampled = measure(matches, threshold, None), measure(matches, threshold, weights)
    return (
        Interval.of(float(value[0][0]), resampled[0]),
        Interval.of(float(value[1][0]), resampled[1]),
    )


def calibration_figures(matches: Matches, *, floor: float = CALIBRATION_FLOOR) -> Calibration:
    """Calibration error of a class at overlap 0.50."""
    kept = matches.scores >= floor
    scores, right = matches.scores[kept], matches.right[0, kept]
    return Calibration(
        error=_number(metrics.calibration_error(scores, right)),
        adaptive=_number(metrics.calibration_error(scores, right, adaptive=True)),
        detections=int(kept.sum()),
        floor=floor,
    )


def clean_figures(
    samples: Sequence[Sample],
    thresholds: Mapping[str, float],
    *,
    resamples: int = bootstrap.RESAMPLES,
    seed: int = bootstrap.SEED,
) -> CleanFigures:
    """Count false alarms on samples that show nothing to report; the interval is over views.

    Raises:
        ValueError: there is no sample, or an issue class has no threshold.
    """
    if not samples:
        raise ValueError("clean_figures needs at least one sample")
    missing = [label for label in ISSUE_CLASSES if label not in thresholds]
    if missing:
        raise ValueError(f"thresholds: none for {', '.join(missing)}")
    limits = np.array([thresholds.get(label, np.inf) for label in CLASSES])
    limits[len(ISSUE_CLASSES) :] = np.inf
    by_class = np.zeros(len(CLASSES), dtype=np.int64)
    alarms = np.zeros(len(samples))
    for index, sample in enumerate(samples):
        loud = sample.found_classes[sample.found_scores >= limits[sample.found_classes]]
        by_class += np.bincount(loud, minlength=len(CLASSES))
        alarms[index] = len(loud)
    names = [f"{sample.source}\0{sample.group}" for sample in samples]
    titles, view = np.unique(names, return_inverse=True)
    looks = np.bincount(view)
    heard = np.bincount(view, weights=alarms)
    rates = heard / looks
    draws = np.random.default_rng(seed).integers(0, len(rates), (resamples, len(rates)))
    resampled: Floats = 100.0 * rates[draws].mean(axis=1)
    return CleanFigures(
        looks=len(samples),
        views=len(rates),
        alarms=int(alarms.sum()),
        per_100_looks=Interval.of(float(100.0 * rates.mean()), resampled),
        pooled_per_100_looks=float(100.0 * alarms.mean()),
        looks_with_alarm=int((alarms > 0).sum()),
        views_with_alarm=int((rates > 0).sum()),
        by_class={
            label: int(by_class[index])
            for index, label in enumerate(ISSUE_CLASSES)
            if by_class[index]
        },
        loud_views={
            str(title).replace("\0", "/"): int(count)
            for title, count in zip(titles, heard, strict=True)
            if count
        },
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
