"""The ultralytics trainer, made fast on a CPU: bfloat16, channels last, one head kept from COCO."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from copy import copy
from typing import Any

import torch
from torch import nn

from training.clock import StageClock
from training.config import Stage
from training.parallel import SharedBatch
from training.torchvision_cpu import ensure_torchvision

ensure_torchvision()

from ultralytics.engine import trainer as engine  # noqa: E402
from ultralytics.models.yolo.detect import DetectionTrainer  # noqa: E402
from ultralytics.utils.torch_utils import ModelEMA  # noqa: E402

EMA_DECAY, EMA_TAU = 0.995, 60
"""Averages over about 200 steps: the library's 0.9999 is made for runs a hundred times longer."""

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

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, preds: Any, batch: dict[str, Any]) -> Any:
        """Loss of one batch; ``preds`` may be bfloat16."""
        with torch.autocast("cpu", enabled=False):
            return self.inner(_as_float32(preds), batch)

    def weigh(self, many: float) -> None:
        """Give the one-to-many head the weight ``many`` (0..1), the one-to-one head the rest."""
        self.inner.o2m = many
        self.inner.o2o = 1.0 - many


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
    stage: Stage
    bf16 = True
    threads = 2
    whole_pictures = False

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
        torch.set_num_threads(1)  # the batch is shared out instead, see SharedBatch
        checkpoint = super().setup_model()
        self.model = self.model.to(memory_format=torch.channels_last)
        return checkpoint

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Pictures as float NCHW 0..1, channels last in memory."""
        batch = super().preprocess_batch(batch)
        batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
        return batch

    def build_optimizer(self, *args: Any, **kwargs: Any) -> torch.optim.Optimizer:
        """The library's optimizer with its fused step."""
        optimizer: torch.optim.Optimizer = super().build_optimizer(*args, **kwargs)
        for group in optimizer.param_groups:
            group["fused"] = True
            group["foreach"] = False
        return optimizer

    def resume_training(self, ckpt: Any) -> None:
        """Take up a stopped stage, then share out the batch and put our loss to work."""
        self.ema = ModelEMA(self.model, decay=EMA_DECAY, tau=EMA_TAU)
        super().resume_training(ckpt)
        self.model.criterion = None
        self.losses = [Float32Loss(self.model.init_criterion()) for _ in range(self.threads)]
        self.model.loss = SharedBatch(self.model, self.losses, bf16=self.bf16)
        self.clock = StageClock(self.stage, len(self.train_loader), self.save_dir / "clock.json")
        self.add_callback("on_train_batch_start", StageTrainer._before_batch)
        self.add_callback("on_train_batch_end", StageTrainer._after_batch)

    def _before_batch(self) -> None:
        part = self.clock.part()
        factor = self.clock.rate(part)
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor
        first, last = self.stage.many
        for loss in self.losses:
            loss.weigh(first + (last - first) * part)
        if not self.whole_pictures and part > 1 - self.stage.close_mosaic:
            self.whole_pictures = True
            self.train_loader.dataset.close_mosaic(hyp=copy(self.args))

    def _after_batch(self) -> None:
        self.clock.tick()
        if self.clock.due_to_save():
            self.fitness = self.best_fitness = float(self.epoch + 1)
            self.save_model()
            self.clock.save()
        if self.clock.part() >= 1:
            self.stop = True

    def validate(self) -> tuple[dict[str, float], float]:
        """No measuring between epochs: the last state is kept, chosen by plan, not by peeking."""
        self.best_fitness = float(self.epoch + 1)
        return self.metrics, self.best_fitness

    def final_eval(self) -> None:
        """Nothing: see ``validate``."""

    def train(self) -> None:
        """Run the stage."""
        with _cpu_autocast(self.bf16):
            super().train()
