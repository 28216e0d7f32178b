"""From a checkpoint to the ONNX file the service runs: float32, any batch, any picture size."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime

from training.export_nms import add_suppression
from training.torchvision_cpu import ensure_torchvision


def export_onnx(checkpoint: Path, target: Path, *, size: int = 640) -> str:
    """Write ``target`` and return its sha256.

    Input ``images``: float32 NCHW, RGB, 0..1, H and W multiples of 32. Output: Nx300x6
    float32 (x1, y1, x2, y2 in input pixels, confidence, class id), best first. It is the
    one-to-many head with suppression in the file: after short trainings it finds clearly more than
    the end-to-end head. The file is tried at three sizes before it is kept.

    Raises:
        RuntimeError: the exported file does not run as promised.
    """
    ensure_torchvision()
    from ultralytics import YOLO

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model.pt"
        shutil.copyfile(checkpoint, copy)
        written = YOLO(str(copy)).export(
            format="onnx", imgsz=size, dynamic=True, simplify=True, device="cpu"
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        add_suppression(Path(written), target)
    check_onnx(target)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def check_onnx(path: Path) -> None:
    """Run ``path`` on empty pictures of several shapes.

    Raises:
        RuntimeError: an output has another shape than Nx300x6 or is not finite.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    for shape in ((1, 3, 640, 640), (3, 3, 384, 640), (2, 3, 640, 480)):
        (output,) = session.run(None, {name: np.full(shape, 0.447, dtype=np.float32)})
        values = np.asarray(output)
        if values.shape != (shape[0], 300, 6) or not np.isfinite(values).all():
            raise RuntimeError(f"{path}: input {shape} gave {values.shape}, not N x 300 x 6")
