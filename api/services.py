"""Everything a request may use, handed in from outside: the API itself opens nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from api.metrics import Metrics
from api.uploads import UploadLimits
from cases.camera_views import Transport
from cases.database import Database
from cases.policy import CasePolicy, FilingPolicy
from cases.sealing import Sealer
from cases.store import EvidenceStore
from detector.observation import Sighting
from detector.photo import PhotoLimits
from detector.sources.states import CameraState
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
class TriedLook:
    """What one try at a camera gave: its state, and the picture with heads and plates hidden.

    ``picture`` is a JPEG, None when there was none; ``width``/``height`` in pixels as sent.
    ``seconds``: how long it took. ``sightings`` have boxes in shares of the view.
    """

    state: CameraState
    detail: str
    seconds: float
    width: int | None = None
    height: int | None = None
    picture: bytes | None = field(default=None, repr=False)
    sightings: tuple[Sighting, ...] = ()


TestLook = Callable[[str, Transport], TriedLook]
"""Connect to a URL, look once, leave; ends by itself within half a minute. Called from threads."""


def no_test_look(url: str, transport: Transport) -> TriedLook:
    """For a service without cameras."""
    return TriedLook(CameraState.NOT_ALLOWED, "this service connects to no cameras", 0.0)


@dataclass(frozen=True, slots=True)
class Options:
    """What the wiring decides about serving.

    ``https``: people come through https, so the cookie is sent there only. ``hosts``: names the
    service answers to. ``workers``: photos inspected at the same time. ``uploads_at_once``:
    requests with photos that are served at the same time. ``web_dir``: the built review desk.
    ``views_dir``: the last views of cameras. ``live_check_s``: how often the rights of an open
    live list are looked at again.
    """

    https: bool = False
    hosts: tuple[str, ...] = ()
    uploads: UploadLimits = field(default_factory=UploadLimits)
    photo_limits: PhotoLimits = field(default_factory=PhotoLimits)
    workers: int = 1
    uploads_at_once: int = 24
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    web_dir: Path | None = None
    views_dir: Path | None = None
    live_check_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Services:
    """The rooms below, opened and wired by ``patrol``.

    ``eyes`` is asked anew for every photo, since a better model may come into service meanwhile.
    ``sealer`` keeps the addresses of cameras. ``stopping`` is set when the service begins to stop,
    so that open live lists end.
    """

    db: Database
    store: EvidenceStore
    eyes: Callable[[], Eyes]
    case_policy: CasePolicy
    sealer: Sealer
    test_look: TestLook = no_test_look
    options: Options = field(default_factory=Options)
    metrics: Metrics = field(default_factory=Metrics)
    stopping: threading.Event = field(default_factory=threading.Event)
