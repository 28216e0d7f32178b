"""What running cameras saw, written a batch of looks at a time, each batch whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from cases.actors import SYSTEM, Actor
from cases.camera_tables import (
    CameraBookRow,
    CameraRow,
    CameraStatusRow,
    IncidentRow,
    ObservationRow,
)
from cases.database import Database, filing_lock
from cases.incident_filing import FiledIncident, Proof, file_incident, filed_before
from cases.live import LiveKind, tell
from cases.notices import NoticeNow, keep_notice
from cases.policy import DEFAULT_CASE_POLICY, CasePolicy
from cases.review import confirm_automatically
from cases.steps import Steps, no_step
from cases.tables import LeadRow
from cases.times import utc_now
from cases.upserts import upsert
from detector.compact import pack
from detector.incidents import Book, Incident, Stage, book_to
from detector.observation import Observation
from detector.sentry import Fault
from detector.sources.states import Status

SHOWN = 0.25
"""Confidence from which a sighting is shown on the wall; observations keep them all."""

NOT_FILED = "not_filed"
"""The notice that an incident could not become a lead; over with the next one that could."""


@dataclass(frozen=True)
class KeptView:
    """The masked picture that was written for the wall: when it was taken, and its SHA-256."""

    at: datetime
    sha256: str


@dataclass(frozen=True)
class IncidentNow:
    """An incident that a look opened or ended.

    ``proof`` makes an opened one a lead; without, ``trouble`` says why there can be none.
    ``auto_from``: the confidence from which its zone and class file a case without a person.
    """

    incident: Incident
    proof: Proof | None = None
    trouble: str = ""
    auto_from: float | None = None


@dataclass(frozen=True)
class Seen:
    """What a look with a picture gave; ``book`` is the camera's after it."""

    observation: Observation
    book: Book
    faults: tuple[Fault, ...]
    change: float
    width: int
    height: int
    view: KeptView | None = None
    incidents: tuple[IncidentNow, ...] = ()


@dataclass(frozen=True)
class KeptLook:
    """One due look of one camera, with or without a picture."""

    camera_id: int
    status: Status
    seen: Seen | None = None
    notices: tuple[NoticeNow, ...] = ()


@dataclass(frozen=True)
class Filed:
    """An incident that became a lead; ``latency_s`` from its frame to now."""

    incident: Incident
    lead: FiledIncident
    latency_s: float


@dataclass(frozen=True)
class Kept:
    """What one batch wrote: new leads, and the last observation of each camera."""

    filed: tuple[Filed, ...]
    last: Mapping[int, Observation]


@dataclass
class _Batch:
    """One transaction in the making; events are told at its end."""

    session: Session
    now: datetime
    actor: Actor
    policy: CasePolicy
    steps: Steps
    events: list[tuple[LiveKind, int, datetime, dict[str, Any]]] = field(default_factory=list)
    filed: list[Filed] = field(default_factory=list)

    def event(self, kind: LiveKind, camera_id: int, at: datetime, payload: dict[str, Any]) -> None:
        """Remember an event."""
        self.events.append((kind, camera_id, at, payload))


def keep_looks(
    db: Database,
    looks: Sequence[KeptLook],
    *,
    last: Mapping[int, Observation] | None = None,
    clock: Callable[[], datetime] = utc_now,
    policy: CasePolicy = DEFAULT_CASE_POLICY,
    actor: Actor = SYSTEM,
    steps: Steps = no_step,
) -> Kept:
    """Write a batch of looks in one transaction: observations, books, states, notices, leads.

    A crash leaves all of it or nothing, and the book of a camera always fits its incidents, so
    that a restart goes on where the last batch ended. The same incident is never filed twice.

    Args:
        db: where.
        looks: in order of time for each camera; the evidence of ``proof`` is in the store.
        last: the last observation kept of each camera, by id, so that an unchanged one is short.
        clock: gives the time of filing.
        policy: how a lead becomes a case where a zone files without a person.
        actor: who files.
        steps: called with a name at each boundary.
    """
    before = dict(last or {})
    with db.write() as session:
        batch = _Batch(session, clock(), actor, policy, steps)
        if any(now.proof for look in looks if look.seen for now in look.seen.incidents):
            filing_lock(session)
        steps("locked")
        _keep_observations(batch, looks, before)
        steps("observations written")
        for look in looks:
            _keep_incidents(batch, look)
            _keep_notices(batch, look)
        _follow_open_incidents(batch, looks)
        steps("incidents written")
        _keep_books(batch, looks)
        steps("books written")
        _keep_states(batch, looks)
        steps("states written")
        for kind, camera_id, at, payload in batch.events:
            tell(session, kind, camera_id, at, payload)
        steps("before commit")
    steps("committed")
    return Kept(tuple(batch.filed), before)


def _keep_observations(
    batch: _Batch, looks: Sequence[KeptLook], before: dict[int, Observation]
) -> None:
    rows = []
    for look in looks:
        if look.seen is None:
            continue
        one = look.seen.observation
        content = pack(one, before.get(look.camera_id))
        rows.append({"camera_id": look.camera_id, "at": one.at, "content": content})
        before[look.camera_id] = one
    if rows:
        batch.session.execute(insert(ObservationRow), rows)


def _keep_incidents(batch: _Batch, look: KeptLook) -> None:
    for now in look.seen.incidents if look.seen else ():
        incident = now.incident
        lead_id = filed_before(batch.session, incident.id)
        if lead_id is None and now.proof is not None and incident.stage is Stage.OPEN:
            camera = batch.session.get_one(CameraRow, look.camera_id)
            lead = file_incident(
                batch.session,
                incident,
                camera,
                now.proof,
                at=batch.now,
                actor=batch.actor,
                steps=batch.steps,
            )
            lead_id = lead.lead_id
            if not lead.joined:
                _file_automatically(batch, lead_id, now.proof, now.auto_from)
            batch.filed.append(Filed(incident, lead, _seconds(incident.opened_at, batch.now)))
            over = NoticeNow("fault", NOT_FILED, "", False, batch.now)
            keep_notice(batch.session, look.camera_id, over)
        _write_incident(batch, look.camera_id, incident, lead_id)
        if now.trouble:
            trouble = NoticeNow("fault", NOT_FILED, now.trouble, True, batch.now)
            keep_notice(batch.session, look.camera_id, trouble)
        at = (incident.ended_at or incident.opened_at) or batch.now
        batch.event("incident", look.camera_id, at, _incident_payload(incident, lead_id))


def _file_automatically(batch: _Batch, lead_id: int, proof: Proof, auto_from: float | None) -> None:
    if auto_from is None or proof.finding.confidence < auto_from:
        return
    confirm_automatically(
        batch.session,
        batch.session.get_one(LeadRow, lead_id),
        reason=f"zone files automatically from confidence {auto_from:g}",
        actor=batch.actor,
        at=batch.now,
        policy=batch.policy,
    )
    batch.steps("case filed")


def _write_incident(batch: _Batch, camera_id: int, incident: Incident, lead_id: int | None) -> None:
    row = batch.session.get(IncidentRow, incident.id)
    if row is None:
        opened_at = incident.opened_at or batch.now
        row = IncidentRow(
            id=incident.id,
            camera_id=camera_id,
            label=incident.label,
            zone=incident.zone,
            first_seen=incident.first_seen,
            opened_at=opened_at,
            latency_s=_seconds(opened_at, batch.now) if lead_id is not None else None,
        )
        batch.session.add(row)
    row.stage = "ended" if incident.stage is Stage.ENDED else "open"
    row.box = [float(value) for value in incident.box]
    row.last_seen = incident.last_seen
    row.ended_at = incident.ended_at
    row.confidence = float(incident.confidence)
    row.quality = float(incident.evidence.quality)
    row.lead_id = lead_id
    batch.session.flush()


def _incident_payload(incident: Incident, lead_id: int | None) -> dict[str, Any]:
    return {
        "id": incident.id,
        "label": incident.label,
        "zone": incident.zone,
        "stage": "ended" if incident.stage is Stage.ENDED else "open",
        "box": [float(value) for value in incident.box],
        "first_seen": incident.first_seen.isoformat(),
        "confidence": float(incident.confidence),
        "lead_id": lead_id,
    }


def _keep_notices(batch: _Batch, look: KeptLook) -> None:
    for notice in look.notices:
        if keep_notice(batch.session, look.camera_id, notice):
            batch.event(
                "notice",
                look.camera_id,
                notice.at,
                {
                    "kind": notice.kind,
                    "what": notice.what,
                    "began": notice.began,
                    "detail": notice.detail,
                },
            )


def _newest(looks: Sequence[KeptLook]) -> dict[int, Seen]:
    """What each camera saw last in this batch."""
    return {look.camera_id: look.seen for look in looks if look.seen is not None}


def _follow_open_incidents(batch: _Batch, looks: Sequence[KeptLook]) -> None:
    """Open incidents were seen again: their rows follow the book."""
    rows = [
        {
            "row_id": incident.id,
            "seen": incident.last_seen,
            "where": [float(value) for value in incident.box],
            "sure": float(incident.confidence),
            "best": float(incident.evidence.quality),
        }
        for seen in _newest(looks).values()
        for incident in seen.book.open
        if incident.last_seen == seen.observation.at
    ]
    if rows:
        table = IncidentRow.__table__
        batch.session.connection().execute(
            update(IncidentRow)
            .where(table.c.id == bindparam("row_id"))
            .values(
                last_seen=bindparam("seen"),
                box=bindparam("where"),
                confidence=bindparam("sure"),
                quality=bindparam("best"),
            ),
            rows,
        )


def _keep_books(batch: _Batch, looks: Sequence[KeptLook]) -> None:
    rows = [
        {"camera_id": camera_id, "book": book_to(seen.book), "at": seen.observation.at}
        for camera_id, seen in _newest(looks).items()
    ]
    upsert(batch.session, CameraBookRow, rows, key="camera_id")


def _keep_states(batch: _Batch, looks: Sequence[KeptLook]) -> None:
    ids = {look.camera_id for look in looks}
    session = batch.session
    rows = {
        row.camera_id: row
        for row in session.scalars(
            select(CameraStatusRow).where(CameraStatusRow.camera_id.in_(ids))
        )
    }
    for look in looks:
        row = rows.get(look.camera_id)
        if row is None:
            row = rows[look.camera_id] = CameraStatusRow(
                camera_id=look.camera_id, state="", faults=[], sightings=[], looks=0,
                looks_inspected=0,
            )  # fmt: skip
            session.add(row)
        _keep_state(batch, look, row)
    session.flush()


def _keep_state(batch: _Batch, look: KeptLook, row: CameraStatusRow) -> None:
    status, seen = look.status, look.seen
    if row.state != status.state.value:
        text = status.state.text
        batch.event(
            "state",
            look.camera_id,
            status.since,
            {
                "state": status.state.value,
                "text": {"zh": text.zh, "en": text.en},
                "detail": status.detail,
            },
        )
    row.state, row.detail, row.since = status.state.value, status.detail, status.since
    row.updated_at = batch.now
    if seen is None:
        return
    one = seen.observation
    row.last_look_at = one.at
    row.faults = [fault.value for fault in seen.faults]
    row.inspected, row.change = one.inspected, round(seen.change, 4)
    row.latency_s = round(_seconds(one.at, batch.now), 3)
    row.width, row.height = seen.width, seen.height
    row.sightings = [
        {"label": s.label, "confidence": s.confidence, "box": list(s.box)}
        for s in one.sightings
        if s.confidence >= SHOWN
    ]
    row.looks += 1
    row.looks_inspected += one.inspected
    if seen.view is not None:
        row.view_at, row.view_sha256 = seen.view.at, seen.view.sha256
    if one.inspected:
        batch.event(
            "look",
            look.camera_id,
            one.at,
            {
                "inspected": True,
                "change": row.change,
                "faults": row.faults,
                "sightings": row.sightings,
                "view": row.view_sha256[:8] if row.view_sha256 else None,
            },
        )


def _seconds(begin: datetime | None, end: datetime) -> float:
    return max(0.0, (end - begin).total_seconds()) if begin is not None else 0.0
