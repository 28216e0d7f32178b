from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from detector.background import Background, Region, learn
from detector.background_file import BackgroundFileError, from_bytes, to_bytes
from detector.camera import CameraConfig, CameraMemory, look_at
from detector.counting import Policy
from detector.sketch import sketch
from detector.types import Detection, Frame, Image
from tests.detector import scenes

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
VIEW = scenes.street()
HEAP = scenes.with_thing(VIEW, 300, 250, 40, (40, 60, 70))


def taught(
    looks: range, background: Background | None = None
) -> tuple[Background, tuple[Region, ...]]:
    """The heap comes at the 20th look."""
    lasting: tuple[Region, ...] = ()
    for number in looks:
        at = START + timedelta(seconds=10 * number)
        image = scenes.noisy(HEAP if number >= 20 else VIEW, number, 3)
        background, lasting = learn(background, sketch(image), at)
    assert background is not None
    return background, lasting


def test_after_a_restart_a_heap_is_as_old_as_it_is() -> None:
    kept = from_bytes(to_bytes(taught(range(40))[0]))
    _, lasting = taught(range(40, 56), kept)
    assert len(lasting) == 1
    assert 180 <= (lasting[0].since - START).total_seconds() <= 220
    assert taught(range(40, 56))[1] == ()  # learnt anew, the heap would be part of the street


def test_what_is_read_is_what_was_written() -> None:
    background = taught(range(45))[0]
    read = from_bytes(to_bytes(background))
    assert (read.at, read.looks) == (background.at, background.looks)
    assert np.isfinite(background.since).any()
    np.testing.assert_array_equal(np.isfinite(read.since), np.isfinite(background.since))
    differs = np.isfinite(background.since)
    np.testing.assert_allclose(read.since[differs], background.since[differs], atol=0.01)
    np.testing.assert_allclose(read.usual, background.usual, atol=0.07)
    np.testing.assert_allclose(read.recent, background.recent, atol=0.07)


def test_what_is_no_background_is_refused() -> None:
    data = to_bytes(taught(range(3))[0])
    broken = bytearray(data)
    broken[len(data) // 2] ^= 1
    for wrong in (b"", b"no archive", data[:-100], bytes(broken)):
        with pytest.raises(BackgroundFileError, match="expected a camera's background"):
            from_bytes(wrong)


def nothing(_image: Image) -> tuple[Detection, ...]:
    return ()


@pytest.mark.parametrize(("right", "kept"), [(0, True), (30, False), (200, False)])
def test_a_camera_that_was_turned_meanwhile_begins_anew(*, right: int, kept: bool) -> None:
    config = CameraConfig(Policy({"stall": 0.4}))
    memory = CameraMemory(background=taught(range(15))[0])
    view = scenes.noisy(scenes.moved(VIEW, right, 0), 99, 3)
    frame = Frame(view, "cam", START + timedelta(hours=1))
    after = look_at(memory, config, frame, nothing)[0]
    assert after.background is not None
    assert after.background.looks == (16 if kept else 1)


def test_a_change_of_shape_begins_anew() -> None:
    background = taught(range(15))[0]
    memory = CameraMemory(background=replace(background, usual=background.usual[:-8]))
    frame = Frame(scenes.noisy(VIEW, 99, 3), "cam", START + timedelta(hours=1))
    after = look_at(memory, CameraConfig(Policy({"stall": 0.4})), frame, nothing)[0]
    assert after.background is not None
    assert after.background.looks == 1
