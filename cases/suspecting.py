"""Suspect vehicles of a spill (嫌疑车辆): what was found is written once, for a person to judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cases.camera_tables import IncidentRow, SuspectRow
from cases.database import Database
from cases.live import tell
from cases.steps import Steps, no_step
from cases.store import StoredObject
from detector.types import Box

SPILL = "spill"


@dataclass(frozen=True)
class SpillToSearch:
    """A spill whose suspects were not looked for yet; ``cameras``: its own and the neighbours."""

    incident_id: str
    first_seen: datetime
    cameras: tuple[int, ...]


@dataclass(frozen=True)
class SuspectFound:
    """A vehicle seen before a spill; ``box`` in shares of the view, ``picture`` is masked."""

    camera_id: int
    at: datetime
    label: str
    confidence: float
    box: Box
    picture: StoredObject
    media_type: str = "image/jpeg"


def spills_to_search(db: Database, since: datetime) -> tuple[SpillToSearch, ...]:
    """Spills opened after ``since`` whose suspects were not looked for yet, oldest first."""
    query = (
        select(IncidentRow)
        .where(
            IncidentRow.label == SPILL,
            IncidentRow.suspects_at.is_(None),
            IncidentRow.opened_at >= since,
        )
        .options(joinedload(IncidentRow.camera))
        .order_by(IncidentRow.opened_at)
    )
    with db.session() as session:
        return tuple(
            SpillToSearch(
                row.id,
                row.first_seen,
                (row.camera_id, *(int(n) for n in row.camera.neighbours if n != row.camera_id)),
            )
            for row in session.scalars(query)
        )


def keep_suspects(
    db: Database,
    incident_id: str,
    found: Sequence[SuspectFound],
    at: datetime,
    steps: Steps = no_step,
) -> bool:
    """Write the suspects of a spill, once; False when they were written before."""
    with db.write() as session:
        row = session.get_one(IncidentRow, incident_id, with_for_update=True)
        if row.suspects_at is not None:
            return False
        row.suspects_at = at
        for one in found:
            session.add(
                SuspectRow(
                    incident_id=incident_id,
                    camera_id=one.camera_id,
                    at=one.at,
                    seconds_before=(row.first_seen - one.at).total_seconds(),
                    label=one.label,
                    confidence=float(one.confidence),
                    box=[float(value) for value in one.box],
                    object_key=one.picture.key,
                    sha256=one.picture.sha256,
                    media_type=one.media_type,
                    verdict=None,
                    decided_by=None,
                    decided_at=None,
                )
            )
        session.flush()
        if found:
            payload = {
                "id": row.id,
                "label": row.label,
                "stage": row.stage,
                "lead_id": row.lead_id,
                "suspects": len(found),
            }
            tell(session, "incident", row.camera_id, at, payload)
        steps("before commit")
    steps("committed")
    return True
