"""What one look saw, without the picture: small enough to keep for weeks and to judge again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ConfigDict, TypeAdapter

from detector.geometry import shifted
from detector.types import Box, Detection, require_aware

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A detection with its box in shares of the view (x by width, y by height, 0..1)."""

    __pydantic_config__ = _STRICT
    label: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class Observation:
    """One look of one camera.

    ``at``: capture time, aware. ``fit``: the sentry trusts the view. ``inspected``: the network
    ran, else the last result was taken over. ``sharpness``: of the view, for choosing evidence.
    ``lasting``: boxes of regions that are new and have stayed (``background``), and
    ``lasting_since``: from when on, for each (empty: not known).
    """

    __pydantic_config__ = _STRICT
    camera: str
    at: datetime
    sightings: tuple[Sighting, ...]
    fit: bool = True
    inspected: bool = True
    sharpness: float = 1.0
    lasting: tuple[Box, ...] = ()
    lasting_since: tuple[datetime, ...] = ()

    def __post_init__(self) -> None:
        require_aware("Observation.at", self.at)
        if self.lasting_since and len(self.lasting_since) != len(self.lasting):
            raise ValueError("lasting_since: expected one time for each lasting region, or none")
        for since in self.lasting_since:
            require_aware("Observation.lasting_since", since)


def sightings_of(
    detections: Sequence[Detection],
    width: int,
    height: int,
    shift: tuple[float, float] = (0.0, 0.0),
) -> tuple[Sighting, ...]:
    """Detections of a frame as sightings, a measured small shift of the camera taken back."""
    right, down = shift
    found = []
    for detection in detections:
        left, top, far, bottom = detection.box
        share = (left / width, top / height, far / width, bottom / height)
        box = shifted(share, -right, -down)
        rounded = (round(box[0], 4), round(box[1], 4), round(box[2], 4), round(box[3], 4))
        if rounded[0] < rounded[2] and rounded[1] < rounded[3]:
            found.append(Sighting(detection.label, round(detection.confidence, 3), rounded))
    return tuple(found)


_OBSERVATION = TypeAdapter(Observation)


def observation_to(observation: Observation) -> dict[str, object]:
    """Plain data for JSON."""
    data: dict[str, object] = _OBSERVATION.dump_python(observation, mode="json")
    return data


def observation_from(content: object) -> Observation:
    """The observation that ``observation_to`` wrote; ValueError (pydantic's) when it is not one."""
    return _OBSERVATION.validate_python(content)
