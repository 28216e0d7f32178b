"""The same picture is found again under another name; different pictures are not mixed up."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets.hashes import difference_hash, twins
from datasets.manifest import read_manifest
from datasets.yolo import DatasetError
from tests.datasets.made_up import drawing


def _save(path: Path, image: np.ndarray, quality: int = 95) -> Path:
    assert cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return path


def test_a_smaller_brighter_worse_copy_is_found(tmp_path: Path) -> None:
    original = drawing(1, width=640, height=480)
    copy = cv2.convertScaleAbs(cv2.resize(original, (300, 220)), alpha=0.9, beta=12)
    held = {"copy": _save(tmp_path / "copy.jpg", copy, 60)}
    train = {
        f"n{n}": _save(tmp_path / f"{n}.jpg", drawing(n, width=640, height=480)) for n in range(8)
    }
    found = twins(train, held)
    assert [(one.first, one.second, one.mirrored) for one in found] == [("n1", "copy", False)]


def test_a_mirrored_copy_is_found_and_called_so(tmp_path: Path) -> None:
    original = drawing(5, width=320, height=320)
    held = {"copy": _save(tmp_path / "copy.jpg", original[:, ::-1].copy())}
    (twin,) = twins({"original": _save(tmp_path / "a.jpg", original)}, held)
    assert twin.mirrored


def test_colour_does_not_matter_and_content_does() -> None:
    image = drawing(3)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    assert np.array_equal(difference_hash(image), difference_hash(grey))
    other = np.bitwise_count(difference_hash(image) ^ difference_hash(drawing(4))).sum()
    assert other > 60


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("not a picture")
    with pytest.raises(DatasetError, match=r"text\.jpg"):
        twins({"a": tmp_path / "text.jpg"}, {"b": tmp_path / "text.jpg"})


def test_nothing_to_compare_is_no_leak() -> None:
    assert twins({}, {"b": Path("unused.jpg")}) == []


@pytest.mark.shared
def test_no_picture_is_both_learnt_from_and_measured_on(shared: Path) -> None:
    """The list itself holds five such pairs; what training takes must hold none."""
    from training.config import QUICK, TrainConfig
    from training.prepare import training_pictures

    data = shared / "data" / "real"
    held = {one.file: one.image for one in read_manifest(data) if not one.trainable}
    taken = training_pictures(TrainConfig(name="leaks", stages=QUICK, data=data))
    listed = [one for one in read_manifest(data) if one.trainable]
    assert len(listed) - len(taken) == 5
    assert twins({one.file: one.image for one in taken}, held) == []
