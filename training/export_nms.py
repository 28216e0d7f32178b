"""Puts non-maximum suppression into the ONNX file, so that the service gets each thing once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

KEEP: Final = 300
PER_CLASS: Final = 100
HEAD: Final = "/model.23/"
"""The added nodes are named as part of the detection head: what keeps the head in float (see
``training.quantize``) then keeps them so, too."""


def add_suppression(
    source: Path,
    target: Path,
    *,
    iou: float = 0.6,
    confidence: float = 0.001,
    keep: int = KEEP,
    per_class: int = PER_CLASS,
) -> None:
    """Write ``target``: ``source`` with class-wise suppression, and rows as the end-to-end head's.

    ``source`` has one output (N, 4 + classes, anchors) float32: centre x, centre y, width, height
    in pixels of the input, then a confidence for each class (ultralytics' one-to-many head). The
    output of ``target`` is (N, ``keep``, 6): x1, y1, x2, y2, confidence, class, best first, rows of
    confidence 0 where fewer are left. An anchor may give boxes of several classes; of two boxes of
    one class that overlap by more than ``iou`` the weaker is dropped. The name of the output stays.

    Raises:
        ValueError: the output is not of that form.
    """
    model = onnx.load(str(source))
    graph = model.graph
    if len(graph.output) != 1:
        raise ValueError(f"{source}: expected one output, got {len(graph.output)}")
    shape = [one.dim_value or one.dim_param for one in graph.output[0].type.tensor_type.shape.dim]
    if len(shape) != 3 or not isinstance(shape[1], int) or shape[1] < 5:
        raise ValueError(f"{source}: expected an output (N, 4 + classes, anchors), got {shape}")
    opset = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    if opset < 18:
        raise ValueError(f"{source}: expected opset 18 or later, got {opset}")
    result = graph.output[0].name
    raw = f"{result}_all"
    for step in graph.node:
        step.output[:] = [raw if name == result else name for name in step.output]
        step.input[:] = [raw if name == result else name for name in step.input]
    numbers = {
        "p_zero": np.array([0], np.int64),
        "p_four": np.array([4], np.int64),
        "p_end": np.array([shape[1]], np.int64),
        "p_axis": np.array([1], np.int64),
        "p_keep": np.array([keep], np.int64),
        "p_per_class": np.array([per_class], np.int64),
        "p_iou": np.array([iou], np.float32),
        "p_confidence": np.array([confidence], np.float32),
        "p_half": np.array([0.5], np.float32),
        "p_flat": np.array([0, -1], np.int64),
        "p_last": np.array([2], np.int64),
        "p_three": np.array([3], np.int64),
    }
    for name, value in numbers.items():
        graph.initializer.append(numpy_helper.from_array(value, name))

    def node(kind: str, inputs: list[str], outputs: list[str], **attributes: object) -> None:
        graph.node.append(
            helper.make_node(
                kind, inputs, outputs, name=f"{HEAD}suppression/{outputs[0]}", **attributes
            )
        )

    node("Slice", [raw, "p_zero", "p_four", "p_axis"], ["n_centred"])
    node("Slice", [raw, "p_four", "p_end", "p_axis"], ["n_scores"])
    node("Transpose", ["n_centred"], ["n_boxes"], perm=[0, 2, 1])
    node(
        "NonMaxSuppression",
        ["n_boxes", "n_scores", "p_per_class", "p_iou", "p_confidence"],
        ["n_chosen"],
        center_point_box=1,
    )
    # Confidences of the chosen (picture, class, anchor) alone, all others 0; then the best of them.
    node("Shape", ["n_scores"], ["n_shape"])
    node(
        "ConstantOfShape",
        ["n_shape"],
        ["n_nothing"],
        value=helper.make_tensor("value", TensorProto.FLOAT, [1], [0.0]),
    )
    node("GatherND", ["n_scores", "n_chosen"], ["n_values"])
    node("ScatterND", ["n_nothing", "n_chosen", "n_values"], ["n_kept"])
    node("Reshape", ["n_kept", "p_flat"], ["n_row"])
    node("TopK", ["n_row", "p_keep"], ["n_best", "n_index"], axis=1)
    node("Slice", ["n_shape", "p_last", "p_three"], ["n_anchors"])
    node("Div", ["n_index", "n_anchors"], ["n_class"])
    node("Mul", ["n_class", "n_anchors"], ["n_offset"])
    node("Sub", ["n_index", "n_offset"], ["n_anchor"])
    node("Unsqueeze", ["n_anchor", "p_last"], ["n_where"])
    node("GatherND", ["n_boxes", "n_where"], ["n_found"], batch_dims=1)
    node("Split", ["n_found"], ["n_centre", "n_size"], axis=2, num_outputs=2)
    node("Mul", ["n_size", "p_half"], ["n_reach"])
    node("Sub", ["n_centre", "n_reach"], ["n_low"])
    node("Add", ["n_centre", "n_reach"], ["n_high"])
    node("Unsqueeze", ["n_best", "p_last"], ["n_confidence"])
    node("Cast", ["n_class"], ["n_class_float"], to=TensorProto.FLOAT)
    node("Unsqueeze", ["n_class_float", "p_last"], ["n_label"])
    node("Concat", ["n_low", "n_high", "n_confidence", "n_label"], [result], axis=2)
    batch = graph.output[0].type.tensor_type.shape.dim[0]
    del graph.output[:]
    graph.output.append(
        helper.make_tensor_value_info(
            result, TensorProto.FLOAT, [batch.dim_param or batch.dim_value or "batch", keep, 6]
        )
    )
    # ultralytics' own predict shall take the rows as they are, too.
    facts = {one.key: one.value for one in model.metadata_props} | {
        "end2end": "True",
        # ultralytics writes the path of the training data here
        "description": "video patrol street detector, fine-tuned from YOLO26n",
    }
    helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
