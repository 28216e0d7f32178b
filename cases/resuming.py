"""Where running cameras go on after a restart, and what is tidied behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from cases.camera_tables import (
    CameraBookRow,
    CameraNoticeRow,
    CameraRow,
    CameraStatusRow,
    IncidentRow,
    ObservationRow,
)
from cases.database import Database
from cases.live import tell
from cases.notices import NoticeKind, NoticeNow, keep_notice
from detector.incidents import Book, book_from

log = structlog.get_logger("patrol.cameras")

_AT_ONCE = 5000


@dataclass(frozen=True)
class Resumed:
    """What is known of a camera from before.

    ``faults``: open notices of faults by name, with when each began. ``view_at``: when the picture
    on the wall was taken. ``forgotten``: incidents that are open in the database and not in the
    book, because the book could not be read.
    """

    book: Book = field(default_factory=Book)
    faults: dict[str, datetime] = field(default_factory=dict)
    outage: bool = False
    view_at: datetime | None = None
    forgotten: tuple[str, ...] = ()


def load_books(db: Database, camera_ids: Collection[int]) -> dict[int, Resumed]:
    """What is known of these cameras; a camera that never ran is not in the answer.

    A book that cannot be read is named in the log and begun anew.
    """
    with db.session() as session:
        books = {
            row.camera_id: row
            for row in session.scalars(
                select(CameraBookRow).where(CameraBookRow.camera_id.in_(camera_ids))
            )
        }
        viewed = session.execute(
            select(CameraStatusRow.camera_id, CameraStatusRow.view_at).where(
                CameraStatusRow.camera_id.in_(camera_ids)
            )
        )
        views = {row.camera_id: row.view_at for row in viewed}
        faults: dict[int, dict[str, datetime]] = defaultdict(dict)
        outages = set()
        for row in session.scalars(
            select(CameraNoticeRow).where(
                CameraNoticeRow.camera_id.in_(camera_ids), CameraNoticeRow.ended_at.is_(None)
            )
        ):
            if row.kind == "outage":
                outages.add(row.camera_id)
            else:
                faults[row.camera_id][row.what] = row.began_at
        open_ids: dict[int, list[str]] = defaultdict(list)
        for incident_id, camera_id in session.execute(
            select(IncidentRow.id, IncidentRow.camera_id).where(
                IncidentRow.camera_id.in_(camera_ids), IncidentRow.stage == "open"
            )
        ):
            open_ids[camera_id].append(incident_id)
        found = {}
        for camera_id in {*books, *views, *faults, *outages, *open_ids}:
            book = _read_book(books.get(camera_id))
            known = {incident.id for incident in book.incidents}
            found[camera_id] = Resumed(
                book=book,
                faults=faults[camera_id],
                outage=camera_id in outages,
                view_at=views.get(camera_id),
                forgotten=tuple(i for i in open_ids[camera_id] if i not in known),
            )
        return found


def _read_book(row: CameraBookRow | None) -> Book:
    if row is None:
        return Book()
    try:
        return book_from(row.book)
    except ValueError as error:
        log.error("book of a camera cannot be read", camera=row.camera_id, reason=str(error))
        return Book()


def left_behind(db: Database) -> tuple[int, ...]:
    """Removed cameras that still have a book, an open incident or an open notice."""
    going_on = (
        select(CameraBookRow.camera_id).where(CameraBookRow.camera_id == CameraRow.id),
        select(IncidentRow.id).where(
            IncidentRow.camera_id == CameraRow.id, IncidentRow.stage == "open"
        ),
        select(CameraNoticeRow.id).where(
            CameraNoticeRow.camera_id == CameraRow.id, CameraNoticeRow.ended_at.is_(None)
        ),
    )
    query = select(CameraRow.id).where(
        CameraRow.removed_at.is_not(None), or_(*(one.exists() for one in going_on))
    )
    with db.session() as session:
        return tuple(session.scalars(query))


def end_incidents(db: Database, incident_ids: Collection[str], at: datetime) -> None:
    """End incidents that nobody follows any more: their camera is gone, or its book is."""
    with db.write() as session:
        rows = session.scalars(
            select(IncidentRow).where(IncidentRow.id.in_(incident_ids), IncidentRow.stage == "open")
        ).all()
        _end(session, rows, at)


def leave_camera(db: Database, camera_id: int, at: datetime, *, for_good: bool) -> None:
    """A camera is no longer patrolled: its notices end, and ``for_good`` its incidents too."""
    with db.write() as session:
        standing = session.scalars(
            select(CameraNoticeRow).where(
                CameraNoticeRow.camera_id == camera_id, CameraNoticeRow.ended_at.is_(None)
            )
        ).all()
        for row in standing:
            kind: NoticeKind = "outage" if row.kind == "outage" else "fault"
            keep_notice(session, camera_id, NoticeNow(kind, row.what, "", False, at))
        if not for_good:
            return
        session.execute(delete(CameraBookRow).where(CameraBookRow.camera_id == camera_id))
        rows = session.scalars(
            select(IncidentRow).where(
                IncidentRow.camera_id == camera_id, IncidentRow.stage == "open"
            )
        ).all()
        _end(session, rows, at)


def _end(session: Session, rows: Collection[IncidentRow], at: datetime) -> None:
    for row in rows:
        row.stage = "ended"
        row.ended_at = max(at, row.opened_at)
    session.flush()
    for row in rows:
        payload = {"id": row.id, "label": row.label, "stage": "ended", "lead_id": row.lead_id}
        tell(session, "incident", row.camera_id, at, payload)


def prune_observations(db: Database, before: datetime) -> int:
    """Delete looks older than ``before``; how many. Some thousands in one transaction."""
    with db.session() as session:
        camera_ids = session.scalars(select(CameraRow.id)).all()
    gone = 0
    for camera_id in camera_ids:
        while True:
            with db.write() as session:
                ids = session.scalars(
                    select(ObservationRow.id)
                    .where(ObservationRow.camera_id == camera_id, ObservationRow.at < before)
                    .order_by(ObservationRow.at)
                    .limit(_AT_ONCE)
                ).all()
                if ids:
                    session.execute(delete(ObservationRow).where(ObservationRow.id.in_(ids)))
            gone += len(ids)
            if len(ids) < _AT_ONCE:
                break
    return gone
