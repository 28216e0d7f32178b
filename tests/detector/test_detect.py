"""The committed model on the demo pictures: boxes in their pixels, the same by every way."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from detector.detect import Detector
from detector.inspect import detect_tiled, inspect_photo
from detector.photo import read_photo
from detector.types import Detection, Image
from models import ModelCard, ModelError, load_card
from patrol.settings import load_settings
from tests.detector.photos import encode
from tests.patrol.photos import demo_photos


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return load_card(load_settings().model)


@pytest.fixture(scope="module")
def detector(card: ModelCard) -> Detector:
    return Detector(card)


@pytest.fixture(scope="module")
def images() -> list[Image]:
    return [read_photo(path.read_bytes()).image for path in demo_photos()[:6]]


def close(a: tuple[Detection, ...], b: tuple[Detection, ...], pixels: float = 0.5) -> bool:
    return len(a) == len(b) and all(
        one.label == other.label
        and abs(one.confidence - other.confidence) < 1e-3
        and np.allclose(one.box, other.box, atol=pixels)
        for one, other in zip(a, b, strict=True)
    )


def test_the_demo_pictures_hold_things_to_find(detector: Detector, images: list[Image]) -> None:
    found = detector.detect(images)
    assert sum(bool(detections) for detections in found) >= len(images) // 2
    for image, detections in zip(images, found, strict=True):
        height, width = image.shape[:2]
        for one in detections:
            assert one.label in detector.card.classes
            assert detector.min_confidence <= one.confidence <= 1
            assert 0 <= one.box[0] < one.box[2] <= width
            assert 0 <= one.box[1] < one.box[3] <= height
        confidences = [one.confidence for one in detections]
        assert confidences == sorted(confidences, reverse=True)


def test_a_batch_of_mixed_shapes_gives_what_each_picture_gives_alone(
    card: ModelCard, detector: Detector, images: list[Image]
) -> None:
    mixed: list[Image] = [
        image if index % 2 else np.ascontiguousarray(image[:, : image.shape[1] // 2])
        for index, image in enumerate(images)
    ]
    together = Detector(card, batch=4).detect(mixed)
    alone = [detector.detect([image])[0] for image in mixed]
    assert all(close(a, b) for a, b in zip(together, alone, strict=True))


def test_threads_do_not_disturb_each_other(detector: Detector, images: list[Image]) -> None:
    expected = [detector.detect([image])[0] for image in images]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda image: detector.detect([image])[0], images * 4))
    assert found == expected * 4


def test_boxes_follow_the_size_of_the_picture(detector: Detector, images: list[Image]) -> None:
    image = next(one for one in images if detector.detect([one])[0])
    double: Image = cv2.resize(image, None, fx=2, fy=2)  # type: ignore[assignment]
    (small,), (large,) = detector.detect([image])[:1], detector.detect([double])[:1]
    best = small[0]
    twin = next(one for one in large if one.label == best.label)
    assert np.allclose(np.array(best.box) * 2, twin.box, atol=0.03 * max(double.shape))


def test_a_picture_that_is_no_picture_is_refused(detector: Detector) -> None:
    with pytest.raises(ValueError, match=r"images\[0\].*float"):
        detector.detect([np.zeros((4, 4, 3))])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="HxWx3"):
        detector.detect([np.zeros((4, 4), np.uint8)])
    assert detector.detect([]) == []


def test_an_unknown_provider_names_the_available_ones(card: ModelCard) -> None:
    with pytest.raises(ValueError, match=r"NoSuchProvider.*CPUExecutionProvider"):
        Detector(card, ("NoSuchProvider",))


@pytest.mark.parametrize("wrong", [{"threads": -1}, {"batch": 0}, {"min_confidence": 1.5}], ids=str)
def test_numbers_out_of_range_are_refused(card: ModelCard, wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Detector(card, **wrong)  # type: ignore[arg-type]


def copy_of(card: ModelCard, folder: Path, **changes: object) -> ModelCard:
    shutil.copytree(card.directory, folder)
    path = folder / "card.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8")) | changes
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_card(folder)


def test_a_changed_model_is_not_loaded(card: ModelCard, tmp_path: Path) -> None:
    copy = copy_of(card, tmp_path / "copy")
    with copy.path.open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelError, match="sha256"):
        Detector(copy)


def test_several_views_are_one_result_that_knows_no_left_and_right(
    card: ModelCard, images: list[Image], tmp_path: Path
) -> None:
    sizes = [{"size": size, "mirrored": mirrored} for size in (640, 320) for mirrored in (0, 1)]
    several = Detector(copy_of(card, tmp_path / "several", views=sizes), min_confidence=0.2)
    found = several.detect(images)
    assert sum(map(len, found)) > 0
    turned = several.detect([np.ascontiguousarray(image[:, ::-1]) for image in images])
    for image, mine, other in zip(images, found, turned, strict=True):
        width = image.shape[1]
        back = []
        for one in other:
            left, top, right, bottom = one.box
            box = (width - right, top, width - left, bottom)
            back.append(Detection(one.label, one.confidence, box))
        assert close(mine, tuple(back), pixels=2.0)


def test_calibration_moves_confidences_and_keeps_boxes(
    card: ModelCard, detector: Detector, images: list[Image], tmp_path: Path
) -> None:
    plain = copy_of(card, tmp_path / "plain", calibration={})
    halving = {label: {"raw": [0.0, 1.0], "calibrated": [0.0, 0.5]} for label in card.classes}
    halved = copy_of(card, tmp_path / "halved", calibration=halving)
    raw = Detector(plain, min_confidence=0.2).detect(images)
    calibrated = Detector(halved, min_confidence=0.1).detect(images)
    assert sum(map(len, raw)) > 0
    for before, after in zip(raw, calibrated, strict=True):
        assert [one.box for one in before] == [one.box for one in after]
        assert [one.confidence / 2 for one in before] == pytest.approx(
            [one.confidence for one in after]
        )


def test_tiles_find_more_of_what_is_small_in_a_large_photo(
    detector: Detector, images: list[Image]
) -> None:
    """Each picture pasted small into a large grey one: too small for one look at the whole."""
    wanted = by_whole = by_tiles = 0
    for image in images[:4]:
        height, width = image.shape[:2]
        sure = [one for one in detector.detect([image])[0] if one.confidence >= 0.5]
        large = np.full((2400, 3600, 3), 120, np.uint8)
        top, left = 1500, 2400
        large[top : top + height, left : left + width] = image
        moved = [np.add(one.box, (left, top, left, top)) for one in sure]

        def seen(found: tuple[Detection, ...], sure: Any = sure, moved: Any = moved) -> int:
            return sum(
                any(
                    other.label == one.label
                    and other.confidence >= 0.25
                    and np.abs(np.subtract(other.box, box)).max() <= 40
                    for other in found
                )
                for one, box in zip(sure, moved, strict=True)
            )

        wanted += len(sure)
        by_whole += seen(detector.detect([large])[0])
        by_tiles += seen(detect_tiled(detector, large))
    assert wanted > 0
    assert by_tiles > by_whole


def test_a_look_says_which_model_saw_what_in_which_photo(
    detector: Detector, images: list[Image]
) -> None:
    photo = read_photo(encode(images[0], taken="2026:03:04 08:30:15", offset="+08:00"))
    look = inspect_photo(detector, photo, source="a.jpg")
    assert look.source == "a.jpg"
    assert (look.width, look.height) == (photo.width, photo.height)
    assert look.captured_at == photo.captured_at is not None
    assert look.model_sha256 == detector.card.sha256
    assert look.detections == detector.detect([photo.image])[0]
