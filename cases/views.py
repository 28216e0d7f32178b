"""What this room tells the outside: frozen records whose fields are the API's fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from cases.codes import StandardCode
from cases.states import LeadStatus, State

Box = tuple[float, float, float, float]
EvidenceKind = Literal["original", "annotated", "closeup", "masked", "before", "strip"]
Channel = Literal["scan", "upload", "demo", "camera"]
Verdict = Literal["confirm", "reject"]

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a listing; ``next_cursor`` is None on the last one, ``total`` counts all."""

    items: tuple[T, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True)
class PlaceView:
    """Where: free text and WGS-84 degrees, each None when unknown."""

    text: str | None
    lat: float | None
    lon: float | None


@dataclass(frozen=True)
class PhotoView:
    """The photo that a lead rests on; ``width``/``height`` of the upright picture in pixels."""

    id: int
    sha256: str
    width: int
    height: int
    captured_at: datetime | None
    lat: float | None
    lon: float | None
    note: str | None
    filename: str
    channel: Channel


@dataclass(frozen=True)
class ModelRef:
    """The model that looked."""

    name: str
    sha256: str


@dataclass(frozen=True)
class RuleView:
    """The rule that made a finding a lead."""

    kind: Literal["threshold"]
    threshold: float


@dataclass(frozen=True)
class EvidenceIds:
    """The pictures of a lead's first sighting.

    ``before`` (the last clean view) and ``strip`` (how it came about) are there for leads of
    cameras, where they could be made.
    """

    original: int
    annotated: int
    closeup: int
    masked: int
    before: int | None = None
    strip: int | None = None


@dataclass(frozen=True)
class CameraRef:
    """The camera that something was seen at."""

    id: int
    name: str


@dataclass(frozen=True)
class DecisionView:
    """The standing decision; ``label`` is the class it was decided for."""

    verdict: Verdict
    label: str
    reason: str | None
    actor: str
    at: datetime


@dataclass(frozen=True)
class LeadView:
    """A lead. ``box`` is the finding's union and ``boxes`` its members: xyxy pixels of the photo.

    ``model_label`` is what the model said and never changes; ``label`` follows the reviewer.
    ``camera`` and ``incident_id`` are None for leads from photos; a lead that several incidents
    joined names the first.
    """

    id: int
    status: LeadStatus
    label: str
    model_label: str
    confidence: float
    box: Box
    boxes: tuple[Box, ...]
    photo: PhotoView
    place: PlaceView
    created_at: datetime
    model: ModelRef
    rule: RuleView
    evidence: EvidenceIds
    decision: DecisionView | None
    case_id: int | None
    sightings: int
    camera: CameraRef | None = None
    incident_id: str | None = None


@dataclass(frozen=True)
class UnitView:
    """Who handles."""

    id: int
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class CaseView:
    """A case; ``dispatched_at`` is 派发时间, ``due_at`` 终止时间."""

    id: int
    number: str
    state: State
    label: str
    standard: StandardCode
    place: PlaceView
    filed_at: datetime
    dispatched_at: datetime
    due_at: datetime
    unit: UnitView
    claimed_by: str | None
    claimed_at: datetime | None
    lead_ids: tuple[int, ...]
    cover_evidence_id: int | None


@dataclass(frozen=True)
class EvidenceView:
    """One evidence object; ``width``/``height`` in pixels, ``size`` in bytes."""

    id: int
    kind: EvidenceKind
    sha256: str
    media_type: str
    width: int
    height: int
    size: int
    created_at: datetime
    lead_id: int


@dataclass(frozen=True)
class HistoryView:
    """One line of the append-only history."""

    at: datetime
    actor: str
    action: str
    from_state: State | None
    to_state: State | None
    detail: dict[str, Any]


@dataclass(frozen=True)
class CaseDetail(CaseView):
    """A case with all that is known about it."""

    evidence: tuple[EvidenceView, ...]
    history: tuple[HistoryView, ...]
    leads: tuple[LeadView, ...]


@dataclass(frozen=True)
class Summary:
    """The figures on the desk's top line."""

    leads_review: int
    cases_pending: int
    cases_overdue: int
    decided_today: int
