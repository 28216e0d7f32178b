from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.gate import compare, news, settled
from detector.sketch import TILE, WIDTH, sketch
from tests.detector import scenes

VIEW = scenes.street()
SEEDS = st.integers(0, 10_000)
SHARE = scenes.WIDTH / WIDTH


@given(SEEDS, st.floats(0.6, 1.1), st.floats(-15, 5))
@settings(max_examples=20, deadline=None)
def test_light_and_noise_are_no_change(seed: int, gain: float, offset: float) -> None:
    now = scenes.noisy(scenes.lit(VIEW, gain, offset), seed)
    assert not compare(sketch(VIEW), sketch(now)).changed


@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_rain_changes_next_to_nothing(seed: int) -> None:
    now = scenes.noisy(scenes.rained(VIEW, seed), seed, 3)
    assert compare(sketch(VIEW), sketch(now)).share < 0.01


@given(st.integers(-2, 2), st.integers(-2, 2), SEEDS)
@settings(max_examples=15, deadline=None)
def test_a_trembling_pole_is_no_change(right: int, down: int, seed: int) -> None:
    now = scenes.noisy(scenes.moved(VIEW, right, down), seed, 3)
    assert compare(sketch(VIEW), sketch(now)).share < 0.02


@given(st.integers(20, 600), st.integers(210, 330), st.integers(14, 60), SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_thing_on_the_road_is_a_change_where_it_lies(
    x: int, y: int, size: int, seed: int
) -> None:
    now = scenes.noisy(scenes.with_thing(VIEW, x, y, size, (20, 30, 40)), seed)
    change = compare(sketch(VIEW), sketch(now))
    rows, columns = np.nonzero(change.tiles)
    assert change.changed
    near = TILE * 2
    left, right = x / SHARE - near, (x + size) / SHARE + near
    top, bottom = y / SHARE - near, (y + size) / SHARE + near
    for row, column in zip(rows, columns, strict=True):
        assert left <= column * TILE + TILE / 2 <= right
        assert top <= row * TILE + TILE / 2 <= bottom


def test_slow_arrival_is_a_change_as_the_inspected_view_stays_the_reference() -> None:
    inspected = sketch(VIEW)
    steps = [scenes.with_thing(VIEW, 300, 280, 24, (100 - n, 100 - n, 100 - n)) for n in range(90)]
    assert not compare(inspected, sketch(steps[1])).changed
    assert compare(inspected, sketch(steps[-1])).changed


def test_headlights_are_a_change_and_another_shape_is_one_everywhere() -> None:
    assert compare(sketch(VIEW), sketch(scenes.with_thing(VIEW, 400, 250, 50))).changed
    other = np.zeros((480, 480, 3), np.uint8)
    assert compare(sketch(VIEW), sketch(other)).share == 1.0


def test_a_thing_is_seen_in_a_large_picture_too() -> None:
    large = np.kron(VIEW, np.ones((3, 3, 1), np.uint8))
    littered = large.copy()
    littered[800:850, 900:950] = 20
    assert not compare(sketch(large), sketch(scenes.noisy(large, 3))).changed
    assert compare(sketch(large), sketch(littered)).changed


def test_what_passes_is_no_news_and_what_stays_is() -> None:
    inspected = sketch(VIEW)
    cars = [scenes.with_thing(VIEW, x, 240, 60, (30, 30, 200)) for x in (50, 200, 350, 500)]
    views = [sketch(scenes.noisy(car, n)) for n, car in enumerate(cars)]
    for last, now in itertools.pairwise(views):
        assert compare(inspected, now).changed
        assert not news(inspected, last, now).changed
    heap = scenes.with_thing(VIEW, 300, 280, 30, (30, 60, 80))
    with_cars = [sketch(scenes.with_thing(heap, x, 210, 50, (200, 30, 30))) for x in (100, 450)]
    found = news(inspected, with_cars[0], with_cars[1])
    assert found.tiles[int(295 / SHARE / TILE), int(315 / SHARE / TILE)]
    assert found.share < 0.02


def test_traffic_in_an_inspected_view_is_no_news_when_it_has_gone() -> None:
    rng = np.random.default_rng(3)
    reference = last = None
    inspections = 0
    for look in range(40):
        x, y = int(rng.integers(0, 560)), int(rng.integers(210, 290))
        colour = tuple(int(c) for c in rng.integers(0, 255, 3))
        view = sketch(scenes.noisy(scenes.with_thing(VIEW, x, y, 60, colour), look, 3))
        if reference is None or last is None or news(reference, last, view).changed:
            reference = settled(reference, last, view)
            inspections += 1
        last = view
    assert inspections <= 8
    heap = scenes.with_thing(VIEW, 300, 320, 25, (20, 60, 80))
    lying = [sketch(scenes.noisy(heap, n, 3)) for n in range(2)]
    assert news(reference, lying[0], lying[1]).changed
