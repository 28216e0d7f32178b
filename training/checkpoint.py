"""The weights a released model keeps beside its ONNX file, so that anyone can train it on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from training.torchvision_cpu import ensure_torchvision


def write_checkpoint(source: Path, target: Path) -> None:
    """Write the averaged weights of a training checkpoint, float32, without optimizer and paths.

    ``source`` is a checkpoint of a run (``stage-N.pt``); ``target`` can be given as ``--base`` of a
    new run and as ``--weights`` of ``patrol bench detector``. It is a pickle like every such file:
    load it only from a source you trust; the service never loads it.
    """
    ensure_torchvision()
    saved: dict[str, Any] = torch.load(source, map_location="cpu", weights_only=False)
    network = (saved.get("ema") or saved["model"]).float()
    network.args = {"task": "detect"}
    network.pt_path = None
    for weight in network.parameters():
        weight.requires_grad = False
    kept = {
        "epoch": -1,
        "model": network,
        "ema": None,
        "optimizer": None,
        "train_args": {"task": "detect"},
        "date": saved.get("date"),
        "version": saved.get("version"),
        "license": "AGPL-3.0-or-later",
    }
    torch.save(kept, target)
