from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.views import Rows, fuse, mirrored_back

COORDINATE = st.integers(0, 90).map(float)


@st.composite
def rows(draw: st.DrawFn, most: int = 12) -> Rows:
    found = []
    for _ in range(draw(st.integers(0, most))):
        left, top = draw(COORDINATE), draw(COORDINATE)
        width, height = draw(st.integers(1, 10)), draw(st.integers(1, 10))
        confidence = draw(st.integers(1, 100)) / 100
        found.append((left, top, left + width, top + height, confidence, draw(st.integers(0, 2))))
    return np.array(found, np.float32).reshape(-1, 6)


def row(left: float, confidence: float, label: int = 0) -> tuple[float, ...]:
    return (left, 10.0, left + 20, 30.0, confidence, label)


def made(*found: tuple[float, ...]) -> Rows:
    return np.array(found, np.float32).reshape(-1, 6)


def test_one_thing_in_two_looks_is_one_with_the_mean_confidence() -> None:
    (one,) = fuse([made(row(10, 0.9)), made(row(12, 0.3))])
    assert one[4] == pytest.approx(0.6)
    assert one[0] == pytest.approx(10.5)  # three parts of 10, one of 12
    assert one[2] == pytest.approx(30.5)


def test_what_one_look_alone_saw_counts_for_its_share() -> None:
    (one,) = fuse([made(row(10, 0.9)), made(), made()])
    assert one[4] == pytest.approx(0.3)
    assert tuple(one[:4]) == (10, 10, 30, 30)


def test_two_boxes_of_one_look_add_nothing_to_each_other() -> None:
    (one,) = fuse([made(row(10, 0.8), row(11, 0.7)), made(row(10, 0.6))])
    assert one[4] == pytest.approx(0.7)


def test_other_classes_and_other_places_stay_apart() -> None:
    fused = fuse([made(row(10, 0.8), row(60, 0.6)), made(row(10, 0.4, label=1))])
    places = sorted((float(one[5]), round(float(one[0]))) for one in fused)
    assert places == [(0, 10), (0, 60), (1, 10)]


@given(st.lists(rows(), min_size=1, max_size=4))
def test_nothing_is_invented_and_the_best_comes_first(looks: list[Rows]) -> None:
    fused = fuse(looks)
    everything = np.concatenate(looks)
    assert len(fused) <= len(everything)
    assert set(fused[:, 5]) == set(everything[:, 5])
    assert (np.diff(fused[:, 4]) <= 0).all()
    for one in fused:
        same = everything[everything[:, 5] == one[5]]
        assert one[4] <= same[:, 4].max() + 1e-6
        assert (one[:4] >= same[:, :4].min(axis=0) - 1e-3).all()
        assert (one[:4] <= same[:, :4].max(axis=0) + 1e-3).all()


@given(rows(), st.integers(1, 4))
def test_the_same_look_again_changes_no_box_that_stands_alone(one: Rows, times: int) -> None:
    once, again = fuse([one]), fuse([one] * times)
    assert len(once) == len(again)
    np.testing.assert_allclose(once, again, atol=1e-3)


@given(rows())
def test_mirroring_twice_is_nothing(one: Rows) -> None:
    np.testing.assert_allclose(mirrored_back(mirrored_back(one, 100), 100), one, atol=1e-4)
    assert (mirrored_back(one, 100)[:, 2] > mirrored_back(one, 100)[:, 0]).all()
