"""The bodies of requests and answers about cameras, incidents and suppressions."""

from __future__ import annotations

import base64
from dataclasses import fields
from datetime import datetime
from typing import Any, Generic, Literal, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.deps import API_PREFIX
from api.services import TriedLook
from cases.camera_inputs import LONGEST_S, SHORTEST_S, CameraFields
from cases.camera_views import (
    CameraDetail,
    CameraView,
    IncidentView,
    Legal,
    Mode,
    SightingView,
    StatusView,
    SuspectVerdict,
    SuspectView,
    Transport,
    WordsView,
)
from cases.suppressions import MOST_DAYS, USUAL_DAYS
from cases.views import CameraRef, PlaceView

T = TypeVar("T")

_URL = 2000


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ItemsOut(BaseModel, Generic[T]):
    """A whole listing."""

    items: list[T]


class _CameraFieldsIn(_In):
    """Fields of a camera; what is left out has a usual value, or stays as it is in a change.

    `rules`: zones, permits, masks (see docs/cameras.md). `plan`: hours of the week, `[]` is
    always. `neighbours`: cameras upstream on the route. `preset_of`: the camera whose preset this
    is.
    """

    mode: Mode = "watch"
    every_s: float = Field(default=10.0, ge=SHORTEST_S, le=LONGEST_S, allow_inf_nan=False)
    transport: Transport = "tcp"
    place_text: str | None = Field(default=None, max_length=500)
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    lon: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    preset_of: str | None = Field(default=None, max_length=128)
    plan: list[Any] = Field(default_factory=list, max_length=100)
    rules: dict[str, Any] = Field(default_factory=dict)
    neighbours: list[int] = Field(default_factory=list, max_length=50)
    legal: dict[str, Any] = Field(default_factory=dict)
    paused: bool = False


class CameraIn(_CameraFieldsIn):
    """A new camera."""

    name: str = Field(min_length=1, max_length=128)
    url: str = Field(min_length=1, max_length=_URL, repr=False)

    def given(self) -> CameraFields:
        """The fields that were sent."""
        return cast("CameraFields", self.model_dump(exclude_unset=True))


class CameraChangeIn(_CameraFieldsIn):
    """A change of some fields; `revision` is the one that was read. Without `url` it stays."""

    revision: int
    name: str = Field(default="", min_length=1, max_length=128)
    url: str = Field(default="", min_length=1, max_length=_URL, repr=False)

    def given(self) -> CameraFields:
        """The fields that were sent."""
        return cast("CameraFields", self.model_dump(exclude_unset=True, exclude={"revision"}))


class RulesIn(_In):
    """Other rules for a camera; `revision` is the one that was read."""

    rules: dict[str, Any]
    revision: int


class ReplayIn(_In):
    """Rules to try on the looks of the last days."""

    rules: dict[str, Any]
    days: float = Field(default=7, gt=0, le=30, allow_inf_nan=False)


class TestIn(_In):
    """What to look at once: an address, or a camera with its stored one."""

    __test__ = False  # pytest takes every class of this name for a test

    url: str | None = Field(default=None, min_length=1, max_length=_URL, repr=False)
    transport: Transport = "tcp"
    camera_id: int | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.url is None) == (self.camera_id is None):
            raise ValueError("expected url or camera_id, and not both")
        return self


class SuppressionAskIn(_In):
    """The lead that a suppression would be made from."""

    lead_id: int


class SuppressionIn(_In):
    """A suppression from a rejected lead."""

    lead_id: int
    days: int = Field(default=USUAL_DAYS, ge=1, le=MOST_DAYS)
    note: str | None = Field(default=None, max_length=500)


class VerdictIn(_In):
    """What a person says of a suspect vehicle; null takes it back."""

    verdict: SuspectVerdict | None


class CameraOut(BaseModel):
    """A camera; `view_url` is its last view with heads and plates hidden."""

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
    view_url: str | None

    @classmethod
    def of(cls, view: CameraView) -> CameraOut:
        """As it is shown."""
        return cls(**_shallow(view), view_url=_view_url(view))


class CameraDetailOut(CameraOut):
    """A camera with its settings."""

    rules: dict[str, Any]
    plan: list[Any]
    neighbours: list[int]
    legal: Legal

    @classmethod
    def of_detail(cls, view: CameraDetail) -> CameraDetailOut:
        """As it is shown."""
        return cls(**_shallow(view), view_url=_view_url(view))


class TestOut(BaseModel):
    """What a test look gave; `picture` is a data: URL, masked, null when there was none."""

    __test__ = False

    state: str
    text: WordsView
    detail: str
    width: int | None
    height: int | None
    seconds: float
    picture: str | None
    detections: list[SightingView]

    @classmethod
    def of(cls, tried: TriedLook) -> TestOut:
        """As it is shown."""
        text = tried.state.text
        picture = None
        if tried.picture is not None:
            picture = "data:image/jpeg;base64," + base64.b64encode(tried.picture).decode()
        return cls(
            state=tried.state.value,
            text=WordsView(text.zh, text.en),
            detail=tried.detail,
            width=tried.width,
            height=tried.height,
            seconds=round(tried.seconds, 2),
            picture=picture,
            detections=[SightingView(s.label, s.confidence, s.box) for s in tried.sightings],
        )


class SuspectOut(BaseModel):
    """A vehicle seen in the minutes before a spill."""

    id: int
    camera: CameraRef
    at: datetime
    seconds_before: float
    label: str
    confidence: float
    picture_url: str
    verdict: Literal["confirmed", "dismissed"] | None
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, view: SuspectView) -> SuspectOut:
        """As it is shown."""
        return cls(**_shallow(view), picture_url=f"{API_PREFIX}/suspects/{view.id}/picture")


class IncidentOut(BaseModel):
    """One thing on the street over time; boxes are shares of the view."""

    id: str
    camera: CameraRef
    label: str
    zone: str
    stage: Literal["open", "ended"]
    box: tuple[float, float, float, float]
    first_seen: datetime
    opened_at: datetime
    last_seen: datetime
    ended_at: datetime | None
    confidence: float
    lead_id: int | None
    latency_s: float | None
    suspects: list[SuspectOut]

    @classmethod
    def of(cls, view: IncidentView, suspects: tuple[SuspectView, ...]) -> IncidentOut:
        """As it is shown."""
        shown = {**_shallow(view), "suspects": [SuspectOut.of(one) for one in suspects]}
        return cls(**shown)


def _view_url(view: CameraView) -> str | None:
    if view.status is None or view.status.view_sha256 is None:
        return None
    return f"{API_PREFIX}/cameras/{view.id}/view?v={view.status.view_sha256[:8]}"


def _shallow(view: Any) -> dict[str, Any]:
    return {one.name: getattr(view, one.name) for one in fields(view)}
