"""The ultralytics trainer, made fast on a CPU: bfloat16, channels last, one head kept from COCO."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from training.torchvision_cpu import ensure_torchvision

ensure_torchvision()

from ultralytics.engine import trainer as engine  # noqa: E402
from ultralytics.models.yolo.detect import DetectionTrainer  # noqa: E402

KEPT_FROM_COCO = {6: (0,), 7: (1, 3), 8: (2,), 9: (7, 5)}
"""Our context class ids and the COCO ids whose classifier rows (averaged) they start from."""


def with_our_classes(model: nn.Module, classes: int) -> nn.Module:
    """Replace the last classifier layers of an 80-class YOLO by ``classes`` outputs.

    Unlike a head built for few classes, the layers below stay as trained on COCO. Context classes
    start from COCO's rows; the others from the mean row with noise, at a low prior
    (5 objects a picture at 640 px, as ultralytics' ``bias_init``). A model that already has
    ``classes`` outputs is returned unchanged.
    """
    head = model.model[-1]
    if head.nc == classes:
        return model
    for branch in (head.cv3, head.one2one_cv3):
        for level, block in enumerate(branch):
            old = block[-1]
            new = nn.Conv2d(old.in_channels, classes, 1)
            with torch.no_grad():
                mean = old.weight.mean(dim=0)
                spread = float(old.weight.std()) * 0.25
                prior = math.log(5 / classes / (640 / float(head.stride[level])) ** 2)
                for row in range(classes):
                    kept = KEPT_FROM_COCO.get(row)
                    if kept is None:
                        new.weight[row] = mean + torch.randn_like(mean) * spread
                        new.bias[row] = prior
                    else:
                        new.weight[row] = old.weight[list(kept)].mean(dim=0)
                        new.bias[row] = old.bias[list(kept)].mean()
            block[-1] = new
    head.nc = classes
    head.no = classes + head.reg_max * 4
    model.yaml["nc"] = classes
    return model


class Float32Loss:
    """The library's two-headed loss, computed in float32, with our weights of the two heads."""

    def __init__(self, inner: Any, many: tuple[float, float], epochs: int, epoch: int) -> None:
        self.inner = inner
        self.many = many
        self.epochs = epochs
        self.epoch = epoch
        self._weigh()

    def __call__(self, preds: Any, batch: dict[str, Any]) -> Any:
        """Loss of one batch; ``preds`` may be bfloat16."""
        with torch.autocast("cpu", enabled=False):
            return self.inner(_as_float32(preds), batch)

    def update(self) -> None:
        """Called by the library after every epoch."""
        self.epoch += 1
        self._weigh()

    def _weigh(self) -> None:
        part = min(1.0, self.epoch / max(self.epochs - 1, 1))
        self.inner.o2m = self.many[0] + (self.many[1] - self.many[0]) * part
        self.inner.o2o = 1.0 - self.inner.o2m


def _as_float32(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.float() if value.is_floating_point() else value
    if isinstance(value, dict):
        return {key: _as_float32(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_as_float32(item) for item in value)
    return value


@contextlib.contextmanager
def _cpu_autocast(bf16: bool) -> Iterator[None]:
    """For the time of a run, let the library's mixed precision work on the CPU too."""
    original = engine.autocast

    def autocast(enabled: Any, device: str = "cuda") -> Any:
        if device == "cpu":
            return torch.autocast("cpu", torch.bfloat16, enabled=bf16)
        return original(enabled, device=device)

    engine.autocast = autocast
    try:
        yield
    finally:
        engine.autocast = original


class StageTrainer(DetectionTrainer):  # type: ignore[misc]
    """Trains one stage; measures nothing itself (``training.evaluate`` does, on real pictures)."""

    model: Any
    bf16 = True
    threads = 2
    many: tuple[float, float] = (0.8, 0.1)

    def get_model(
        self, cfg: Any = None, weights: nn.Module | None = None, verbose: bool = True
    ) -> nn.Module:
        """The checkpoint itself with our classes, never a fresh network."""
        if weights is None:
            raise ValueError("a stage starts from a checkpoint, none was given")
        model = with_our_classes(weights, self.data["nc"]).float()
        model.requires_grad_(True)
        return model

    def setup_model(self) -> Any:
        """Load the checkpoint and lay its weights out as the CPU kernels like them."""
        torch.set_num_threads(self.threads)  # the library leaves one core out
        checkpoint = super().setup_model()
        self.model = self.model.to(memory_format=torch.channels_last)
        return checkpoint

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Pictures as float NCHW 0..1, channels last in memory."""
        batch = super().preprocess_batch(batch)
        batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
        return batch

    def resume_training(self, ckpt: Any) -> None:
        """Take up a stopped stage, then put our loss around the library's."""
        super().resume_training(ckpt)
        model = self.model
        model.criterion = Float32Loss(
            model.init_criterion(), self.many, self.epochs, self.start_epoch
        )

    def validate(self) -> tuple[dict[str, float], float]:
        """No measuring between epochs: the last state is kept, chosen by plan, not by peeking."""
        self.best_fitness = float(self.epoch + 1)
        return {}, self.best_fitness

    def final_eval(self) -> None:
        """Nothing: see ``validate``."""

    def train(self) -> None:
        """Run the stage."""
        with _cpu_autocast(self.bf16):
            super().train()
