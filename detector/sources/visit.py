"""Visiting a camera in turn (轮巡): connect, take one picture, leave; for far more cameras."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from detector.sources.source import Clock, FrameSource, Reading, utc_now
from detector.sources.states import CameraState, Status


class VisitSource:
    """Opens its camera at a ``read`` and closes it as soon as it gave a picture or failed.

    The first ``read`` of a visit begins to connect and answers CONNECTING; asked again soon, it
    gives the picture. Between visits no thread, socket or file is held.
    """

    def __init__(
        self, open_camera: Callable[[], FrameSource], *, patience_s: float, clock: Clock = utc_now
    ) -> None:
        """Args: how to open the camera, and seconds after which a visit without picture ends."""
        self._open = open_camera
        self._patience = timedelta(seconds=patience_s)
        self._clock = clock
        self._camera: FrameSource | None = None
        self._began = clock()

    def read(self) -> Reading:
        """The picture of this visit, or the state on the way to it."""
        if self._camera is None:
            self._camera = self._open()
            self._began = self._clock()
        reading = self._camera.read()
        if reading.frame is not None:
            self.close()
            return reading
        waiting = reading.status.state is CameraState.CONNECTING or reading.status.state.delivers
        if waiting and self._clock() - self._began < self._patience:
            return Reading(Status(CameraState.CONNECTING, self._began))
        self.close()
        if waiting:
            return Reading(Status(CameraState.STALLED, self._clock(), "no picture in this visit"))
        return reading

    def close(self) -> None:
        """End the visit."""
        if self._camera is not None:
            self._camera.close()
            self._camera = None
