"""Label files and the views made from them: what is written fits what is seen."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.views import crop_image, crop_labels, crop_window, resized, stretched
from datasets.yolo import DatasetError, Label, read_labels, write_labels


def test_labels_survive_writing_and_reading(tmp_path: Path) -> None:
    labels = (Label(0, (0.5, 0.5, 1.0, 1.0)), Label(9, (0.123456, 0.25, 0.01, 0.02)))
    write_labels(tmp_path / "a.txt", labels)
    assert read_labels(tmp_path / "a.txt") == labels


def test_an_empty_file_means_nothing_to_see(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n")
    assert read_labels(tmp_path / "a.txt") == ()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("3 0.5 0.5 0.2", "found 4 fields"),
        ("litter 0.5 0.5 0.2 0.2", "not a number"),
        ("10 0.5 0.5 0.2 0.2", "class 10"),
        ("-1 0.5 0.5 0.2 0.2", "class -1"),
        ("3 1.5 0.5 0.2 0.2", "outside"),
        ("3 0.5 0.5 0 0.2", "outside"),
        ("3 nan 0.5 0.2 0.2", "outside"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, fault: str) -> None:
    (tmp_path / "a.txt").write_text(f"3 0.5 0.5 0.2 0.2\n{line}\n")
    with pytest.raises(DatasetError, match=fault) as caught:
        read_labels(tmp_path / "a.txt")
    assert "a.txt:2" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone\.txt"):
        read_labels(tmp_path / "gone.txt")


def test_cropping_keeps_a_box_on_its_object() -> None:
    image = np.zeros((200, 400, 3), dtype=np.uint8)
    image[80:120, 200:280] = 255
    label = Label(3, (0.6, 0.5, 0.2, 0.2))
    window = (0.25, 0.2, 0.85, 0.8)
    (seen,) = crop_labels([label], window)
    part = crop_image(image, window)
    x1, y1, x2, y2 = seen.corners()
    height, width = part.shape[:2]
    box = part[round(y1 * height) : round(y2 * height), round(x1 * width) : round(x2 * width)]
    assert box.min() == 255
    assert (part == 255).sum() == (box == 255).sum()


def test_a_box_cut_to_a_sliver_is_left_out_and_a_half_box_is_clipped() -> None:
    window = (0.0, 0.0, 0.5, 0.5)
    half = Label(3, (0.5, 0.25, 0.2, 0.2))
    sliver = Label(3, (0.58, 0.25, 0.2, 0.2))
    outside = Label(3, (0.9, 0.9, 0.1, 0.1))
    (seen,) = crop_labels([half, sliver, outside], window)
    assert seen.corners() == pytest.approx((0.8, 0.3, 1.0, 0.7))


@given(
    st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)),
    st.floats(0.01, 0.6),
    st.integers(0, 1000),
)
def test_a_window_lies_in_the_picture_and_shows_its_object(
    centre: tuple[float, float], side: float, seed: int
) -> None:
    x, y = centre
    w = min(side, 2 * x, 2 * (1 - x))
    h = min(side, 2 * y, 2 * (1 - y))
    label = Label(3, (x, y, w, h))
    x1, y1, x2, y2 = crop_window([label], random.Random(seed), smallest=0.3, largest=0.7)
    assert -1e-9 <= x1 < x2 <= 1 + 1e-9
    assert -1e-9 <= y1 < y2 <= 1 + 1e-9
    assert len(crop_labels([label], (x1, y1, x2, y2), visible=0.99)) == 1


def test_resizing_shrinks_only_and_stretching_changes_the_width() -> None:
    image = np.zeros((100, 200, 3), dtype=np.uint8)
    assert resized(image, 50).shape == (25, 50, 3)
    assert resized(image, 500) is image
    assert stretched(image, 0.75).shape == (100, 150, 3)
