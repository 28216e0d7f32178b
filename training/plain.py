"""The plain recipe: ultralytics' own trainer with its defaults, the yardstick for ours."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any, Final

import torch

from training.config import Stage, TrainConfig
from training.torchvision_cpu import ensure_torchvision

DEFAULT_EPOCHS: Final = 100
"""The length the library's defaults are made for; its warm-up of 3 epochs is kept as a share."""

CLOSE_MOSAIC: Final = 10
"""Epochs at the end that the library trains without mosaics, of its 100."""


def run_plain(
    config: TrainConfig, stage: Stage, data: Path, checkpoint: Path, folder: Path
) -> None:
    """Train ``stage.epochs`` whole epochs at ``stage.size``; a stopped run goes on at its epoch.

    Everything else is ultralytics' default: a new head for our classes, its augmentation, its
    choice of optimizer and rate. Only what a short run would never leave is shortened in
    proportion: the warm-up, and mosaics at the end (at least the last epoch goes without).

    Raises:
        ValueError: the stage's length is not a number of whole epochs.
    """
    epochs = round(stage.epochs)
    if epochs < 1 or epochs != stage.epochs:
        raise ValueError(f"a plain stage takes whole epochs, got {stage.epochs}")
    ensure_torchvision()
    from ultralytics import YOLO

    logging.getLogger("ultralytics").setLevel(logging.INFO)
    torch.set_num_threads(config.threads)
    last = folder / "weights" / "last.pt"
    if last.is_file() and _finished(last):
        return
    clock = _Clock(folder / "clock.json")
    model = YOLO(str(last if last.is_file() else checkpoint), task="detect")
    model.add_callback("on_train_batch_end", lambda trainer: clock.tick())
    model.add_callback("on_model_save", lambda trainer: clock.save())
    options: dict[str, Any] = {
        "data": str(data),
        "epochs": epochs,
        "imgsz": stage.size,
        "batch": config.batch,
        "device": "cpu",
        "seed": config.seed,
        "project": str(folder.parent.resolve()),
        "name": folder.name,
        "exist_ok": True,
        "val": False,
        "plots": False,
        "warmup_epochs": min(3.0, 3.0 * epochs / DEFAULT_EPOCHS),
        "close_mosaic": max(1, round(CLOSE_MOSAIC * min(1.0, epochs / DEFAULT_EPOCHS))),
    }
    model.train(**options, resume=last.is_file())
    clock.save()


def _finished(checkpoint: Path) -> bool:
    """Whether the library has closed this checkpoint: then there is nothing to resume."""
    return int(torch.load(checkpoint, map_location="cpu", weights_only=False)["epoch"]) == -1


class _Clock:
    """Steps and seconds of a run over interruptions, saved with each epoch's checkpoint."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.steps, self.wall, self.cpu = 0, 0.0, 0.0
        if path.is_file():
            state = json.loads(path.read_text(encoding="utf-8"))
            self.steps = state["steps"]
            self.wall, self.cpu = state["seconds"], state["cpu_seconds"]
        self.started = time.monotonic() - self.wall
        self.cpu_started = time.process_time() - self.cpu

    def tick(self) -> None:
        """One step is done."""
        self.steps += 1

    def save(self) -> None:
        """Write the state."""
        state = {
            "steps": self.steps,
            "seconds": round(time.monotonic() - self.started, 1),
            "cpu_seconds": round(time.process_time() - self.cpu_started, 1),
        }
        partial = self.path.with_suffix(".part")
        partial.write_text(json.dumps(state), encoding="utf-8")
        partial.replace(self.path)
