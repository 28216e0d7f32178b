"""The network behind one narrow door, whichever runtime computes it: ONNX Runtime or OpenVINO.

OpenVINO is the package ``openvino`` (an extra), not an ONNX Runtime provider: on processors with
bfloat16 arithmetic it computes in that by default, which is markedly faster than float32.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from models import ModelError

CPU = "CPUExecutionProvider"
OPENVINO = "OpenVINO"
OPENVINO_F32 = "OpenVINO-f32"

Tensor = NDArray[np.float32]


class Network(Protocol):
    """A loaded network that any number of threads may run side by side."""

    def run(self, pictures: Tensor) -> Tensor:
        """Float32 (N, 3, H, W) to rows (N, K, 6): xyxy in input pixels, confidence, class."""
        ...


class OnnxNetwork:
    """The network in one ONNX Runtime session, shared by all threads."""

    def __init__(self, path: Path, providers: Sequence[str], threads: int) -> None:
        self._session = open_session(path, providers, threads)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or inputs[0].type != "tensor(float)":
            raise ModelError(f"{path}: expected one float32 input")
        check_shapes(path, len(inputs[0].shape), outputs[0].shape)
        self._input = inputs[0].name

    def run(self, pictures: Tensor) -> Tensor:
        """See ``Network``."""
        rows: Tensor = self._session.run(None, {self._input: pictures})[0]
        return rows


class OpenvinoNetwork:
    """The network compiled by OpenVINO for this processor, a request for each thread."""

    def __init__(self, path: Path, threads: int, *, float32: bool) -> None:
        import openvino

        cores = os.cpu_count() or 1
        threads = threads or cores
        streams = max(1, cores // threads)
        options: dict[str, Any] = {
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": streams * threads,
            "ENABLE_CPU_PINNING": False,
        }
        if float32:
            options["INFERENCE_PRECISION_HINT"] = "f32"
        try:
            self._compiled = openvino.Core().compile_model(str(path), "CPU", options)
        except RuntimeError as error:
            raise ModelError(f"{path}: OpenVINO cannot load it: {error}") from error
        inputs, outputs = self._compiled.inputs, self._compiled.outputs
        check_shapes(path, len(inputs[0].partial_shape), _plain(outputs[0].partial_shape))
        self._local = threading.local()
        # Two threads making the process's first tensor at once wait for each other for ever (each
        # holds what the other needs: the interpreter lock, the binding's one-time set-up).
        openvino.Tensor(np.zeros(1, np.float32))

    def run(self, pictures: Tensor) -> Tensor:
        """See ``Network``."""
        request = getattr(self._local, "request", None)
        if request is None:
            request = self._local.request = self._compiled.create_infer_request()
        request.infer({0: pictures}, share_inputs=True)
        rows: Tensor = request.get_output_tensor(0).data.copy()  # the next run overwrites it
        return rows


def open_network(path: Path, providers: Sequence[str], threads: int) -> Network:
    """The network of a model file.

    Args:
        path: the ONNX file.
        providers: ``OpenVINO`` (the processor's best precision) or ``OpenVINO-f32`` alone, or ONNX
            Runtime execution providers, the preferred first.
        threads: cores one run may use, 0 for all.

    Raises:
        ModelError: the file is no model, or not a detector with an end-to-end head.
        ValueError: a provider that is not installed, or OpenVINO beside another.
    """
    names = check_providers(providers)
    if names[0] in (OPENVINO, OPENVINO_F32):
        return OpenvinoNetwork(path, threads, float32=names[0] == OPENVINO_F32)
    return OnnxNetwork(path, names, threads)


def check_providers(providers: Sequence[str]) -> tuple[str, ...]:
    """The providers as given; ValueError naming the available ones when one is not among them."""
    available = available_providers()
    missing = [name for name in providers if name not in available]
    if missing or not providers:
        raise ValueError(
            f"execution providers {', '.join(missing) or '(none given)'}: "
            f"available here are {', '.join(available)}"
        )
    if len(providers) > 1 and {OPENVINO, OPENVINO_F32} & set(providers):
        raise ValueError(f"{OPENVINO} runs everything itself: name it alone")
    return tuple(providers)


def available_providers() -> tuple[str, ...]:
    """What can compute a network in this installation."""
    openvino = (OPENVINO, OPENVINO_F32) if find_spec("openvino") is not None else ()
    return (*onnxruntime.get_available_providers(), *openvino)


def open_session(path: Path, providers: Sequence[str], threads: int) -> Any:
    """An ONNX Runtime session on ``threads`` cores; ModelError when the file is no model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=list(providers))
    except Exception as error:  # ONNX Runtime raises its own unrelated classes
        raise ModelError(f"{path}: ONNX Runtime cannot load it: {error}") from error


def check_shapes(path: Path, dimensions: int, output: Sequence[object]) -> None:
    """Raise ModelError unless a network takes pictures and gives rows of six."""
    if dimensions != 4:
        raise ModelError(f"{path}: expected an input of 4 dimensions, got {dimensions}")
    if len(output) != 3 or output[2] != 6:
        raise ModelError(
            f"{path}: expected an output (pictures, boxes, 6), got {list(output)}; "
            "export it as training/export.py does"
        )


def _plain(shape: Any) -> list[object]:
    return [side.get_length() if side.is_static else "?" for side in shape]
