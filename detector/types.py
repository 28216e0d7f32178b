"""The plain data that passes between the steps: frames in, detections, looks and findings out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Pixels, uint8, HxWx3, in BGR order (the order OpenCV reads and writes)."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the upright frame; x to the right, y down."""


def require_aware(name: str, value: datetime | None) -> None:
    """Raise ValueError when ``value`` is a time without a time zone."""
    if value is not None and value.utcoffset() is None:
        raise ValueError(f"{name}: expected a time with a time zone, got {value.isoformat()}")


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing seen: class name, confidence in 0..1, box in pixels of the upright frame."""

    label: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class OriginalBytes:
    """A frame as its source sent it: a picture file, or an MP4 of one frame."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """An image with its source and capture time (aware; None when nobody knows it).

    ``original`` gives the source's own bytes, for evidence; it may take some milliseconds and
    raise SourceError. None where there is no source behind the image.
    """

    image: Image
    source: str
    captured_at: datetime | None = None
    original: Callable[[], OriginalBytes] | None = None

    def __post_init__(self) -> None:
        require_aware("Frame.captured_at", self.captured_at)


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded photo, upright, with what its file says about time and place.

    ``image`` is uint8 HxWx3 BGR with the EXIF orientation applied; ``sha256`` is of the file's
    bytes; ``lat``/``lon`` are WGS-84 degrees, both set or both None.
    """

    image: Image
    width: int
    height: int
    sha256: str
    media_type: str
    captured_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None

    def __post_init__(self) -> None:
        require_aware("Photo.captured_at", self.captured_at)


@dataclass(frozen=True, slots=True)
class Look:
    """One inspection of one scene: what was seen, by which model, and whether the view was fit.

    ``health`` names what was wrong with the view (``dark``, ``frozen``, ...), empty when it was
    fit.
    """

    source: str
    captured_at: datetime | None
    width: int
    height: int
    detections: tuple[Detection, ...]
    model: str
    model_sha256: str
    health: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_aware("Look.captured_at", self.captured_at)


@dataclass(frozen=True, slots=True)
class Finding:
    """One issue at one place in a photo: the boxes of one heap taken together.

    ``confidence`` is the highest of the members, ``box`` their union, ``members`` are ordered by
    confidence, highest first.
    """

    label: str
    confidence: float
    box: Box
    members: tuple[Detection, ...]
