"""Turn a network's confidences into measured ones: how often such a box is right."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from datasets.classes import CLASSES
from training import metrics
from training.figures import CALIBRATION_FLOOR
from training.metrics import Bools, Floats, Sample

KNOTS: Final[Floats] = np.array(
    [0.0, 0.005, 0.01, 0.02, 0.04, *np.arange(0.07, 0.95, 0.05), 0.96, 0.98, 0.99, 1.0]
)
"""Raw confidences at which the fitted curve is written into the card."""

FIT_FROM: Final = 0.01
"""Detections fainter than this tell nothing about the part of the curve that anybody uses."""

FOLDS: Final = 5
MIN_DETECTIONS: Final = 60
MIN_RIGHT: Final = 15
_EDGE: Final = 1e-4


@dataclass(frozen=True)
class Table:
    """A strictly rising piecewise-linear curve from raw (0 to 1) to calibrated confidence."""

    raw: tuple[float, ...]
    calibrated: tuple[float, ...]

    def apply(self, scores: Floats) -> Floats:
        """Calibrated confidences (n,) of raw ones (n,)."""
        return np.interp(scores, self.raw, self.calibrated)


@dataclass(frozen=True)
class Calibrated:
    """The curve of one class, with calibration errors measured on sites it was not fitted on.

    ``table`` is None where there is too little to fit on, or where the curve does not help;
    ``note`` says which. Errors count detections at or above ``CALIBRATION_FLOOR``: ``raw_error``
    without a curve, ``error`` and ``adaptive_error`` with one, fitted on four fifths of the sites
    and measured on the others.
    """

    label: str
    table: Table | None
    detections: int
    right: int
    raw_error: float
    error: float
    adaptive_error: float
    note: str


def fit(scores: Floats, right: Bools, *, strength: float = 2.0) -> Table:
    """Fit a beta calibration curve (Kull et al. 2017) and write it as a table.

    ``logit p = a ln s - b ln(1 - s) + c`` with a, b kept positive so that the order of boxes never
    changes, and a ridge of ``strength`` towards the identity (a = b = 1, c = 0), so that few boxes
    move the curve little. ``scores`` (n,) raw confidences, ``right`` (n,) whether each was right.
    """
    if scores.shape != right.shape or not len(scores):
        raise ValueError(f"expected as many judgements as scores, got {right.shape} {scores.shape}")
    start = np.array([1.0, 1.0, 0.0])
    features = _features(scores)
    target = right.astype(np.float64)
    ridge = strength * np.array([1.0, 1.0, 0.1])
    lowest = np.array([0.05, 0.05, -np.inf])
    weights = start.copy()
    for _ in range(100):
        chance = _logistic(features @ weights)
        gradient = features.T @ (chance - target) + ridge * (weights - start)
        held = (weights <= lowest) & (gradient > 0)
        curvature = (features * (chance * (1 - chance))[:, None]).T @ features + np.diag(ridge)
        curvature[held, :] = curvature[:, held] = 0.0
        curvature[held, held] = 1.0
        step = np.linalg.solve(curvature, np.where(held, 0.0, gradient))
        before = weights
        weights = np.maximum(
            weights - step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12)), lowest
        )
        if np.abs(weights - before).max() < 1e-9:
            break
    curve = _logistic(_features(KNOTS) @ weights)
    curve[0] = 0.0
    calibrated = np.maximum.accumulate(np.round(curve, 5)) + 1e-6 * np.arange(len(KNOTS))
    calibrated = np.minimum(calibrated, 1.0 - 1e-6 * np.arange(len(KNOTS))[::-1])
    return Table(
        raw=tuple(round(float(value), 4) for value in KNOTS),
        calibrated=tuple(round(float(value), 6) for value in calibrated),
    )


def calibrate(
    samples: Sequence[Sample], labels: Collection[str] = CLASSES, *, repeats: int = 5
) -> dict[str, Calibrated]:
    """Fit a curve for each class from raw detections on labelled real pictures.

    Classes that no source labels are left out. The reported errors come from ``repeats`` random
    divisions of the sites into fifths: each is measured with a curve fitted on the other four; the
    mean over all divisions is told.
    """
    result = {}
    for label in labels:
        one = metrics.match(samples, [CLASSES.index(label)], label)
        if one.boxes:
            names = np.array(
                [f"{s.source}/{s.group}" for s in samples if CLASSES.index(label) in s.labelled]
            )
            result[label] = _calibrate_class(
                label, one.scores, one.right[0], names[one.picture], repeats
            )
    return result


def apply(samples: Sequence[Sample], tables: Mapping[str, Table]) -> list[Sample]:
    """The samples with calibrated confidences; classes without a table stay as they are."""
    result = []
    for sample in samples:
        scores = sample.found_scores.copy()
        for label, table in tables.items():
            mine = sample.found_classes == CLASSES.index(label)
            scores[mine] = table.apply(scores[mine])
        result.append(replace(sample, found_scores=scores))
    return result


def tables_of(calibrated: Mapping[str, Calibrated]) -> dict[str, Table]:
    """The curves alone, of the classes that have one."""
    return {label: one.table for label, one in calibrated.items() if one.table is not None}


def card_calibration(calibrated: Mapping[str, Calibrated]) -> dict[str, dict[str, list[float]]]:
    """The ``calibration:`` part of a model card."""
    return {
        label: {"raw": list(table.raw), "calibrated": list(table.calibrated)}
        for label, table in tables_of(calibrated).items()
    }


def _calibrate_class(
    label: str, scores: Floats, right: Bools, sites: np.ndarray, repeats: int
) -> Calibrated:
    usable = scores >= FIT_FROM
    scores, right, sites = scores[usable], right[usable], sites[usable]
    raw_error = _error(scores, right, adaptive=False)
    count, hits = len(scores), int(right.sum())
    if count < MIN_DETECTIONS or hits < MIN_RIGHT:
        note = f"not calibrated: {count} boxes found, {hits} right; too few to fit on"
        return Calibrated(
            label, None, count, hits, raw_error, raw_error, _error(scores, right, True), note
        )
    plain, adaptive = [], []
    for repeat in range(repeats):
        folds = np.array([_fold(site, repeat) for site in sites])
        crossed = scores.copy()
        for fold in set(folds):
            mine = folds == fold
            if not mine.all():
                crossed[mine] = fit(scores[~mine], right[~mine]).apply(scores[mine])
        plain.append(_error(crossed, right, adaptive=False))
        adaptive.append(_error(crossed, right, adaptive=True))
    error = float(np.mean(plain))
    if error >= raw_error:
        note = f"left as it is: a fitted curve gives {error:.3f} on sites it has not seen"
        return Calibrated(
            label, None, count, hits, raw_error, raw_error, _error(scores, right, True), note
        )
    return Calibrated(
        label, fit(scores, right), count, hits, raw_error, error, float(np.mean(adaptive)), ""
    )


def _error(scores: Floats, right: Bools, adaptive: bool) -> float:
    kept = scores >= CALIBRATION_FLOOR
    return metrics.calibration_error(scores[kept], right[kept], adaptive=adaptive)


def _fold(site: str, repeat: int) -> int:
    """The fifth a site falls into: the same on every machine, another one in each repeat."""
    return int.from_bytes(hashlib.sha256(f"{repeat}/{site}".encode()).digest()[:4]) % FOLDS


def _features(scores: Floats) -> Floats:
    inside = np.clip(scores, _EDGE, 1 - _EDGE)
    return np.stack([np.log(inside), -np.log1p(-inside), np.ones_like(inside)], axis=1)


def _logistic(value: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(value, -40, 40)))
    return result
