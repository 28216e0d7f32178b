"""How long a unit has for each class, and when that time is over on the wall clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
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
    """The instant (UTC) at which ``limit``, begun at the aware instant ``start``, is used up."""
    raise NotImplementedError
