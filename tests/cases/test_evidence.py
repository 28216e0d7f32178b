"""Evidence pictures: originals untouched, people and plates hidden, the finding in view."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from cases.codes import ISSUE_LABELS
from cases.evidence import CLASS_COLOURS, closeup_area, draw
from cases.masking import hidden_area, masked
from detector.types import Box, Detection, Finding, Image, Photo
from tests.cases.scenes import look_at, make_photo


def decoded(data: bytes) -> Image:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image.astype(np.uint8)


def detail(image: Image, box: Box) -> float:
    """How much neighbouring pixels differ inside a box."""
    left, top, right, bottom = (round(value) for value in box)
    part = image[top:bottom, left:right].astype(float)
    return float(np.abs(np.diff(part, axis=1)).mean())


HIDDEN = [
    (Detection("person", 0.5, (100, 100, 180, 300)), (100, 100, 180, 144)),
    (Detection("person", 0.5, (100, 100, 300, 250)), (100, 100, 300, 200)),  # crouching
    (Detection("car", 0.5, (50, 50, 350, 250)), (104, 160, 296, 250)),
    (Detection("truck", 0.5, (50, 50, 350, 350)), (104, 215, 296, 350)),
    (Detection("two_wheeler", 0.5, (100, 100, 200, 300)), (110, 180, 190, 300)),
]


@pytest.mark.parametrize(("detection", "area"), HIDDEN)
def test_heads_and_plates_lose_their_detail(detection: Detection, area: Box) -> None:
    image = make_photo(1, size=(400, 400))[0].image
    result = masked(image, [detection])
    assert detail(result, area) < 0.05 * detail(image, area)


@pytest.mark.parametrize(("detection", "_"), HIDDEN)
def test_the_rest_stays_as_it_was(detection: Detection, _: Box) -> None:
    image = make_photo(1, size=(400, 400))[0].image
    before = image.copy()
    result = masked(image, [detection])
    area = hidden_area(detection)
    assert area is not None
    outside = np.ones(image.shape[:2], bool)
    left, top, right, bottom = area
    outside[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = False
    assert np.array_equal(result[outside], image[outside])
    assert np.array_equal(image, before), "the original pixels were written to"


@pytest.mark.parametrize("label", [*ISSUE_LABELS, "bin"])
def test_things_are_not_hidden(label: str) -> None:
    assert hidden_area(Detection(label, 0.9, (1, 1, 50, 50))) is None


def test_boxes_at_and_over_the_edge() -> None:
    image = make_photo(1, size=(60, 40))[0].image
    boxes: list[Box] = [(-20, -20, 10, 30), (50, 30, 90, 80), (200, 200, 300, 300), (5, 5, 5, 5)]
    for label in ("person", "car"):
        result = masked(image, [Detection(label, 0.9, box) for box in boxes])
        assert result.shape == image.shape


def test_a_small_head_is_hidden_too() -> None:
    image = make_photo(1, size=(60, 40))[0].image
    result = masked(image, [Detection("person", 0.9, (20, 10, 28, 34))])
    assert detail(result, (20, 10, 28, 14)) < 0.5 * detail(image, (20, 10, 28, 14))


def finding(*boxes: Box, label: str = "litter") -> Finding:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    union = (min(lefts), min(tops), max(rights), max(bottoms))
    return Finding(label, 0.87, union, tuple(Detection(label, 0.87, box) for box in boxes))


def test_pictures_of_a_finding() -> None:
    photo, data = make_photo(1, size=(2400, 1200))
    person = Detection("person", 0.9, (1000, 300, 1100, 600))
    drawn = draw(photo, data, look_at(photo, [person]), [finding((900, 250, 1200, 650))])
    original, annotated, closeup, hidden = drawn.of(0)
    assert original.data is data
    assert (original.media_type, original.width, original.height) == ("image/jpeg", 2400, 1200)
    assert (hidden.width, hidden.height) == (2400, 1200)
    assert (annotated.width, annotated.height) == (1920, 960)
    for picture in (annotated, closeup, hidden):
        assert decoded(picture.data).shape == (picture.height, picture.width, 3)
        assert picture.media_type == "image/jpeg"
    # Nothing but the original shows the head.
    head = (1005.0, 305.0, 1095.0, 360.0)
    sharp = detail(photo.image, head)
    assert detail(decoded(hidden.data), head) < 0.2 * sharp
    small = (head[0] * 0.8, head[1] * 0.8, head[2] * 0.8, head[3] * 0.8)
    assert detail(decoded(annotated.data), small) < 0.2 * sharp
    left, top, _, _ = closeup_area((900, 250, 1200, 650), 2400, 1200)
    near = (head[0] - left, head[1] - top, head[2] - left, head[3] - top)
    assert detail(decoded(closeup.data), near) < 0.2 * sharp


def test_a_very_large_photo_is_masked_in_a_smaller_size() -> None:
    photo, data = make_photo(1, size=(6000, 900))
    person = Detection("person", 0.9, (3000, 100, 3200, 700))
    look = look_at(photo, [person])
    original, annotated, closeup, hidden = draw(photo, data, look, [finding(person.box)]).of(0)
    assert (original.width, hidden.width, annotated.width) == (6000, 4096, 1920)
    head = (3005.0, 105.0, 3195.0, 225.0)
    sharp = detail(photo.image, head)
    for picture in (hidden, annotated):
        scale = picture.width / 6000
        small = (head[0] * scale, head[1] * scale, head[2] * scale, head[3] * scale)
        assert detail(decoded(picture.data), small) < 0.2 * sharp
    left, top, right, _ = closeup_area(person.box, 6000, 900)
    assert closeup.width == right - left, "the close-up keeps the pixels of the original"
    near = (head[0] - left, head[1] - top, head[2] - left, head[3] - top)
    assert detail(decoded(closeup.data), near) < 0.2 * sharp


def test_a_head_cut_by_the_edge_keeps_no_more_detail() -> None:
    image = make_photo(1, size=(400, 400))[0].image
    result = masked(image, [Detection("person", 0.9, (-150, 100, 50, 400))])
    assert detail(result, (0, 100, 50, 190)) < 0.05 * detail(image, (0, 100, 50, 190))


@pytest.mark.parametrize("label", ISSUE_LABELS)
def test_the_box_has_the_colour_of_its_class(label: str) -> None:
    image = np.full((300, 400, 3), 255, np.uint8)
    data = cv2.imencode(".png", image)[1].tobytes()
    photo = Photo(image, 400, 300, "0" * 64, "image/png")
    drawn = draw(photo, data, look_at(photo, []), [finding((100, 100, 300, 200), label=label)])
    value = CLASS_COLOURS[label]
    wanted = np.array([int(value[5:7], 16), int(value[3:5], 16), int(value[1:3], 16)])
    for picture in drawn.findings[0]:
        distance = np.abs(decoded(picture.data).astype(int) - wanted).max(axis=2)
        assert (distance < 40).sum() > 400


@pytest.mark.parametrize(
    "box",
    [
        (500, 400, 510, 408),
        (0, 0, 20, 20),
        (980, 760, 1000, 800),
        (0, 0, 1000, 800),
        (100, 100, 900, 150),
    ],
)
def test_the_close_up_holds_the_finding_with_room(box: Box) -> None:
    left, top, right, bottom = closeup_area(box, 1000, 800)
    assert 0 <= left <= box[0] < box[2] <= right <= 1000
    assert 0 <= top <= box[1] < box[3] <= bottom <= 800
    assert right - left >= 320
    assert bottom - top >= 320


@pytest.mark.parametrize("size", [(64, 48), (2000, 30), (321, 2000)])
def test_close_ups_of_small_and_narrow_photos_are_large_enough(size: tuple[int, int]) -> None:
    photo, data = make_photo(1, size=size)
    drawn = draw(photo, data, look_at(photo, []), [finding((5, 5, 20, 20))])
    closeup = drawn.findings[0][1]
    assert min(closeup.width, closeup.height) >= 320


def test_the_same_input_gives_the_same_bytes() -> None:
    photo, data = make_photo(1)
    look = look_at(photo, [Detection("person", 0.9, (10, 10, 40, 90))])
    findings = [finding((5, 5, 50, 50)), finding((60, 5, 90, 50), (70, 40, 100, 80))]
    assert draw(photo, data, look, findings) == draw(photo, data, look, findings)
