"""Choose from which confidence a box is worth a look by a reviewer, and when it needs none."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from datasets.classes import CLASSES, ISSUE_CLASSES
from training import bootstrap, metrics
from training.figures import clean_figures
from training.metrics import Floats, Matches, Sample

ALARM_LIMIT: Final = 1.0
"""False alarms allowed per 100 looks at quiet views, all issue classes together: half of the two
promised, because views that no threshold was chosen on are louder than those it was chosen on."""

PROMISED: Final = 2.0
"""False alarms per 100 looks at quiet views that no threshold was chosen on."""

AUTO_PRECISION: Final = 0.95
"""The lower bound of precision from which a box may be filed without a reviewer."""

LOWEST: Final = 0.10
HIGHEST: Final = 0.95
UNMEASURED: Final = 0.5
"""The review threshold of a class without a true box to choose it on."""


@dataclass(frozen=True)
class Choice:
    """The thresholds of one class and what they give on the pictures they were chosen on.

    ``auto`` is None where precision is not known to reach ``AUTO_PRECISION``; ``note`` says why.
    """

    label: str
    review: float
    auto: float | None
    best_f1_at: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    note: str


def choose_thresholds(
    shown: Sequence[Sample],
    quiet: Sequence[Sample],
    *,
    labels: Collection[str] = ISSUE_CLASSES,
    limit: float = ALARM_LIMIT,
    margin: float = 0.0,
    auto_classes: Collection[str] = (),
) -> dict[str, Choice]:
    """Review threshold of each class: the best F1 that keeps all classes together under ``limit``.

    ``shown`` are samples with labelled issues, ``quiet`` samples of views that show none; both on
    the scale of confidences the service will see (calibrate first). Each class starts at its best
    F1 on ``shown``; while the false alarms per 100 looks at ``quiet`` exceed ``limit``, that
    threshold is raised which costs least F1 for the alarms it avoids. They are counted per view
    (see ``CleanFigures``) and must keep the limit over all quiet sources and in each alone. At last
    every threshold goes ``margin`` of its way to 1, for the views nobody chose on (see
    ``needed_margin``). An auto threshold is sought for ``auto_classes`` alone.
    """
    meters = _meters(quiet)
    curves = {
        label: _Curve.of(
            metrics.match(shown, [CLASSES.index(label)], label), _alarms(quiet, meters, label)
        )
        for label in labels
    }
    chosen = {label: curve.best() for label, curve in curves.items()}
    while True:
        rates = np.sum([curves[label].alarms_at(at) for label, at in chosen.items()], axis=0)
        excess = np.clip(rates - limit, 0.0, None)
        if (excess <= 1e-9).all():
            break
        steps = [
            (curve.gain(chosen[label], to, excess), label, to)
            for label, curve in curves.items()
            for to in curve.steps_above(chosen[label], excess)
        ]
        if not steps:
            break
        _, label, to = max(steps)
        chosen[label] = to
    _relax(curves, chosen, limit)
    if margin > 0:
        chosen = {label: _up(at + margin * (1 - at)) for label, at in chosen.items()}
    return {
        label: _choice(curve, chosen[label], seek_auto=label in auto_classes)
        for label, curve in curves.items()
    }


def crossed_alarms(
    shown: Sequence[Sample],
    quiet: Sequence[Sample],
    *,
    limit: float = ALARM_LIMIT,
    margin: float = 0.0,
    repeats: int = 5,
    choose: Callable[..., Mapping[str, Choice]] = choose_thresholds,
) -> float:
    """False alarms per 100 looks to expect on quiet views nobody chose on.

    Thresholds are chosen on one half of the views and counted on the other, both ways, over
    ``repeats`` halvings. NaN with fewer than two views.
    """
    views = sorted({f"{sample.source}/{sample.group}" for sample in quiet})
    if len(views) < 2:
        return math.nan
    rates = []
    for repeat in range(repeats):
        order = sorted(views, key=lambda view: hashlib.sha256(f"{repeat}/{view}".encode()).digest())
        first = set(order[: len(order) // 2])
        parts = (
            [sample for sample in quiet if f"{sample.source}/{sample.group}" in first],
            [sample for sample in quiet if f"{sample.source}/{sample.group}" not in first],
        )
        for here, there in (parts, parts[::-1]):
            choices = choose(shown, here, limit=limit, margin=margin)
            picked = {label: one.review for label, one in choices.items()}
            rates.append(clean_figures(there, picked, resamples=2).per_100_looks.value or 0.0)
    return float(np.mean(rates))


def needed_margin(
    shown: Sequence[Sample],
    quiet: Sequence[Sample],
    *,
    limit: float = ALARM_LIMIT,
    promised: float = PROMISED,
) -> float:
    """The smallest margin (0..0.5, in steps of 0.05) that keeps the promise on other views.

    It is found by ``crossed_alarms``; 0 where there are too few views to know, 0.5 where none
    keeps the promise.
    """
    margin = 0.0
    while margin < 0.5:
        if not crossed_alarms(shown, quiet, limit=limit, margin=margin) > promised:
            break
        margin = round(margin + 0.05, 2)
    return margin


def card_thresholds(choices: Mapping[str, Choice]) -> dict[str, dict[str, Any]]:
    """The ``thresholds:`` part of a model card."""
    return {
        label: {"review": one.review} | ({} if one.auto is None else {"auto": one.auto})
        for label, one in choices.items()
    }


@dataclass(frozen=True, eq=False)
class _Curve:
    """One class: right and found boxes down to each score, and its false alarms on quiet views.

    ``alarm_weights`` (n, M): what each alarm adds to each of the M ways of counting.
    """

    label: str
    boxes: int
    scores: Floats
    hits: Floats
    found: Floats
    alarm_scores: Floats
    alarm_weights: Floats

    @staticmethod
    def of(matches: Matches, alarms: tuple[Floats, Floats]) -> _Curve:
        last = np.flatnonzero(np.diff(matches.scores, append=-np.inf))
        return _Curve(
            label=matches.label,
            boxes=matches.boxes,
            scores=matches.scores[last],
            hits=np.cumsum(matches.right[0])[last].astype(np.float64),
            found=(last + 1).astype(np.float64),
            alarm_scores=alarms[0],
            alarm_weights=alarms[1],
        )

    def counts(self, threshold: float) -> tuple[float, float]:
        """Right boxes and all boxes at or above the threshold."""
        above = int((self.scores >= threshold).sum())
        return (self.hits[above - 1], self.found[above - 1]) if above else (0.0, 0.0)

    def f1(self, threshold: float) -> float:
        hits, found = self.counts(threshold)
        return float(2 * hits / max(found + self.boxes, 1))

    def best(self) -> float:
        """The threshold of best F1, halfway to the next fainter box so that it is no knife edge."""
        usable = np.flatnonzero((self.scores >= LOWEST) & (self.scores <= HIGHEST))
        if not self.boxes or not len(usable):
            return UNMEASURED
        f1 = 2 * self.hits[usable] / (self.found[usable] + self.boxes)
        at = int(usable[np.argmax(f1)])
        below = self.scores[at + 1] if at + 1 < len(self.scores) else LOWEST
        return _up((self.scores[at] + max(below, LOWEST)) / 2)

    def alarms_at(self, threshold: float) -> Floats:
        """Alarms per 100 looks (M,) at or above the threshold."""
        total: Floats = self.alarm_weights[self.alarm_scores >= threshold].sum(axis=0)
        return total

    def steps_above(self, threshold: float, excess: Floats) -> list[float]:
        """Thresholds that each silence one more alarm where there are too many."""
        loud = (self.alarm_scores >= threshold) & (self.alarm_weights[:, excess > 0] > 0).any(1)
        return [_up(float(score) + 1e-6) for score in np.unique(self.alarm_scores[loud])]

    def gain(self, here: float, there: float, excess: Floats) -> float:
        """Needed alarms avoided for each point of F1 given up."""
        avoided = np.minimum(self.alarms_at(here) - self.alarms_at(there), excess).sum()
        return float(avoided / (max(self.f1(here) - self.f1(there), 0.0) + 1e-3))

    def auto(self, review: float) -> float | None:
        """The lowest score whose precision is at least ``AUTO_PRECISION`` by its lower bound."""
        for score in self.scores[::-1]:
            if score < review:
                continue
            hits, found = self.counts(float(score))
            wrong = int((self.alarm_scores >= score).sum())
            low = bootstrap.wilson(int(hits), int(found) + wrong).low
            if low is not None and low >= AUTO_PRECISION:
                return _up(float(score))
        return None


def _relax(curves: Mapping[str, _Curve], chosen: dict[str, float], limit: float) -> None:
    """Lower thresholds again where the steps taken went further than the limit asks for.

    The largest gain of F1 first, among thresholds at which all counts still keep the limit.
    """
    while True:
        best: tuple[float, str, float] = (1e-6, "", 0.0)
        for label, curve in curves.items():
            others = sum(
                (curves[name].alarms_at(at) for name, at in chosen.items() if name != label),
                start=np.zeros(curve.alarm_weights.shape[1]),
            )
            for to in (curve.best(), *curve.steps_above(curve.best(), np.ones(len(others)))):
                gain = curve.f1(to) - curve.f1(chosen[label])
                kept = (others + curve.alarms_at(to) <= limit + 1e-9).all()
                if kept and to < chosen[label] and gain > best[0]:
                    best = (gain, label, to)
        if not best[1]:
            return
        chosen[best[1]] = best[2]


def _choice(curve: _Curve, review: float, *, seek_auto: bool) -> Choice:
    hits, found = curve.counts(review)
    auto = curve.auto(review) if seek_auto else None
    best = curve.best() if curve.boxes else None
    if not curve.boxes:
        note = "no true box to choose on"
    elif best is not None and review > best:
        note = f"raised from {best:.3f} to keep quiet views quiet"
    else:
        note = ""
    if seek_auto and auto is None:
        note += f"{'; ' if note else ''}precision not known to reach {AUTO_PRECISION}: no auto"
    return Choice(
        label=curve.label,
        review=review,
        auto=auto,
        best_f1_at=best,
        precision=hits / found if found else None,
        recall=hits / curve.boxes if curve.boxes else None,
        f1=curve.f1(review) if curve.boxes else None,
        note=note,
    )


def _meters(quiet: Sequence[Sample]) -> list[Floats]:
    """For each quiet sample what one alarm in it adds to each way of counting alarms."""
    looks = Counter((sample.source, sample.group) for sample in quiet)
    views = Counter(source for source, _ in looks)
    return [
        np.array([1 / len(looks), *((sample.source == name) / n for name, n in views.items())])
        * (100.0 / looks[sample.source, sample.group])
        for sample in quiet
    ]


def _alarms(quiet: Sequence[Sample], meters: Sequence[Floats], label: str) -> tuple[Floats, Floats]:
    """Scores (n,) of the boxes of a class on quiet views, and what each adds (n, M)."""
    scores, weights = [np.zeros(0)], [np.zeros((0, len(meters[0]) if meters else 1))]
    for sample, meter in zip(quiet, meters, strict=True):
        mine = sample.found_scores[sample.found_classes == CLASSES.index(label)]
        scores.append(mine)
        weights.append(np.tile(meter, (len(mine), 1)))
    return np.concatenate(scores), np.concatenate(weights)


def _up(value: float) -> float:
    """Rounded up to three places, so that what was to be silenced stays silenced."""
    return min(math.ceil(round(value * 1000, 6)) / 1000, 1.0)
