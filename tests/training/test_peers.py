"""Our boxes are ultralytics' boxes: the same model on the same pictures by both ways."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from detector.detect import Detector
from detector.photo import read_photo
from detector.types import Detection
from models import load_card
from patrol.settings import load_settings
from tests.conftest import require
from tests.patrol.photos import demo_photos

pytestmark = pytest.mark.training

CONFIDENCE = 0.1


def test_the_same_boxes_as_ultralytics_own_predict() -> None:
    require("training", find_spec("ultralytics") is not None, "ultralytics is not installed")
    from training.peers import ultralytics_predict

    card = load_card(load_settings().model).model_copy(update={"calibration": {}})
    ours = Detector(card, min_confidence=CONFIDENCE)
    theirs = ultralytics_predict(card.path, size=card.input.size, confidence=CONFIDENCE)
    compared = 0
    for path in demo_photos():
        image = read_photo(path.read_bytes()).image
        for turned in (image, np.ascontiguousarray(image[:, : image.shape[1] * 2 // 3])):
            compared += compare(ours.detect([turned])[0], theirs(turned), path)
    assert compared > 20


def test_a_missing_checkpoint_is_not_downloaded(tmp_path: Path) -> None:
    require("training", find_spec("ultralytics") is not None, "ultralytics is not installed")
    from training.peers import ultralytics_predict

    with pytest.raises(FileNotFoundError, match=r"yolo26n\.pt"):
        ultralytics_predict(tmp_path / "yolo26n.pt")


def compare(ours: tuple[Detection, ...], theirs: tuple[Detection, ...], path: Path) -> int:
    """Pair each box with its twin; boxes whose confidence is at the limit may lack one."""
    waiting = list(ours)
    for wanted in theirs:
        twin = min(
            (one for one in waiting if one.label == wanted.label),
            key=lambda one: float(np.abs(np.subtract(one.box, wanted.box)).max()),
            default=None,
        )
        if twin is None:
            assert wanted.confidence < CONFIDENCE + 0.01, f"{path}: we lack {wanted}"
            continue
        waiting.remove(twin)
        assert np.abs(np.subtract(twin.box, wanted.box)).max() <= 1.0, f"{path}: {wanted} {twin}"
        assert abs(twin.confidence - wanted.confidence) <= 0.01, f"{path}: {wanted} {twin}"
    for extra in waiting:
        assert extra.confidence < CONFIDENCE + 0.01, f"{path}: only we have {extra}"
    return len(theirs)
