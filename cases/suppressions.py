"""A rejected lead of a camera may say: not here again, for a while. It can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from cases.actors import Actor, Role
from cases.camera_tables import CameraRow, IncidentRow, SuppressionRow
from cases.camera_views import SuppressionView
from cases.cameras import locked_camera, raise_revision
from cases.database import Database, possible_id
from cases.errors import ConflictError, InvalidError, NotFoundError
from cases.journal import record
from cases.live import tell
from cases.states import State
from cases.tables import LeadRow
from cases.texts import plain_text
from cases.times import utc_now
from cases.views import CameraRef
from detector.geometry import union
from detector.observation import Sighting
from detector.types import Box
from detector.zones import Suppression

USUAL_DAYS = 30
MOST_DAYS = 365
PREVIEW_DAYS = 7
_LISTED = 1000
_NOTE_LIMIT = 500
_READERS = (Role.ADMIN, Role.REVIEWER, Role.DISPATCHER, Role.VIEWER, Role.SYSTEM)
_MAKERS = (Role.ADMIN, Role.REVIEWER, Role.SYSTEM)


@dataclass(frozen=True)
class SuppressionPreview:
    """What a suppression would have done: incidents of the last ``days`` it would have stopped.

    ``box`` in shares of the camera's view. ``incidents`` counts the lead's own too.
    """

    camera: CameraRef
    label: str
    box: Box
    days: int
    incidents: int
    incident_ids: tuple[str, ...]


def preview_suppression(
    db: Database, lead_id: int, *, actor: Actor, now: datetime | None = None
) -> SuppressionPreview:
    """What a suppression from this lead would have stopped in the last 7 days.

    Roles admin and reviewer. Raises NotFoundError, ForbiddenError, and InvalidError (``lead_id``)
    when the lead is from no camera.
    """
    actor.must_be(_MAKERS, "making suppressions")
    at = now or utc_now()
    with db.session() as session:
        lead = session.get(LeadRow, lead_id) if possible_id(lead_id) else None
        if lead is None:
            raise NotFoundError(f"there is no lead {lead_id}")
        spot = _spot(session, lead.id)
        rule = Suppression("preview", spot.label, spot.box, at + timedelta(days=1))
        recent = session.scalars(
            select(IncidentRow)
            .where(
                IncidentRow.camera_id == spot.camera.id,
                IncidentRow.label == spot.label,
                IncidentRow.opened_at >= at - timedelta(days=PREVIEW_DAYS),
            )
            .order_by(IncidentRow.opened_at.desc())
        )
        stopped = tuple(
            row.id
            for row in recent
            if rule.stops(Sighting(row.label, row.confidence, _box(row.box)), row.opened_at)
        )
        camera = CameraRef(spot.camera.id, spot.camera.name)
    return SuppressionPreview(camera, spot.label, spot.box, PREVIEW_DAYS, len(stopped), stopped)


def add_suppression(
    db: Database,
    lead_id: int,
    *,
    days: int = USUAL_DAYS,
    note: str | None = None,
    actor: Actor,
    now: datetime | None = None,
) -> SuppressionView:
    """Do not report this class at the spot of a rejected lead again for ``days``.

    Roles admin and reviewer. The camera's revision is raised, so that the runner takes it up.
    Raises ForbiddenError, NotFoundError, InvalidError (``days``, ``note``, ``lead_id``), and
    ConflictError when the lead is not rejected or has a standing suppression.
    """
    actor.must_be(_MAKERS, "making suppressions")
    at = now or utc_now()
    if not 1 <= days <= MOST_DAYS:
        raise InvalidError(f"days: expected 1 to {MOST_DAYS}, got {days}", field="days")
    note = plain_text("note", note, _NOTE_LIMIT)
    with db.write() as session:
        lead = session.get(LeadRow, lead_id, with_for_update=True) if possible_id(lead_id) else None
        if lead is None:
            raise NotFoundError(f"there is no lead {lead_id}")
        if lead.state != State.REJECTED:
            raise ConflictError(
                f"lead {lead_id} is {lead.state}: only a rejected lead makes a suppression",
                state=lead.state,
            )
        spot = _spot(session, lead.id)
        camera = locked_camera(session, spot.camera.id)
        if _standing_of(session, [lead_id], at):
            raise ConflictError(f"lead {lead_id} has made a suppression already")
        row = SuppressionRow(
            camera=camera,
            label=spot.label,
            box=list(spot.box),
            expires_at=at + timedelta(days=days),
            lead_id=lead.id,
            note=note,
            created_by=actor.name,
            created_at=at,
            lifted_by=None,
            lifted_at=None,
        )
        session.add(row)
        raise_revision(camera, actor, at)
        session.flush()
        detail = {"days": days, "note": note, "box": row.box, "label": row.label}
        _note(session, row, "made", actor, at, detail=detail)
        return _view(row, at)


def lift_suppression(
    db: Database, suppression_id: int, *, actor: Actor, now: datetime | None = None
) -> SuppressionView:
    """Report at this spot again. Roles admin and reviewer.

    Raises ForbiddenError, NotFoundError, and ConflictError when it does not stand any more.
    """
    actor.must_be(_MAKERS, "lifting suppressions")
    at = now or utc_now()
    with db.write() as session:
        row = None
        if possible_id(suppression_id):
            row = session.get(SuppressionRow, suppression_id, with_for_update=True)
        if row is None:
            raise NotFoundError(f"there is no suppression {suppression_id}")
        if row.lifted_at is not None or row.expires_at <= at:
            raise ConflictError(f"suppression {suppression_id} does not stand any more")
        _lift(session, row, actor, at)
        return _view(row, at)


def lift_those_of(session: Session, lead_id: int, *, actor: Actor, at: datetime) -> None:
    """Lift what a lead's rejection brought, since the rejection is taken back."""
    for row in _standing_of(session, [lead_id], at):
        _lift(session, row, actor, at)


def list_suppressions(
    db: Database,
    *,
    actor: Actor,
    camera_id: int | None = None,
    standing: bool | None = None,
    now: datetime | None = None,
) -> tuple[SuppressionView, ...]:
    """Suppressions, the newest first (at most 1000), those that are over among them.

    ``standing`` asks for those alone that stand, or that do not. Raises ForbiddenError.
    """
    actor.must_be(_READERS, "reading suppressions")
    at = now or utc_now()
    query = (
        select(SuppressionRow)
        .options(joinedload(SuppressionRow.camera))
        .order_by(SuppressionRow.id.desc())
        .limit(_LISTED)
    )
    if camera_id is not None:
        query = query.where(
            SuppressionRow.camera_id == (camera_id if possible_id(camera_id) else 0)
        )
    stands = SuppressionRow.lifted_at.is_(None) & (SuppressionRow.expires_at > at)
    if standing is not None:
        query = query.where(stands if standing else ~stands)
    with db.session() as session:
        return tuple(_view(row, at) for row in session.scalars(query))


@dataclass(frozen=True)
class _Spot:
    camera: CameraRow
    label: str
    box: Box


def _spot(session: Session, lead_id: int) -> _Spot:
    """Camera, class and place of a lead: all its incidents at the camera of the first."""
    rows = session.scalars(
        select(IncidentRow)
        .where(IncidentRow.lead_id == lead_id)
        .options(joinedload(IncidentRow.camera))
        .order_by(IncidentRow.opened_at, IncidentRow.id)
    ).all()
    if not rows:
        raise InvalidError(f"lead_id: lead {lead_id} is from no camera", field="lead_id")
    first = rows[0]
    if first.camera.removed_at is not None:
        raise ConflictError(f"the camera {first.camera.name} was removed")
    place = _box(first.box)
    for row in rows[1:]:
        if (row.camera_id, row.label) == (first.camera_id, first.label):
            place = union(place, _box(row.box))
    return _Spot(first.camera, first.label, place)


def _standing_of(session: Session, lead_ids: Sequence[int], at: datetime) -> list[SuppressionRow]:
    return list(
        session.scalars(
            select(SuppressionRow).where(
                SuppressionRow.lead_id.in_(lead_ids),
                SuppressionRow.lifted_at.is_(None),
                SuppressionRow.expires_at > at,
            )
        )
    )


def _lift(session: Session, row: SuppressionRow, actor: Actor, at: datetime) -> None:
    row.lifted_by, row.lifted_at = actor.name, at
    if row.camera.removed_at is None:
        raise_revision(locked_camera(session, row.camera_id), actor, at)
    session.flush()
    _note(session, row, "lifted", actor, at, detail={})


def _note(
    session: Session,
    row: SuppressionRow,
    what: str,
    actor: Actor,
    at: datetime,
    *,
    detail: dict[str, Any],
) -> None:
    camera = row.camera
    about = {"suppression_id": row.id, "camera_id": camera.id, "camera": camera.name}
    record(
        session,
        action=f"suppression.{what}",
        actor=actor,
        at=at,
        lead_id=row.lead_id,
        detail={**about, **detail},
    )
    payload = {"what": "suppression", "name": camera.name, "revision": camera.revision}
    tell(session, "camera", camera.id, at, payload)


def _view(row: SuppressionRow, at: datetime) -> SuppressionView:
    return SuppressionView(
        id=row.id,
        camera=CameraRef(row.camera.id, row.camera.name),
        label=row.label,
        box=_box(row.box),
        expires_at=row.expires_at,
        standing=row.lifted_at is None and row.expires_at > at,
        lead_id=row.lead_id,
        note=row.note,
        created_by=row.created_by,
        created_at=row.created_at,
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
    )


def _box(values: Sequence[float]) -> Box:
    left, top, right, bottom = values
    return (left, top, right, bottom)
