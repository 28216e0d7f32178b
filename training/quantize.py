"""The second, faster variant: most of it in 8 bits (static QDQ), calibrated on real pictures."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from datasets.yolo import DatasetError
from detector.letterbox import Letterbox
from training.export import check_onnx

OPERATORS: Final = ("Conv", "Mul", "Sigmoid", "Concat", "Add", "MaxPool", "Resize", "Split")
"""What is done in 8 bits: an activation left in float costs as much as its convolution saves."""

HEAD: Final = "/model.23/"
"""The detection head; what follows its last activations stays float: there 1/256 is a pixel or
a rank."""


def quantize_onnx(
    model: Path,
    target: Path,
    pictures: Sequence[Path],
    *,
    size: int = 640,
    stride: int = 32,
) -> str:
    """Write an INT8 variant of ``model`` to ``target`` and return its sha256.

    Activations unsigned 8 bits, weights signed 8 bits per channel; the end of the head stays
    float. ``pictures`` (a few dozen real ones, from training, never from
    measuring) give the ranges, letterboxed as the service does.

    Raises:
        DatasetError: no picture, or one that cannot be read.
        RuntimeError: the variant does not run as the float32 model does.
    """
    from onnxruntime.quantization import (
        CalibrationDataReader,
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    if not pictures:
        raise DatasetError("no picture to calibrate the 8-bit variant on")

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.inputs: Iterator[dict[str, Any]] = (
                {"images": network_input(path, size, stride)} for path in pictures
            )

        def get_next(self) -> dict[str, Any] | None:
            return next(self.inputs, None)

    logging.getLogger().setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.onnx"
        quant_pre_process(str(model), str(ready), skip_symbolic_shape=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        quantize_static(
            str(ready),
            str(target),
            Reader(),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=list(OPERATORS),
            nodes_to_exclude=kept_in_float(ready),
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"CalibMovingAverage": True},
        )
    check_onnx(target)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def kept_in_float(model: Path) -> list[str]:
    """Names of the head's nodes outside its convolution-and-activation blocks, and of all after."""
    graph = onnx.load(str(model)).graph
    return [
        node.name
        for node in graph.node
        if not node.name.startswith("/model.")
        or (node.name.startswith(HEAD) and "/conv/" not in node.name and "/act/" not in node.name)
    ]


def network_input(path: Path, size: int, stride: int) -> NDArray[np.float32]:
    """A picture as the network sees it: float32 1x3xHxW, RGB, 0..1, letterboxed."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DatasetError(f"{path}: not a picture that can be read")
    height, width = image.shape[:2]
    fit = Letterbox.fit(width, height, size, stride)
    canvas = np.empty((fit.input_height, fit.input_width, 3), dtype=np.uint8)
    fit.place(np.asarray(image, dtype=np.uint8), canvas)
    scaled = canvas[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255.0
    return np.ascontiguousarray(scaled)
