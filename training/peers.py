"""Ultralytics' own predict on the same weights: the yardstick for our boxes and our speed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from detector.types import Detection, Image
from training.torchvision_cpu import ensure_torchvision

Predict = Callable[[Image], tuple[Detection, ...]]
"""One picture (uint8 HxWx3 BGR) to its detections, boxes in its pixels, as ``Detector.detect``."""


def ultralytics_predict(
    weights: Path, *, size: int = 640, confidence: float = 0.25, threads: int = 0
) -> Predict:
    """Ultralytics' predict for a checkpoint (``.pt``, run by PyTorch) or a model (``.onnx``).

    Both run on the CPU, without a second suppression of overlapping boxes, on the picture's own
    shape: the same work as ours.

    Args:
        weights: the checkpoint or the exported model.
        size: longest side of the input, pixels.
        confidence: detections below it are dropped (0..1).
        threads: PyTorch's threads, 0 for its own choice; ONNX Runtime takes all cores.

    Raises:
        FileNotFoundError: there is no such file (ultralytics would go and download one).
    """
    if not weights.is_file():
        raise FileNotFoundError(f"{weights}: there is no such file")
    ensure_torchvision()
    import torch
    from ultralytics import YOLO

    logging.getLogger("ultralytics").setLevel(logging.WARNING)
    if threads:
        torch.set_num_threads(threads)
    model = YOLO(str(weights), task="detect")
    options: dict[str, Any] = {"nms": False} if weights.suffix == ".pt" else {}

    def predict(image: Image) -> tuple[Detection, ...]:
        (result,) = model.predict(
            image, imgsz=size, conf=confidence, device="cpu", verbose=False, **options
        )
        boxes = result.boxes
        found = [
            Detection(result.names[int(label)], score, tuple(box))
            for label, score, box in zip(
                boxes.cls.tolist(), boxes.conf.tolist(), boxes.xyxy.tolist(), strict=True
            )
        ]
        return tuple(sorted(found, key=lambda one: -one.confidence))

    return predict
