"""From rows to the records that leave this room, in few queries for many rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from cases.camera_tables import CameraRow, IncidentRow
from cases.codes import Kind, StandardCode
from cases.states import LEAD_STATUS, State
from cases.tables import (
    CaseLeadRow,
    CaseRow,
    EvidenceRow,
    LeadRow,
    LookRow,
    PhotoRow,
    SightingRow,
    UnitRow,
)
from cases.views import (
    Box,
    CameraRef,
    CaseView,
    Channel,
    DecisionView,
    EvidenceIds,
    EvidenceKind,
    EvidenceView,
    LeadView,
    ModelRef,
    PhotoView,
    PlaceView,
    RuleView,
    UnitView,
    Verdict,
)


def lead_views(session: Session, lead_ids: Sequence[int]) -> list[LeadView]:
    """The leads of these ids in this order; ids without a lead are left out."""
    session.flush()
    rows = {row.id: row for row in session.scalars(select(LeadRow).where(LeadRow.id.in_(lead_ids)))}
    firsts, counts = _first_sightings(session, lead_ids)
    seen_at = _cameras(session, lead_ids)
    return [
        _lead_view(rows[lead_id], firsts[lead_id], counts[lead_id], seen_at.get(lead_id))
        for lead_id in lead_ids
        if lead_id in rows
    ]


def case_views(session: Session, rows: Sequence[CaseRow]) -> list[CaseView]:
    """The cases of these rows, in this order."""
    return [CaseView(**fields) for fields in case_fields(session, rows)]


def case_fields(session: Session, rows: Sequence[CaseRow]) -> list[dict[str, Any]]:
    """The fields of CaseView for each row, for it and for CaseDetail."""
    leads: dict[int, list[int]] = defaultdict(list)
    for case_id, lead_id in session.execute(
        select(CaseLeadRow.case_id, CaseLeadRow.lead_id)
        .where(CaseLeadRow.case_id.in_([row.id for row in rows]))
        .order_by(CaseLeadRow.lead_id)
    ):
        leads[case_id].append(lead_id)
    firsts, _ = _first_sightings(session, [ids[0] for ids in leads.values()])
    return [
        {
            "id": row.id,
            "number": row.number,
            "state": State(row.state),
            "label": row.label,
            "standard": StandardCode(
                standard_ref=row.standard_ref,
                kind=cast("Kind", row.kind),
                code=row.code,
                name_zh=row.code_name_zh,
                name_en=row.code_name_en,
                nearest=row.code_nearest,
            ),
            "place": PlaceView(row.place_text, row.lat, row.lon),
            "filed_at": row.filed_at,
            "dispatched_at": row.dispatched_at,
            "due_at": row.due_at,
            "unit": unit_view(row.unit),
            "claimed_by": row.claimed_by,
            "claimed_at": row.claimed_at,
            "lead_ids": tuple(leads[row.id]),
            "cover_evidence_id": _ids(firsts[leads[row.id][0]]).closeup if leads[row.id] else None,
        }
        for row in rows
    ]


def unit_view(row: UnitRow) -> UnitView:
    """A unit."""
    return UnitView(row.id, row.name_zh, row.name_en)


def evidence_view(row: EvidenceRow, lead_id: int) -> EvidenceView:
    """One evidence object of the lead with this id."""
    return EvidenceView(
        id=row.id,
        kind=cast("EvidenceKind", row.kind),
        sha256=row.sha256,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        size=row.size,
        created_at=row.created_at,
        lead_id=lead_id,
    )


def _first_sightings(
    session: Session, lead_ids: Sequence[int]
) -> tuple[dict[int, SightingRow], dict[int, int]]:
    found = session.execute(
        select(SightingRow.lead_id, func.min(SightingRow.id), func.count())
        .where(SightingRow.lead_id.in_(lead_ids))
        .group_by(SightingRow.lead_id)
    ).all()
    rows = session.scalars(
        select(SightingRow)
        .where(SightingRow.id.in_([first for _, first, _ in found]))
        .options(
            joinedload(SightingRow.photo),
            joinedload(SightingRow.look).load_only(LookRow.model, LookRow.model_sha256),
            selectinload(SightingRow.evidence),
        )
    )
    return {row.lead_id: row for row in rows}, {lead_id: count for lead_id, _, count in found}


def _cameras(session: Session, lead_ids: Sequence[int]) -> dict[int, tuple[str, CameraRef]]:
    """Incident and camera of the leads that came from one; the first incident of each lead."""
    found = session.execute(
        select(IncidentRow.lead_id, IncidentRow.id, CameraRow.id, CameraRow.name)
        .join(CameraRow, CameraRow.id == IncidentRow.camera_id)
        .where(IncidentRow.lead_id.in_(lead_ids))
        .order_by(IncidentRow.opened_at.desc(), IncidentRow.id.desc())
    )
    return {
        lead_id: (incident_id, CameraRef(camera_id, name))
        for lead_id, incident_id, camera_id, name in found
        if lead_id is not None
    }


def _lead_view(
    row: LeadRow, first: SightingRow, sightings: int, seen_at: tuple[str, CameraRef] | None
) -> LeadView:
    return LeadView(
        id=row.id,
        status=LEAD_STATUS[State(row.state)],
        label=row.label,
        model_label=row.model_label,
        confidence=first.confidence,
        box=_box(first.box),
        boxes=tuple(_box(box) for box in first.boxes),
        photo=_photo_view(first.photo),
        place=PlaceView(row.place_text, row.lat, row.lon),
        created_at=row.created_at,
        model=ModelRef(first.look.model, first.look.model_sha256),
        rule=RuleView("threshold", first.threshold),
        evidence=_ids(first),
        decision=_decision(row),
        case_id=row.case_id,
        sightings=sightings,
        camera=seen_at[1] if seen_at else None,
        incident_id=seen_at[0] if seen_at else None,
    )


def _photo_view(row: PhotoRow) -> PhotoView:
    return PhotoView(
        id=row.id,
        sha256=row.sha256,
        width=row.width,
        height=row.height,
        captured_at=row.captured_at,
        lat=row.lat,
        lon=row.lon,
        note=row.note,
        filename=row.filename,
        channel=cast("Channel", row.channel),
    )


def _decision(row: LeadRow) -> DecisionView | None:
    if row.decision is None or row.decided_by is None or row.decided_at is None:
        return None
    return DecisionView(
        verdict=cast("Verdict", row.decision),
        label=row.decision_label or row.label,
        reason=row.decision_reason,
        actor=row.decided_by,
        at=row.decided_at,
    )


def _ids(sighting: SightingRow) -> EvidenceIds:
    found = {row.kind: row.id for row in sighting.evidence}
    return EvidenceIds(
        original=found["original"],
        annotated=found["annotated"],
        closeup=found["closeup"],
        masked=found["masked"],
        before=found.get("before"),
        strip=found.get("strip"),
    )


def _box(values: Sequence[float]) -> Box:
    left, top, right, bottom = values
    return (left, top, right, bottom)
