"""From an incident of a camera to a lead with evidence, inside the transaction of its look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.actors import SYSTEM, Actor
from cases.camera_tables import CameraRow, IncidentRow
from cases.chain import seal
from cases.evidence import Picture, draw
from cases.joining import find_open_lead_at_camera
from cases.journal import announce, record
from cases.looks import keep_look, plain_box
from cases.states import State
from cases.steps import Steps, no_step
from cases.store import EvidenceStore, StoredObject
from cases.tables import EvidenceRow, LeadRow, PhotoRow, SightingRow
from cases.times import as_utc
from cases.transitions import walk
from cases.views import EvidenceKind
from detector.incidents import Incident
from detector.types import Finding, Image, Look, OriginalBytes, Photo

_ENDINGS: Final = MappingProxyType(
    {"image/jpeg": "jpg", "image/png": "png", "video/mp4": "mp4", "image/webp": "webp"}
)


@dataclass(frozen=True)
class StoredPicture:
    """One evidence object that is in the store; ``width``/``height`` in pixels, upright."""

    kind: EvidenceKind
    media_type: str
    width: int
    height: int
    stored: StoredObject


@dataclass(frozen=True)
class Proof:
    """What an incident is filed with, stored before the transaction begins.

    ``captured_at`` (aware) of the picture, ``look`` and ``finding`` in its pixels; ``threshold``
    is the confidence from which a sighting counted there. ``pictures`` begin with the original.
    """

    captured_at: datetime
    look: Look
    finding: Finding
    threshold: float
    pictures: tuple[StoredPicture, ...]

    @property
    def original(self) -> StoredPicture:
        """The source's own bytes."""
        return self.pictures[0]


def prove(
    store: EvidenceStore,
    *,
    original: OriginalBytes,
    image: Image,
    look: Look,
    finding: Finding,
    captured_at: datetime,
    threshold: float,
    more: tuple[Picture, ...] = (),
    steps: Steps = no_step,
) -> Proof:
    """Draw the evidence of a finding and put it into the store; doing so again is harmless.

    Args:
        store: where it goes.
        original: the source's own bytes, kept as they are.
        image: the picture in them, uint8 HxWx3 BGR.
        look: what the network saw in it; what it saw of people and vehicles is masked.
        finding: the thing, boxes in pixels of ``image``.
        captured_at: when it was taken, aware.
        threshold: confidence from which a sighting of the class counted.
        more: ``before`` and ``strip``, masked already.
        steps: called with a name at each boundary.

    Raises:
        StoreError: an object cannot be written.
    """
    height, width = image.shape[:2]
    photo = Photo(image, width, height, "", original.media_type, captured_at)
    drawn = draw(photo, original.data, look, (finding,))
    pictures = []
    for picture in (*drawn.of(0), *more):
        kept = store.put(picture.data, picture.media_type)
        steps(f"stored {picture.kind}")
        pictures.append(
            StoredPicture(picture.kind, picture.media_type, picture.width, picture.height, kept)
        )
    return Proof(captured_at, look, finding, threshold, tuple(pictures))


@dataclass(frozen=True)
class FiledIncident:
    """The lead of an incident; ``joined`` when it was there before."""

    lead_id: int
    joined: bool


def file_incident(
    session: Session,
    incident: Incident,
    camera: CameraRow,
    proof: Proof,
    *,
    at: datetime,
    actor: Actor = SYSTEM,
    steps: Steps = no_step,
) -> FiledIncident:
    """Make the lead of an incident, or join an open one of its class at this camera and place.

    The caller holds the filing lock and has written no lead for this incident; ``proof`` is in the
    store. Everything is part of the caller's transaction.
    """
    photo = _photo(session, camera, proof, at=at, actor=actor)
    look = keep_look(session, photo.sha256, proof.look)
    session.flush()
    steps("photo written")
    lead = find_open_lead_at_camera(
        session, camera_id=camera.id, label=incident.label, box=incident.box
    )
    joined = lead is not None
    if lead is None:
        lead = _new_lead(session, incident, camera, proof, at=at, actor=actor)
    steps("lead written")
    sighting = _sighting(session, incident, proof, lead=lead, photo=photo, look_id=look.id, at=at)
    seal(session, _evidence(session, proof, sighting, at=at))
    steps("evidence written")
    if joined:
        _tell_joined(session, lead, _origin(incident, camera, proof), sighting, at=at, actor=actor)
    else:
        walk(session, lead, "lead.offered", actor=actor, at=at)
    steps("lead offered")
    return FiledIncident(lead.id, joined)


def filed_before(session: Session, incident_id: str) -> int | None:
    """The lead this incident has already; the same incident is never filed twice."""
    return session.scalars(
        select(IncidentRow.lead_id).where(IncidentRow.id == incident_id)
    ).one_or_none()


def _photo(
    session: Session, camera: CameraRow, proof: Proof, *, at: datetime, actor: Actor
) -> PhotoRow:
    """The row of the picture; two incidents may rest on the same one."""
    original = proof.original
    sha256 = original.stored.sha256
    found = session.scalars(select(PhotoRow).where(PhotoRow.sha256 == sha256)).one_or_none()
    if found is not None:
        return found
    captured_at = as_utc(proof.captured_at, "captured_at")
    ending = _ENDINGS.get(original.media_type, "bin")
    row = PhotoRow(
        sha256=sha256,
        media_type=original.media_type,
        size=original.stored.size,
        object_key=original.stored.key,
        width=original.width,
        height=original.height,
        captured_at=captured_at,
        lat=camera.lat,
        lon=camera.lon,
        place_text=camera.place_text,
        note=None,
        filename=f"{camera.name} {captured_at:%Y%m%dT%H%M%SZ}.{ending}",
        channel="camera",
        filed_by=actor.name,
        created_at=at,
    )
    session.add(row)
    return row


def _origin(incident: Incident, camera: CameraRow, proof: Proof) -> dict[str, object]:
    return {
        "photo": proof.original.stored.sha256,
        "confidence": float(incident.confidence),
        "camera_id": camera.id,
        "camera": camera.name,
        "incident": incident.id,
        "zone": incident.zone,
        "first_seen": incident.first_seen.isoformat(),
    }


def _new_lead(
    session: Session,
    incident: Incident,
    camera: CameraRow,
    proof: Proof,
    *,
    at: datetime,
    actor: Actor,
) -> LeadRow:
    lead = LeadRow(
        label=incident.label,
        model_label=incident.label,
        lat=camera.lat,
        lon=camera.lon,
        place_text=camera.place_text,
        created_at=at,
    )
    walk(
        session,
        lead,
        "lead.found",
        actor=actor,
        at=at,
        detail=_origin(incident, camera, proof),
    )
    return lead


def _sighting(
    session: Session,
    incident: Incident,
    proof: Proof,
    *,
    lead: LeadRow,
    photo: PhotoRow,
    look_id: int,
    at: datetime,
) -> SightingRow:
    last = session.scalar(
        select(func.max(SightingRow.finding)).where(SightingRow.photo_id == photo.id)
    )
    row = SightingRow(
        lead=lead,
        photo=photo,
        look_id=look_id,
        finding=0 if last is None else last + 1,
        label=incident.label,
        confidence=float(proof.finding.confidence),
        threshold=float(proof.threshold),
        box=plain_box(proof.finding.box),
        boxes=[plain_box(member.box) for member in proof.finding.members],
        created_at=at,
    )
    session.add(row)
    session.flush()
    return row


def _evidence(
    session: Session, proof: Proof, sighting: SightingRow, *, at: datetime
) -> list[EvidenceRow]:
    rows = [
        EvidenceRow(
            sighting=sighting,
            kind=picture.kind,
            object_key=picture.stored.key,
            sha256=picture.stored.sha256,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            size=picture.stored.size,
            created_at=at,
        )
        for picture in proof.pictures
    ]
    session.add_all(rows)
    session.flush()
    return rows


def _tell_joined(
    session: Session,
    lead: LeadRow,
    origin: dict[str, object],
    sighting: SightingRow,
    *,
    at: datetime,
    actor: Actor,
) -> None:
    line = record(
        session,
        action="lead.seen_again",
        actor=actor,
        at=at,
        lead_id=lead.id,
        case_id=lead.case_id,
        from_state=State(lead.state),
        to_state=State(lead.state),
        detail={**origin, "sighting_id": sighting.id},
    )
    announce(session, line)
