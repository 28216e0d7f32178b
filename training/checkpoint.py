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
    network: Any = _averaged(saved)
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


def blend(base: Path, trained: Path, share: float, target: Path) -> None:
    """Write ``trained`` with weights that are to ``share`` its own, for the rest those of ``base``.

    Raises:
        ValueError: the two are not of the same network, or ``share`` is not in 0..1.
    """
    ensure_torchvision()
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"share: expected 0 to 1, got {share}")
    saved: dict[str, Any] = torch.load(trained, map_location="cpu", weights_only=False)
    network = _averaged(saved)
    mine, other = network.state_dict(), _averaged(torch.load(base, weights_only=False)).state_dict()
    shapes = {name: value.shape for name, value in mine.items()}
    if shapes != {name: value.shape for name, value in other.items()}:
        raise ValueError(f"{base}: expected the same network as {trained}")
    for name, value in mine.items():
        if value.is_floating_point():
            mine[name] = share * value + (1 - share) * other[name]
    network.load_state_dict(mine)
    torch.save({**saved, "model": network, "ema": None, "optimizer": None}, target)


def _averaged(saved: dict[str, Any]) -> torch.nn.Module:
    """The network with averaged weights, where a checkpoint has them, in float32."""
    network: torch.nn.Module = (saved.get("ema") or saved["model"]).float()
    return network
