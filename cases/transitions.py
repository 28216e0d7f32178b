"""Walking one step of the state table: check role and state, then row, history and message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cases.actors import Actor
from cases.errors import ConflictError
from cases.journal import announce, record
from cases.states import BY_ACTION, State
from cases.tables import CaseRow, LeadRow


def walk(
    session: Session,
    row: LeadRow | CaseRow,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> None:
    """Take ``row`` one step along the transition ``action``, inside the caller's transaction.

    The caller has locked the row (or just made it: a step with no start adds it). Raises
    ForbiddenError for the wrong role, ConflictError for the wrong state.
    """
    step = BY_ACTION[action]
    subject = "lead" if isinstance(row, LeadRow) else "case"
    if step.subject != subject:
        raise ValueError(f"{action} is a step of a {step.subject}, not of a {subject}")
    actor.must_be(step.roles, action)
    if row.state != step.start:
        raise ConflictError(
            f"{action} starts from {step.start}, but {subject} {row.id} is {row.state}",
            state=row.state,
        )
    row.state = step.end
    session.add(row)
    session.flush()
    line = record(
        session,
        action=action,
        actor=actor,
        at=at,
        lead_id=row.id if isinstance(row, LeadRow) else None,
        case_id=row.id if isinstance(row, CaseRow) else row.case_id,
        from_state=step.start,
        to_state=step.end,
        detail=detail,
    )
    announce(session, line)


def state_of(row: LeadRow | CaseRow) -> State:
    """The state of a row as a State."""
    return State(row.state)
