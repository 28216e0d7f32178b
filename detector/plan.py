"""When a camera is patrolled at all: its weekly plan, in the local time of its place."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from detector.permits import Weekly
from detector.types import require_aware

Plan = tuple[Weekly, ...]
"""The hours of a week; an empty plan means always."""

_PLAN = TypeAdapter(Plan)


class PlanError(ValueError):
    """A plan is not valid; the message names the field and what was expected."""


def in_plan(plan: Plan, at: datetime, zone: ZoneInfo) -> bool:
    """True when a camera with this plan is patrolled at ``at`` (aware).

    >>> from datetime import UTC, time
    >>> from detector.permits import Span
    >>> nights = (Weekly(frozenset({4}), (Span(time(20), time(2)),)),)   # Friday into Saturday
    >>> shanghai = ZoneInfo("Asia/Shanghai")
    >>> in_plan(nights, datetime(2026, 5, 2, 1, 30, tzinfo=shanghai), shanghai)
    True
    >>> in_plan((), datetime(2026, 5, 2, 12, tzinfo=UTC), shanghai)
    True
    """
    require_aware("at", at)
    if not plan:
        return True
    today = at.astimezone(zone).date()
    return any(
        span.covers(day, at, zone)
        for day in (today, today - timedelta(days=1))
        for weekly in plan
        if day.weekday() in weekly.days
        for span in weekly.spans
    )


def plan_from(content: object) -> Plan:
    """A plan from plain data: a list of ``{days: [0..6], spans: [{start, end}]}``; PlanError."""
    try:
        return _PLAN.validate_python(content)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'plan'}: {item['msg']}" for item in error.errors()
        )
        raise PlanError(wrong) from None


def plan_to(plan: Plan) -> list[dict[str, object]]:
    """Plain data that ``plan_from`` reads again."""
    data: list[dict[str, object]] = _PLAN.dump_python(plan, mode="json")
    return data
