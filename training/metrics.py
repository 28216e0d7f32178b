"""Detection metrics by the standard (COCO) definitions, so that others can recompute a figure.

Everything here is NumPy, deterministic and without a notion of files or models. Boxes are ``xyxy``
in pixels of one picture. A *sample* is one picture with its truth and what a detector found there;
*matches* are one class over many samples, with every detection already judged right or wrong.
Matching and average precision follow pycocotools' ``COCOeval`` (bbox, area "all", no crowds).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

IOU_THRESHOLDS: Final[Floats] = np.linspace(0.5, 0.95, 10)
"""The ten overlaps of COCO's mAP50-95; index 0 is 0.50."""

RECALL_POINTS: Final[Floats] = np.linspace(0.0, 1.0, 101)
"""The 101 recalls at which COCO reads the precision curve."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One measured picture.

    ``truth_boxes`` (n, 4) and ``found_boxes`` (m, 4) are float64 xyxy pixels, ``truth_classes``
    (n,) and ``found_classes`` (m,) int64 class ids, ``found_scores`` (m,) float64 in 0..1.
    ``labelled`` are the class ids that the picture's source labels at all: found boxes of other
    classes are neither right nor wrong here. ``group`` keeps pictures of one site (or camera view)
    together.
    """

    key: str
    source: str
    group: str
    truth_boxes: Floats
    truth_classes: Ints
    found_boxes: Floats
    found_scores: Floats
    found_classes: Ints
    labelled: frozenset[int]

    def __post_init__(self) -> None:
        for name, boxes, classes in (
            ("truth", self.truth_boxes, self.truth_classes),
            ("found", self.found_boxes, self.found_classes),
        ):
            shape = (len(classes), 4)
            if boxes.shape != shape:
                raise ValueError(
                    f"{self.key}: {name}_boxes has shape {boxes.shape}, expected {shape}"
                )
            if not (boxes[:, 2:] >= boxes[:, :2]).all():
                raise ValueError(f"{self.key}: {name}_boxes holds a box that is not x1<=x2, y1<=y2")
        if self.found_scores.shape != self.found_classes.shape:
            raise ValueError(
                f"{self.key}: {len(self.found_scores)} found_scores for "
                f"{len(self.found_classes)} found_classes"
            )
        if not np.isfinite(self.found_scores).all():
            raise ValueError(f"{self.key}: found_scores holds a value that is not finite")


@dataclass(frozen=True, eq=False)
class Matches:
    """One class over P pictures: D detections in order of falling score, each judged.

    ``scores`` (D,) float64, ``picture`` (D,) int64 index of the picture, ``right`` (T, D) bool for
    each overlap of ``IOU_THRESHOLDS``, ``positives`` (P,) int64 true boxes per picture, ``groups``
    and ``sources`` (P,) int64 codes for resampling.
    """

    label: str
    scores: Floats
    picture: Ints
    right: Bools
    positives: Ints
    groups: Ints
    sources: Ints

    @property
    def pictures(self) -> int:
        """Number of pictures P whose source labels the class."""
        return len(self.positives)

    @property
    def boxes(self) -> int:
        """Number of true boxes over all pictures."""
        return int(self.positives.sum())


def overlaps(first: Floats, second: Floats) -> Floats:
    """Intersection over union (n, m) of the boxes ``first`` (n, 4) with ``second`` (m, 4)."""
    left_top = np.maximum(first[:, None, :2], second[None, :, :2])
    right_bottom = np.minimum(first[:, None, 2:], second[None, :, 2:])
    size = np.clip(right_bottom - left_top, 0.0, None)
    shared = size[..., 0] * size[..., 1]
    area_first = (first[:, 2] - first[:, 0]) * (first[:, 3] - first[:, 1])
    area_second = (second[:, 2] - second[:, 0]) * (second[:, 3] - second[:, 1])
    union = area_first[:, None] + area_second[None, :] - shared
    result: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return result


def match_picture(found: Floats, truth: Floats) -> Bools:
    """Judge the found boxes (D, 4), already in order of falling score, against the truth (G, 4).

    Greedy as in COCO: each found box takes the free true box it overlaps most (the later one on a
    tie). Returns (T, D) bool for the overlaps of ``IOU_THRESHOLDS``.
    """
    thresholds = IOU_THRESHOLDS
    right: Bools = np.zeros((len(thresholds), len(found)), dtype=np.bool_)
    if not len(found) or not len(truth):
        return right
    iou = overlaps(found, truth)
    taken = np.zeros((len(thresholds), len(truth)), dtype=np.bool_)
    rows = np.arange(len(thresholds))
    for index in np.flatnonzero((iou >= thresholds[0]).any(axis=1)):
        free = np.where(taken, -1.0, iou[index][None, :])
        best = len(truth) - 1 - np.argmax(free[:, ::-1], axis=1)
        hit = free[rows, best] >= thresholds
        right[hit, index] = True
        taken[rows[hit], best[hit]] = True
    return right


def match(
    samples: Sequence[Sample],
    classes: Collection[int],
    label: str,
    *,
    max_per_picture: int = 100,
) -> Matches:
    """Judge all detections of ``classes``, taken together as one class, over the samples.

    Only samples whose source labels every one of ``classes`` take part. At most
    ``max_per_picture`` boxes of the highest score are kept in a picture, as in COCO.
    """
    wanted = np.array(sorted(classes), dtype=np.int64)
    if not len(wanted):
        raise ValueError(f"{label}: no classes given to match")
    members = [sample for sample in samples if sample.labelled.issuperset(wanted.tolist())]
    scores: list[Floats] = []
    picture: list[Ints] = []
    right: list[Bools] = [np.zeros((len(IOU_THRESHOLDS), 0), dtype=np.bool_)]
    positives = np.zeros(len(members), dtype=np.int64)
    for index, sample in enumerate(members):
        truth = sample.truth_boxes[np.isin(sample.truth_classes, wanted)]
        positives[index] = len(truth)
        mine = np.flatnonzero(np.isin(sample.found_classes, wanted))
        order = mine[np.argsort(-sample.found_scores[mine], kind="stable")][:max_per_picture]
        scores.append(sample.found_scores[order])
        picture.append(np.full(len(order), index, dtype=np.int64))
        right.append(match_picture(sample.found_boxes[order], truth))
    all_scores = np.concatenate([np.zeros(0), *scores])
    order = np.argsort(-all_scores, kind="stable")
    return Matches(
        label=label,
        scores=all_scores[order],
        picture=np.concatenate([np.zeros(0, dtype=np.int64), *picture])[order],
        right=np.concatenate(right, axis=1)[:, order],
        positives=positives,
        groups=_codes([f"{sample.source}\0{sample.group}" for sample in members]),
        sources=_codes([sample.source for sample in members]),
    )


def average_precision(matches: Matches, weights: Floats | None = None) -> Floats:
    """Average precision at each overlap of ``IOU_THRESHOLDS``, for each row of picture weights.

    ``weights`` (R, P) says how many times each picture counts (a bootstrap resample); without it
    every picture counts once and R is 1. Returns (R, T); NaN where a row holds no true box.
    The result for integer weights equals COCO's on the pictures repeated so many times.
    """
    weights = _weights(matches, weights)
    result: Floats = np.full((len(weights), len(IOU_THRESHOLDS)), np.nan)
    positives = weights @ matches.positives.astype(np.float64)
    seen = np.flatnonzero(matches.right.any(axis=0))
    found = _running_total(matches.picture, seen, weights)
    some = positives > 0
    for level in range(len(IOU_THRESHOLDS)):
        columns = matches.right[level, seen]
        hits = np.cumsum(weights[:, matches.picture[seen[columns]]], axis=1)
        precision = hits / np.maximum(found[:, columns], 1e-12)
        envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        padded = np.concatenate([envelope, np.zeros((len(weights), 1))], axis=1)
        recall = hits / np.where(some, positives, 1.0)[:, None]
        for row in np.flatnonzero(some):
            at = np.searchsorted(recall[row], RECALL_POINTS, side="left")
            result[row, level] = padded[row, at].mean()
    return result


def precision_recall_curve(matches: Matches) -> tuple[Floats, Floats, Floats]:
    """Scores, precisions and recalls (each (K,)) at overlap 0.50 for every distinct score, falling.

    Without a true box the recalls are NaN.
    """
    last = np.flatnonzero(np.diff(matches.scores, append=-np.inf))
    hits = np.cumsum(matches.right[0])[last].astype(np.float64)
    recall = hits / matches.boxes if matches.boxes else np.full(len(last), np.nan)
    return matches.scores[last], hits / (last + 1.0), recall


def precision_recall_at(
    matches: Matches, threshold: float, weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """Precision and recall (each (R,)) of detections with score >= threshold, at overlap 0.50.

    NaN precision where nothing was found, NaN recall where there is no true box.
    """
    weights = _weights(matches, weights)
    above = matches.scores >= threshold
    size = matches.pictures
    found = np.bincount(matches.picture[above], minlength=size)
    hits = np.bincount(matches.picture[above & matches.right[0]], minlength=size)
    hit = weights @ hits.astype(np.float64)
    return (
        _ratio(hit, weights @ found.astype(np.float64)),
        _ratio(hit, weights @ matches.positives.astype(np.float64)),
    )


def recall_at_precision(
    matches: Matches, precision: float = 0.9, weights: Floats | None = None
) -> Floats:
    """The highest recall (R,) at any threshold whose precision is at least ``precision``.

    Overlap 0.50. Among equal scores the wrong detections count first, so a threshold that cannot
    be set is never credited. 0 where no threshold reaches the precision; NaN without true boxes.
    """
    weights = _weights(matches, weights)
    order = np.lexsort((matches.right[0], -matches.scores))
    picture, right = matches.picture[order], matches.right[0, order]
    seen = np.flatnonzero(right)
    found = _running_total(picture, seen, weights)
    hits = np.cumsum(weights[:, picture[seen]], axis=1)
    good = (hits >= precision * found) & (hits > 0)
    best = np.where(good, hits, 0.0).max(axis=1, initial=0.0)
    return _ratio(best, weights @ matches.positives.astype(np.float64))


def picture_precision_recall_at(
    matches: Matches, threshold: float, weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """As ``precision_recall_at``, for the question "does the picture show the class at all?"."""
    weights = _weights(matches, weights)
    said = np.zeros(matches.pictures)
    said[matches.picture[matches.scores >= threshold]] = 1.0
    true = (matches.positives > 0).astype(np.float64)
    hit = weights @ (said * true)
    return _ratio(hit, weights @ said), _ratio(hit, weights @ true)


def calibration_error(
    confidences: Floats, right: Bools, *, bins: int = 15, adaptive: bool = False
) -> float:
    """Expected calibration error: the mean gap between confidence and the share that is right.

    ``bins`` of equal width over 0..1, or of equal count when ``adaptive``; gaps are weighted by the
    number in the bin (Guo et al. 2017). NaN when there is nothing to measure.
    """
    if confidences.shape != right.shape:
        raise ValueError(f"{confidences.shape} confidences for {right.shape} judgements")
    if not len(confidences):
        return float("nan")
    if adaptive:
        order = np.argsort(confidences, kind="stable")
        where = np.zeros(len(order), dtype=np.int64)
        where[order] = np.arange(len(order)) * bins // len(order)
    else:
        where = np.clip(np.ceil(confidences * bins).astype(np.int64) - 1, 0, bins - 1)
    gap = np.bincount(where, weights=confidences - right, minlength=bins)
    return float(np.abs(gap).sum() / len(confidences))


def _running_total(picture: Ints, seen: Ints, weights: Floats) -> Floats:
    """Weighted number of detections up to and including each of ``seen``: (R, len(seen)).

    Detections between two wanted rows are first added up per picture, so that a resample costs one
    matrix product over (pictures x wanted rows) instead of a pass over all detections.
    """
    segment = np.searchsorted(seen, np.arange(len(picture)), side="left")
    inside = segment < len(seen)
    counts = np.zeros((weights.shape[1], len(seen)))
    np.add.at(counts, (picture[inside], segment[inside]), 1.0)
    total: Floats = np.cumsum(weights @ counts, axis=1)
    return total


def _weights(matches: Matches, weights: Floats | None) -> Floats:
    if weights is None:
        return np.ones((1, matches.pictures))
    if weights.ndim != 2 or weights.shape[1] != matches.pictures:
        raise ValueError(
            f"{matches.label}: weights have shape {weights.shape}, expected (R, {matches.pictures})"
        )
    return weights


def _ratio(part: Floats, whole: Floats) -> Floats:
    result: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return result


def _codes(names: Sequence[str]) -> Ints:
    known: dict[str, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)
