"""One thing on the street stays one incident: behind vans, in a knocked camera, over restarts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import cv2
import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from detector.camera import CameraConfig, CameraMemory, look_at
from detector.counting import Policy
from detector.incidents import Incident, Stage
from detector.sentry import Notice
from detector.types import Detection, Frame, Image
from tests.detector import scenes
from tests.detector.test_camera import RED, START, VIEW

CONFIG = CameraConfig(Policy({"stall": 0.4}))
STALL = scenes.with_thing(VIEW, 300, 240, 50, RED)
BLUE = (230, 30, 30)
COME, GO, END = 8, 44, 62
FEW = settings(max_examples=5, deadline=None, phases=(Phase.explicit, Phase.generate))


def red_stalls_and_blue_vans(image: Image) -> tuple[Detection, ...]:
    """A network that knows two things by their colour."""
    found = []
    for label, colour in (("stall", RED), ("truck", BLUE)):
        near = (np.abs(image.astype(np.int16) - np.array(colour)) < 60).all(axis=2)
        if near.sum() >= 100:
            x, y, width, height = cv2.boundingRect(near.astype(np.uint8))
            found.append(Detection(label, 0.9, (x, y, x + width, y + height)))
    return tuple(found)


def with_van(image: Image) -> Image:
    hidden = image.copy()
    cv2.rectangle(hidden, (230, 170), (430, 330), BLUE, -1)
    return hidden


def patrol(
    views: list[Image], restarts: frozenset[int] = frozenset()
) -> tuple[dict[str, list[Incident]], list[Notice], CameraMemory]:
    """Looks every 10 s; before a restart's look all but the book is forgotten."""
    memory = CameraMemory()
    incidents: dict[str, list[Incident]] = {}
    notices: list[Notice] = []
    for number, view in enumerate(views):
        if number in restarts:
            memory = CameraMemory(book=memory.book)
        at = START + timedelta(seconds=10 * number)
        frame = Frame(scenes.noisy(view, number, 3), "cam", at)
        memory, looked = look_at(memory, CONFIG, frame, red_stalls_and_blue_vans)
        notices += looked.notices
        for incident in looked.incidents:
            incidents.setdefault(incident.id, []).append(incident)
    return incidents, notices, memory


def story() -> list[Image]:
    return [STALL if COME <= n < GO else VIEW for n in range(END)]


def assert_one(incidents: dict[str, list[Incident]]) -> Incident:
    """Opened once and ended once; first seen at its coming or a look later (the gate's price)."""
    (states,) = incidents.values()
    assert [one.stage for one in states] == [Stage.OPEN, Stage.ENDED]
    late = (states[0].first_seen - START).total_seconds() / 10 - COME
    assert 0 <= late <= 2
    return states[-1]


@given(st.integers(COME + 3, GO - 12), st.integers(1, 12))
@FEW
def test_a_van_before_it_for_any_time_neither_splits_nor_ends_it(start: int, length: int) -> None:
    views = story()
    views[start : start + length] = [with_van(v) for v in views[start : start + length]]
    incidents, notices, _ = patrol(views)
    assert_one(incidents)
    assert notices == []


@given(st.integers(COME + 3, GO - 10), st.integers(-40, 40), st.integers(-22, 22))
@FEW
def test_a_knock_of_the_camera_makes_nothing_new(start: int, right: int, down: int) -> None:
    views = story()
    views[start:] = [scenes.moved(view, right, down) for view in views[start:]]
    incidents, notices, memory = patrol(views)
    assert_one(incidents)
    assert notices == []
    if max(abs(right), abs(down)) >= 12:
        assert abs(memory.sentry.shift[0] * scenes.WIDTH - right) <= 4
        assert abs(memory.sentry.shift[1] * scenes.HEIGHT - down) <= 4


@given(st.frozensets(st.integers(1, END - 1), max_size=6))
@FEW
def test_restarts_at_any_looks_leave_one_incident(restarts: frozenset[int]) -> None:
    incidents, _, memory = patrol(story(), restarts)
    assert_one(incidents)
    assert memory.book.open == ()


def test_a_large_shift_rests_the_rules_until_it_is_over() -> None:
    views = story()
    views[20:30] = [scenes.moved(view, 150, 0) for view in views[20:30]]
    incidents, notices, _ = patrol(views)
    assert_one(incidents)
    assert [(n.fault.value, n.began) for n in notices][:1] == [("moved", True)]


def test_an_inspection_is_not_put_off_by_a_restart() -> None:
    memory = CameraMemory()
    at = START
    for _ in range(3):
        memory = replace(CameraMemory(), book=memory.book)
        at += timedelta(seconds=10)
        memory, looked = look_at(memory, CONFIG, Frame(VIEW, "cam", at), red_stalls_and_blue_vans)
        assert looked.observation.inspected
