"""Changes to a network before it is put into 8 bits, which cost no accuracy and save work."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

PASSING = ("Concat", "Split", "MaxPool", "Resize")
"""Operators that only pass values on: with one range for all they touch, nothing is rescaled."""


def upsample_late(model: onnx.ModelProto) -> int:
    """Move nearest-neighbour upsampling behind the 1x1 convolution that mixes it in; how many.

    ``conv(concat(up(x), y))`` equals ``up(conv_x(x)) + conv_y(y)`` for a 1x1 convolution: the first
    part is then computed on a quarter of the places. ``model`` is changed in place and needs shapes
    (``value_info``).
    """
    graph = model.graph
    weights = {one.name: one for one in graph.initializer}
    channels = {
        one.name: one.type.tensor_type.shape.dim[1].dim_value
        for one in graph.value_info
        if len(one.type.tensor_type.shape.dim) == 4
    }
    made_by = {name: node for node in graph.node for name in node.output}
    used_by: dict[str, list[Any]] = {}
    for node in graph.node:
        for name in node.input:
            used_by.setdefault(name, []).append(node)
    changed = 0
    for node in [one for one in graph.node if one.op_type == "Concat"]:
        users = used_by.get(node.output[0], [])
        if len(node.input) != 2 or len(users) != 1 or users[0].op_type != "Conv":
            continue
        far, near = node.input
        grown, conv = made_by.get(far), users[0]
        kernel = weights.get(conv.input[1])
        if (
            grown is None
            or grown.op_type != "Resize"
            or len(used_by[far]) != 1
            or kernel is None
            or tuple(kernel.dims[2:]) != (1, 1)
            or not channels.get(near)
        ):
            continue
        _part(graph, (grown, node, conv), numpy_helper.to_array(kernel), channels[near])
        changed += 1
    return changed


def _part(graph: Any, nodes: tuple[Any, Any, Any], kernel: np.ndarray, near_channels: int) -> None:
    """Replace upsampling, concatenation and convolution (``nodes``) by the cheaper four."""
    grown, joined, conv = nodes
    far_channels = kernel.shape[1] - near_channels
    name = conv.name or conv.output[0]
    parts = {
        f"{name}_far_weight": kernel[:, :far_channels],
        f"{name}_near_weight": kernel[:, far_channels:],
    }
    for title, values in parts.items():
        graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), title))
    far_weight, near_weight = parts
    far = helper.make_node(
        "Conv", [grown.input[0], far_weight], [f"{name}_far"], name=f"{name}_far"
    )
    near = helper.make_node(
        "Conv",
        [joined.input[1], near_weight, *conv.input[2:]],
        [f"{name}_near"],
        name=f"{name}_near",
    )
    for one in (far, near):
        one.attribute.extend(conv.attribute)
    late = copy.deepcopy(grown)
    late.input[0], late.output[0] = f"{name}_far", f"{name}_grown"
    both = helper.make_node(
        "Add", [f"{name}_grown", f"{name}_near"], [conv.output[0]], name=f"{name}_both"
    )
    at = list(graph.node).index(conv)
    for place, one in enumerate((far, near, late, both)):
        graph.node.insert(at + 1 + place, one)
    for one in (grown, joined, conv):
        graph.node.remove(one)
    kept = [one for one in graph.initializer if one.name != conv.input[1]]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def one_range_where_passed(
    model: Path, ranges: dict[str, tuple[float, float]], *, without: Iterable[str] = ()
) -> dict[str, tuple[float, float]]:
    """Ranges (lowest, highest) by value name, made one for all values that are only passed on.

    ``without`` are names of nodes that stay in float.
    """
    left_out = set(without)
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for node in onnx.load(str(model)).graph.node:
        if node.op_type in PASSING and node.name not in left_out:
            touched = [name for name in (*node.input, *node.output) if name in ranges]
            for name in touched[1:]:
                parent[root(name)] = root(touched[0])
    groups: dict[str, list[str]] = {}
    for name in list(parent):
        groups.setdefault(root(name), []).append(name)
    result = dict(ranges)
    for names in groups.values():
        low = min(ranges[name][0] for name in names)
        high = max(ranges[name][1] for name in names)
        result.update(dict.fromkeys(names, (low, high)))
    return result
