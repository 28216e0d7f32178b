"""When something is allowed at a place: night markets, weekend markets, works with a permit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import ConfigDict

from detector.geometry import Points, check_points
from detector.types import require_aware

STRICT = ConfigDict(extra="forbid")
DAYS = 7


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` until just before ``end``, local time; until the next day when end <= start.

    ``Span(time(20), time(2))`` runs from eight in the evening to two at night, and
    ``Span(time(0), time(0))`` the whole day.
    """

    __pydantic_config__ = STRICT
    start: time
    end: time

    def __post_init__(self) -> None:
        for name, value in (("start", self.start), ("end", self.end)):
            if value.tzinfo is not None:
                raise ValueError(f"{name}: expected local time without a zone, got {value}")

    @staticmethod
    def of(start_hour: int, end_hour: int) -> Span:
        """From one full hour to another (0..23)."""
        return Span(time(start_hour), time(end_hour))

    def covers(self, day: date, at: datetime, zone: ZoneInfo) -> bool:
        """True when ``at`` (aware) lies in the span that begins on ``day``."""
        begin = datetime.combine(day, self.start, zone)
        last = day + timedelta(days=1) if self.end <= self.start else day
        end = datetime.combine(last, self.end, zone)
        return begin.astimezone(UTC) <= at.astimezone(UTC) < end.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Weekly:
    """The spans that begin on some days of the week (0 is Monday)."""

    __pydantic_config__ = STRICT
    days: frozenset[int]
    spans: tuple[Span, ...]

    def __post_init__(self) -> None:
        wrong = sorted(day for day in self.days if not 0 <= day < DAYS)
        if wrong or not self.days:
            raise ValueError(f"days: expected days 0 (Monday) to 6 (Sunday), got {wrong or 'none'}")


@dataclass(frozen=True, slots=True)
class Permit:
    """Some classes are allowed on an area at some hours.

    ``labels``: the classes; empty means all. ``dates``: days whose spans replace the weekly ones,
    no spans meaning closed on that day. ``on_holidays``: the same for all holidays of the rules
    (None: holidays are as other days); ``dates`` goes before it. A span belongs to the day it
    begins on, also after midnight. ``valid_from``/``valid_until``: first and last such day.
    """

    __pydantic_config__ = STRICT
    id: str
    polygon: Points
    labels: frozenset[str]
    weekly: tuple[Weekly, ...]
    dates: dict[date, tuple[Span, ...]] = field(default_factory=dict)
    on_holidays: tuple[Span, ...] | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    name: str = ""

    def __post_init__(self) -> None:
        check_points(f"permit {self.id}: polygon", self.polygon)
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError(f"permit {self.id}: valid_until is before valid_from")

    def concerns(self, label: str) -> bool:
        """True when the permit is for this class."""
        return not self.labels or label in self.labels

    def spans_on(self, day: date, holidays: frozenset[date]) -> tuple[Span, ...]:
        """The spans that begin on ``day``."""
        if (self.valid_from and day < self.valid_from) or (
            self.valid_until and day > self.valid_until
        ):
            return ()
        if day in self.dates:
            return self.dates[day]
        if day in holidays and self.on_holidays is not None:
            return self.on_holidays
        return tuple(s for w in self.weekly if day.weekday() in w.days for s in w.spans)

    def open_at(
        self, at: datetime, zone: ZoneInfo, holidays: frozenset[date] = frozenset()
    ) -> bool:
        """True when the permit holds at ``at`` (aware), judged in the local time of ``zone``.

        >>> market = Permit("m", ((0, 0), (1, 0), (1, 1)), frozenset({"stall"}),
        ...                 (Weekly(frozenset({5}), (Span(time(20), time(2)),)),))
        >>> shanghai = ZoneInfo("Asia/Shanghai")
        >>> sunday_night = datetime(2026, 5, 3, 1, 30, tzinfo=shanghai)
        >>> market.open_at(sunday_night, shanghai)
        True
        """
        require_aware("at", at)
        today = at.astimezone(zone).date()
        return any(
            span.covers(day, at, zone)
            for day in (today, today - timedelta(days=1))
            for span in self.spans_on(day, holidays)
        )
