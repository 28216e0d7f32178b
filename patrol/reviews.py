"""Reads decided leads out of the database, as plain rows for training data and for the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import av
import cv2
import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from cases.camera_tables import CameraRow, IncidentRow
from cases.database import Database
from cases.store import EvidenceStore
from cases.tables import LeadRow, LookRow, PhotoRow, SightingRow
from datasets.reviews import ReviewedBox, ReviewedPicture, Verdict
from detector.photo import PhotoError, read_photo
from detector.types import Box, Image
from detector.zones import UNKNOWN_OBJECT
from training.ledger import Decision

_PAGE = 200
UNASKED = "bin"
UNASKED_FROM = 0.4
"""Confidence from which a bin the model saw is taken for one when its picture is trained on."""

PLACE_DECIMALS = 3
"""Photos whose positions agree to so many decimals of a degree (about 100 m) are one site."""


def reviewed_pictures(
    db: Database, store: EvidenceStore, folder: Path, *, without: Collection[str] = ()
) -> Iterator[ReviewedPicture]:
    """Every filed picture with at least one decided lead; decoded ones are put into ``folder``.

    Boxes of leads not yet decided come along as ``undecided``. ``without`` are SHA-256 of pictures
    to pass over, because a person has looked them through anyway.

    Raises:
        cases.errors.StoreError: an original is missing.
        detector.photo.PhotoError: an original cannot be decoded.
    """
    for photo_id in _decided_photos(db):
        with db.session() as session:
            photo = session.get_one(PhotoRow, photo_id)
            if photo.sha256 in without:
                continue
            rows = session.scalars(
                select(SightingRow)
                .where(SightingRow.photo_id == photo_id)
                .options(joinedload(SightingRow.lead), joinedload(SightingRow.look))
                .order_by(SightingRow.id)
            ).all()
            boxes = tuple(box for row in rows for box in _boxes(row, photo))
            unasked = tuple(_unasked(rows[0].look, photo))
            key, sha256, at = photo.object_key, photo.sha256, photo.captured_at
            width, height, media_type = photo.width, photo.height, photo.media_type
            cameras = _cameras(session, [row.lead_id for row in rows])
            site = next(iter(cameras.values())).place if cameras else site_of(photo)
        path = folder / f"{sha256}.png"
        cv2.imwrite(str(path), picture_of(store.read(key), media_type))
        yield ReviewedPicture(
            sha256=sha256,
            image=path,
            width=width,
            height=height,
            site=site,
            captured_at=at,
            boxes=boxes,
            unasked=unasked,
        )
        path.unlink()


def decisions(db: Database) -> list[Decision]:
    """Every decided lead as the ledger counts it: right if confirmed under the model's own class.

    A lead of a camera counts there; photos have no camera, their channel (``upload``, ``scan``,
    ``demo``) stands in its place. A thing of unknown kind is right where it was confirmed at all.
    """
    with db.session() as session:
        rows = session.scalars(
            select(SightingRow)
            .join(SightingRow.lead)
            .where(LeadRow.decision.is_not(None))
            .options(
                joinedload(SightingRow.lead),
                joinedload(SightingRow.photo),
                joinedload(SightingRow.look),
            )
            .order_by(SightingRow.id)
        ).all()
        first: dict[int, SightingRow] = {}
        for row in rows:
            first.setdefault(row.lead_id, row)
        cameras = _cameras(session, list(first))
        return [
            Decision(
                label=row.lead.model_label,
                camera=cameras[lead_id].name if lead_id in cameras else row.photo.channel,
                found_at=row.photo.captured_at or row.lead.created_at,
                right=_is_right(row.lead),
                model_sha256=row.look.model_sha256,
            )
            for lead_id, row in first.items()
        ]


def picture_of(data: bytes, media_type: str) -> Image:
    """The pixels of an original: a photo, or the one coded frame that a stream's evidence keeps.

    Raises:
        PhotoError: it cannot be decoded.
    """
    if not media_type.startswith("video/"):
        return read_photo(data).image
    try:
        with av.open(BytesIO(data)) as container:
            frame = next(container.decode(video=0))
            return np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
    except (av.error.FFmpegError, StopIteration, IndexError) as error:
        raise PhotoError("decode_failed", f"no picture in this {media_type}: {error}") from error


def site_of(photo: PhotoRow) -> str:
    """The place of a photo, for splits: its rounded position, else its place, else itself."""
    if photo.lat is not None and photo.lon is not None:
        return f"{photo.lat:.{PLACE_DECIMALS}f},{photo.lon:.{PLACE_DECIMALS}f}"
    return photo.place_text or photo.sha256


@dataclass(frozen=True)
class _Camera:
    """``name`` for the ledger; all presets of one camera are one ``place`` for splits."""

    name: str
    place: str


def _cameras(session: Session, lead_ids: Collection[int]) -> dict[int, _Camera]:
    """The camera of each lead that one has found."""
    found: dict[int, _Camera] = {}
    wanted = sorted(lead_ids)
    for start in range(0, len(wanted), _PAGE):
        rows = session.execute(
            select(IncidentRow.lead_id, CameraRow.id, CameraRow.name, CameraRow.preset_of)
            .join(CameraRow, CameraRow.id == IncidentRow.camera_id)
            .where(IncidentRow.lead_id.in_(wanted[start : start + _PAGE]))
            .order_by(IncidentRow.opened_at)
        )
        for lead_id, number, name, preset_of in rows:
            if lead_id is None:
                continue
            found.setdefault(lead_id, _Camera(name, f"camera {preset_of or number}"))
    return found


def _is_right(lead: LeadRow) -> bool:
    confirmed = lead.decision == "confirm"
    if lead.model_label == UNKNOWN_OBJECT:
        return confirmed
    return confirmed and (lead.decision_label or lead.label) == lead.model_label


def _decided_photos(db: Database) -> Iterator[int]:
    last = 0
    while True:
        with db.session() as session:
            ids = session.scalars(
                select(SightingRow.photo_id)
                .join(SightingRow.lead)
                .where(LeadRow.decision.is_not(None), SightingRow.photo_id > last)
                .distinct()
                .order_by(SightingRow.photo_id)
                .limit(_PAGE)
            ).all()
        if not ids:
            return
        yield from ids
        last = ids[-1]


def _unasked(look: LookRow, photo: PhotoRow) -> Iterator[tuple[str, Box]]:
    """The bins in a picture: nobody decides on them, but they are no background either."""
    for item in look.detections:
        if item["class"] == UNASKED and item["confidence"] >= UNASKED_FROM:
            box = _within(tuple(item["box"]), photo)
            if box:
                yield UNASKED, box


def _within(box: tuple[float, ...], photo: PhotoRow) -> Box | None:
    x1, y1, x2, y2 = box
    cut = (max(x1, 0.0), max(y1, 0.0), min(x2, photo.width), min(y2, photo.height))
    return cut if cut[0] < cut[2] and cut[1] < cut[3] else None


def _boxes(row: SightingRow, photo: PhotoRow) -> Iterator[ReviewedBox]:
    lead = row.lead
    verdict: Verdict = "undecided"
    if lead.decision is not None:
        verdict = "confirm" if lead.decision == "confirm" else "reject"
    label = lead.decision_label or lead.label
    if label == UNKNOWN_OBJECT:
        return  # nobody has said what it is, or that there is nothing: no class can learn from it
    for given in row.boxes or [row.box]:
        box = _within(tuple(given), photo)
        if box:
            yield ReviewedBox(
                box=box,
                model_label=None if row.label == UNKNOWN_OBJECT else row.label,
                label=label,
                verdict=verdict,
                confidence=row.confidence,
            )
