"""How long a unit has for each class, and when that time is over on the wall clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

Clock = Literal["working", "continuous"]
Span = tuple[time, time]


@dataclass(frozen=True)
class TimeLimit:
    """``hours`` to handle a case; a ``working`` clock stands still outside working hours."""

    hours: float
    clock: Clock


@dataclass(frozen=True)
class WorkingHours:
    """When the working clock (工作时) runs: the ``spans`` of each working day, local time.

    Saturday and Sunday do not count unless listed in ``extra_days`` (调休); ``holidays`` never do.
    """

    timezone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    spans: tuple[Span, ...] = ((time(8), time(12)), (time(14), time(18)))
    holidays: frozenset[date] = frozenset()
    extra_days: frozenset[date] = frozenset()


# Local values of one city (Yuncheng), given there as 4 小时, 1 天 (one working day of 8 hours) and
# 2 紧急工作时 (urgent hours run continuously). Every city sets its own.
DEFAULT_LIMITS: Mapping[str, TimeLimit] = MappingProxyType(
    {
        "spill": TimeLimit(4, "working"),
        "stacked_goods": TimeLimit(8, "working"),
        "stall": TimeLimit(2, "continuous"),
        "litter": TimeLimit(4, "working"),
        "overflowing_bin": TimeLimit(4, "working"),
    }
)


def due_at(start: datetime, limit: TimeLimit, hours: WorkingHours) -> datetime:
    """The instant (UTC) at which ``limit``, begun at the aware instant ``start``, is used up.

    Raises ValueError for a naive ``start`` and for hours that never run.
    """
    if start.utcoffset() is None:
        raise ValueError(f"expected a time with a time zone, got {start.isoformat()}")
    left = timedelta(hours=limit.hours)
    if limit.clock == "continuous":
        return start.astimezone(UTC) + left
    day = start.astimezone(hours.timezone).date()
    for offset in range(_MOST_DAYS):
        for opens, closes in _spans(day + timedelta(days=offset), hours):
            begin = max(opens, start.astimezone(UTC))
            if begin >= closes:
                continue
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
    raise ValueError(f"{limit.hours} working hours do not end within {_MOST_DAYS} days")


_MOST_DAYS = 3660


def _spans(day: date, hours: WorkingHours) -> list[tuple[datetime, datetime]]:
    weekend = day.weekday() >= 5 and day not in hours.extra_days
    if weekend or day in hours.holidays:
        return []
    zone = hours.timezone
    return [
        (
            datetime.combine(day, opens, zone).astimezone(UTC),
            datetime.combine(day, closes, zone).astimezone(UTC),
        )
        for opens, closes in hours.spans
    ]
