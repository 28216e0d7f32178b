"""People and vehicles on the training pictures, found by the base checkpoint, as context labels."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import torch

from datasets.classes import CLASSES
from datasets.manifest import Picture
from datasets.yolo import Label, read_labels, write_labels
from training.torchvision_cpu import ensure_torchvision

COCO_TO_OURS: Final = {
    0: CLASSES.index("person"),
    1: CLASSES.index("two_wheeler"),
    3: CLASSES.index("two_wheeler"),
    2: CLASSES.index("car"),
    5: CLASSES.index("truck"),
    7: CLASSES.index("truck"),
}
"""COCO ids (person, bicycle, motorcycle, car, bus, truck) to ours; a bus counts as a truck."""


def context_labels(
    pictures: Sequence[Picture],
    base: Path,
    store: Path,
    *,
    confidence: float,
    size: int,
    bf16: bool,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, tuple[Label, ...]]:
    """Context labels of every picture by its ``file``; kept under ``store`` and reused.

    ``size`` is the longest side in pixels at which the base checkpoint looks.
    """
    ensure_torchvision()
    from ultralytics import YOLO

    key = hashlib.sha256(base.read_bytes() + f"{confidence} {size}".encode()).hexdigest()[:12]
    folder = store / key
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, tuple[Label, ...]] = {}
    model = None
    for number, picture in enumerate(pictures, 1):
        kept = folder / f"{picture.file.replace('/', '__')}.txt"
        if kept.is_file():
            found[picture.file] = read_labels(kept)
            continue
        model = model or YOLO(str(base))
        image = cv2.imread(str(picture.image), cv2.IMREAD_COLOR)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            result = model.predict(
                image, imgsz=size, conf=confidence, nms=False, device="cpu", verbose=False
            )[0]
        labels = tuple(
            Label(COCO_TO_OURS[int(cls)], tuple(min(max(float(v), 1e-6), 1.0) for v in box))  # type: ignore[arg-type]
            for cls, box in zip(result.boxes.cls, result.boxes.xywhn, strict=True)
            if int(cls) in COCO_TO_OURS
        )
        partial = kept.with_suffix(".part")
        write_labels(partial, labels)
        partial.replace(kept)
        found[picture.file] = labels
        progress(number, len(pictures))
    return found


def without_conflicts(
    context: Sequence[Label], issues: Sequence[Label], overlap: float
) -> tuple[Label, ...]:
    """Context labels that do not cover a hand-drawn box (IoU below ``overlap``).

    A cart that the base checkpoint takes for a truck stays what the person who labelled it said.
    """
    return tuple(one for one in context if all(_iou(one, other) < overlap for other in issues))


def _iou(a: Label, b: Label) -> float:
    ax1, ay1, ax2, ay2 = a.corners()
    bx1, by1, bx2, by2 = b.corners()
    width = min(ax2, bx2) - max(ax1, bx1)
    height = min(ay2, by2) - max(ay1, by1)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (a.box[2] * a.box[3] + b.box[2] * b.box[3] - both)
