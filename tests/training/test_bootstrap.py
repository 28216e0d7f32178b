"""Intervals cover what they should, and are the same every time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.test_metrics import random_sample
from training import bootstrap, metrics


def test_resampled_precision_agrees_with_resampling_the_samples_themselves() -> None:
    rng = np.random.default_rng(3)
    samples = [random_sample(rng, index) for index in range(30)]
    matched = metrics.match(samples, [0], "x")
    weights = bootstrap.draw_for(matched, resamples=20)
    fast = metrics.average_precision(matched, weights)
    for row in range(20):
        repeated = [
            sample
            for sample, times in zip(samples, weights[row], strict=True)
            for _ in range(int(times))
        ]
        slow = metrics.average_precision(metrics.match(repeated, [0], "x"))[0]
        np.testing.assert_allclose(fast[row], slow, atol=0.02)
        precision, recall = metrics.precision_recall_at(matched, 0.5, weights)
        again = metrics.precision_recall_at(metrics.match(repeated, [0], "x"), 0.5)
        np.testing.assert_allclose([precision[row], recall[row]], [again[0][0], again[1][0]])


def test_a_thousand_resamples_of_two_hundred_pictures_are_quick() -> None:
    rng = np.random.default_rng(4)
    samples = [random_sample(rng, index) for index in range(200)]
    started = time.perf_counter()
    matched = metrics.match(samples, [0], "x")
    metrics.average_precision(matched, bootstrap.draw_for(matched))
    assert time.perf_counter() - started < 20


def test_sites_stay_together_when_there_are_enough_of_them() -> None:
    groups = np.repeat(np.arange(12), 4)
    weights = bootstrap.draw(groups, np.zeros(48, dtype=np.int64), resamples=50)
    by_site = weights.reshape(50, 12, 4)
    assert (by_site == by_site[:, :, :1]).all()
    assert (weights.sum(axis=1) == 48).all()
    few = bootstrap.draw(np.repeat(np.arange(3), 16), np.zeros(48, dtype=np.int64), resamples=50)
    assert not (few.reshape(50, 3, 16) == few.reshape(50, 3, 16)[:, :, :1]).all()


def test_sources_keep_their_share_and_draws_repeat() -> None:
    sources = np.array([0] * 20 + [1] * 30)
    weights = bootstrap.draw(np.arange(50), sources, resamples=40)
    assert (weights[:, :20].sum(axis=1) == 20).all()
    assert (weights[:, 20:].sum(axis=1) == 30).all()
    assert (weights == bootstrap.draw(np.arange(50), sources, resamples=40)).all()


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for trial in range(100):
        data = rng.random(60) < 0.6
        weights = bootstrap.draw(
            np.arange(60), np.zeros(60, dtype=np.int64), resamples=300, seed=trial
        )
        found = bootstrap.Interval.of(float(data.mean()), weights @ data / 60)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.6 <= found.high
    assert covered >= 85


def test_undefined_figures_have_no_interval() -> None:
    assert bootstrap.Interval.of(float("nan"), np.zeros(3)) == bootstrap.Interval(None, None, None)
    assert bootstrap.wilson(0, 0).low is None
    with pytest.raises(ValueError, match="5 of 4"):
        bootstrap.wilson(5, 4)


@given(total=st.integers(1, 500), share=st.floats(0, 1))
def test_wilson_holds_the_share_and_narrows_with_more_data(total: int, share: float) -> None:
    hits = round(share * total)
    one, ten = bootstrap.wilson(hits, total), bootstrap.wilson(hits * 10, total * 10)
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    assert ten.low is not None
    assert ten.high is not None
    assert 0 <= one.low <= one.value + 1e-12
    assert one.value - 1e-12 <= one.high <= 1
    assert ten.high - ten.low < one.high - one.low


def test_wilson_by_the_published_example() -> None:
    # 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I, method 3).
    found = bootstrap.wilson(81, 263)
    assert found.low == pytest.approx(0.2553, abs=5e-5)
    assert found.high == pytest.approx(0.3662, abs=5e-5)
