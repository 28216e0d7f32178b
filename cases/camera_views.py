"""What this room tells the outside of cameras, incidents and what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from cases.views import Box, CameraRef, PlaceView
from detector.permits import STRICT
from detector.plan import Plan
from detector.sources.states import CameraState, SourceError
from detector.zones import Rules

Mode = Literal["watch", "round"]
Transport = Literal["tcp", "udp"]
StageName = Literal["open", "ended"]
NoticeKind = Literal["fault", "outage"]
SuspectVerdict = Literal["confirmed", "dismissed"]


@dataclass(frozen=True)
class CameraToRun:
    """A camera as the runner needs it; ``rules`` hold the standing suppressions.

    ``url`` has its credentials and is None when it cannot be decrypted; ``address`` says so.
    """

    id: int
    name: str
    url: str | None = field(repr=False)
    mode: Mode
    every_s: float
    transport: Transport
    plan: Plan
    rules: Rules
    neighbours: tuple[int, ...]
    paused: bool
    revision: int
    place: PlaceView = field(default_factory=lambda: PlaceView(None, None, None))

    def address(self) -> str:
        """The URL with its credentials; raises SourceError when it cannot be decrypted."""
        if self.url is None:
            raise SourceError(
                CameraState.AUTH_FAILED,
                "its address was encrypted with another camera key: bring PATROL_CAMERA_KEY or the"
                " key file back, or enter the address again",
            )
        return self.url


@dataclass(frozen=True)
class Legal:
    """What the regulation on public-security video systems asks to have on file for a camera."""

    __pydantic_config__ = STRICT
    legal_review_no: str | None = None
    tech_review_no: str | None = None
    sign_installed: bool = False
    location_published: bool = False


@dataclass(frozen=True)
class WordsView:
    """One sentence in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True)
class FaultView:
    """A fault of the view that is believed now."""

    fault: str
    zh: str
    en: str


@dataclass(frozen=True)
class SightingView:
    """What the last look saw; ``box`` in shares of the view."""

    label: str
    confidence: float
    box: Box


@dataclass(frozen=True)
class StatusView:
    """How a camera does as of its last look; ``latency_s`` from picture to result.

    ``change``: share of the view that was news, ``looks_inspected``: looks the network saw.
    ``view_at``: when the shown view was taken, ``view_sha256`` of its masked picture.
    """

    state: str
    text: WordsView
    detail: str
    since: datetime
    last_look_at: datetime | None
    faults: tuple[FaultView, ...]
    inspected: bool | None
    change: float | None
    latency_s: float | None
    width: int | None
    height: int | None
    view_at: datetime | None
    view_sha256: str | None
    looks: int
    looks_inspected: int
    sightings: tuple[SightingView, ...]


@dataclass(frozen=True)
class CameraView:
    """A camera for people: ``url_shown`` has no secrets, ``status`` is None before the first look.

    ``in_plan``: whether its weekly plan has it patrolled now.
    """

    id: int
    name: str
    mode: Mode
    every_s: float
    transport: Transport
    url_shown: str
    place: PlaceView
    preset_of: str | None
    paused: bool
    revision: int
    updated_at: datetime
    updated_by: str
    in_plan: bool
    open_incidents: int
    status: StatusView | None


@dataclass(frozen=True)
class CameraDetail(CameraView):
    """A camera with all its settings; ``rules`` and ``plan`` as plain data."""

    rules: dict[str, Any]
    plan: list[dict[str, Any]]
    neighbours: tuple[int, ...]
    legal: Legal


@dataclass(frozen=True)
class IncidentView:
    """One thing on the street over time; ``box`` in shares of the view.

    ``latency_s``: from the frame that opened it to its lead. ``suspects``: how many vehicles.
    """

    id: str
    camera: CameraRef
    label: str
    zone: str
    stage: StageName
    box: Box
    first_seen: datetime
    opened_at: datetime
    last_seen: datetime
    ended_at: datetime | None
    confidence: float
    lead_id: int | None
    latency_s: float | None
    suspects: int


@dataclass(frozen=True)
class SuspectView:
    """A vehicle seen ``seconds_before`` a spill was first seen, and what a person said of it."""

    id: int
    camera: CameraRef
    at: datetime
    seconds_before: float
    label: str
    confidence: float
    verdict: SuspectVerdict | None
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class NoticeView:
    """One maintenance notice; ``what`` is a fault of the view or a state of the camera."""

    id: int
    camera: CameraRef
    kind: NoticeKind
    what: str
    text: WordsView
    detail: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class SuppressionView:
    """A spot where a class is not reported; ``standing`` until it expires or is lifted."""

    id: int
    camera: CameraRef
    label: str
    box: Box
    expires_at: datetime
    standing: bool
    lead_id: int | None
    note: str | None
    created_by: str
    created_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
