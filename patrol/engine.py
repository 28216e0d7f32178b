"""Many cameras on few cores: looks are taken when due, by workers, each camera by one at a time."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from detector.camera import (
    CameraConfig,
    CameraMemory,
    Detect,
    Looked,
    OutOfOrderError,
    look_at,
    look_failed,
)
from detector.sentry import Notice
from detector.sources.address import redact
from detector.sources.source import Clock, FrameSource, utc_now
from detector.sources.states import CameraState, Status
from detector.types import Frame

_ASK_AGAIN_S = 0.5  # a connecting camera is asked this often
_GOLDEN = 0.6180339887498949  # spreads any number of cameras evenly over the interval


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What became of one due look.

    ``late_s``: seconds from when it was due until it was finished. ``latency_s``: seconds from the
    picture's capture until it was finished (None without a picture). ``looked`` is None when there
    was no picture; ``notices`` are then the sentry's. ``memory``: what is known of the camera after
    it. Keep no reference to ``frame``: it is large.
    """

    camera: str
    status: Status
    late_s: float
    latency_s: float | None = None
    looked: Looked | None = None
    frame: Frame | None = None
    notices: tuple[Notice, ...] = ()
    memory: CameraMemory | None = None


@dataclass(slots=True, eq=False)
class _Running:
    """A camera in the engine. Only the worker that took it from the queue touches it.

    ``beat``: when the look it is connecting for was due first (None: it is not connecting).
    """

    name: str
    source: FrameSource
    config: CameraConfig
    every_s: float
    memory: CameraMemory
    removed: threading.Event = field(default_factory=threading.Event)
    looking: threading.RLock = field(default_factory=threading.RLock)
    beat: float | None = None


class Engine:
    """Cameras are added and removed while it runs; one dead camera never holds up another.

    ``on_report`` is called on the worker's thread after each due look; what it raises stops the
    engine and is raised by ``close``.
    """

    def __init__(
        self,
        detect: Detect,
        on_report: Callable[[Report], None],
        *,
        workers: int = 2,
        clock: Clock = utc_now,
    ) -> None:
        self._detect = detect
        self._on_report = on_report
        self._clock = clock
        self._ready = threading.Condition()
        self._due: list[tuple[float, int, _Running]] = []
        self._cameras: dict[str, _Running] = {}
        self._added = 0
        self._closed = False
        self._failed: BaseException | None = None
        self._workers = [
            threading.Thread(target=self._work, name=f"look {n}", daemon=True)
            for n in range(workers)
        ]
        for worker in self._workers:
            worker.start()

    def add(
        self,
        name: str,
        source: FrameSource,
        config: CameraConfig,
        *,
        every_s: float,
        memory: CameraMemory | None = None,
    ) -> None:
        """Take a camera in; its first look is due within ``every_s``.

        Raises:
            ValueError: the name is taken, or ``every_s`` is not more than 0.
        """
        if every_s <= 0:
            raise ValueError(f"every_s: expected more than 0, got {every_s}")
        camera = _Running(name, source, config, every_s, memory or CameraMemory())
        with self._ready:
            if name in self._cameras:
                raise ValueError(f"camera {name} is already running")
            self._cameras[name] = camera
            phase = (self._added * _GOLDEN) % 1.0 * every_s
            self._added += 1
            heapq.heappush(self._due, (time.monotonic() + phase, self._added, camera))
            self._ready.notify()

    def remove(self, name: str) -> None:
        """Let a camera go; KeyError when there is none of this name. A running look ends first."""
        with self._ready:
            camera = self._cameras.pop(name)
            camera.removed.set()
        with camera.looking:
            camera.source.close()

    def change(self, name: str, config: CameraConfig, *, every_s: float) -> None:
        """Judge a camera by other rules, or at another beat, from its next look on; KeyError."""
        with self._ready:
            camera = self._cameras[name]
            camera.config, camera.every_s = config, every_s

    @property
    def cameras(self) -> tuple[str, ...]:
        """The names of the cameras."""
        with self._ready:
            return tuple(self._cameras)

    @property
    def running(self) -> bool:
        """False after ``close`` or an error of ``on_report``."""
        return not self._closed and self._failed is None

    def close(self) -> None:
        """Stop the workers and close all sources; raises what ``on_report`` raised."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
        for worker in self._workers:
            worker.join()
        for name in self.cameras:
            self.remove(name)
        if self._failed is not None:
            raise self._failed

    def _work(self) -> None:
        while True:
            taken = self._take()
            if taken is None:
                return
            due, order, camera = taken
            try:
                with camera.looking:
                    if camera.removed.is_set():
                        continue
                    report = self._safely(camera, due)
                    self._on_report(report)
            except BaseException as error:  # noqa: BLE001  (a worker has no caller: close raises it)
                with self._ready:
                    self._failed = self._failed or error
                    self._closed = True
                    self._ready.notify_all()
                return
            with self._ready:
                heapq.heappush(self._due, (_following(report, due, camera), order, camera))
                self._ready.notify()

    def _take(self) -> tuple[float, int, _Running] | None:
        with self._ready:
            while not self._closed:
                while self._due and self._due[0][2].removed.is_set():
                    heapq.heappop(self._due)
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)
                self._ready.wait(wait)
            return None

    def _safely(self, camera: _Running, due: float) -> Report:
        """One camera's unforeseen trouble is its state, and no other camera's."""
        try:
            return self._look(camera, due)
        except Exception as error:  # noqa: BLE001  (shown as the state)
            detail = redact(f"unexpected: {type(error).__name__}: {error}")
            status = Status(CameraState.BAD_DATA, self._clock(), detail)
            return Report(camera.name, status, time.monotonic() - due)

    def _look(self, camera: _Running, due: float) -> Report:
        reading = camera.source.read()
        frame = reading.frame
        if frame is None:
            return self._without(camera, due, reading.status)
        try:
            camera.memory, looked = look_at(camera.memory, camera.config, frame, self._detect)
        except OutOfOrderError as error:
            wrong = Status(CameraState.CLOCK_WRONG, self._clock(), str(error))
            return Report(camera.name, wrong, time.monotonic() - due)
        late = time.monotonic() - due
        latency = (self._clock() - looked.observation.at).total_seconds()
        return Report(
            camera.name,
            reading.status,
            late,
            latency,
            looked,
            frame,
            looked.notices,
            memory=camera.memory,
        )

    def _without(self, camera: _Running, due: float, status: Status) -> Report:
        """No new picture. Of a camera that delivers or connects it means: ask again next time."""
        notices: tuple[Notice, ...] = ()
        quiet = status.state.delivers or status.state is CameraState.CONNECTING
        if not quiet or self._silent(camera):
            camera.memory, notices = look_failed(camera.memory, camera.config, self._clock())
        return Report(camera.name, status, time.monotonic() - due, notices=notices)

    def _silent(self, camera: _Running) -> bool:
        last: datetime | None = camera.memory.book.last_at
        return last is not None and (self._clock() - last).total_seconds() > 3 * camera.every_s

    def memory_of(self, name: str) -> CameraMemory:
        """What is known of a camera now; KeyError when there is none of this name."""
        with self._ready:
            return self._cameras[name].memory


def _following(report: Report, due: float, camera: _Running) -> float:
    """When the next look is due: soon while it connects, then again on the camera's own beat."""
    now = time.monotonic()
    if report.status.state is CameraState.CONNECTING and report.looked is None:
        camera.beat = due if camera.beat is None else camera.beat
        return now + min(_ASK_AGAIN_S, camera.every_s)
    began, camera.beat = (due if camera.beat is None else camera.beat), None
    missed = int(max(0.0, now - began) // camera.every_s)
    return began + (missed + 1) * camera.every_s
