"""Leads are read and decided."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from api.deps import LeadReader, Reviewer, TheServices, guarded_router
from api.schemas import DecisionIn, PageOut
from cases import query, review
from cases.states import LeadStatus
from cases.views import LeadView

router = guarded_router("leads")

LeadId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=200)]
Label = Annotated[str | None, Query(max_length=64, pattern="^[a-z][a-z_]*$")]
Cursor = Annotated[str | None, Query(max_length=512)]


@router.get("/leads")
def get_leads(
    *,
    caller: LeadReader,
    services: TheServices,
    status: LeadStatus | None = None,
    label: Label = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PageOut[LeadView]:
    """Leads, the oldest first."""
    page = query.list_leads(
        services.db,
        actor=caller.actor,
        status=status,
        label=label,
        limit=limit,
        cursor=cursor,
    )
    return PageOut(items=list(page.items), next_cursor=page.next_cursor, total=page.total)


@router.get("/leads/{lead_id}")
def get_lead(lead_id: LeadId, caller: LeadReader, services: TheServices) -> LeadView:
    """One lead."""
    return query.get_lead(services.db, lead_id, actor=caller.actor)


@router.post("/leads/{lead_id}/decision")
def post_decision(
    lead_id: LeadId, decision: DecisionIn, caller: Reviewer, services: TheServices
) -> LeadView:
    """Confirm a lead, which files a case, or reject it; `label` corrects its class."""
    return review.decide(
        services.db,
        lead_id,
        verdict=decision.verdict,
        label=decision.label,
        reason=decision.reason or None,
        actor=caller.actor,
        policy=services.case_policy,
    )


@router.delete("/leads/{lead_id}/decision")
def delete_decision(lead_id: LeadId, caller: Reviewer, services: TheServices) -> LeadView:
    """Take a decision back, as long as nobody has claimed its case."""
    return review.undo(services.db, lead_id, actor=caller.actor)
