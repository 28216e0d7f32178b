"""The second, faster variant: most of it in 8 bits (static QDQ), calibrated on real pictures."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from datasets.yolo import DatasetError
from detector.letterbox import Letterbox
from detector.network import CPU, OPENVINO
from training.export import check_onnx
from training.quantize_graph import one_range_where_passed, upsample_late

STEM: Final = "/model.0/"
"""The first convolution. On ONNX Runtime three channels do not fill the 8-bit kernels: in float it
is faster. On OpenVINO in 8 bits it cost 8 points of AP50 (AVX2)."""

HEAD: Final = "/model.23/"
"""The detection head; what follows its last activations stays float: there 1/256 is a pixel or
a rank."""


@dataclass(frozen=True)
class Recipe:
    """What is put into 8 bits for one runtime.

    ``operators`` take part; ``outputs_in_float`` are operators whose result is not rounded;
    ``float_stem`` leaves the first convolution alone; ``narrow`` uses 7 bits for weights, where
    8 could overflow on processors that add products in 16 bits (those without VNNI).
    """

    operators: tuple[str, ...]
    outputs_in_float: tuple[str, ...] = ()
    float_stem: bool = False
    narrow: bool = False


RECIPES: Final[dict[str, Recipe]] = {
    CPU: Recipe(
        ("Conv", "Mul", "Sigmoid", "Concat", "Add", "MaxPool", "Resize", "Split"),
        float_stem=True,
    ),
    OPENVINO: Recipe(("Conv",), outputs_in_float=("Conv",), float_stem=True),
}
"""ONNX Runtime: all in 8 bits, an activation left in float costs as much as its convolution saves.
OpenVINO: inputs of convolutions alone; it joins a convolution, its activation and the rounding of
the result into one kernel, which a rounding in between would keep apart."""


def quantize_onnx(
    model: Path,
    target: Path,
    pictures: Sequence[Path],
    *,
    runtime: str = CPU,
    size: int = 640,
    stride: int = 32,
) -> str:
    """Write an INT8 variant of ``model`` for ``runtime`` to ``target`` and return its sha256.

    Activations unsigned 8 bits, weights signed and per channel; the end of the head stays float.
    ``pictures`` (a few dozen real ones, from training, never from measuring) give the ranges,
    letterboxed as the service does.

    Raises:
        DatasetError: no picture, or one that cannot be read.
        ValueError: there is no recipe for that runtime.
        RuntimeError: the variant does not run as the float32 model does.
    """
    if not pictures:
        raise DatasetError("no picture to calibrate the 8-bit variant on")
    if runtime not in RECIPES:
        raise ValueError(f"8 bits for {runtime}: expected one of {', '.join(RECIPES)}")
    logging.getLogger().setLevel(logging.ERROR)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        ready = _ready(model, Path(folder))
        ranges = Path(folder) / "ranges.json"
        inputs = [network_input(path, size, stride) for path in pictures]
        job = _Job(ready, target, ranges, inputs, RECIPES[runtime])
        job.run()
        if "Concat" in RECIPES[runtime].operators:
            job.one_range_where_passed()
            job.run()
    check_onnx(target)
    return hashlib.sha256(target.read_bytes()).hexdigest()


@dataclass(frozen=True)
class _Job:
    """One quantisation; ``ranges`` is a file that the first run fills and the second takes."""

    ready: Path
    target: Path
    ranges: Path
    inputs: Sequence[NDArray[np.float32]]
    recipe: Recipe

    def run(self) -> None:
        """Write the variant with the ranges there are."""
        from onnxruntime.quantization import (
            CalibrationDataReader,
            CalibrationMethod,
            QuantFormat,
            QuantType,
            quantize_static,
        )

        given: Iterator[dict[str, Any]] = ({"images": one} for one in self.inputs)

        class Reader(CalibrationDataReader):  # type: ignore[misc]
            def get_next(self) -> dict[str, Any] | None:
                return next(given, None)

        quantize_static(
            str(self.ready),
            str(self.target),
            Reader(),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=self.recipe.narrow,
            op_types_to_quantize=list(self.recipe.operators),
            nodes_to_exclude=self._kept(),
            calibrate_method=CalibrationMethod.MinMax,
            calibration_cache_path=str(self.ranges),
            extra_options={
                "CalibMovingAverage": True,
                "OpTypesToExcludeOutputQuantization": list(self.recipe.outputs_in_float),
            },
        )

    def one_range_where_passed(self) -> None:
        """Rewrite the ranges so that values which are only passed on keep one."""
        from onnxruntime.quantization.calibrate import (
            TensorData,
            load_tensors_data,
            save_tensors_data,
        )

        data = load_tensors_data(str(self.ranges))
        plain = {
            name: (float(np.ravel(one.lowest)[0]), float(np.ravel(one.highest)[0]))
            for name, one in data.data.items()
        }
        merged = one_range_where_passed(self.ready, plain, without=self._kept())
        for name, (low, high) in merged.items():
            data.data[name] = TensorData(
                lowest=np.array([low], np.float32), highest=np.array([high], np.float32)
            )
        save_tensors_data(data, str(self.ranges))

    def _kept(self) -> list[str]:
        return kept_in_float(self.ready, stem=self.recipe.float_stem)


def _ready(model: Path, folder: Path) -> Path:
    """The model with shapes, constants folded and upsampling moved, ready to be put into 8 bits."""
    from onnxruntime.quantization.shape_inference import quant_pre_process

    path = folder / "ready.onnx"
    quant_pre_process(str(model), str(path), skip_symbolic_shape=True)
    loaded = onnx.load(str(path))
    upsample_late(loaded)
    del loaded.graph.value_info[:]
    onnx.save(onnx.shape_inference.infer_shapes(loaded), str(path))
    return path


def kept_in_float(model: Path, *, stem: bool = True) -> list[str]:
    """Names of nodes to leave alone: the head outside its blocks, all after it, and the stem."""
    graph = onnx.load(str(model)).graph
    return [
        node.name
        for node in graph.node
        if not node.name.startswith("/model.")
        or (stem and node.name.startswith(STEM))
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
