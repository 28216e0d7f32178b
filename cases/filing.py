"""From a looked-at photo to leads with evidence, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cases.actors import SYSTEM, Actor
from cases.database import Database
from cases.policy import FilingPolicy
from cases.store import EvidenceStore
from cases.views import Channel
from detector.types import Look, Photo

__all__ = ["FiledPhoto", "FilingPolicy", "Steps", "file_photo", "no_step"]

Steps = Callable[[str], None]


def no_step(name: str) -> None:
    """Pass on: the default of ``steps``."""


@dataclass(frozen=True)
class FiledPhoto:
    """The photo's row and the leads its findings made or joined.

    ``duplicate`` is True when these bytes had been filed before; nothing was written then.
    """

    photo_id: int
    sha256: str
    lead_ids: tuple[int, ...]
    duplicate: bool


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
    raise NotImplementedError
