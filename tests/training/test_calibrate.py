"""Calibrated confidences tell the truth on sites not seen in fitting, and never reorder boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.card import Calibration
from training import calibrate, metrics
from training.calibrate import Table
from training.metrics import Sample


def boastful(rng: np.random.Generator, pictures: int, *, power: float = 3.0) -> list[Sample]:
    """Pictures whose litter boxes are right with chance score**power: too sure of themselves."""
    samples = []
    for index in range(pictures):
        scores = rng.uniform(0.02, 1, 10)
        corner = np.stack([np.arange(10) * 30.0, np.zeros(10)], axis=1)
        boxes = np.concatenate([corner, corner + 20], axis=1)
        true = rng.uniform(0, 1, 10) < scores**power
        samples.append(
            Sample(
                key=str(index),
                source="s",
                group=f"site{index // 2}",
                truth_boxes=boxes[true],
                truth_classes=np.full(int(true.sum()), 3),
                found_boxes=boxes,
                found_scores=scores,
                found_classes=np.full(10, 3),
                labelled=frozenset({3, 4}),
            )
        )
    return samples


def test_a_boastful_model_is_brought_down_to_the_truth() -> None:
    rng = np.random.default_rng(1)
    result = calibrate.calibrate(boastful(rng, 300))
    assert set(result) == {"litter"}, "classes without a true box are left out"
    litter = result["litter"]
    assert litter.table is not None
    assert litter.raw_error > 0.15
    assert litter.error < 0.05
    fresh = calibrate.apply(boastful(rng, 200), calibrate.tables_of(result))
    matched = metrics.match(fresh, [3], "litter")
    assert metrics.calibration_error(matched.scores, matched.right[0]) < 0.04


def test_average_precision_is_untouched_by_calibration() -> None:
    samples = boastful(np.random.default_rng(2), 60)
    tables = calibrate.tables_of(calibrate.calibrate(samples))
    before = metrics.average_precision(metrics.match(samples, [3], "litter"))
    after = metrics.average_precision(
        metrics.match(calibrate.apply(samples, tables), [3], "litter")
    )
    np.testing.assert_allclose(before, after)


def test_too_few_boxes_leave_the_confidences_alone() -> None:
    litter = calibrate.calibrate(boastful(np.random.default_rng(3), 4))["litter"]
    assert litter.table is None
    assert "too few" in litter.note


def test_an_honest_model_is_left_as_it_is_or_hardly_moved() -> None:
    litter = calibrate.calibrate(boastful(np.random.default_rng(4), 150, power=1.0))["litter"]
    if litter.table is not None:
        raw = np.linspace(0.1, 0.9, 9)
        assert np.abs(litter.table.apply(raw) - raw).max() < 0.08
    assert litter.error < 0.05


def test_the_card_takes_the_table() -> None:
    result = calibrate.calibrate(boastful(np.random.default_rng(5), 60))
    part = calibrate.card_calibration(result)["litter"]
    card = Calibration.model_validate(part)
    assert (card.raw[0], card.raw[-1]) == (0.0, 1.0)


@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 400),
    share=st.floats(0, 1),
    low=st.floats(0.0, 0.9),
)
@settings(max_examples=60, deadline=None)
def test_every_fitted_table_rises_strictly_within_bounds(
    seed: int, count: int, share: float, low: float
) -> None:
    rng = np.random.default_rng(seed)
    table = calibrate.fit(rng.uniform(low, 1, count), rng.random(count) < share)
    assert isinstance(table, Table)
    assert (np.diff(table.raw) > 0).all()
    assert (np.diff(table.calibrated) > 0).all()
    assert table.calibrated[0] >= 0
    assert table.calibrated[-1] <= 1


def test_more_boxes_move_the_curve_further_from_the_identity() -> None:
    few = calibrate.fit(np.full(3, 0.8), np.zeros(3, dtype=bool))
    many = calibrate.fit(np.full(3000, 0.8), np.zeros(3000, dtype=bool))
    at = np.array([0.8])
    assert many.apply(at)[0] < few.apply(at)[0] < 0.8


def test_mismatched_input_is_refused() -> None:
    with pytest.raises(ValueError, match="as many judgements as scores"):
        calibrate.fit(np.zeros(3), np.zeros(2, dtype=bool))
