"""The ledger counts every decision once in each sum, and warns of a real fall, not of noise."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.ledger import (
    Decision,
    SampledIssue,
    drift_warnings,
    iso_week,
    precision_ledger,
    recall_ledger,
)

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)


def decisions(
    count: int, share: float, *, weeks_ago: float, label: str = "stall", camera: str = "a",
    model: str = "m", seed: int = 1,
) -> list[Decision]:  # fmt: skip
    """``count`` decisions within a week that ended so long ago, right in that share."""
    order = [index < round(count * share) for index in range(count)]
    random.Random(seed).shuffle(order)
    end = NOW - timedelta(weeks=weeks_ago)
    return [
        Decision(label, camera, end - timedelta(hours=index % 160), right, model)
        for index, right in enumerate(order)
    ]


rows = st.lists(
    st.builds(
        Decision,
        label=st.sampled_from(["stall", "litter"]),
        camera=st.sampled_from(["a", "b", "c"]),
        found_at=st.datetimes(
            datetime(2025, 12, 1),  # noqa: DTZ001
            datetime(2026, 2, 1),  # noqa: DTZ001
            timezones=st.just(UTC),
        ),
        right=st.booleans(),
    ),
    max_size=60,
)


@given(rows=rows)
@settings(max_examples=50, deadline=None)
def test_sums_agree_at_every_level(rows: list[Decision]) -> None:
    ledger = {(one.label, one.camera, one.week): one for one in precision_ledger(rows)}
    for label in ("stall", "litter"):
        mine = [one for one in rows if one.label == label]
        if not mine:
            assert not any(key[0] == label for key in ledger)
            continue
        whole = ledger[label, "*", "*"]
        assert (whole.right, whole.total) == (sum(one.right for one in mine), len(mine))
        single = [
            one
            for (name, camera, week), one in ledger.items()
            if name == label and camera != "*" and week != "*"
        ]
        assert sum(one.total for one in single) == len(mine)
        for one in single:
            assert one.share.low is not None
            assert one.share.high is not None
            assert one.share.low <= one.right / one.total <= one.share.high


def test_weeks_are_iso_weeks_of_the_zone() -> None:
    assert iso_week(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-W01"
    assert iso_week(datetime(2027, 1, 1, tzinfo=UTC)) == "2026-W53"
    sunday_evening = datetime(2026, 1, 4, 20, tzinfo=UTC)
    assert iso_week(sunday_evening) == "2026-W01"
    assert iso_week(sunday_evening, ZoneInfo("Asia/Shanghai")) == "2026-W02"
    with pytest.raises(ValueError, match="time zone"):
        iso_week(datetime(2026, 1, 1))  # noqa: DTZ001


def test_recall_counts_what_a_person_found_in_random_pictures() -> None:
    at = datetime(2026, 2, 3, tzinfo=UTC)
    samples = [SampledIssue("spill", "a", at, found) for found in (True, False, False, True)]
    entry = next(one for one in recall_ledger(samples) if (one.camera, one.week) == ("*", "*"))
    assert (entry.right, entry.total, entry.share.value) == (2, 4, 0.5)


def test_a_real_fall_is_warned_of_once_per_level() -> None:
    rows = [
        *(one for week in range(3, 9) for one in decisions(40, 0.9, weeks_ago=week)),
        *decisions(40, 0.6, weeks_ago=0),
    ]
    warnings = drift_warnings(rows, now=NOW)
    assert {(one.label, one.camera) for one in warnings} == {("stall", "a"), ("stall", "*")}
    assert "24 of 40 leads were right" in warnings[0].text
    assert "216 of 240" in warnings[0].text


def test_noise_and_thin_data_are_not_warned_of() -> None:
    steady = [one for week in range(9) for one in decisions(40, 0.85, weeks_ago=week, seed=week)]
    assert drift_warnings(steady, now=NOW) == ()
    thin = [*decisions(100, 0.9, weeks_ago=4), *decisions(20, 0.5, weeks_ago=0)]
    assert drift_warnings(thin, now=NOW) == ()
    better = [*decisions(100, 0.5, weeks_ago=4), *decisions(100, 0.9, weeks_ago=0)]
    assert drift_warnings(better, now=NOW) == ()


def test_chance_alone_seldom_warns() -> None:
    false = 0
    for seed in range(200):
        chance = random.Random(seed)
        rows = [
            Decision("litter", "a", NOW - timedelta(days=day), chance.random() < 0.8)
            for day in range(60)
            for _ in range(4)
        ]
        false += bool(drift_warnings(rows, now=NOW))
    assert false <= 6


def test_another_models_past_is_not_held_against_the_new_one() -> None:
    rows = [
        *decisions(200, 0.95, weeks_ago=4, model="old"),
        *decisions(60, 0.7, weeks_ago=0, model="new"),
    ]
    assert drift_warnings(rows, now=NOW) == ()


def test_naive_now_and_a_camera_called_all_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        drift_warnings([], now=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="stands for all"):
        precision_ledger(decisions(1, 1.0, weeks_ago=0, camera="*"))
