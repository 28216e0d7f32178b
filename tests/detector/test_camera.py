from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from detector.camera import (
    CameraConfig,
    CameraMemory,
    Looked,
    OutOfOrderError,
    look_at,
    look_failed,
)
from detector.counting import Policy
from detector.incidents import Stage
from detector.types import Detection, Frame, Image
from tests.detector import scenes

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
VIEW = scenes.street()
CONFIG = CameraConfig(Policy({"stall": 0.4}))
RED = (20, 20, 240)
WITH_STALL = scenes.with_thing(VIEW, 300, 240, 50, RED)


class RedThings:
    """A network that knows one thing: what is red is a stall. It counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, image: Image) -> tuple[Detection, ...]:
        self.calls += 1
        red = (image[..., 2] > 190) & (image[..., 1] < 70) & (image[..., 0] < 70)
        if red.sum() < 50:
            return ()
        x, y, width, height = cv2.boundingRect(red.astype(np.uint8))
        return (Detection("stall", 0.9, (x, y, x + width, y + height)),)


def run(
    images: Iterable[Image],
    detect: Callable[[Image], tuple[Detection, ...]],
    config: CameraConfig = CONFIG,
) -> tuple[CameraMemory, list[Looked]]:
    memory, looks = CameraMemory(), []
    for number, image in enumerate(images):
        at = START + timedelta(seconds=10 * number)
        frame = Frame(scenes.noisy(image, number, 3), "cam", at)
        memory, looked = look_at(memory, config, frame, detect)
        looks.append(looked)
    return memory, looks


def test_an_unchanged_street_is_inspected_once_and_the_stall_on_it_stays_known() -> None:
    detect = RedThings()
    _, looks = run([VIEW] * 5 + [WITH_STALL] * 25, detect)
    assert [n for n, one in enumerate(looks) if one.observation.inspected] == [0, 6, 19]
    assert detect.calls == 3  # the last because twelve looks had passed
    opened = [i for one in looks for i in one.incidents]
    assert [(i.label, i.stage) for i in opened] == [("stall", Stage.OPEN)]
    assert opened[0].first_seen == START + timedelta(seconds=60)


def test_an_unchanged_view_is_inspected_again_at_times() -> None:
    detect = RedThings()
    run([VIEW] * 70, detect)
    assert detect.calls == 1 + 69 // (CONFIG.gate.most_reused + 1)


def test_without_the_gate_every_look_is_inspected() -> None:
    detect = RedThings()
    run([VIEW] * 10, detect, replace(CONFIG, gated=False))
    assert detect.calls == 10


def test_a_dark_view_is_not_inspected_and_ends_no_incident() -> None:
    detect = RedThings()
    night = scenes.lit(VIEW, 0.05)
    memory, looks = run([WITH_STALL] * 25 + [night] * 30, detect)
    assert [n.fault.value for one in looks for n in one.notices] == ["dark"]
    assert [i.stage for one in looks for i in one.incidents] == [Stage.OPEN]
    assert len(memory.book.open) == 1
    assert looks[-1].detections == ()
    assert detect.calls <= 5


def test_the_box_stays_where_it_is_when_the_pole_leans_a_little() -> None:
    detect = RedThings()
    leaning = scenes.moved(WITH_STALL, 18, 0)
    _, looks = run([WITH_STALL] * 10 + [leaning] * 10, detect)
    before, after = looks[9].observation.sightings[0].box, looks[-1].observation.sightings[0].box
    assert after == pytest.approx(before, abs=0.006)
    assert not [n for one in looks for n in one.notices]


def test_frames_must_have_a_time_and_go_forward() -> None:
    memory, _ = run([VIEW], RedThings())
    for at in (None, START, START - timedelta(seconds=1)):
        with pytest.raises(OutOfOrderError):
            look_at(memory, CONFIG, Frame(VIEW, "cam", at), RedThings())


def test_a_failing_camera_gives_one_notice_and_keeps_its_incidents() -> None:
    memory, _ = run([WITH_STALL] * 25, RedThings())
    notices = []
    for number in range(20):
        memory, new = look_failed(memory, CONFIG, START + timedelta(hours=1, seconds=number))
        notices += new
    assert [n.fault.value for n in notices] == ["no_signal"]
    assert len(memory.book.open) == 1
