from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.permits import Span, Weekly
from detector.plan import Plan, PlanError, in_plan, plan_from, plan_to

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York")]
spans = st.builds(
    Span,
    st.times(timezones=st.none()).map(lambda t: t.replace(microsecond=0)),
    st.times(timezones=st.none()).map(lambda t: t.replace(microsecond=0)),
)
plans = st.lists(
    st.builds(
        Weekly,
        st.frozensets(st.integers(0, 6), min_size=1),
        st.lists(spans, max_size=3).map(tuple),
    ),
    max_size=3,
).map(tuple)
_NEW_YEAR = datetime.combine(date(2026, 1, 1), time())
instants = st.datetimes(_NEW_YEAR, _NEW_YEAR + timedelta(days=729), timezones=st.just(UTC))


def minutes_of_week(plan: Plan) -> set[tuple[int, time]]:
    """A second way to say when a plan holds: every second-of-day, walked through by hand."""
    held = set()
    for weekly in plan:
        for span in weekly.spans:
            for day in weekly.days:
                if span.start < span.end:
                    held.add((day, span.start, span.end))
                else:
                    held.add((day, span.start, time.max))
                    held.add(((day + 1) % 7, time.min, span.end))
    return held  # type: ignore[return-value]


@given(plans, instants, st.sampled_from(ZONES))
def test_in_plan_is_what_a_walk_over_the_local_week_says(
    plan: Plan, at: datetime, zone: ZoneInfo
) -> None:
    local = at.astimezone(zone)
    around = {(local + timedelta(hours=h)).utcoffset() for h in (-30, -4, 0, 4)}
    if len(around) > 1:
        return  # the clock is changed nearby: spans have other lengths that night
    day, now = local.weekday(), local.time()
    expected = not plan or any(
        on == day and begin <= now and (now < end or end == time.max)
        for on, begin, end in minutes_of_week(plan)  # type: ignore[misc]
    )
    assert in_plan(plan, at, zone) == expected


@given(plans)
def test_a_plan_is_read_as_it_was_written(plan: Plan) -> None:
    assert plan_from(json.loads(json.dumps(plan_to(plan)))) == plan


@given(plans, instants)
def test_more_spans_never_take_time_away(plan: Plan, at: datetime) -> None:
    more = (*plan, Weekly(frozenset({2}), (Span.of(6, 8),)))
    if plan and in_plan(plan, at, ZONES[0]):
        assert in_plan(more, at, ZONES[0])


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ([{"days": [7], "spans": []}], "days"),
        ([{"days": [], "spans": []}], "days"),
        ([{"days": [1], "spans": [{"start": "25:00", "end": "01:00"}]}], "start"),
        ({"days": [1]}, "plan"),
        ([{"days": [1], "spans": [], "more": 1}], "more"),
    ],
)
def test_a_wrong_plan_is_named(content: object, named: str) -> None:
    with pytest.raises(PlanError, match=named):
        plan_from(content)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        in_plan((), _NEW_YEAR, ZONES[0])
