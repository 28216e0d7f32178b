from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import cv2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.sentry import FAULT_TEXTS, Fault, Notice, SentryState, lose_signal, watch_over
from detector.sketch import sketch
from detector.types import Image
from tests.detector import scenes

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
VIEW = scenes.street()


def looks(
    images: Iterable[Image], state: SentryState | None = None
) -> tuple[SentryState, list[Notice]]:
    state = state or SentryState()
    notices: list[Notice] = []
    for number, image in enumerate(images):
        state, new = watch_over(state, sketch(image), START + timedelta(seconds=10 * number))
        notices += new
    return state, notices


def usual(count: int = 12, seed: int = 0) -> list[Image]:
    return [scenes.noisy(VIEW, seed + n) for n in range(count)]


FAULTY = {
    Fault.DARK: lambda n: scenes.noisy(scenes.lit(VIEW, 0.08), n, 2),
    Fault.COVERED: lambda n: scenes.noisy(scenes.clipped(VIEW * 0.0 + 110), n, 2),
    Fault.BLURRED: lambda n: scenes.noisy(cv2.GaussianBlur(VIEW, (31, 31), 0), n, 1),
    Fault.FROZEN: lambda n: scenes.noisy(VIEW, 77),
    Fault.MOVED: lambda n: scenes.noisy(scenes.street(9), n),
}


@pytest.mark.parametrize("fault", list(FAULTY))
def test_each_fault_gives_one_notice_and_ends_once(fault: Fault) -> None:
    faulty = [FAULTY[fault](n) for n in range(20)]
    state, notices = looks([*usual(), *faulty, *usual(40, seed=100)])
    assert [(n.fault, n.began) for n in notices] == [(fault, True), (fault, False)]
    assert state.fit


def test_a_healthy_view_gives_no_notice_through_light_and_traffic() -> None:
    images = [
        scenes.with_thing(scenes.noisy(scenes.lit(VIEW, 1 - n / 200), n), 30 * (n % 18), 230, 60)
        for n in range(80)
    ]
    assert looks(images)[1] == []


@given(st.lists(st.booleans(), min_size=10, max_size=60))
@settings(max_examples=30, deadline=None)
def test_a_flicker_is_no_flood(dark: list[bool]) -> None:
    night, day = scenes.lit(VIEW, 0.05), VIEW
    images = [scenes.noisy(night if d else day, n, 2) for n, d in enumerate(dark)]
    _, notices = looks(images)
    began = [n.began for n in notices if n.fault is Fault.DARK]
    assert began == [n % 2 == 0 for n in range(len(began))]
    assert len(began) <= 3  # ten minutes: begun, over after five quiet minutes, begun


@pytest.mark.parametrize(("right", "down"), [(12, 0), (-20, 8), (30, -10)])
def test_a_small_shift_is_measured_and_not_called_moved(right: int, down: int) -> None:
    shifted = [scenes.noisy(scenes.moved(VIEW, right, down), n) for n in range(6)]
    state, notices = looks([*usual(), *shifted])
    assert notices == []
    assert state.shift[0] * scenes.WIDTH == pytest.approx(right, abs=2.5)
    assert state.shift[1] * scenes.HEIGHT == pytest.approx(down, abs=2.5)


def test_a_van_before_the_camera_for_minutes_is_no_moved_camera_and_changes_nothing_known() -> None:
    van = VIEW.copy()
    cv2.rectangle(van, (180, 120), (470, 340), (205, 205, 210), -1)
    cv2.rectangle(van, (120, 170), (180, 340), (40, 40, 190), -1)
    before, _ = looks(usual())
    known = before.usual
    assert known is not None
    structure = known.structure.copy()
    view = sketch(scenes.noisy(van, 3))
    as_it_was = view.structure.copy()
    watch_over(before, view, START + timedelta(minutes=5))
    assert (view.structure == as_it_was).all()
    assert (known.structure == structure).all()
    _, notices = looks([scenes.noisy(van, n) for n in range(12)] + usual(10, 40), before)
    assert notices == []


def test_a_large_shift_is_moved_and_coming_back_ends_it() -> None:
    away = [scenes.noisy(scenes.moved(VIEW, 110, 0), n) for n in range(6)]
    _, notices = looks([*usual(), *away, *usual(40, 50)])
    assert [(n.fault, n.began) for n in notices] == [(Fault.MOVED, True), (Fault.MOVED, False)]


def test_a_still_picture_with_a_running_clock_is_frozen() -> None:
    still = scenes.noisy(VIEW, 5)
    images = []
    for n in range(10):
        image = still.copy()
        cv2.putText(image, f"12:00:{n:02d}", (10, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255,) * 3)
        images.append(image)
    _, notices = looks([*usual(), *images])
    assert [n.fault for n in notices] == [Fault.FROZEN]


def test_no_signal_is_one_notice_until_a_picture_comes() -> None:
    state, _ = looks(usual())
    notices: list[Notice] = []
    for n in range(10):
        state, new = lose_signal(state, START + timedelta(seconds=n))
        notices += new
    assert [(n.fault, n.began) for n in notices] == [(Fault.NO_SIGNAL, True)]
    state, more = looks(usual(1, 300), state)
    assert more == []
    assert state.fit
    late = START + timedelta(hours=1)
    _, more = watch_over(state, sketch(VIEW), late)
    assert [(n.fault, n.began) for n in more] == [(Fault.NO_SIGNAL, False)]


def test_faults_have_texts_and_notices_want_a_time_zone() -> None:
    assert set(FAULT_TEXTS) == set(Fault)
    with pytest.raises(ValueError, match="time zone"):
        Notice(Fault.DARK, True, datetime(2026, 5, 1))  # noqa: DTZ001
