"""Lets ultralytics use torchvision beside a CPU-only torch when its binary wants CUDA."""

from __future__ import annotations

import sys

import torch

_libraries: list[torch.library.Library] = []


def ensure_torchvision() -> None:
    """Make ``import torchvision`` work; call before the first use of ultralytics.

    A torchvision built for CUDA cannot load its compiled operators beside a CPU-only torch, and
    then its import stops at the missing operator ``torchvision::nms``. That one is then
    defined in plain torch (slower) and the import repeated.
    """
    if "torchvision" in sys.modules:
        return
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    else:
        return
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.impl("nms", _nms, "CPU")
    _libraries.append(library)
    import torchvision.extension

    torchvision.extension._has_ops = lambda: True


def _nms(boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    """Greedy non-maximum suppression: indices kept, best first, of Nx4 xyxy boxes and N scores."""
    order = scores.argsort(descending=True)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while order.numel():
        best, rest = order[0], order[1:]
        kept.append(int(best))
        top_left = torch.maximum(boxes[rest, :2], boxes[best, :2])
        bottom_right = torch.minimum(boxes[rest, 2:], boxes[best, 2:])
        both = (bottom_right - top_left).clamp(min=0).prod(dim=1)
        order = rest[both / (area[rest] + area[best] - both) <= iou_threshold]
    return torch.tensor(kept, dtype=torch.int64)
