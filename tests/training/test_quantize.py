"""What is changed in a network before it is put into 8 bits leaves its results as they were."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import require

pytestmark = pytest.mark.training


@pytest.fixture
def onnx() -> Any:
    require("training", importlib.util.find_spec("onnx") is not None, "onnx is absent")
    import onnx

    return onnx


def neck(onnx: Any, *, kernel: int = 1) -> Any:
    """Six channels grown to twice the size, beside four, mixed by one convolution."""
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(3)
    weight = rng.normal(size=(5, 10, kernel, kernel)).astype(np.float32)
    constants = {
        "w": weight,
        "b": rng.normal(size=5).astype(np.float32),
        "scales": np.array([1, 1, 2, 2], np.float32),
    }
    pad = kernel // 2
    nodes = [
        helper.make_node("Resize", ["x", "", "scales"], ["up"], mode="nearest", name="/model.1/up"),
        helper.make_node("Concat", ["up", "y"], ["both"], axis=1, name="/model.2/join"),
        helper.make_node(
            "Conv", ["both", "w", "b"], ["out"], kernel_shape=[kernel] * 2, pads=[pad] * 4,
            name="/model.3/conv",
        ),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "neck",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 6, "h", "w2"]),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, "H", "W"]),
        ],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 5, "H", "W"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
        value_info=[helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4, "H", "W"])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def results(model: Any) -> np.ndarray:
    import onnxruntime

    rng = np.random.default_rng(5)
    given = {
        "x": rng.normal(size=(1, 6, 3, 4)).astype(np.float32),
        "y": rng.normal(size=(1, 4, 6, 8)).astype(np.float32),
    }
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return np.asarray(session.run(None, given)[0])


def test_upsampling_behind_the_convolution_gives_the_same(onnx: Any) -> None:
    from training.quantize_graph import upsample_late

    model = neck(onnx)
    before = results(model)
    assert upsample_late(model) == 1
    assert [node.op_type for node in model.graph.node] == ["Conv", "Conv", "Resize", "Add"]
    assert "w" not in {one.name for one in model.graph.initializer}
    np.testing.assert_allclose(results(model), before, atol=1e-5)


def test_a_convolution_that_sees_neighbours_is_left_alone(onnx: Any) -> None:
    from training.quantize_graph import upsample_late

    model = neck(onnx, kernel=3)
    assert upsample_late(model) == 0
    assert [node.op_type for node in model.graph.node] == ["Resize", "Concat", "Conv"]


def test_values_that_are_only_passed_on_share_one_range(onnx: Any, tmp_path: Path) -> None:
    from training.quantize_graph import one_range_where_passed

    onnx.save(neck(onnx), str(tmp_path / "neck.onnx"))
    ranges = {"x": (-1.0, 2.0), "up": (-1.0, 2.0), "y": (-4.0, 1.0), "both": (-4.0, 2.0)}
    ranges["out"] = (-9.0, 9.0)
    merged = one_range_where_passed(tmp_path / "neck.onnx", ranges)
    assert {merged[name] for name in ("x", "up", "y", "both")} == {(-4.0, 2.0)}
    assert merged["out"] == (-9.0, 9.0)
    apart = one_range_where_passed(tmp_path / "neck.onnx", ranges, without=["/model.2/join"])
    assert apart["y"] == (-4.0, 1.0)


def test_a_runtime_without_a_recipe_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from training.quantize import quantize_onnx

    with pytest.raises(ValueError, match="OpenVINO"):
        quantize_onnx(tmp_path / "m.onnx", tmp_path / "n.onnx", [tmp_path / "p.jpg"], runtime="TPU")
