from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from detector.sources import CameraState, Status, VisitSource
from detector.sources.source import Reading
from detector.types import Frame

START = datetime(2026, 5, 1, tzinfo=UTC)


class Slow:
    """A camera that connects for some reads, then gives what it is told."""

    def __init__(self, reads: int, then: CameraState) -> None:
        self.reads, self.then, self.closed = reads, then, False

    def read(self) -> Reading:
        self.reads -= 1
        if self.reads >= 0:
            return Reading(Status(CameraState.CONNECTING, START))
        frame = Frame(np.zeros((8, 8, 3), np.uint8), "c", START) if self.then.delivers else None
        return Reading(Status(self.then, START, "why"), frame)

    def close(self) -> None:
        self.closed = True


def visits(reads: int, then: CameraState) -> tuple[VisitSource, list[Slow], list[datetime]]:
    cameras: list[Slow] = []
    now = [START]

    def open_camera() -> Slow:
        cameras.append(Slow(reads, then))
        return cameras[-1]

    return VisitSource(open_camera, patience_s=5.0, clock=lambda: now[0]), cameras, now


def test_each_visit_opens_once_gives_one_picture_and_leaves() -> None:
    source, cameras, _ = visits(2, CameraState.LIVE)
    states = [source.read().status.state.value for _ in range(6)]
    assert states == ["connecting", "connecting", "live"] * 2
    assert [camera.closed for camera in cameras] == [True, True]


def test_a_failed_visit_ends_with_its_reason() -> None:
    source, cameras, _ = visits(1, CameraState.AUTH_FAILED)
    source.read()
    reading = source.read()
    assert (reading.status.state, reading.status.detail) == (CameraState.AUTH_FAILED, "why")
    assert cameras[0].closed


def test_a_visit_without_a_picture_ends_when_patience_does() -> None:
    source, cameras, now = visits(99, CameraState.LIVE)
    assert source.read().status.state is CameraState.CONNECTING
    now[0] += timedelta(seconds=6)
    assert source.read().status.state is CameraState.STALLED
    assert cameras[0].closed
