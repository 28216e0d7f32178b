"""One look at a camera before it is saved: does it answer, and what would be seen?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from api.services import TestLook, TriedLook
from cases.camera_views import Transport
from detector.observation import sightings_of
from detector.sources import FrameSource, SourceError
from detector.sources.address import redact
from detector.sources.source import Reading
from detector.sources.states import CameraState
from detector.types import Detection, Image
from patrol.camera_access import open_url, source_options
from patrol.cameras.pictures import jpeg, masked_view
from patrol.settings import Settings

LIMIT_S: Final = 20.0
_KEY_WAIT_S: Final = 15.0
_ASK_S: Final = 0.1
_SHOWN: Final = 0.25

Detect = Callable[[Image], tuple[Detection, ...]]


def make_test_look(settings: Settings, detect: Detect, *, limit_s: float = LIMIT_S) -> TestLook:
    """A test look by the service's allow-list and network; safe to call from several threads.

    Args:
        settings: what is allowed.
        detect: a picture (uint8 HxWx3 BGR) to its detections.
        limit_s: seconds after which it gives up; connecting may take some more to end.
    """

    def test_look(url: str, transport: Transport) -> TriedLook:
        began = time.monotonic()
        options = replace(
            source_options(settings, transport), key_wait_s=min(_KEY_WAIT_S, limit_s), loop=False
        )
        try:
            source = open_url(settings, url, "test", options)
        except SourceError as error:
            return TriedLook(error.state, redact(error.detail), time.monotonic() - began)
        try:
            reading = _first_picture(source, began + limit_s)
        except Exception as error:  # noqa: BLE001  (shown as the state, as with running cameras)
            detail = redact(f"unexpected: {type(error).__name__}: {error}")
            return TriedLook(CameraState.BAD_DATA, detail, time.monotonic() - began)
        finally:
            source.close()
        return _tried(reading, detect, began)

    return test_look


def _first_picture(source: FrameSource, until: float) -> Reading:
    """The first reading with a picture, or the one that says why there is none."""
    while True:
        reading = source.read()
        state = reading.status.state
        waiting = state is CameraState.CONNECTING or state.delivers
        if reading.frame is not None or not waiting or time.monotonic() >= until:
            return reading
        time.sleep(_ASK_S)


def _tried(reading: Reading, detect: Detect, began: float) -> TriedLook:
    status, frame = reading.status, reading.frame
    if frame is None:
        state, detail = status.state, status.detail
        if state is CameraState.CONNECTING or state.delivers:
            state, detail = CameraState.STALLED, "no picture within the time of a test"
        return TriedLook(state, redact(detail), time.monotonic() - began)
    detections = detect(frame.image)
    height, width = frame.image.shape[:2]
    sightings = sightings_of(detections, width, height)
    return TriedLook(
        status.state,
        redact(status.detail),
        time.monotonic() - began,
        width,
        height,
        jpeg(masked_view(frame.image, detections)),
        tuple(one for one in sightings if one.confidence >= _SHOWN),
    )
