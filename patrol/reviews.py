"""Reads decided leads out of the database, as plain rows for training data and for the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cases.database import Database
from cases.store import EvidenceStore
from cases.tables import LeadRow, PhotoRow, SightingRow
from datasets.reviews import ReviewedBox, ReviewedPicture, Verdict
from detector.photo import read_photo
from training.ledger import Decision

_PAGE = 200
PLACE_DECIMALS = 3
"""Photos whose positions agree to so many decimals of a degree (about 100 m) are one site."""


def reviewed_pictures(
    db: Database, store: EvidenceStore, folder: Path
) -> Iterator[ReviewedPicture]:
    """Every filed photo with at least one decided lead; decoded pictures are put into ``folder``.

    Boxes of leads not yet decided come along as ``undecided``.

    Raises:
        cases.errors.StoreError: an original is missing.
        detector.photo.PhotoError: an original cannot be decoded.
    """
    for photo_id in _decided_photos(db):
        with db.session() as session:
            photo = session.get_one(PhotoRow, photo_id)
            rows = session.scalars(
                select(SightingRow)
                .where(SightingRow.photo_id == photo_id)
                .options(joinedload(SightingRow.lead))
                .order_by(SightingRow.id)
            ).all()
            boxes = tuple(box for row in rows for box in _boxes(row, photo))
            key, sha256, at = photo.object_key, photo.sha256, photo.captured_at
            width, height, site = photo.width, photo.height, site_of(photo)
        path = folder / f"{sha256}.png"
        cv2.imwrite(str(path), read_photo(store.read(key)).image)
        yield ReviewedPicture(
            sha256=sha256,
            image=path,
            width=width,
            height=height,
            site=site,
            captured_at=at,
            boxes=boxes,
        )
        path.unlink()


def decisions(db: Database) -> list[Decision]:
    """Every decided lead as the ledger counts it: right if confirmed under the model's own class.

    Photos have no camera; their channel (``upload``, ``scan``, ``demo``) stands in its place.
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
        return [
            Decision(
                label=row.lead.model_label,
                camera=row.photo.channel,
                found_at=row.photo.captured_at or row.lead.created_at,
                right=row.lead.decision == "confirm"
                and (row.lead.decision_label or row.lead.label) == row.lead.model_label,
                model_sha256=row.look.model_sha256,
            )
            for row in first.values()
        ]


def site_of(photo: PhotoRow) -> str:
    """The place of a photo, for splits: its rounded position, else its place, else itself."""
    if photo.lat is not None and photo.lon is not None:
        return f"{photo.lat:.{PLACE_DECIMALS}f},{photo.lon:.{PLACE_DECIMALS}f}"
    return photo.place_text or photo.sha256


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


def _boxes(row: SightingRow, photo: PhotoRow) -> Iterator[ReviewedBox]:
    lead = row.lead
    verdict: Verdict = "undecided"
    if lead.decision is not None:
        verdict = "confirm" if lead.decision == "confirm" else "reject"
    for x1, y1, x2, y2 in row.boxes or [row.box]:
        box = (max(x1, 0.0), max(y1, 0.0), min(x2, photo.width), min(y2, photo.height))
        if box[0] < box[2] and box[1] < box[3]:
            yield ReviewedBox(
                box=box,
                model_label=row.label,
                label=lead.decision_label or lead.label,
                verdict=verdict,
                confidence=row.confidence,
            )
