"""The dispatch queue: cases by deadline, claimed by who handles them."""

from __future__ import annotations

from sqlalchemy import select

from cases.actors import Actor, Role
from cases.database import Database, possible_id
from cases.errors import ForbiddenError, InvalidError, NotFoundError
from cases.reading import case_views
from cases.states import State
from cases.tables import CaseRow, UnitRow
from cases.times import utc_now
from cases.transitions import walk
from cases.views import CaseView

_MOST = 500


def claim(db: Database, case_id: int, *, actor: Actor, unit_id: int | None = None) -> CaseView:
    """Take a case from the queue: PENDING_DISPATCH -> HANDLING.

    ``unit_id`` names the handling unit when it is another than the case's own (roles admin and
    dispatcher). A ``unit`` account claims only its own unit's cases, others look absent to it.
    Raises NotFoundError, InvalidError (``unit_id``), ForbiddenError, ConflictError.
    """
    with db.write() as session:
        found = possible_id(case_id)
        case = session.get(CaseRow, case_id, with_for_update=True) if found else None
        if case is None or not may_see_case(actor, case):
            raise NotFoundError(f"there is no case {case_id}")
        if unit_id is not None and unit_id != case.unit_id:
            if actor.role is Role.UNIT:
                raise ForbiddenError("a unit cannot pass a case to another", field="unit_id")
            if not possible_id(unit_id) or session.get(UnitRow, unit_id) is None:
                raise InvalidError(f"unit_id: there is no unit {unit_id}", field="unit_id")
        at = utc_now()
        before = case.unit_id
        detail = {"unit_id": unit_id or before}
        if unit_id not in (None, before):
            detail["unit_id_before"] = before
        walk(session, case, "case.claimed", actor=actor, at=at, detail=detail)
        case.unit_id = unit_id or before
        case.claimed_by = actor.name
        case.claimed_at = at
        session.flush()
        session.refresh(case)
        return case_views(session, [case])[0]


def queue(
    db: Database, *, actor: Actor, unit_id: int | None = None, limit: int = 50
) -> tuple[CaseView, ...]:
    """The cases waiting for dispatch, the earliest deadline first; a unit sees its own only.

    ``limit`` 1..500; raises InvalidError.
    """
    if not 1 <= limit <= _MOST:
        raise InvalidError(f"limit: expected 1 to {_MOST}, got {limit}", field="limit")
    query = select(CaseRow).where(CaseRow.state == State.PENDING_DISPATCH)
    for wanted in (unit_id, actor.unit_id if actor.role is Role.UNIT else None):
        if wanted is not None:
            query = query.where(CaseRow.unit_id == wanted)
    with db.session() as session:
        rows = session.scalars(query.order_by(CaseRow.due_at, CaseRow.id).limit(limit)).all()
        return tuple(case_views(session, rows))


def may_see_case(actor: Actor, case: CaseRow) -> bool:
    """Everyone sees all cases, a unit only its own."""
    return actor.role is not Role.UNIT or actor.unit_id == case.unit_id
