"""Measure a model on pictures no training saw: every class, every source, every quiet view."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from datasets.classes import CLASSES, ISSUE_CLASSES
from training import bootstrap, metrics
from training.bootstrap import Interval
from training.figures import ClassFigures, CleanFigures, class_figures, clean_figures
from training.held_out import HeldOut, Predict, look_at
from training.metrics import Sample

TOGETHER: Final[dict[str, tuple[str, ...]]] = {
    "litter+overflowing_bin": ("litter", "overflowing_bin")
}
"""Classes also measured as one, because people draw the line between them differently."""

DEFAULT_THRESHOLD: Final = 0.25
"""The review threshold of an issue class whose card gives none."""


@dataclass(frozen=True)
class MeanFigures:
    """Means over the issue classes that occur, with 95 % intervals."""

    classes: tuple[str, ...]
    map50: Interval
    map50_95: Interval


@dataclass(frozen=True)
class Evaluation:
    """The figures of one model on one set of pictures; ``asdict`` of it is the JSON report.

    ``per_source[source][label]`` and, pooled over the sources that label the class,
    ``per_class[label]``; sources that show nothing to report stand in ``clean`` (with ``all``
    for every such view together) and nowhere else. ``map50`` and ``map50_95`` are the means of the
    pooled figures over the issue classes that occur; ``means`` gives them with intervals, for all
    sources together (``all``) and for each alone.
    """

    model: str
    model_sha256: str
    dataset: str
    dataset_sha256: str
    created: str
    pictures: int
    thresholds: dict[str, float]
    map50: float | None
    map50_95: float | None
    per_class: dict[str, ClassFigures]
    per_source: dict[str, dict[str, ClassFigures]]
    clean: dict[str, CleanFigures]
    settings: dict[str, Any] = field(default_factory=dict)
    means: dict[str, MeanFigures] = field(default_factory=dict)


def evaluate(
    predict: Predict,
    held: HeldOut,
    *,
    model: str,
    model_sha256: str = "",
    thresholds: Mapping[str, float] | None = None,
    resamples: int = bootstrap.RESAMPLES,
    batch: int = 8,
    progress: Callable[[int], None] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Look at every picture with ``predict`` and make all figures; see ``measure``."""
    return measure(
        look_at(predict, held, batch=batch, progress=progress),
        held,
        model=model,
        model_sha256=model_sha256,
        thresholds=thresholds,
        resamples=resamples,
        settings=settings,
    )


def measure(
    samples: Sequence[Sample],
    held: HeldOut,
    *,
    model: str,
    model_sha256: str = "",
    thresholds: Mapping[str, float] | None = None,
    resamples: int = bootstrap.RESAMPLES,
    settings: Mapping[str, Any] | None = None,
    created: datetime | None = None,
) -> Evaluation:
    """Make all figures from what a model found in the pictures of ``held``.

    ``thresholds`` are the review thresholds per issue class, on the scale of the detections'
    confidences; a class without one gets ``DEFAULT_THRESHOLD``.
    """
    limits = dict.fromkeys(ISSUE_CLASSES, DEFAULT_THRESHOLD) | dict(thresholds or {})
    when = created or datetime.now(UTC)
    if when.utcoffset() is None:
        raise ValueError(f"created: expected a time with a time zone, got {when.isoformat()}")
    shown = [sample for sample in samples if sample.source not in held.clean]
    quiet = [sample for sample in samples if sample.source in held.clean]
    per_class = _all_classes(shown, limits, resamples)
    sources = sorted({sample.source for sample in shown})
    issues = [
        figures for label, figures in per_class.items() if label in ISSUE_CLASSES and figures.boxes
    ]
    return Evaluation(
        model=model,
        model_sha256=model_sha256,
        dataset=held.root.resolve().name,
        dataset_sha256=held.sha256(),
        created=when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        pictures=len(samples),
        thresholds=limits,
        map50=_mean([figures.ap50.value for figures in issues]),
        map50_95=_mean([figures.ap50_95.value for figures in issues]),
        per_class=per_class,
        per_source={
            source: _all_classes([one for one in shown if one.source == source], limits, resamples)
            for source in sources
        },
        clean=_clean(quiet, limits, resamples),
        settings={"resamples": resamples, "seed": bootstrap.SEED, **(settings or {})},
        means={
            "all": mean_figures(shown, resamples),
            **{
                source: mean_figures([one for one in shown if one.source == source], resamples)
                for source in sources
            },
        },
    )


def mean_figures(samples: Sequence[Sample], resamples: int) -> MeanFigures:
    """Means over the issue classes; in each resample all classes are measured on one draw."""
    groups = np.unique([f"{one.source}\0{one.group}" for one in samples], return_inverse=True)[1]
    sources = np.unique([one.source for one in samples], return_inverse=True)[1]
    weights = bootstrap.draw(groups.astype(np.int64), sources.astype(np.int64), resamples=resamples)
    weights = np.concatenate([np.ones((1, len(samples))), weights])
    names, figures = [], []
    for label in ISSUE_CLASSES:
        number = CLASSES.index(label)
        members = [index for index, one in enumerate(samples) if number in one.labelled]
        matches = metrics.match(samples, [number], label)
        if matches.boxes:
            names.append(label)
            figures.append(metrics.average_precision(matches, weights[:, members]))
    if not names:
        nothing = Interval(None, None, None)
        return MeanFigures((), nothing, nothing)
    stack = np.stack(figures)  # classes, resamples, overlaps
    known = ~np.isnan(stack)
    count = known.sum(axis=0)
    total = np.where(known, stack, 0.0).sum(axis=0)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    whole = mean.mean(axis=1)
    return MeanFigures(
        tuple(names),
        Interval.of(float(mean[0, 0]), mean[1:, 0]),
        Interval.of(float(whole[0]), whole[1:]),
    )


def write_json(path: Path, evaluation: Evaluation) -> None:
    """Write the report; NaN never occurs in it, what is undefined is null."""
    text = json.dumps(asdict(evaluation), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def card_metrics(evaluation: Evaluation) -> dict[str, Any]:
    """The figures in short form for ``metrics:`` of a model card, rounded to three places."""

    def short(figures: Mapping[str, ClassFigures]) -> dict[str, Any]:
        return {label: _short(one) for label, one in figures.items() if one.boxes}

    return {
        "map50": _round(evaluation.map50),
        "map50_95": _round(evaluation.map50_95),
        "map50_interval": [
            _round(evaluation.means["all"].map50.low),
            _round(evaluation.means["all"].map50.high),
        ],
        "per_class": short(evaluation.per_class),
        "per_source": {source: short(one) for source, one in evaluation.per_source.items()},
        "clean": {
            source: {
                "looks": one.looks,
                "views": one.views,
                "alarms": one.alarms,
                "per_100_looks": _round(one.per_100_looks.value),
                "per_100_looks_interval": [
                    _round(one.per_100_looks.low),
                    _round(one.per_100_looks.high),
                ],
            }
            for source, one in evaluation.clean.items()
        },
    }


def _short(one: ClassFigures) -> dict[str, Any]:
    short: dict[str, Any] = {
        "pictures": one.pictures,
        "boxes": one.boxes,
        "ap50": _round(one.ap50.value),
        "ap50_interval": [_round(one.ap50.low), _round(one.ap50.high)],
        "ap50_95": _round(one.ap50_95.value),
        "recall_at_precision_90": _round(one.recall_at_precision_90.value),
        "calibration_error": _round(one.calibration.error),
    }
    if one.precision and one.recall:
        short |= {
            "threshold": one.threshold,
            "precision": _round(one.precision.value),
            "recall": _round(one.recall.value),
        }
    return short


def _all_classes(
    samples: Sequence[Sample], thresholds: Mapping[str, float], resamples: int
) -> dict[str, ClassFigures]:
    groups = {label: (label,) for label in CLASSES} | TOGETHER
    result = {}
    for name, members in groups.items():
        matches = metrics.match(samples, [CLASSES.index(label) for label in members], name)
        if matches.pictures:
            result[name] = class_figures(
                matches, threshold=thresholds.get(name), resamples=resamples
            )
    return result


def _clean(
    samples: Sequence[Sample], thresholds: Mapping[str, float], resamples: int
) -> dict[str, CleanFigures]:
    if not samples:
        return {}
    sources = sorted({sample.source for sample in samples})
    parts = {source: [one for one in samples if one.source == source] for source in sources}
    if len(sources) > 1:
        parts["all"] = list(samples)
    return {
        source: clean_figures(part, thresholds, resamples=resamples)
        for source, part in parts.items()
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
