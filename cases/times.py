"""Times are instants: aware, UTC inside, refused when naive, on both databases alike."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

from cases.errors import InvalidError


def utc_now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def as_utc(value: datetime, field: str) -> datetime:
    """``value`` in UTC; raises InvalidError naming ``field`` when it has no time zone."""
    if value.utcoffset() is None:
        raise InvalidError(
            f"{field}: expected a time with a time zone, got {value.isoformat()}", field=field
        )
    return value.astimezone(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. SQLite has no zones: there the UTC clock time is stored."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC, naive ones refused with ValueError."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"expected a time with a time zone, got {value.isoformat()}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware, UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.utcoffset() is None else value.astimezone(UTC)
