"""History lines and outbox messages, written in the transaction of what they tell of."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cases.actors import Actor
from cases.tables import HistoryRow, OutboxRow


def record(
    session: Session,
    *,
    action: str,
    actor: Actor,
    at: datetime,
    lead_id: int | None = None,
    case_id: int | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    detail: dict[str, Any] | None = None,
) -> HistoryRow:
    """Add one history line (the table takes no changes and no deletions)."""
    row = HistoryRow(
        at=at,
        actor=actor.name,
        role=actor.role.value,
        user_id=actor.user_id,
        action=action,
        lead_id=lead_id,
        case_id=case_id,
        from_state=from_state,
        to_state=to_state,
        detail=detail or {},
    )
    session.add(row)
    session.flush()
    return row


def announce(session: Session, line: HistoryRow) -> None:
    """Put the message of a history line into the outbox: one line, at most one message.

    Receivers recognise a repeated delivery by ``event_id``.
    """
    session.add(
        OutboxRow(
            event_id=str(uuid.uuid4()),
            history_id=line.id,
            topic=line.action,
            payload={
                "at": line.at.isoformat(),
                "actor": line.actor,
                "lead_id": line.lead_id,
                "case_id": line.case_id,
                "from_state": line.from_state,
                "to_state": line.to_state,
                "detail": line.detail,
            },
            created_at=line.at,
            attempts=0,
            sent_at=None,
        )
    )
    session.flush()
