"""OpenVINO computes what ONNX Runtime computes, within its precision."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import numpy as np
import pytest

from detector.detect import Detector
from detector.network import OPENVINO, OPENVINO_F32, available_providers, check_providers
from detector.photo import read_photo
from detector.types import Box, Detection, Image
from models import ModelCard, load_card
from patrol.settings import load_settings
from tests.conftest import REPO
from tests.patrol.photos import demo_photos

needs_openvino = pytest.mark.skipif(
    find_spec("openvino") is None, reason="the extra `openvino` is not installed"
)


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return load_card(load_settings().model)


@pytest.fixture(scope="module")
def images() -> list[Image]:
    return [read_photo(path.read_bytes()).image for path in demo_photos()[:8]]


def overlap(a: Box, b: Box) -> float:
    common = max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(
        0.0, min(a[3], b[3]) - max(a[1], b[1])
    )
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return common / (areas - common)


def unmatched(
    wanted: tuple[Detection, ...], found: tuple[Detection, ...], share: float, confidence: float
) -> list[Detection]:
    return [
        one
        for one in wanted
        if not any(
            one.label == other.label
            and overlap(one.box, other.box) >= share
            and abs(one.confidence - other.confidence) <= confidence
            for other in found
        )
    ]


@needs_openvino
def test_in_float32_openvino_gives_the_same_boxes(card: ModelCard, images: list[Image]) -> None:
    ours = Detector(card, min_confidence=0.1).detect(images)
    theirs = Detector(card, (OPENVINO_F32,), min_confidence=0.08).detect(images)
    assert sum(map(len, ours)) > 5
    for wanted, found in zip(ours, theirs, strict=True):
        assert unmatched(wanted, found, share=0.97, confidence=0.01) == []


@needs_openvino
def test_in_the_processors_precision_what_is_sure_stays(
    card: ModelCard, images: list[Image]
) -> None:
    ours = Detector(card, min_confidence=0.4).detect(images)
    theirs = Detector(card, (OPENVINO,), min_confidence=0.2).detect(images)
    missing = [
        one
        for wanted, found in zip(ours, theirs, strict=True)
        for one in unmatched(wanted, found, share=0.7, confidence=0.15)
    ]
    assert len(missing) <= 0.1 * sum(map(len, ours))


@needs_openvino
def test_threads_share_one_openvino_network(card: ModelCard, images: list[Image]) -> None:
    detector = Detector(card, (OPENVINO_F32,), threads=1)
    alone = [detector.detect([image])[0] for image in images]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda image: detector.detect([image])[0], images * 3))
    for wanted, found in zip(alone * 3, together, strict=True):
        assert len(wanted) == len(found)
        assert all(np.allclose(a.box, b.box, atol=0.1) for a, b in zip(wanted, found, strict=True))


@needs_openvino
def test_openvino_is_named_alone() -> None:
    assert {OPENVINO, OPENVINO_F32} <= set(available_providers())
    with pytest.raises(ValueError, match="alone"):
        check_providers((OPENVINO, "CPUExecutionProvider"))


def test_no_provider_is_refused() -> None:
    with pytest.raises(ValueError, match="none given"):
        check_providers(())


@needs_openvino
def test_openvino_starts_in_many_threads_at_once() -> None:
    # A process of its own: the first tensors of a process are the ones that could lock each other.
    code = (
        "import numpy as np; from concurrent.futures import ThreadPoolExecutor;"
        "from threading import Barrier;"
        "from detector.detect import Detector; from models import load_card;"
        "detector = Detector(load_card(), ('OpenVINO',)); gate = Barrier(4);"
        "picture = np.zeros((64, 64, 3), np.uint8);"
        "look = lambda _: (gate.wait(), detector.detect([picture]));"
        "pool = ThreadPoolExecutor(4); print(len(list(pool.map(look, range(4)))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "4", done.stderr
