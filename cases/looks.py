"""Looks remembered by photo and model, so that an interrupted scan does not look twice."""

from __future__ import annotations

from cases.database import Database
from detector.types import Look


def remember_look(db: Database, sha256: str, look: Look) -> None:
    """Keep ``look`` of the photo with this SHA-256; the first look of a model stands."""
    raise NotImplementedError


def recall_look(db: Database, sha256: str, model_sha256: str, *, source: str) -> Look | None:
    """The look of this photo by this model, if there is one; ``source`` names the photo now."""
    raise NotImplementedError
