from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest

from detector.camera import CameraConfig
from detector.counting import Policy
from detector.sources import CameraState, Status
from detector.sources.source import Reading
from detector.types import Detection, Frame, Image
from detector.zones import Rules
from patrol.engine import Engine, Report
from tests.detector import scenes

CONFIG = CameraConfig(Policy({"stall": 0.4}))
GREY = np.full((72, 128, 3), 120, np.uint8)


class Camera:
    """A source that gives a grey picture at every read, or takes its time, or is dead."""

    def __init__(
        self, name: str, slow_s: float = 0.0, dead: bool = False, picture: Image = GREY
    ) -> None:
        self.picture = picture
        self.name, self.slow_s, self.dead = name, slow_s, dead
        self.closed = False
        self.reading = 0

    def read(self) -> Reading:
        self.reading += 1
        assert self.reading == 1, "two workers read one camera"
        time.sleep(self.slow_s)
        now = datetime.now(UTC)
        self.reading -= 1
        if self.dead:
            return Reading(Status(CameraState.REFUSED, now, "nobody there"))
        return Reading(Status(CameraState.LIVE, now), Frame(self.picture, self.name, now))

    def close(self) -> None:
        self.closed = True


def nothing(_: Image) -> tuple[Detection, ...]:
    return ()


def until(condition, seconds: float = 5.0) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_every_camera_is_looked_at_on_its_beat_and_dead_or_slow_ones_hold_up_nobody() -> None:
    reports: list[Report] = []
    engine = Engine(nothing, reports.append, workers=2)
    cameras = [Camera(f"c{n}", dead=n % 10 == 0) for n in range(30)]
    cameras.append(Camera("slow", slow_s=1.0))
    for camera in cameras:
        engine.add(camera.name, camera, CONFIG, every_s=0.5)
    time.sleep(3.0)
    engine.close()
    counts = Counter(report.camera for report in reports)
    assert all(4 <= counts[f"c{n}"] <= 7 for n in range(30)), counts
    assert counts["slow"] >= 2
    dead = [r for r in reports if r.camera == "c10"]
    assert {r.status.state for r in dead} == {CameraState.REFUSED}
    assert [n.fault.value for r in dead for n in r.notices] == ["no_signal"]
    assert all(camera.closed for camera in cameras)


def test_cameras_come_and_go_while_it_runs() -> None:
    seen: Counter[str] = Counter()
    engine = Engine(nothing, lambda report: seen.update([report.camera]))
    first, second = Camera("first"), Camera("second")
    engine.add("first", first, CONFIG, every_s=0.05)
    until(lambda: seen["first"] >= 2)
    engine.add("second", second, CONFIG, every_s=0.05)
    until(lambda: seen["second"] >= 2)
    with pytest.raises(ValueError, match="already"):
        engine.add("second", Camera("second"), CONFIG, every_s=1)
    engine.remove("first")
    assert engine.cameras == ("second",)
    assert first.closed
    time.sleep(0.1)
    before = seen["first"]
    until(lambda: seen["second"] >= 6)
    assert seen["first"] == before
    engine.close()
    assert second.closed


def test_an_error_of_the_listener_stops_it_and_is_raised() -> None:
    def broken(_: Report) -> None:
        raise RuntimeError("the disk is full")

    engine = Engine(nothing, broken)
    engine.add("c", Camera("c"), CONFIG, every_s=0.05)
    until(lambda: not engine.running)
    with pytest.raises(RuntimeError, match="disk is full"):
        engine.close()


def test_a_camera_that_breaks_the_network_is_named_and_the_others_go_on() -> None:
    def choosy(image: Image) -> tuple[Detection, ...]:
        if image.mean() > 200:
            raise ValueError("too bright, seen at rtsp://me:geheim77@10.0.0.1/a")
        return ()

    reports: list[Report] = []
    engine = Engine(choosy, reports.append)
    bright = Camera("bright", picture=np.full((72, 128, 3), 250, np.uint8))
    for camera in (Camera("grey"), bright):
        engine.add(camera.name, camera, CONFIG, every_s=0.05)
    until(lambda: sum(r.camera == "grey" for r in reports) >= 5)
    engine.close()
    broken = [r.status for r in reports if r.camera == "bright"]
    assert {status.state for status in broken} == {CameraState.BAD_DATA}
    assert "too bright" in broken[0].detail
    assert "geheim77" not in broken[0].detail


def test_no_thread_stays_behind() -> None:
    before = threading.active_count()
    for _ in range(3):
        engine = Engine(nothing, lambda report: None, workers=4)
        for n in range(10):
            engine.add(f"c{n}", Camera(f"c{n}"), CONFIG, every_s=0.05)
        time.sleep(0.1)
        engine.close()
    assert threading.active_count() == before


def test_a_camera_is_never_closed_while_it_is_read() -> None:
    class Slow(Camera):
        def close(self) -> None:
            assert self.reading == 0, "closed while it is read"
            super().close()

    engine = Engine(nothing, lambda report: None)
    camera = Slow("slow", slow_s=0.3)
    engine.add("slow", camera, CONFIG, every_s=0.01)
    until(lambda: camera.reading == 1)
    engine.remove("slow")
    assert camera.closed
    time.sleep(0.1)
    assert camera.reading == 0, "read after it was closed"
    engine.close()


def test_rules_change_while_it_runs_and_the_camera_stays_connected() -> None:
    class Street(Camera):
        def read(self) -> Reading:
            self.picture = scenes.noisy(street, next(numbers), 3)
            return super().read()

    street, numbers = scenes.street(), itertools.count()
    reports: list[Report] = []
    stall = Detection("stall", 0.9, (300, 200, 360, 260))
    engine = Engine(lambda image: (stall,), reports.append, workers=1)
    camera = Street("c")
    engine.add("c", camera, CONFIG, every_s=0.05)
    until(lambda: bool(reports and engine.memory_of("c").book.incidents))
    nowhere = CameraConfig(CONFIG.policy, Rules(zones=()))
    engine.change("c", nowhere, every_s=0.02)
    until(lambda: not engine.memory_of("c").book.incidents)
    assert not camera.closed
    engine.close()


class Visited(Camera):
    """A camera that takes a while to connect for each picture."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.asked = 0

    def read(self) -> Reading:
        self.asked += 1
        if self.asked % 2:
            return Reading(Status(CameraState.CONNECTING, datetime.now(UTC)))
        return super().read()


def test_a_camera_that_connects_for_each_look_keeps_its_beat() -> None:
    looked: list[float] = []

    def hear(report: Report) -> None:
        if report.looked is not None:
            looked.append(time.monotonic())

    engine = Engine(nothing, hear)
    engine.add("round", Visited("round"), CONFIG, every_s=1.0)
    until(lambda: len(looked) >= 5, seconds=15)
    engine.close()
    gaps = [b - a for a, b in pairwise(looked)]
    assert sum(gaps) / len(gaps) == pytest.approx(1.0, abs=0.15)  # not 1.5, with the connecting
