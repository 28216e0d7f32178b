"""Deadlines: working hours stop at noon, at night and over holidays, urgent ones never."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from cases.codes import CODES, ISSUE_LABELS, standard_code
from cases.errors import InvalidError
from cases.limits import DEFAULT_LIMITS, TimeLimit, WorkingHours, due_at

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = WorkingHours(
    timezone=ZONE,
    holidays=frozenset({date(2026, 10, 1)}),
    extra_days=frozenset({date(2026, 10, 10)}),
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-07-01 08:00", 4, "2026-07-01 12:00"),  # a Wednesday
        ("2026-07-01 09:00", 4, "2026-07-01 15:00"),
        ("2026-07-01 12:30", 4, "2026-07-01 18:00"),
        ("2026-07-01 12:30", 4.5, "2026-07-02 08:30"),
        ("2026-07-01 16:00", 4, "2026-07-02 10:00"),
        ("2026-07-01 23:59", 4, "2026-07-02 12:00"),
        ("2026-07-02 03:00", 8, "2026-07-02 18:00"),
        ("2026-07-03 17:00", 4, "2026-07-06 11:00"),  # over the weekend
        ("2026-07-04 10:00", 4, "2026-07-06 12:00"),
        ("2026-09-30 17:00", 4, "2026-10-02 11:00"),  # over a holiday
        ("2026-10-09 17:00", 4, "2026-10-10 11:00"),  # into a working Saturday
        ("2026-07-01 08:00", 40, "2026-07-07 18:00"),
    ],
)
def test_working_hours(start: str, hours: float, due: str) -> None:
    assert due_at(local(start), TimeLimit(hours, "working"), HOURS) == local(due)


@pytest.mark.parametrize("start", ["2026-07-01 12:30", "2026-07-04 23:30", "2026-10-01 08:00"])
def test_urgent_hours_run_through(start: str) -> None:
    begun = local(start)
    assert (due_at(begun, TimeLimit(2, "continuous"), HOURS) - begun).total_seconds() == 7200


def test_the_zone_of_the_start_does_not_matter() -> None:
    limit = TimeLimit(4, "working")
    begun = local("2026-07-01 16:00")
    due = due_at(begun.astimezone(UTC), limit, HOURS)
    assert due == due_at(begun, limit, HOURS)
    assert due.tzinfo is UTC


def test_a_naive_start_is_refused() -> None:
    naive = datetime(2026, 7, 1, 8)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        due_at(naive, TimeLimit(4, "working"), HOURS)


def test_hours_that_never_run_are_an_error() -> None:
    with pytest.raises(ValueError, match="do not end"):
        due_at(local("2026-07-01 08:00"), TimeLimit(4, "working"), WorkingHours(spans=()))


@pytest.mark.parametrize("edition", CODES)
def test_every_class_has_a_code_in_every_edition(edition: str) -> None:
    for label in ISSUE_LABELS:
        code = standard_code(label, edition)
        assert code.standard_ref == edition
        assert code.code.isdigit()
        assert code.name_zh
        assert code.name_en


def test_every_class_has_a_limit() -> None:
    assert set(DEFAULT_LIMITS) == set(ISSUE_LABELS)


@pytest.mark.parametrize(
    ("label", "edition", "field"),
    [("person", "GB/T 47678.5-2026", "label"), ("litter", "GB/T 1", "standard_ref")],
)
def test_unknown_codes(label: str, edition: str, field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        standard_code(label, edition)
    assert caught.value.field == field


def test_the_defaults_of_the_code_table() -> None:
    wanted = {
        "spill": "06014",
        "stacked_goods": "06036",
        "stall": "09006",
        "litter": "06010",
        "overflowing_bin": "06042",
    }
    assert {label: standard_code(label).code for label in ISSUE_LABELS} == wanted
