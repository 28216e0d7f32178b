"""Everything a request may use, handed in from outside: the API itself opens nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from api.metrics import Metrics
from api.uploads import UploadLimits
from cases.database import Database
from cases.policy import CasePolicy, FilingPolicy
from cases.store import EvidenceStore
from detector.photo import PhotoLimits
from detector.types import Look, Photo

Inspect = Callable[[Photo], Look]
"""One photo, one look; called from worker threads, several at a time."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model that looks, as answers show it."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Eyes:
    """What looks at photos: a model, and when its findings become leads."""

    model: ModelInfo
    inspect: Inspect
    policy: FilingPolicy


@dataclass(frozen=True, slots=True)
class Options:
    """What the wiring decides about serving.

    ``https``: people come through https, so the cookie is sent there only. ``hosts``: names the
    service answers to. ``workers``: photos inspected at the same time. ``uploads_at_once``:
    requests with photos that are served at the same time. ``web_dir``: the built review desk.
    """

    https: bool = False
    hosts: tuple[str, ...] = ()
    uploads: UploadLimits = field(default_factory=UploadLimits)
    photo_limits: PhotoLimits = field(default_factory=PhotoLimits)
    workers: int = 1
    uploads_at_once: int = 24
    timezone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    web_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """The rooms below, opened and wired by ``patrol``.

    ``eyes`` is asked anew for every photo, since a better model may come into service meanwhile.
    """

    db: Database
    store: EvidenceStore
    eyes: Callable[[], Eyes]
    case_policy: CasePolicy
    options: Options = field(default_factory=Options)
    metrics: Metrics = field(default_factory=Metrics)
