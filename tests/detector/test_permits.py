from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.permits import Permit, Span, Weekly

SHANGHAI = ZoneInfo("Asia/Shanghai")
AREA = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
STALL = frozenset({"stall"})
NIGHT = Permit("night", AREA, STALL, (Weekly(frozenset(range(7)), (Span(time(20), time(2)),)),))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (local(2026, 5, 1, 19, 59, 59), False),
        (local(2026, 5, 1, 20), True),
        (local(2026, 5, 1, 23, 59), True),
        (local(2026, 5, 2, 0, 0), True),
        (local(2026, 5, 2, 1, 59, 59), True),
        (local(2026, 5, 2, 2), False),
        (datetime(2026, 5, 1, 12, 0, tzinfo=UTC), True),
    ],
)
def test_a_night_market_runs_across_midnight(at: datetime, is_open: bool) -> None:
    assert NIGHT.open_at(at, SHANGHAI) is is_open


def test_a_weekend_market_that_ends_on_monday_morning() -> None:
    weekend = Permit("w", AREA, STALL, (Weekly(frozenset({5, 6}), (Span(time(18), time(1)),)),))
    assert weekend.open_at(local(2026, 5, 4, 0, 30), SHANGHAI)  # Monday, of Sunday's span
    assert not weekend.open_at(local(2026, 5, 4, 19), SHANGHAI)
    assert not weekend.open_at(local(2026, 5, 2, 0, 30), SHANGHAI)  # Saturday, of Friday's


def test_exceptions_replace_the_week_and_holidays_come_after_them() -> None:
    closed, fair, holiday = date(2026, 5, 1), date(2026, 5, 2), date(2026, 10, 1)
    permit = Permit(
        "p",
        AREA,
        STALL,
        NIGHT.weekly,
        dates={closed: (), fair: (Span(time(8), time(12)),)},
        on_holidays=(Span(time(0), time(0)),),
    )
    days = frozenset({holiday, closed})
    assert not permit.open_at(local(2026, 5, 1, 21), SHANGHAI, days)
    assert not permit.open_at(local(2026, 5, 2, 0, 30), SHANGHAI, days)
    assert permit.open_at(local(2026, 5, 2, 9), SHANGHAI, days)
    assert permit.open_at(local(2026, 10, 1, 9), SHANGHAI, days)
    assert permit.open_at(local(2026, 10, 1, 9), SHANGHAI) is False


def test_the_span_that_began_on_the_last_valid_day_runs_to_its_end() -> None:
    permit = Permit("p", AREA, STALL, NIGHT.weekly, valid_until=date(2026, 5, 1))
    assert permit.open_at(local(2026, 5, 2, 1), SHANGHAI)
    assert not permit.open_at(local(2026, 5, 2, 21), SHANGHAI)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.times(),
    st.times(),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
)
def test_a_daily_span_is_open_for_its_length_each_day(
    start: datetime, begin: time, end: time, zone: str
) -> None:
    span = Span(begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
    permit = Permit("p", AREA, STALL, (Weekly(frozenset(range(7)), (span,)),))
    place = ZoneInfo(zone)
    steps = [start + timedelta(minutes=10 * n) for n in range(2 * 144)]
    minutes = 10 * sum(permit.open_at(at, place) for at in steps)
    length = (
        (span.end.hour * 60 + span.end.minute) - (span.start.hour * 60 + span.start.minute)
    ) % 1440 or 1440
    assert (
        abs(minutes - 2 * length) <= 180
    )  # summer time may take or give an hour, edges 10 minutes


def test_a_permit_is_checked_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="3 or more points"):
        Permit("p", ((0, 0), (1, 1)), STALL, ())
    with pytest.raises(ValueError, match="before valid_from"):
        Permit("p", AREA, STALL, (), valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 1))
    with pytest.raises(ValueError, match="days"):
        Weekly(frozenset({7}), ())
    with pytest.raises(ValueError, match="time zone"):
        NIGHT.open_at(datetime(2026, 5, 1), SHANGHAI)  # noqa: DTZ001
