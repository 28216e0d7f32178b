"""Looks remembered by photo and model, so that an interrupted scan does not look twice."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.database import Database
from cases.tables import LookRow
from cases.times import as_utc, utc_now
from detector.types import Box, Detection, Look


def remember_look(db: Database, sha256: str, look: Look) -> None:
    """Keep ``look`` of the photo with this SHA-256; the first look of a model stands."""
    with db.write() as session:
        keep_look(session, sha256, look)


def keep_look(session: Session, sha256: str, look: Look) -> LookRow:
    """The row of this look, made when there is none for this photo and model yet."""
    found = _find(session, sha256, look.model_sha256)
    if found is not None:
        return found
    row = LookRow(
        sha256=sha256,
        model=look.model,
        model_sha256=look.model_sha256,
        width=look.width,
        height=look.height,
        captured_at=as_utc(look.captured_at, "captured_at") if look.captured_at else None,
        detections=[
            {
                "class": detection.label,
                "confidence": float(detection.confidence),
                "box": plain_box(detection.box),
            }
            for detection in look.detections
        ],
        health=list(look.health),
        created_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row


def recall_look(db: Database, sha256: str, model_sha256: str, *, source: str) -> Look | None:
    """The look of this photo by this model, if there is one; ``source`` names the photo now."""
    with db.session() as session:
        row = _find(session, sha256, model_sha256)
        if row is None:
            return None
        return Look(
            source=source,
            captured_at=row.captured_at,
            width=row.width,
            height=row.height,
            detections=tuple(
                Detection(item["class"], item["confidence"], tuple(item["box"]))
                for item in row.detections
            ),
            model=row.model,
            model_sha256=row.model_sha256,
            health=tuple(row.health),
        )


def plain_box(box: Box) -> list[float]:
    """A box as JSON keeps it: four floats."""
    return [float(value) for value in box]


def _find(session: Session, sha256: str, model_sha256: str) -> LookRow | None:
    return session.scalars(
        select(LookRow).where(LookRow.sha256 == sha256, LookRow.model_sha256 == model_sha256)
    ).one_or_none()
