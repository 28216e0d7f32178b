"""Thresholds keep quiet views quiet at the least cost, and auto only where precision is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.card import Thresholds
from training import metrics, thresholds
from training.figures import clean_figures
from training.metrics import Sample


def picture(
    key: str, scores: list[float], right: list[bool], *, label: int = 3, missed: int = 0
) -> Sample:
    """One picture with boxes side by side; ``missed`` true boxes are not found."""
    count = len(scores) + missed
    corner = np.stack([np.arange(count) * 30.0, np.zeros(count)], axis=1)
    boxes = np.concatenate([corner, corner + 20], axis=1)
    true = np.array([*right, *([True] * missed)], dtype=bool)
    return Sample(
        key=key,
        source="s",
        group=key,
        truth_boxes=boxes[true],
        truth_classes=np.full(int(true.sum()), label),
        found_boxes=boxes[: len(scores)],
        found_scores=np.array(scores, dtype=np.float64),
        found_classes=np.full(len(scores), label),
        labelled=frozenset(range(5)),
    )


def test_without_quiet_views_the_best_f1_is_taken() -> None:
    shown = [picture("a", [0.9, 0.8, 0.4, 0.3], [True, True, False, False])]
    litter = thresholds.choose_thresholds(shown, [])["litter"]
    assert 0.4 < litter.review <= 0.8
    assert (litter.precision, litter.recall, litter.f1) == (1.0, 1.0, 1.0)


def test_alarms_on_quiet_views_raise_the_threshold_that_costs_least() -> None:
    shown = [
        picture("a", [0.9, 0.6, 0.5], [True, True, True]),
        picture("b", [0.9, 0.6, 0.3], [True, False, True], label=2),
    ]
    quiet = [picture("q", [0.55], [False]), picture("r", [0.35], [False], label=2)]
    chosen = thresholds.choose_thresholds(shown, quiet, limit=0.0)
    picked = {label: one.review for label, one in chosen.items()}
    assert clean_figures(quiet, picked, resamples=2).alarms == 0
    loose = thresholds.choose_thresholds(shown, quiet, limit=1000.0)
    assert loose["litter"].review < picked["litter"]
    assert "quiet" in chosen["litter"].note


def test_no_threshold_is_higher_than_the_limit_asks_for() -> None:
    rng = np.random.default_rng(3)
    shown = [
        picture(f"p{n}", rng.uniform(0.1, 1, 5).tolist(), [True] * 5, label=2 + n % 3)
        for n in range(30)
    ]
    quiet = [
        picture(f"q{n}", rng.uniform(0.1, 0.9, 2).tolist(), [False] * 2, label=2 + n % 3)
        for n in range(20)
    ]
    chosen = thresholds.choose_thresholds(shown, quiet, limit=30.0)
    picked = {label: one.review for label, one in chosen.items()}
    for label in ("stall", "litter", "overflowing_bin"):
        index = metrics_index(label)
        scores = np.concatenate([one.found_scores[one.found_classes == index] for one in quiet])
        for lower in scores[scores < picked[label]]:
            trial = picked | {label: float(lower) + 1e-4}
            rate = clean_figures(quiet, trial, resamples=2).per_100_looks.value
            assert rate is not None
            matched = metrics.match(shown, [index], label)
            now, then = (
                metrics.precision_recall_at(matched, one[label])[1][0] for one in (picked, trial)
            )
            assert rate > 30.0 or then <= now, "more could be found at no cost"


@given(seed=st.integers(0, 10_000), limit=st.floats(0, 60))
@settings(max_examples=40, deadline=None)
def test_the_limit_is_kept_and_thresholds_only_rise(seed: int, limit: float) -> None:
    rng = np.random.default_rng(seed)
    shown = [
        picture(
            f"p{index}",
            rng.uniform(0.05, 1, 6).round(2).tolist(),
            (rng.random(6) < 0.6).tolist(),
            label=int(rng.integers(0, 5)),
        )
        for index in range(12)
    ]
    quiet = [
        picture(
            f"q{index}",
            rng.uniform(0.05, 0.9, 3).tolist(),
            [False] * 3,
            label=int(rng.integers(0, 5)),
        )
        for index in range(10)
    ]
    chosen = thresholds.choose_thresholds(shown, quiet, limit=limit)
    picked = {label: one.review for label, one in chosen.items()}
    rate = clean_figures(quiet, picked, resamples=2).per_100_looks.value
    assert rate is not None
    assert rate <= limit + 1e-9
    for one in chosen.values():
        assert one.best_f1_at is None or one.review >= one.best_f1_at
        assert 0 < one.review <= 1
        precision, recall = metrics.precision_recall_at(
            metrics.match(shown, [metrics_index(one.label)], one.label), one.review
        )
        assert one.recall is None or one.recall == pytest.approx(recall[0])
        assert one.precision is None or one.precision == pytest.approx(precision[0])


def metrics_index(label: str) -> int:
    from datasets.classes import CLASSES

    return CLASSES.index(label)


def test_auto_needs_many_right_boxes_and_is_off_unless_asked_for() -> None:
    good = [picture(f"p{index}", [0.9], [True]) for index in range(100)]
    few = good[:40]
    asked = {"labels": ["litter"], "auto_classes": ["litter"]}
    assert thresholds.choose_thresholds(good, [], **asked)["litter"].auto is not None  # type: ignore[arg-type]
    refused = thresholds.choose_thresholds(few, [], **asked)["litter"]  # type: ignore[arg-type]
    assert refused.auto is None
    assert "no auto" in refused.note
    assert thresholds.choose_thresholds(good, [], labels=["litter"])["litter"].auto is None


def test_a_class_nobody_labelled_gets_the_cautious_threshold() -> None:
    spill = thresholds.choose_thresholds([picture("a", [0.9], [True])], [])["spill"]
    assert spill.review == thresholds.UNMEASURED
    assert spill.note == "no true box to choose on"


def test_the_expected_alarms_come_from_views_not_chosen_on() -> None:
    rng = np.random.default_rng(6)
    shown = [picture(f"p{n}", rng.uniform(0.2, 1, 4).tolist(), [True] * 4) for n in range(20)]
    quiet = [picture(f"q{n}", rng.uniform(0.2, 0.8, 1).tolist(), [False]) for n in range(30)]
    assert thresholds.crossed_alarms(shown, quiet, limit=0.0) > 0.0
    assert math.isnan(thresholds.crossed_alarms(shown, quiet[:1]))


def test_a_margin_keeps_the_promise_on_other_views_and_none_is_taken_without_need() -> None:
    rng = np.random.default_rng(6)
    shown = [picture(f"p{n}", rng.uniform(0.2, 1, 4).tolist(), [True] * 4) for n in range(20)]
    quiet = [picture(f"q{n}", rng.uniform(0.2, 0.8, 1).tolist(), [False]) for n in range(30)]
    before = thresholds.crossed_alarms(shown, quiet)
    promised = before / 2
    margin = thresholds.needed_margin(shown, quiet, promised=promised)
    assert margin > 0
    assert thresholds.crossed_alarms(shown, quiet, margin=margin) <= promised
    assert thresholds.crossed_alarms(shown, quiet, margin=margin - 0.05) > promised
    assert thresholds.needed_margin(shown, quiet, promised=before) == 0
    assert thresholds.needed_margin(shown, quiet[:1]) == 0


def test_a_margin_moves_every_threshold_towards_one() -> None:
    shown = [picture(f"p{n}", [0.8, 0.4], [True, False]) for n in range(10)]
    plain = thresholds.choose_thresholds(shown, [])["litter"]
    raised = thresholds.choose_thresholds(shown, [], margin=0.5)["litter"]
    assert raised.review == pytest.approx((1 + plain.review) / 2, abs=0.002)


def test_the_card_takes_the_choices() -> None:
    part = thresholds.card_thresholds(thresholds.choose_thresholds([], []))
    assert set(part) == {"spill", "stacked_goods", "stall", "litter", "overflowing_bin"}
    for one in part.values():
        Thresholds.model_validate(one)
