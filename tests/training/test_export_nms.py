"""The network's own suppression keeps the best box of each thing and class, in every picture."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tests.conftest import require
from training.metrics import overlaps

pytestmark = pytest.mark.training
CLASSES = 3


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> onnxruntime.InferenceSession:
    """A network that hands its input (N, 7, anchors) through, with suppression behind it."""
    require("training", importlib.util.find_spec("onnx") is not None, "onnx is absent")
    import onnx
    from onnx import TensorProto, helper

    from training.export_nms import add_suppression

    folder = tmp_path_factory.mktemp("nms")
    kind = [TensorProto.FLOAT, ["n", 4 + CLASSES, "anchors"]]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["in"], ["out"])],
        "through",
        [helper.make_tensor_value_info("in", *kind)],
        [helper.make_tensor_value_info("out", *kind)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, str(folder / "raw.onnx"))
    add_suppression(folder / "raw.onnx", folder / "nms.onnx", iou=0.6, keep=50, per_class=20)
    return onnxruntime.InferenceSession(str(folder / "nms.onnx"))


def anchors(seed: int, count: int) -> np.ndarray:
    """Clusters of boxes around a few places, confidences all different: (7, count) float32."""
    rng = np.random.default_rng(seed)
    centre = rng.uniform(50, 550, (4, 2))[rng.integers(0, 4, count)]
    centre = centre + rng.normal(0, 6, (count, 2))
    size = rng.uniform(40, 70, (count, 2))
    scores = rng.permutation(count * CLASSES).reshape(CLASSES, count) / (count * CLASSES)
    return np.concatenate([centre.T, size.T, scores]).astype(np.float32)


def by_hand(raw: np.ndarray, *, keep: int = 50, per_class: int = 20) -> np.ndarray:
    """The same in plain Python."""
    boxes = np.concatenate([raw[:2] - raw[2:4] / 2, raw[:2] + raw[2:4] / 2]).T.astype(np.float64)
    rows: list[list[float]] = []
    for label in range(CLASSES):
        chosen: list[int] = []
        for index in np.argsort(-raw[4 + label]):
            score = raw[4 + label, index]
            if score <= 0.001 or len(chosen) == per_class:
                break
            if not chosen or overlaps(boxes[[index]], boxes[chosen]).max() <= 0.6:
                chosen.append(int(index))
                rows.append([*boxes[index], float(score), float(label)])
    return np.array(sorted(rows, key=lambda row: -row[4])[:keep])


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_plain_python_for_each_picture_of_a_batch(
    session: onnxruntime.InferenceSession, seed: int
) -> None:
    batch = np.stack([anchors(seed * 10 + n, 60) for n in range(3)])
    (found,) = session.run(["out"], {"in": batch})
    assert found.shape == (3, 50, 6)
    for raw, rows in zip(batch, found, strict=True):
        expected = by_hand(raw)
        np.testing.assert_allclose(rows[: len(expected)], expected, rtol=1e-5, atol=1e-3)
        assert (rows[len(expected) :, 4] == 0).all()


def test_one_place_may_hold_two_classes_but_each_only_once(
    session: onnxruntime.InferenceSession,
) -> None:
    raw = np.zeros((1, 7, 60), dtype=np.float32)
    raw[0, :, 0] = [100, 100, 50, 50, 0.9, 0.0, 0.4]
    raw[0, :, 1] = [102, 100, 50, 50, 0.8, 0.0, 0.3]
    (found,) = session.run(["out"], {"in": raw})
    kept = found[0][found[0, :, 4] > 0]
    assert [(round(float(row[4]), 3), int(row[5])) for row in kept] == [(0.9, 0), (0.4, 2)]
    np.testing.assert_allclose(kept[0, :4], [75, 75, 125, 125])


def test_another_form_of_output_is_refused(tmp_path: Path) -> None:
    require("training", importlib.util.find_spec("onnx") is not None, "onnx is absent")
    import onnx
    from onnx import TensorProto, helper

    from training.export_nms import add_suppression

    flat = [TensorProto.FLOAT, ["n", "m"]]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["in"], ["out"])],
        "flat",
        [helper.make_tensor_value_info("in", *flat)],
        [helper.make_tensor_value_info("out", *flat)],
    )
    onnx.save(helper.make_model(graph, ir_version=9), str(tmp_path / "flat.onnx"))
    with pytest.raises(ValueError, match=r"flat\.onnx: expected an output \(N, 4 \+ classes"):
        add_suppression(tmp_path / "flat.onnx", tmp_path / "x.onnx")
