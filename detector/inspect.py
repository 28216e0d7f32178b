"""One photo, one look: the whole way of a photo through the detector."""

from __future__ import annotations

from detector.detect import Detector
from detector.types import Look, Photo


def inspect_photo(detector: Detector, photo: Photo, source: str = "photo") -> Look:
    """Look at a photo, with tiles when it is large; boxes in pixels of the upright photo."""
    raise NotImplementedError
