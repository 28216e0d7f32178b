"""A model is promoted when it is better beyond doubt, and never at the price of one class."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.test_metrics import random_sample
from training.bootstrap import Interval
from training.metrics import Sample
from training.promote import Contender, Difference, compare, verdict


def world(count: int = 60) -> list[Sample]:
    """Pictures with litter, bins and stalls, and nothing found in them yet."""
    rng = np.random.default_rng(11)
    kinds = np.array([2, 3, 4])
    samples = []
    for index in range(count):
        one = random_sample(rng, index)
        samples.append(
            replace(
                one,
                group=f"site{index}",
                truth_classes=kinds[one.truth_classes],
                found_boxes=np.zeros((0, 4)),
                found_scores=np.zeros(0),
                found_classes=np.zeros(0, dtype=np.int64),
                labelled=frozenset({2, 3, 4}),
            )
        )
    return samples


def model(name: str, skill: dict[int, float], *, seed: int = 1, **more: object) -> Contender:
    """A detector that finds each true box of a class with the chance ``skill`` gives."""
    rng = np.random.default_rng(seed)
    samples = []
    for one in world():
        chance = np.array([skill.get(int(kind), 0.5) for kind in one.truth_classes])
        seen = rng.random(len(chance)) < chance
        samples.append(
            replace(
                one,
                found_boxes=one.truth_boxes[seen],
                found_classes=one.truth_classes[seen],
                found_scores=rng.uniform(0.3, 1, int(seen.sum())),
            )
        )
    return Contender(name, name, [*samples, *more.get("quiet", [])], {})  # type: ignore[misc]


def test_a_clearly_better_model_is_promoted_with_reasons() -> None:
    result = compare(
        model("new", {2: 0.9, 3: 0.9, 4: 0.9}, seed=2),
        model("old", {2: 0.4, 3: 0.4, 4: 0.4}),
        resamples=300,
    )
    assert result.promote
    assert result.reasons[0].startswith("mean AP50 rises")
    assert asdict(result)["classes"]["litter"]["change"]["low"] > 0
    assert set(result.classes) == {"stall", "litter", "overflowing_bin"}


def test_a_gain_bought_with_one_class_is_refused() -> None:
    result = compare(
        model("new", {2: 0.3, 3: 0.95, 4: 0.95}, seed=2),
        model("old", {2: 0.8, 3: 0.3, 4: 0.3}),
        resamples=300,
    )
    assert result.overall.rises
    assert not result.promote
    assert result.reasons == (next(r for r in result.reasons if r.startswith("stall falls")),)


def test_the_same_model_and_one_as_good_are_refused() -> None:
    old = model("old", {})
    same = compare(replace(old, name="new"), old, resamples=100)
    assert not same.promote
    assert same.overall.change == Interval(0.0, 0.0, 0.0)
    assert not compare(model("new", {}, seed=3), old, resamples=300).promote


def quiet(alarms: int) -> list[Sample]:
    """Thirty quiet views, the first ``alarms`` of them with litter seen by mistake."""
    return [
        Sample(
            key=f"q{index}",
            source="quiet",
            group=f"q{index}",
            truth_boxes=np.zeros((0, 4)),
            truth_classes=np.zeros(0, dtype=np.int64),
            found_boxes=np.array([[0, 0, 9, 9.0]])[: int(index < alarms)],
            found_scores=np.array([0.9])[: int(index < alarms)],
            found_classes=np.array([3])[: int(index < alarms)],
            labelled=frozenset(range(5)),
        )
        for index in range(30)
    ]


def test_more_false_alarms_on_quiet_views_are_refused() -> None:
    result = compare(
        model("new", {2: 0.9, 3: 0.9, 4: 0.9}, seed=2, quiet=quiet(12)),
        model("old", {2: 0.4, 3: 0.4, 4: 0.4}, quiet=quiet(1)),
        clean=frozenset({"quiet"}),
        resamples=300,
    )
    assert not result.promote
    assert result.alarms is not None
    assert result.alarms.candidate == pytest.approx(40.0)
    assert "false alarms" in result.reasons[0]


def test_models_that_saw_different_pictures_are_not_compared() -> None:
    old = model("old", {})
    with pytest.raises(ValueError, match="saw 60 and 59 pictures"):
        compare(old, replace(old, samples=old.samples[:-1]))
    with pytest.raises(ValueError, match="different pictures"):
        compare(old, replace(old, samples=old.samples[::-1]))


def difference(low: float, high: float) -> Difference:
    middle = (low + high) / 2
    return Difference(0.5, 0.5 + middle, Interval(middle, low, high))


changes = st.tuples(st.floats(-0.4, 0.4), st.floats(0, 0.2)).map(
    lambda pair: difference(pair[0], pair[0] + pair[1])
)


@given(
    overall=changes,
    classes=st.dictionaries(st.sampled_from(["spill", "stall", "litter", "bin"]), changes),
    alarms=st.none() | changes,
)
@settings(max_examples=200, deadline=None)
def test_the_rule_in_every_case(
    overall: Difference, classes: dict[str, Difference], alarms: Difference | None
) -> None:
    promote, reasons = verdict(overall, classes, alarms)
    assert reasons, "there is always a reason to read"
    surely_better = overall.change.low is not None and overall.change.low > 0
    surely_worse = [
        label
        for label, one in classes.items()
        if one.change.high is not None and one.change.high < 0
    ]
    louder = alarms is not None and alarms.change.low is not None and alarms.change.low > 0
    assert promote == (surely_better and not surely_worse and not louder)
    for label in surely_worse:
        assert any(reason.startswith(f"{label} falls") for reason in reasons)


@given(overall=changes, one=changes)
@settings(max_examples=100, deadline=None)
def test_a_fall_of_one_class_never_helps(overall: Difference, one: Difference) -> None:
    worse = difference(-0.3, -0.1)
    assert not verdict(overall, {"stall": worse, "litter": one}, None)[0]
