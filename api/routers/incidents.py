"""Incidents are read, suspect vehicles judged, suppressions made and lifted."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import Path, Query, Response

from api.camera_schemas import (
    IncidentOut,
    ItemsOut,
    SuppressionAskIn,
    SuppressionIn,
    SuspectOut,
    VerdictIn,
)
from api.deps import LeadReader, Reviewer, TheServices, guarded_router
from api.problems import Problem
from api.routers.cameras import PICTURE_HEADERS
from api.routers.leads import Cursor, Limit
from api.schemas import PageOut
from cases import suppressions, watching
from cases.camera_views import IncidentView, SuppressionView
from cases.suppressions import SuppressionPreview

router = guarded_router("incidents")

RowId = Annotated[int, Path(ge=1, le=2**31 - 1)]
IncidentId = Annotated[str, Path(min_length=1, max_length=200)]
CameraQuery = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
_PICTURES: Final = {"image/jpeg", "image/png"}


@router.get("/incidents")
def get_incidents(
    *,
    caller: LeadReader,
    services: TheServices,
    camera_id: CameraQuery = None,
    stage: Literal["open", "ended"] | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PageOut[IncidentView]:
    """Incidents, the last opened first; `suspects` counts the vehicles seen before."""
    page = watching.list_incidents(
        services.db,
        actor=caller.actor,
        camera_id=camera_id,
        stage=stage,
        limit=limit,
        cursor=cursor,
    )
    return PageOut(items=list(page.items), next_cursor=page.next_cursor, total=page.total)


@router.get("/incidents/{incident_id}")
def get_incident(incident_id: IncidentId, caller: LeadReader, services: TheServices) -> IncidentOut:
    """One incident with the vehicles seen in the minutes before it."""
    view, suspects = watching.get_incident(services.db, incident_id, actor=caller.actor)
    return IncidentOut.of(view, suspects)


@router.get(
    "/suspects/{suspect_id}/picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The picture"}},
)
def get_suspect_picture(suspect_id: RowId, caller: LeadReader, services: TheServices) -> Response:
    """The crop of a suspect vehicle."""
    found = watching.read_suspect_picture(
        services.db, services.store, suspect_id, actor=caller.actor
    )
    if found.media_type not in _PICTURES:
        raise Problem(500, "internal-error", "the picture has a media type that is never shown")
    headers = {**PICTURE_HEADERS, "Cache-Control": "private, max-age=3600"}
    return Response(found.data, media_type=found.media_type, headers=headers)


@router.post("/suspects/{suspect_id}/verdict")
def post_verdict(
    suspect_id: RowId, said: VerdictIn, caller: Reviewer, services: TheServices
) -> SuspectOut:
    """Say that a vehicle is the one, or is not; null takes that back."""
    view = watching.decide_suspect(services.db, suspect_id, said.verdict, actor=caller.actor)
    return SuspectOut.of(view)


@router.get("/suppressions")
def get_suppressions(
    caller: LeadReader,
    services: TheServices,
    camera_id: CameraQuery = None,
    standing: bool | None = None,
) -> ItemsOut[SuppressionView]:
    """Suppressions, the newest first; those that are over too unless `standing` is true."""
    found = suppressions.list_suppressions(
        services.db, actor=caller.actor, camera_id=camera_id, standing=standing
    )
    return ItemsOut(items=list(found))


@router.post("/suppressions/preview")
def post_suppression_preview(
    asked: SuppressionAskIn, caller: Reviewer, services: TheServices
) -> SuppressionPreview:
    """How many incidents of the last 7 days a suppression from this lead would have stopped."""
    return suppressions.preview_suppression(services.db, asked.lead_id, actor=caller.actor)


@router.post("/suppressions", status_code=201)
def post_suppression(
    wanted: SuppressionIn, caller: Reviewer, services: TheServices
) -> SuppressionView:
    """Do not report this class at the spot of a rejected lead again for some days."""
    return suppressions.add_suppression(
        services.db, wanted.lead_id, days=wanted.days, note=wanted.note, actor=caller.actor
    )


@router.delete("/suppressions/{suppression_id}")
def delete_suppression(
    suppression_id: RowId, caller: Reviewer, services: TheServices
) -> SuppressionView:
    """Report at this spot again; the suppression stays listed as lifted."""
    return suppressions.lift_suppression(services.db, suppression_id, actor=caller.actor)
