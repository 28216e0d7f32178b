"""Cases are read and claimed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from api.deps import AnyCaller, Claimer, TheServices, guarded_router
from api.problems import Problem
from api.routers.leads import Cursor, Label, Limit
from api.schemas import ClaimIn, PageOut
from cases import dispatch, query
from cases.states import CASE_STATES, OPEN_CASE_STATES, State
from cases.views import CaseDetail, CaseView

router = guarded_router("cases")

CaseId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/cases")
def get_cases(
    *,
    caller: AnyCaller,
    services: TheServices,
    status: Annotated[list[str] | None, Query(max_length=20)] = None,
    label: Label = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PageOut[CaseView]:
    """Cases, the earliest deadline first.

    `status` is a state such as `PENDING_DISPATCH`, `open` for all that are not finished, or
    several of them; without it all are listed. The role `unit` sees its own cases alone.
    """
    page = query.list_cases(
        services.db,
        actor=caller.actor,
        states=_states(status or []),
        label=label,
        limit=limit,
        cursor=cursor,
    )
    return PageOut(items=list(page.items), next_cursor=page.next_cursor, total=page.total)


@router.get("/cases/{case_id}")
def get_case(case_id: CaseId, caller: AnyCaller, services: TheServices) -> CaseDetail:
    """One case with its evidence, history and leads."""
    return query.get_case(services.db, case_id, actor=caller.actor)


@router.post("/cases/{case_id}/claim")
def post_claim(
    case_id: CaseId, caller: Claimer, services: TheServices, claim: ClaimIn | None = None
) -> CaseView:
    """Take a case from the queue for its unit, or for the unit named."""
    unit_id = None if claim is None else claim.unit_id
    return dispatch.claim(services.db, case_id, actor=caller.actor, unit_id=unit_id)


def _states(given: list[str]) -> list[State]:
    states: list[State] = []
    for name in (part.strip() for value in given for part in value.split(",")):
        if name.lower() == "open":
            states += OPEN_CASE_STATES
        elif name.upper() in CASE_STATES:
            states.append(State(name.upper()))
        else:
            known = ", ".join(["open", *CASE_STATES])
            raise Problem(422, "invalid-input", f"status: expected one of {known}", field="status")
    return states
