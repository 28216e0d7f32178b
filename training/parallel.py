"""Forward and backward of one batch in several threads, each on its own core with its own share."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import torch
from torch import nn


class SharedBatch:
    """Stands in for a model's ``loss``: splits the batch over threads that need not wait in step.

    Every operator in two threads costs a meeting at its end, which is dear for a small network and
    very dear when other programs use the cores. Here each thread takes its pictures through the
    whole network on one core; gradients add up in the shared parameters. Batch statistics are
    those of a share. ``criterions`` holds one loss a thread (the library's keeps state).
    """

    def __init__(self, model: nn.Module, criterions: Sequence[Any], *, bf16: bool) -> None:
        self.model = model
        self.criterions = criterions
        self.bf16 = bf16
        self.pool = ThreadPoolExecutor(
            len(criterions), initializer=torch.set_num_threads, initargs=(1,)
        )

    def __call__(self, batch: dict[str, Any], preds: Any = None) -> Any:
        """Do forward and backward; returns (loss whose own backward adds nothing, items by name).

        ``batch`` is the library's: ``img`` NCHW 0..1, ``batch_idx`` N, ``cls`` Nx1, ``bboxes`` Nx4.
        """
        shares = split(batch, len(self.criterions))
        if not self.model.training:
            raise RuntimeError("SharedBatch is for training; measure with the model itself")
        work = [
            self.pool.submit(self._share, share, criterion)
            for share, criterion in zip(shares, self.criterions, strict=False)
        ]
        done = [one.result() for one in work]
        total = sum(loss for loss, _ in done)
        items = {name: torch.stack([part[name] for _, part in done]).mean() for name in done[0][1]}
        return torch.tensor(total, requires_grad=True), items

    def _share(self, share: dict[str, Any], criterion: Any) -> tuple[float, dict[str, Any]]:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16, cache_enabled=False):
            preds = self.model(share["img"])
            loss, items = criterion(preds, share)
        total = loss.sum()
        total.backward()
        return float(total.detach()), {name: value.detach() for name, value in items.items()}


def split(batch: dict[str, Any], parts: int) -> list[dict[str, Any]]:
    """Cut a batch into up to ``parts`` of nearly equal size, labels with their pictures."""
    count = len(batch["img"])
    edges = [round(count * part / parts) for part in range(parts + 1)]
    shares = []
    for first, last in pairwise(edges):
        if first == last:
            continue
        mine = (batch["batch_idx"] >= first) & (batch["batch_idx"] < last)
        shares.append(
            {
                "img": batch["img"][first:last],
                "batch_idx": batch["batch_idx"][mine] - first,
                "cls": batch["cls"][mine],
                "bboxes": batch["bboxes"][mine],
            }
        )
    return shares
