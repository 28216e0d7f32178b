"""Cameras as the runner needs them: read from the rows, again only when something was changed."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.camera_tables import CameraRow, SuppressionRow
from cases.camera_views import CameraToRun, Mode, Transport
from cases.database import Database
from cases.errors import SealError
from cases.sealing import Sealer
from cases.times import utc_now
from cases.views import PlaceView
from detector.plan import plan_from
from detector.types import Box
from detector.zones import Suppression, rules_from


def unreadable_cameras(db: Database, sealer: Sealer) -> tuple[str, ...]:
    """Names of the cameras whose address cannot be decrypted with this key."""
    return tuple(camera.name for camera in cameras_to_run(db, sealer) if camera.url is None)


def camera_revisions(db: Database) -> dict[int, int]:
    """The revision of every standing camera, by id: cheap to ask often."""
    with db.session() as session:
        return _revisions(session)


def cameras_to_run(
    db: Database, sealer: Sealer, now: datetime | None = None
) -> tuple[CameraToRun, ...]:
    """All standing cameras by id, paused ones too, each with its standing suppressions."""
    with db.session() as session:
        return tuple(_to_run(session, sealer, None, now or utc_now()).values())


@dataclass
class CameraRows:
    """``cameras_to_run`` for asking every second: reads again only what was changed.

    Safe to call from several threads.
    """

    db: Database
    sealer: Sealer = field(repr=False)
    clock: Callable[[], datetime] = utc_now
    _known: dict[int, CameraToRun] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __call__(self) -> tuple[CameraToRun, ...]:
        """All standing cameras by id, as they are now."""
        with self._lock, self.db.session() as session:
            revisions = _revisions(session)
            stale = {
                camera_id
                for camera_id, revision in revisions.items()
                if camera_id not in self._known or self._known[camera_id].revision != revision
            }
            fresh = _to_run(session, self.sealer, stale, self.clock()) if stale else {}
            self._known = {
                camera_id: fresh.get(camera_id) or self._known[camera_id]
                for camera_id in sorted(revisions)
            }
            return tuple(self._known.values())


def _revisions(session: Session) -> dict[int, int]:
    query = select(CameraRow.id, CameraRow.revision).where(CameraRow.removed_at.is_(None))
    return {row.id: row.revision for row in session.execute(query)}


def _to_run(
    session: Session, sealer: Sealer, only: Collection[int] | None, now: datetime
) -> dict[int, CameraToRun]:
    query = select(CameraRow).where(CameraRow.removed_at.is_(None)).order_by(CameraRow.id)
    rows = [row for row in session.scalars(query) if only is None or row.id in only]
    suppressions = standing_suppressions(session, now)
    return {row.id: _camera(row, sealer, tuple(suppressions[row.id])) for row in rows}


def _camera(row: CameraRow, sealer: Sealer, suppressions: tuple[Suppression, ...]) -> CameraToRun:
    try:
        url: str | None = sealer.open(row.url_sealed)
    except SealError:
        url = None
    return CameraToRun(
        id=row.id,
        name=row.name,
        url=url,
        mode=cast("Mode", row.mode),
        every_s=row.every_s,
        transport=cast("Transport", row.transport),
        plan=plan_from(row.plan),
        rules=replace(rules_from(row.rules), suppressions=suppressions),
        neighbours=tuple(row.neighbours),
        paused=row.paused,
        revision=row.revision,
        place=PlaceView(row.place_text, row.lat, row.lon),
    )


def standing_suppressions(session: Session, now: datetime) -> dict[int, list[Suppression]]:
    """The suppressions that stand at this time, by camera (a camera without any has no entry)."""
    query = (
        select(SuppressionRow)
        .where(SuppressionRow.lifted_at.is_(None), SuppressionRow.expires_at > now)
        .order_by(SuppressionRow.id)
    )
    found: dict[int, list[Suppression]] = defaultdict(list)
    for row in session.scalars(query):
        found[row.camera_id].append(suppression_of(row))
    return found


def suppression_of(row: SuppressionRow) -> Suppression:
    """The rule that a row of the table is."""
    left, top, right, bottom = row.box
    box: Box = (left, top, right, bottom)
    return Suppression(f"s{row.id}", row.label, box, row.expires_at)
