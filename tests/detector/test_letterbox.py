"""The placement of pictures in the network's input, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.letterbox import BORDER, Letterbox

SIDE = st.integers(1, 6000)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1920, 1080), (640, 384)),
        ((1280, 720), (640, 384)),
        ((4000, 3000), (640, 480)),
        ((3000, 4000), (480, 640)),
        ((640, 640), (640, 640)),
        ((320, 240), (640, 480)),
        ((6000, 10), (640, 32)),
    ],
)
def test_the_input_has_the_shape_of_the_picture(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    fit = Letterbox.fit(*size, size=640, stride=32)
    assert (fit.input_width, fit.input_height) == expected


@given(SIDE, SIDE)
def test_the_picture_lies_inside_an_input_the_network_takes(width: int, height: int) -> None:
    fit = Letterbox.fit(width, height, 640, 32)
    assert fit.input_width % 32 == fit.input_height % 32 == 0
    assert max(fit.input_width, fit.input_height) == 640
    assert 0 <= fit.left <= fit.input_width - fit.inner_width < 32
    assert 0 <= fit.top <= fit.input_height - fit.inner_height < 32


@given(SIDE, SIDE, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_box_comes_back_where_it_was(
    width: int, height: int, a: float, b: float, c: float, d: float
) -> None:
    fit = Letterbox.fit(width, height, 640, 32)
    left, right = sorted((a * width, b * width))
    top, bottom = sorted((c * height, d * height))
    scale_x, scale_y = fit.inner_width / width, fit.inner_height / height
    inside = np.array(
        [
            [
                left * scale_x + fit.left,
                top * scale_y + fit.top,
                right * scale_x + fit.left,
                bottom * scale_y + fit.top,
            ]
        ],
        np.float32,
    )
    back = fit.boxes_back(inside)[0]
    tolerance = 1e-3 * max(width, height)
    assert np.allclose(back, [left, top, right, bottom], atol=tolerance)


def test_boxes_outside_the_picture_are_clipped_to_it() -> None:
    fit = Letterbox.fit(1920, 1080, 640, 32)
    boxes = fit.boxes_back(np.array([[-50, -50, 900, 900]], np.float32))
    assert boxes.tolist() == [[0, 0, 1920, 1080]]


def test_every_pixel_of_the_canvas_is_written() -> None:
    fit = Letterbox.fit(1920, 1070, 640, 32)
    image = np.full((1070, 1920, 3), 7, np.uint8)
    canvas = np.full((fit.input_height, fit.input_width, 3), 255, np.uint8)
    fit.place(image, canvas)
    assert set(np.unique(canvas)) == {7, BORDER}
    assert (canvas == 7).all(axis=2).sum() == fit.inner_width * fit.inner_height
    assert (canvas[0] == BORDER).all()
    assert (canvas[-1] == BORDER).all()


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="0x5"):
        Letterbox.fit(0, 5, 640, 32)
