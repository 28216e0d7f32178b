"""From a looked-at photo to leads with evidence, whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.actors import SYSTEM, Actor, Role
from cases.chain import seal
from cases.database import Database, filing_lock
from cases.errors import InvalidError
from cases.evidence import Drawn, draw
from cases.joining import find_open_lead
from cases.journal import announce, record
from cases.looks import keep_look, plain_box
from cases.places import check_position
from cases.policy import FilingPolicy
from cases.states import State
from cases.steps import Steps, no_step
from cases.store import EvidenceStore, StoredObject
from cases.tables import EvidenceRow, LeadRow, LookRow, PhotoRow, SightingRow
from cases.texts import plain_text
from cases.times import as_utc, utc_now
from cases.transitions import walk
from cases.views import Channel
from detector.findings import group_findings
from detector.types import Finding, Look, Photo

__all__ = ["FiledPhoto", "FilingPolicy", "Steps", "file_photo", "no_step"]

_FILERS = (Role.SYSTEM, Role.ADMIN, Role.REVIEWER)
_NOTE_LIMIT = 2000
_PLACE_LIMIT = 500
_FILENAME_LIMIT = 500


@dataclass(frozen=True)
class FiledPhoto:
    """The photo's row and the leads its findings made or joined.

    ``duplicate`` is True when these bytes had been filed before; nothing was written then.
    """

    photo_id: int
    sha256: str
    lead_ids: tuple[int, ...]
    duplicate: bool


@dataclass(frozen=True)
class _Filing:
    """Everything that one transaction is about to write."""

    photo: Photo
    look: Look
    findings: tuple[Finding, ...]
    drawn: Drawn
    stored: dict[str, StoredObject]  # by SHA-256
    policy: FilingPolicy
    filename: str
    channel: Channel
    note: str | None
    captured_at: datetime | None
    lat: float | None
    lon: float | None
    place_text: str | None
    actor: Actor
    at: datetime


def file_photo(
    db: Database,
    store: EvidenceStore,
    *,
    photo: Photo,
    data: bytes,
    look: Look,
    policy: FilingPolicy,
    filename: str,
    channel: Channel,
    note: str | None = None,
    captured_at: datetime | None = None,
    lat: float | None = None,
    lon: float | None = None,
    place_text: str | None = None,
    actor: Actor = SYSTEM,
    steps: Steps = no_step,
) -> FiledPhoto:
    """File ``photo`` (decoded from ``data``) and the findings of ``look`` as leads.

    ``captured_at`` (aware), ``lat``/``lon`` (WGS-84 degrees, both or none) replace what the photo
    itself says. Evidence objects are stored first, then one transaction writes all rows, so that a
    crash at any point leaves either nothing or everything; filing the same bytes again (also at
    the same time) gives the same photo and leads with ``duplicate=True``. ``steps`` is called
    with a name at each boundary.

    Raises InvalidError (naming the field), ForbiddenError (roles admin, reviewer, system) and
    StoreError.
    """
    actor.must_be(_FILERS, "filing a photo")
    _check(photo, data, look, channel)
    check_position(lat, lon)
    if lat is None:
        lat, lon = photo.lat, photo.lon
    captured_at = captured_at or photo.captured_at
    with db.session() as session:
        before = _filed_before(session, photo.sha256)
    if before is not None:
        return before
    findings = group_findings(look.detections, policy.thresholds)
    drawn = draw(photo, data, look, findings)
    steps("drawn")
    filing = _Filing(
        photo=photo,
        look=look,
        findings=findings,
        drawn=drawn,
        stored=_store(store, drawn, steps),
        policy=policy,
        filename=_plain_name(filename),
        channel=channel,
        note=plain_text("note", note, _NOTE_LIMIT),
        captured_at=as_utc(captured_at, "captured_at") if captured_at else None,
        lat=lat,
        lon=lon,
        place_text=plain_text("place_text", place_text, _PLACE_LIMIT),
        actor=actor,
        at=utc_now(),
    )
    steps("stored")
    with db.write() as session:
        filing_lock(session)
        steps("locked")
        # Another may have filed the same bytes while this one was drawing.
        before = _filed_before(session, photo.sha256)
        if before is not None:
            return before
        filed = _write(session, filing, steps)
        steps("before commit")
    steps("committed")
    return filed


def _check(photo: Photo, data: bytes, look: Look, channel: Channel) -> None:
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        raise InvalidError("data: these are not the bytes the photo was read from", field="data")
    if (look.width, look.height) != (photo.width, photo.height):
        raise InvalidError(
            f"look: made on {look.width}x{look.height} px, the photo has "
            f"{photo.width}x{photo.height}",
            field="look",
        )
    if channel not in get_args(Channel):
        raise InvalidError(
            f"channel: expected one of {', '.join(get_args(Channel))}, got {channel!r}",
            field="channel",
        )


def _plain_name(filename: str) -> str:
    """A file name as it may be stored and shown: valid UTF-8, no control characters."""
    text = filename.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)[
        -_FILENAME_LIMIT:
    ]


def _store(store: EvidenceStore, drawn: Drawn, steps: Steps) -> dict[str, StoredObject]:
    pictures = [drawn.original, drawn.masked, *(p for pair in drawn.findings for p in pair)]
    stored = {}
    for picture in pictures:
        kept = store.put(picture.data, picture.media_type)
        stored[kept.sha256] = kept
        steps(f"stored {picture.kind}")
    return stored


def _filed_before(session: Session, sha256: str) -> FiledPhoto | None:
    photo_id = session.scalars(select(PhotoRow.id).where(PhotoRow.sha256 == sha256)).one_or_none()
    if photo_id is None:
        return None
    lead_ids = session.scalars(
        select(SightingRow.lead_id)
        .where(SightingRow.photo_id == photo_id)
        .order_by(SightingRow.finding)
    ).all()
    return FiledPhoto(photo_id, sha256, tuple(lead_ids), duplicate=True)


def _write(session: Session, filing: _Filing, steps: Steps) -> FiledPhoto:
    photo = _photo_row(filing)
    session.add(photo)
    look = keep_look(session, filing.photo.sha256, filing.look)
    session.flush()
    steps("photo written")
    lead_ids: list[int] = []
    for number, finding in enumerate(filing.findings):
        lead, joined = _lead_for(session, filing, finding, lead_ids)
        steps("lead written")
        sighting = _sighting(session, filing, number, lead=lead, photo=photo, look=look)
        evidence = _evidence(session, filing, number, sighting)
        steps("evidence written")
        seal(session, evidence)
        steps("chain written")
        if joined:
            _tell_joined(session, filing, lead, sighting)
        else:
            walk(session, lead, "lead.offered", actor=filing.actor, at=filing.at)
        steps("history written")
        lead_ids.append(lead.id)
    return FiledPhoto(photo.id, photo.sha256, tuple(lead_ids), duplicate=False)


def _photo_row(filing: _Filing) -> PhotoRow:
    original = filing.stored[filing.photo.sha256]
    return PhotoRow(
        sha256=filing.photo.sha256,
        media_type=filing.photo.media_type,
        size=original.size,
        object_key=original.key,
        width=filing.photo.width,
        height=filing.photo.height,
        captured_at=filing.captured_at,
        lat=filing.lat,
        lon=filing.lon,
        place_text=filing.place_text,
        note=filing.note,
        filename=filing.filename,
        channel=filing.channel,
        filed_by=filing.actor.name,
        created_at=filing.at,
    )


def _lead_for(
    session: Session, filing: _Filing, finding: Finding, taken: list[int]
) -> tuple[LeadRow, bool]:
    """The lead of a finding, and whether it was there before."""
    known = find_open_lead(
        session,
        label=finding.label,
        lat=filing.lat,
        lon=filing.lon,
        radius_m=filing.policy.join_radius_m,
        taken=taken,
    )
    if known is not None:
        return known, True
    lead = LeadRow(
        label=finding.label,
        model_label=finding.label,
        lat=filing.lat,
        lon=filing.lon,
        place_text=filing.place_text,
        created_at=filing.at,
    )
    detail = {"photo": filing.photo.sha256, "confidence": float(finding.confidence)}
    walk(session, lead, "lead.found", actor=filing.actor, at=filing.at, detail=detail)
    return lead, False


def _sighting(
    session: Session,
    filing: _Filing,
    number: int,
    *,
    lead: LeadRow,
    photo: PhotoRow,
    look: LookRow,
) -> SightingRow:
    finding = filing.findings[number]
    row = SightingRow(
        lead=lead,
        photo=photo,
        look=look,
        finding=number,
        label=finding.label,
        confidence=float(finding.confidence),
        threshold=float(filing.policy.thresholds[finding.label]),
        box=plain_box(finding.box),
        boxes=[plain_box(member.box) for member in finding.members],
        created_at=filing.at,
    )
    session.add(row)
    session.flush()
    return row


def _evidence(
    session: Session, filing: _Filing, number: int, sighting: SightingRow
) -> list[EvidenceRow]:
    rows = []
    for picture in filing.drawn.of(number):
        kept = filing.stored[hashlib.sha256(picture.data).hexdigest()]
        rows.append(
            EvidenceRow(
                sighting=sighting,
                kind=picture.kind,
                object_key=kept.key,
                sha256=kept.sha256,
                media_type=picture.media_type,
                width=picture.width,
                height=picture.height,
                size=kept.size,
                created_at=filing.at,
            )
        )
    session.add_all(rows)
    session.flush()
    return rows


def _tell_joined(session: Session, filing: _Filing, lead: LeadRow, sighting: SightingRow) -> None:
    line = record(
        session,
        action="lead.seen_again",
        actor=filing.actor,
        at=filing.at,
        lead_id=lead.id,
        case_id=lead.case_id,
        from_state=State(lead.state),
        to_state=State(lead.state),
        detail={"photo": filing.photo.sha256, "sighting_id": sighting.id},
    )
    announce(session, line)
