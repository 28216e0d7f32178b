"""The live list: short events of cameras, written in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from cases.camera_tables import LiveEventRow
from cases.database import Database, live_lock

LiveKind = Literal["look", "state", "incident", "notice", "camera"]
KEPT = 5000
_TRIM_EVERY = 500  # events: trimming at every one would cost more than it frees


@dataclass(frozen=True)
class LiveEvent:
    """One event; ``id`` grows in the order in which events become visible."""

    id: int
    at: datetime
    kind: LiveKind
    camera_id: int
    payload: dict[str, Any]


def tell(
    session: Session, kind: LiveKind, camera_id: int, at: datetime, payload: Mapping[str, Any]
) -> None:
    """Add one event to the live list, in the caller's transaction.

    ``payload`` is JSON and holds no secret. Holds the lock of the live list until the transaction
    ends, so that a reader who asks for "later than id n" misses none: tell last, take no other
    lock after it.
    """
    live_lock(session)
    row = LiveEventRow(at=at, kind=kind, camera_id=camera_id, payload=dict(payload))
    session.add(row)
    session.flush()
    if row.id % _TRIM_EVERY == 0:
        session.execute(delete(LiveEventRow).where(LiveEventRow.id <= row.id - KEPT))


def event_range(db: Database) -> tuple[int, int]:
    """The ids of the oldest and the newest event kept; (1, 0) when there was none yet."""
    query = select(func.min(LiveEventRow.id), func.max(LiveEventRow.id))
    with db.session() as session:
        oldest, newest = session.execute(query).one()
    return oldest or 1, newest or 0


def events_after(db: Database, event_id: int, limit: int = 200) -> tuple[LiveEvent, ...]:
    """At most ``limit`` events later than this id, oldest first."""
    query = (
        select(LiveEventRow)
        .where(LiveEventRow.id > event_id)
        .order_by(LiveEventRow.id)
        .limit(limit)
    )
    with db.session() as session:
        return tuple(
            LiveEvent(row.id, row.at, cast("LiveKind", row.kind), row.camera_id, row.payload)
            for row in session.scalars(query)
        )
