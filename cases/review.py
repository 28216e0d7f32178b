"""The reviewer's decision: a lead becomes a case or is rejected, and may be taken back."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.actors import Actor
from cases.codes import standard_code
from cases.database import Database, possible_id
from cases.errors import ConflictError, InvalidError, NotFoundError
from cases.limits import due_at
from cases.numbers import next_number
from cases.policy import DEFAULT_CASE_POLICY, CasePolicy
from cases.reading import lead_views
from cases.states import State
from cases.suppressions import lift_those_of
from cases.tables import CaseLeadRow, CaseRow, DutyRow, LeadRow
from cases.texts import plain_text
from cases.times import utc_now
from cases.transitions import walk
from cases.views import LeadView, Verdict

_REASON_LIMIT = 1000


def decide(
    db: Database,
    lead_id: int,
    *,
    verdict: Verdict,
    label: str | None = None,
    reason: str | None = None,
    actor: Actor,
    policy: CasePolicy = DEFAULT_CASE_POLICY,
) -> LeadView:
    """Confirm or reject a lead in review; ``label`` corrects its class (``model_label`` stays).

    Confirming files a case and puts it into the dispatch queue in the same transaction. Raises
    NotFoundError, InvalidError, ForbiddenError (roles admin, reviewer), ConflictError when the
    lead is decided already.
    """
    if verdict not in get_args(Verdict):
        raise InvalidError(
            f"verdict: expected one of {', '.join(get_args(Verdict))}, got {verdict!r}",
            field="verdict",
        )
    reason = plain_text("reason", reason, _REASON_LIMIT)
    if label is not None:
        standard_code(label, policy.standard_ref)
    with db.write() as session:
        lead = _locked_lead(session, lead_id)
        at = utc_now()
        action = "lead.confirmed" if verdict == "confirm" else "lead.rejected"
        detail = {"label": label or lead.label, "reason": reason}
        if label not in (None, lead.label):
            detail["label_before"] = lead.label
        walk(session, lead, action, actor=actor, at=at, detail=detail)
        lead.label = label or lead.label
        _note_decision(lead, verdict, reason, actor=actor, at=at)
        if verdict == "confirm":
            _file_case(session, lead, actor=actor, at=at, policy=policy)
        return lead_views(session, [lead_id])[0]


def confirm_automatically(
    session: Session,
    lead: LeadRow,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
    policy: CasePolicy,
) -> None:
    """File the case of a lead in review without a person, in the caller's transaction.

    For zones whose mode is ``auto``, and classes that may file: the caller has checked both. A
    reviewer may take it back like any other decision.
    """
    detail = {"label": lead.label, "reason": reason, "automatic": True}
    walk(session, lead, "lead.confirmed", actor=actor, at=at, detail=detail)
    _note_decision(lead, "confirm", reason, actor=actor, at=at)
    _file_case(session, lead, actor=actor, at=at, policy=policy)


def _note_decision(
    lead: LeadRow, verdict: Verdict, reason: str | None, *, actor: Actor, at: datetime
) -> None:
    lead.decision = verdict
    lead.decision_label = lead.label
    lead.decision_reason = reason
    lead.decided_by = actor.name
    lead.decided_at = at


def undo(db: Database, lead_id: int, *, actor: Actor) -> LeadView:
    """Take the decision back: the lead is in review again with the model's class, its case VOID.

    What a rejection brought is lifted: a camera reports at the place again.
    Raises ConflictError when there is no decision or the case is already claimed.
    """
    with db.write() as session:
        lead = _locked_lead(session, lead_id)
        at = utc_now()
        if lead.state == State.FILED:
            _void_case(session, lead, actor=actor, at=at)
            walk(session, lead, "lead.confirm_undone", actor=actor, at=at)
        else:
            walk(session, lead, "lead.reject_undone", actor=actor, at=at)
            lift_those_of(session, lead_id, actor=actor, at=at)
        lead.label = lead.model_label
        lead.case_id = None
        lead.decision = lead.decision_label = lead.decision_reason = None
        lead.decided_by = lead.decided_at = None
        return lead_views(session, [lead_id])[0]


def _locked_lead(session: Session, lead_id: int) -> LeadRow:
    found = possible_id(lead_id)
    lead = session.get(LeadRow, lead_id, with_for_update=True) if found else None
    if lead is None:
        raise NotFoundError(f"there is no lead {lead_id}")
    return lead


def _file_case(
    session: Session, lead: LeadRow, *, actor: Actor, at: datetime, policy: CasePolicy
) -> None:
    code = standard_code(lead.label, policy.standard_ref)
    limit = policy.limits.get(lead.label)
    unit_id = session.scalars(
        select(DutyRow.unit_id).where(DutyRow.label == lead.label)
    ).one_or_none()
    if limit is None or unit_id is None:
        raise InvalidError(
            f"label: no {'time limit' if limit is None else 'unit'} is set for {lead.label}",
            field="label",
        )
    case = CaseRow(
        number=next_number(session, policy, at),
        label=lead.label,
        standard_ref=code.standard_ref,
        kind=code.kind,
        code=code.code,
        code_nearest=code.nearest,
        code_name_zh=code.name_zh,
        code_name_en=code.name_en,
        place_text=lead.place_text,
        lat=lead.lat,
        lon=lead.lon,
        filed_at=at,
        dispatched_at=at,
        due_at=due_at(at, limit, policy.hours),
        unit_id=unit_id,
    )
    detail = {"number": case.number, "lead_id": lead.id, "label": lead.label}
    walk(session, case, "case.filed", actor=actor, at=at, detail=detail)
    lead.case_id = case.id
    session.add(CaseLeadRow(case_id=case.id, lead_id=lead.id))
    waiting = {"unit_id": unit_id, "due_at": case.due_at.isoformat()}
    walk(session, case, "case.queued", actor=actor, at=at, detail=waiting)


def _void_case(session: Session, lead: LeadRow, *, actor: Actor, at: datetime) -> None:
    case = session.get(CaseRow, lead.case_id, with_for_update=True)
    if case is None:
        raise LookupError(f"lead {lead.id} is confirmed but has no case")
    if case.state != State.PENDING_DISPATCH:
        raise ConflictError(
            f"case {case.number} is {case.state}: a decision can be undone only while nobody has "
            "claimed the case",
            state=case.state,
        )
    walk(session, case, "case.voided", actor=actor, at=at, detail={"lead_id": lead.id})
