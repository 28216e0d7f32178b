from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from detector.background import Background, learn
from detector.geometry import iou
from detector.sketch import sketch
from detector.types import Box, Image
from tests.detector import scenes

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
VIEW = scenes.street()
X, Y, SIZE = 300, 250, 40
PLACE: Box = (
    X / scenes.WIDTH,
    Y / scenes.HEIGHT,
    (X + SIZE) / scenes.WIDTH,
    (Y + SIZE) / scenes.HEIGHT,
)
HEAP = scenes.with_thing(VIEW, X, Y, SIZE, (40, 60, 70))


def regions(
    images: Iterable[tuple[Image, tuple[Box, ...]]], every: float = 10.0
) -> list[tuple[Box, ...]]:
    background: Background | None = None
    found = []
    for number, (image, passing) in enumerate(images):
        at = START + timedelta(seconds=every * number)
        view = sketch(scenes.noisy(image, number, 3))
        background, lasting = learn(background, view, at, passing)
        found.append(tuple(region.box for region in lasting))
    return found


def test_a_heap_that_stays_becomes_a_region_after_minutes() -> None:
    found = regions([(VIEW, ())] * 20 + [(HEAP, ())] * 60)
    first = next(n for n, boxes in enumerate(found) if boxes)
    assert 20 + 16 <= first <= 20 + 28  # 180 s, to within the looks in which it is believed
    assert len(found[-1]) == 1
    assert iou(found[-1][0], PLACE) > 0.4


def test_a_region_knows_since_when_it_is_there() -> None:
    background: Background | None = None
    since = []
    for number in range(80):
        at = START + timedelta(seconds=10 * number)
        view = sketch(scenes.noisy(HEAP if number >= 20 else VIEW, number, 3))
        background, lasting = learn(background, view, at)
        since += [(region.since - START).total_seconds() for region in lasting]
    assert since
    assert all(180 <= seconds <= 220 for seconds in since)  # it came at 200 s


def test_a_pause_between_looks_dates_nothing_back_behind_it() -> None:
    background: Background | None = None
    seconds = [*range(0, 400, 10), *range(700, 1100, 10)]  # killed at 390 s, back at 700 s
    since = []
    for number, second in enumerate(seconds):
        at = START + timedelta(seconds=second)
        view = sketch(scenes.noisy(HEAP if second >= 380 else VIEW, number, 3))
        background, lasting = learn(background, view, at)
        since += [(region.since - START).total_seconds() for region in lasting]
    assert since
    assert all(370 <= seconds <= 710 for seconds in since)


def test_what_passes_leaves_no_region() -> None:
    cars = [
        scenes.with_thing(VIEW, 40 * (n % 14), 240, 60, (30 * (n % 8), 200, 40)) for n in range(90)
    ]
    assert not any(regions([(VIEW, ())] * 12 + [(car, ()) for car in cars]))


def test_a_parked_car_is_no_region_while_it_is_known_as_one() -> None:
    assert not any(regions([(VIEW, ())] * 20 + [(HEAP, (PLACE,))] * 60))


def test_something_that_goes_away_is_no_region() -> None:
    assert not any(regions([(HEAP, ())] * 20 + [(VIEW, ())] * 60))


def test_light_is_no_region() -> None:
    dimming = [(scenes.lit(VIEW, 1 - n / 200), ()) for n in range(90)]
    assert not any(regions(dimming))
    lamps = [(VIEW, ())] * 20 + [(scenes.lit(VIEW, 0.6, 40), ())] * 50
    assert not any(regions(lamps))


def test_a_region_is_forgotten_in_hours() -> None:
    found = regions([(VIEW, ())] * 20 + [(HEAP, ())] * 300, every=120.0)
    assert any(found)
    assert not found[-1]
