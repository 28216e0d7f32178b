"""Reading leads, cases and evidence, as the asking actor may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import get_args

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from cases.actors import Actor, Role
from cases.cursors import pack, unpack_id, unpack_instant_id
from cases.database import Database, possible_id
from cases.dispatch import may_see_case
from cases.errors import InvalidError, NotFoundError
from cases.journal import record
from cases.reading import case_fields, case_views, evidence_view, lead_views, unit_view
from cases.states import LEAD_STATUS, LeadStatus, State
from cases.store import EvidenceStore
from cases.tables import CaseRow, EvidenceRow, HistoryRow, LeadRow, SightingRow, UnitRow
from cases.times import as_utc, utc_now
from cases.views import (
    CaseDetail,
    CaseView,
    EvidenceKind,
    EvidenceView,
    HistoryView,
    LeadView,
    Page,
    Summary,
    UnitView,
)

_LEAD_READERS = (Role.ADMIN, Role.REVIEWER, Role.DISPATCHER, Role.VIEWER, Role.SYSTEM)
_ORIGINAL_READERS = (Role.ADMIN, Role.REVIEWER, Role.SYSTEM)
_MOST = 200


def list_leads(
    db: Database,
    *,
    actor: Actor,
    status: LeadStatus | None = None,
    label: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
    newest_first: bool = False,
) -> Page[LeadView]:
    """Leads by age. Roles admin, reviewer, dispatcher, viewer; ``limit`` 1..200.

    Raises ForbiddenError, InvalidError (``status``, ``limit``, ``cursor``).
    """
    actor.must_be(_LEAD_READERS, "reading leads")
    _check_limit(limit)
    conditions: list[ColumnElement[bool]] = []
    if status is not None:
        if status not in get_args(LeadStatus):
            raise InvalidError(
                f"status: expected one of {', '.join(get_args(LeadStatus))}, got {status!r}",
                field="status",
            )
        states = [state for state, shown in LEAD_STATUS.items() if shown == status]
        conditions.append(LeadRow.state.in_(states))
    if label is not None:
        conditions.append(LeadRow.label == label)
    query = select(LeadRow.id).where(*conditions).limit(limit + 1)
    query = query.order_by(LeadRow.id.desc() if newest_first else LeadRow.id)
    if cursor is not None:
        after = unpack_id(cursor)
        query = query.where(LeadRow.id < after if newest_first else LeadRow.id > after)
    with db.session() as session:
        total = _count(session, select(func.count()).select_from(LeadRow).where(*conditions))
        ids = session.scalars(query).all()
        items = tuple(lead_views(session, ids[:limit]))
    more = pack(items[-1].id) if len(ids) > limit else None
    return Page(items, more, total)


def get_leads(db: Database, lead_ids: Sequence[int]) -> tuple[LeadView, ...]:
    """The leads of these ids, in this order, without a check of rights (for the filer's answer)."""
    with db.session() as session:
        return tuple(lead_views(session, lead_ids))


def get_lead(db: Database, lead_id: int, *, actor: Actor) -> LeadView:
    """One lead; raises NotFoundError, ForbiddenError."""
    actor.must_be(_LEAD_READERS, "reading leads")
    found = get_leads(db, [lead_id]) if possible_id(lead_id) else ()
    if not found:
        raise NotFoundError(f"there is no lead {lead_id}")
    return found[0]


def list_cases(
    db: Database,
    *,
    actor: Actor,
    states: Sequence[State] = (),
    label: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[CaseView]:
    """Cases by ``due_at``, then id; empty ``states`` means all. A unit sees its own only.

    Raises InvalidError (``limit``, ``cursor``).
    """
    _check_limit(limit)
    conditions = _visible_cases(actor)
    if states:
        conditions.append(CaseRow.state.in_(states))
    if label is not None:
        conditions.append(CaseRow.label == label)
    query = select(CaseRow).where(*conditions).order_by(CaseRow.due_at, CaseRow.id).limit(limit + 1)
    if cursor is not None:
        due_at, row_id = unpack_instant_id(cursor)
        query = query.where(
            or_(CaseRow.due_at > due_at, and_(CaseRow.due_at == due_at, CaseRow.id > row_id))
        )
    with db.session() as session:
        total = _count(session, select(func.count()).select_from(CaseRow).where(*conditions))
        rows = session.scalars(query.options(joinedload(CaseRow.unit))).all()
        items = tuple(case_views(session, rows[:limit]))
    more = pack(items[-1].due_at.isoformat(), items[-1].id) if len(rows) > limit else None
    return Page(items, more, total)


def get_case(db: Database, case_id: int, *, actor: Actor) -> CaseDetail:
    """One case with evidence, history and leads; NotFoundError also for another unit's case."""
    with db.session() as session:
        row = session.get(CaseRow, case_id) if possible_id(case_id) else None
        if row is None or not may_see_case(actor, row):
            raise NotFoundError(f"there is no case {case_id}")
        fields = case_fields(session, [row])[0]
        lead_ids = fields["lead_ids"]
        evidence = session.execute(
            select(EvidenceRow, SightingRow.lead_id)
            .join(SightingRow, SightingRow.id == EvidenceRow.sighting_id)
            .where(SightingRow.lead_id.in_(lead_ids))
            .order_by(EvidenceRow.id)
        )
        history = session.scalars(
            select(HistoryRow)
            .where(or_(HistoryRow.case_id == case_id, HistoryRow.lead_id.in_(lead_ids)))
            .order_by(HistoryRow.id)
        )
        return CaseDetail(
            **fields,
            evidence=tuple(evidence_view(found, lead_id) for found, lead_id in evidence),
            history=tuple(_history_view(line) for line in history),
            leads=tuple(lead_views(session, lead_ids)),
        )


@dataclass(frozen=True)
class EvidenceBytes:
    """One evidence object with its bytes, checked against its SHA-256."""

    evidence: EvidenceView
    data: bytes


def read_evidence(
    db: Database, store: EvidenceStore, evidence_id: int, kind: EvidenceKind, *, actor: Actor
) -> EvidenceBytes:
    """The ``kind`` sibling of evidence ``evidence_id`` (of the same sighting) with its bytes.

    ``original`` needs admin or reviewer and writes a history line before the bytes are handed
    out; a unit sees only the evidence of its own cases. Raises NotFoundError, ForbiddenError,
    StoreError.
    """
    if kind == "original":
        actor.must_be(_ORIGINAL_READERS, "seeing an unmasked original")
    with db.session() as session:
        found = _sibling(session, evidence_id, kind, actor) if possible_id(evidence_id) else None
        if found is None:
            raise NotFoundError(f"there is no evidence {evidence_id} of kind {kind}")
        row, lead_id, case_id = found
    data = store.read(row.object_key)
    if kind == "original":
        with db.write() as session:
            record(
                session,
                action="evidence.original_seen",
                actor=actor,
                at=utc_now(),
                lead_id=lead_id,
                case_id=case_id,
                detail={"evidence_id": row.id},
            )
    return EvidenceBytes(evidence_view(row, lead_id), data)


def summary(db: Database, *, actor: Actor, timezone: tzinfo, now: datetime) -> Summary:
    """Counts for the desk; "today" is the local day of ``now`` in ``timezone``.

    A unit's counts of cases are of its own.
    """
    now = as_utc(now, "now")
    midnight = datetime.combine(now.astimezone(timezone).date(), time(), timezone).astimezone(UTC)
    pending = [*_visible_cases(actor), CaseRow.state == State.PENDING_DISPATCH]
    unfinished = [
        *_visible_cases(actor),
        CaseRow.state.in_((State.PENDING_DISPATCH, State.HANDLING)),
        CaseRow.due_at < now,
    ]
    leads, cases = select(func.count(LeadRow.id)), select(func.count(CaseRow.id))
    with db.session() as session:
        return Summary(
            leads_review=_count(session, leads.where(LeadRow.state == State.REVIEW)),
            cases_pending=_count(session, cases.where(*pending)),
            cases_overdue=_count(session, cases.where(*unfinished)),
            decided_today=_count(session, leads.where(LeadRow.decided_at >= midnight)),
        )


def list_units(db: Database) -> tuple[UnitView, ...]:
    """All units, by id."""
    with db.session() as session:
        return tuple(
            unit_view(row) for row in session.scalars(select(UnitRow).order_by(UnitRow.id))
        )


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= _MOST:
        raise InvalidError(f"limit: expected 1 to {_MOST}, got {limit}", field="limit")


def _count(session: Session, query: Select[int]) -> int:
    return session.scalar(query) or 0


def _visible_cases(actor: Actor) -> list[ColumnElement[bool]]:
    return [CaseRow.unit_id == actor.unit_id] if actor.role is Role.UNIT else []


def _sibling(
    session: Session, evidence_id: int, kind: EvidenceKind, actor: Actor
) -> tuple[EvidenceRow, int, int | None] | None:
    asked = select(EvidenceRow.sighting_id).where(EvidenceRow.id == evidence_id).scalar_subquery()
    query = (
        select(EvidenceRow, LeadRow.id, LeadRow.case_id)
        .join(SightingRow, SightingRow.id == EvidenceRow.sighting_id)
        .join(LeadRow, LeadRow.id == SightingRow.lead_id)
        .where(EvidenceRow.sighting_id == asked, EvidenceRow.kind == kind)
    )
    if actor.role is Role.UNIT:
        query = query.join(CaseRow, CaseRow.id == LeadRow.case_id).where(*_visible_cases(actor))
    found = session.execute(query).one_or_none()
    return (found[0], found[1], found[2]) if found is not None else None


def _history_view(row: HistoryRow) -> HistoryView:
    return HistoryView(
        at=row.at,
        actor=row.actor,
        action=row.action,
        from_state=State(row.from_state) if row.from_state else None,
        to_state=State(row.to_state) if row.to_state else None,
        detail=row.detail,
    )
