"""Cameras, incidents, notices and suspects for people to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from cases.actors import Actor, Role
from cases.camera_tables import (
    CameraNoticeRow,
    CameraRow,
    CameraStatusRow,
    IncidentRow,
    SuspectRow,
)
from cases.camera_views import (
    CameraDetail,
    CameraView,
    FaultView,
    IncidentView,
    Legal,
    Mode,
    NoticeKind,
    NoticeView,
    SightingView,
    StageName,
    StatusView,
    SuspectVerdict,
    SuspectView,
    Transport,
    WordsView,
)
from cases.cursors import pack, unpack_instant_text
from cases.database import Database, possible_id
from cases.errors import InvalidError, NotFoundError
from cases.journal import record
from cases.store import EvidenceStore
from cases.texts import storable
from cases.times import utc_now
from cases.views import Box, CameraRef, Page, PlaceView
from detector.plan import in_plan, plan_from
from detector.sentry import FAULT_TEXTS, Fault
from detector.sources.states import TEXTS, CameraState

_READERS = (Role.ADMIN, Role.REVIEWER, Role.DISPATCHER, Role.VIEWER, Role.SYSTEM)
_DECIDERS = (Role.ADMIN, Role.REVIEWER, Role.SYSTEM)
_MOST = 200
_NOTICES = 500
# What stands in `what` of a notice and is neither a fault of the view nor a camera's state.
_OTHER_NOTICES = MappingProxyType(
    {"not_filed": WordsView("事件未能生成线索", "An incident could not become a lead")}
)


def list_cameras(
    db: Database, *, actor: Actor, zone: ZoneInfo, now: datetime | None = None
) -> tuple[CameraView, ...]:
    """All standing cameras by id, each with its status. Raises ForbiddenError.

    ``zone``: in which a weekly plan is meant whose camera's rules name none.
    """
    actor.must_be(_READERS, "reading cameras")
    with db.session() as session:
        query = select(CameraRow).where(CameraRow.removed_at.is_(None)).order_by(CameraRow.id)
        rows = session.scalars(query).all()
        return tuple(
            CameraView(**fields) for fields in _camera_fields(session, rows, zone, now or utc_now())
        )


def get_camera(
    db: Database, camera_id: int, *, actor: Actor, zone: ZoneInfo, now: datetime | None = None
) -> CameraDetail:
    """One standing camera with its settings; raises NotFoundError, ForbiddenError."""
    actor.must_be(_READERS, "reading cameras")
    with db.session() as session:
        row = _standing(session, camera_id)
        (fields,) = _camera_fields(session, [row], zone, now or utc_now())
        return CameraDetail(
            **fields,
            rules=row.rules,
            plan=row.plan,
            neighbours=tuple(row.neighbours),
            legal=Legal(**row.legal),
        )


def list_incidents(
    db: Database,
    *,
    actor: Actor,
    camera_id: int | None = None,
    stage: StageName | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[IncidentView]:
    """Incidents, the last opened first; those of removed cameras too. ``limit`` 1..200.

    Raises ForbiddenError, InvalidError (``stage``, ``limit``, ``cursor``).
    """
    actor.must_be(_READERS, "reading incidents")
    if not 1 <= limit <= _MOST:
        raise InvalidError(f"limit: expected 1 to {_MOST}, got {limit}", field="limit")
    if stage is not None and stage not in get_args(StageName):
        raise InvalidError("stage: expected open or ended", field="stage")
    conditions: list[ColumnElement[bool]] = []
    if camera_id is not None:
        conditions.append(IncidentRow.camera_id == (camera_id if possible_id(camera_id) else 0))
    if stage is not None:
        conditions.append(IncidentRow.stage == stage)
    query = (
        select(IncidentRow)
        .where(*conditions)
        .options(joinedload(IncidentRow.camera))
        .order_by(IncidentRow.opened_at.desc(), IncidentRow.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        before, row_id = unpack_instant_text(cursor)
        query = query.where(
            or_(
                IncidentRow.opened_at < before,
                and_(IncidentRow.opened_at == before, IncidentRow.id < row_id),
            )
        )
    with db.session() as session:
        counted = select(func.count()).select_from(IncidentRow).where(*conditions)
        total = session.scalar(counted) or 0
        rows = session.scalars(query).all()
        items = _incident_views(session, rows[:limit])
    more = pack(items[-1].opened_at.isoformat(), items[-1].id) if len(rows) > limit else None
    return Page(items, more, total)


def get_incident(
    db: Database, incident_id: str, *, actor: Actor
) -> tuple[IncidentView, tuple[SuspectView, ...]]:
    """One incident and its suspects, the nearest before it first; NotFoundError, ForbiddenError."""
    actor.must_be(_READERS, "reading incidents")
    with db.session() as session:
        row = None
        if storable(incident_id):
            row = session.get(IncidentRow, incident_id, options=[joinedload(IncidentRow.camera)])
        if row is None:
            raise NotFoundError("there is no such incident")
        suspects = session.scalars(
            select(SuspectRow)
            .where(SuspectRow.incident_id == incident_id)
            .options(joinedload(SuspectRow.camera))
            .order_by(SuspectRow.seconds_before, SuspectRow.id)
        )
        found = tuple(_suspect_view(suspect) for suspect in suspects)
        return _incident_views(session, [row])[0], found


def decide_suspect(
    db: Database,
    suspect_id: int,
    verdict: SuspectVerdict | None,
    *,
    actor: Actor,
    now: datetime | None = None,
) -> SuspectView:
    """Say that a vehicle is the one, or is not; None takes that back. Roles admin, reviewer.

    Raises ForbiddenError, NotFoundError, InvalidError (``verdict``).
    """
    actor.must_be(_DECIDERS, "judging suspect vehicles")
    if verdict is not None and verdict not in get_args(SuspectVerdict):
        raise InvalidError("verdict: expected confirmed, dismissed or none", field="verdict")
    at = now or utc_now()
    with db.write() as session:
        row = None
        if possible_id(suspect_id):
            row = session.get(SuspectRow, suspect_id, with_for_update=True)
        if row is None:
            raise NotFoundError(f"there is no suspect {suspect_id}")
        if row.verdict != verdict:
            lead_id = session.scalars(
                select(IncidentRow.lead_id).where(IncidentRow.id == row.incident_id)
            ).one()
            record(
                session,
                action="suspect.judged",
                actor=actor,
                at=at,
                lead_id=lead_id,
                detail={
                    "suspect_id": row.id,
                    "incident": row.incident_id,
                    "before": row.verdict,
                    "verdict": verdict,
                },
            )
            row.verdict = verdict
            row.decided_by = None if verdict is None else actor.name
            row.decided_at = None if verdict is None else at
        return _suspect_view(row)


@dataclass(frozen=True)
class SuspectPicture:
    """The crop of a suspect vehicle."""

    data: bytes
    media_type: str


def read_suspect_picture(
    db: Database, store: EvidenceStore, suspect_id: int, *, actor: Actor
) -> SuspectPicture:
    """The crop of a suspect vehicle; raises NotFoundError, ForbiddenError, StoreError."""
    actor.must_be(_READERS, "reading incidents")
    with db.session() as session:
        row = session.get(SuspectRow, suspect_id) if possible_id(suspect_id) else None
        if row is None:
            raise NotFoundError(f"there is no suspect {suspect_id}")
        key, media_type = row.object_key, row.media_type
    return SuspectPicture(store.read(key), media_type)


def list_notices(
    db: Database, *, actor: Actor, camera_id: int | None = None, open_only: bool = False
) -> tuple[NoticeView, ...]:
    """Maintenance notices, the newest first (at most 500). Raises ForbiddenError.

    Of all standing cameras, or of one (NotFoundError when there is none).
    """
    actor.must_be(_READERS, "reading notices")
    query = (
        select(CameraNoticeRow)
        .join(CameraRow, CameraRow.id == CameraNoticeRow.camera_id)
        .where(CameraRow.removed_at.is_(None))
        .options(joinedload(CameraNoticeRow.camera))
        .order_by(CameraNoticeRow.id.desc())
        .limit(_NOTICES)
    )
    if open_only:
        query = query.where(CameraNoticeRow.ended_at.is_(None))
    with db.session() as session:
        if camera_id is not None:
            query = query.where(CameraNoticeRow.camera_id == _standing(session, camera_id).id)
        return tuple(_notice_view(row) for row in session.scalars(query))


def _standing(session: Session, camera_id: int) -> CameraRow:
    row = session.get(CameraRow, camera_id) if possible_id(camera_id) else None
    if row is None or row.removed_at is not None:
        raise NotFoundError(f"there is no camera {camera_id}")
    return row


def _camera_fields(
    session: Session, rows: Sequence[CameraRow], zone: ZoneInfo, now: datetime
) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    statuses = {
        status.camera_id: status
        for status in session.scalars(
            select(CameraStatusRow).where(CameraStatusRow.camera_id.in_(ids))
        )
    }
    open_incidents = Counter(
        session.scalars(
            select(IncidentRow.camera_id).where(
                IncidentRow.stage == "open", IncidentRow.camera_id.in_(ids)
            )
        )
    )
    return [
        {
            "id": row.id,
            "name": row.name,
            "mode": cast("Mode", row.mode),
            "every_s": row.every_s,
            "transport": cast("Transport", row.transport),
            "url_shown": row.url_shown,
            "place": PlaceView(row.place_text, row.lat, row.lon),
            "preset_of": row.preset_of,
            "paused": row.paused,
            "revision": row.revision,
            "updated_at": row.updated_at,
            "updated_by": row.updated_by,
            "in_plan": in_plan(plan_from(row.plan), now, _zone(row, zone)),
            "open_incidents": open_incidents[row.id],
            "status": _status_view(statuses[row.id]) if row.id in statuses else None,
        }
        for row in rows
    ]


def _zone(row: CameraRow, usual: ZoneInfo) -> ZoneInfo:
    named = row.rules.get("timezone")
    return usual if named is None else ZoneInfo(named)


def _status_view(row: CameraStatusRow) -> StatusView:
    text = TEXTS[CameraState(row.state)]
    return StatusView(
        state=row.state,
        text=WordsView(text.zh, text.en),
        detail=row.detail,
        since=row.since,
        last_look_at=row.last_look_at,
        faults=tuple(FaultView(name, *FAULT_TEXTS[Fault(name)]) for name in row.faults),
        inspected=row.inspected,
        change=row.change,
        latency_s=row.latency_s,
        width=row.width,
        height=row.height,
        view_at=row.view_at,
        view_sha256=row.view_sha256,
        looks=row.looks,
        looks_inspected=row.looks_inspected,
        sightings=tuple(
            SightingView(one["label"], one["confidence"], _box(one["box"])) for one in row.sightings
        ),
    )


def _incident_views(session: Session, rows: Sequence[IncidentRow]) -> tuple[IncidentView, ...]:
    counted = (
        select(SuspectRow.incident_id, func.count().label("suspects"))
        .where(SuspectRow.incident_id.in_([row.id for row in rows]))
        .group_by(SuspectRow.incident_id)
    )
    suspects = {row.incident_id: row.suspects for row in session.execute(counted)}
    return tuple(
        IncidentView(
            id=row.id,
            camera=CameraRef(row.camera.id, row.camera.name),
            label=row.label,
            zone=row.zone,
            stage=cast("StageName", row.stage),
            box=_box(row.box),
            first_seen=row.first_seen,
            opened_at=row.opened_at,
            last_seen=row.last_seen,
            ended_at=row.ended_at,
            confidence=row.confidence,
            lead_id=row.lead_id,
            latency_s=row.latency_s,
            suspects=suspects.get(row.id, 0),
        )
        for row in rows
    )


def _suspect_view(row: SuspectRow) -> SuspectView:
    return SuspectView(
        id=row.id,
        camera=CameraRef(row.camera.id, row.camera.name),
        at=row.at,
        seconds_before=row.seconds_before,
        label=row.label,
        confidence=row.confidence,
        verdict=cast("SuspectVerdict | None", row.verdict),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _notice_view(row: CameraNoticeRow) -> NoticeView:
    return NoticeView(
        id=row.id,
        camera=CameraRef(row.camera.id, row.camera.name),
        kind=cast("NoticeKind", row.kind),
        what=row.what,
        text=notice_text(row.what),
        detail=row.detail,
        began_at=row.began_at,
        ended_at=row.ended_at,
    )


def notice_text(what: str) -> WordsView:
    """The sentence for what a notice is about."""
    if what in _OTHER_NOTICES:
        return _OTHER_NOTICES[what]
    if what in set(Fault):
        return WordsView(*FAULT_TEXTS[Fault(what)])
    text = TEXTS[CameraState(what)]
    return WordsView(text.zh, text.en)


def _box(values: Sequence[float]) -> Box:
    left, top, right, bottom = values
    return (left, top, right, bottom)
