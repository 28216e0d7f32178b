"""How far a stage has come, by steps or by the wall clock, and what its learning rate is there."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Final

from training.config import Stage

SAVE_EVERY_S: Final = 180.0


class StageClock:
    """Counts steps and seconds of one stage over interruptions; its state is a small JSON file."""

    def __init__(self, stage: Stage, steps_per_epoch: int, path: Path) -> None:
        self.stage = stage
        self.total = stage.steps or max(1, round(stage.epochs * steps_per_epoch))
        self.path = path
        self.steps = 0
        self.before_s = 0.0
        self.cpu_before_s: float | None = 0.0
        if path.is_file():
            state = json.loads(path.read_text(encoding="utf-8"))
            self.steps, self.before_s = int(state["steps"]), float(state["seconds"])
            self.cpu_before_s = state.get("cpu_seconds")
        self.cpu_started = time.process_time()
        self.started = time.monotonic()
        self.saved = self.started

    def seconds(self) -> float:
        """Wall-clock seconds spent in this stage."""
        return self.before_s + time.monotonic() - self.started

    def cpu_seconds(self) -> float | None:
        """Processor seconds of all threads in this stage; None where an old state left them out."""
        if self.cpu_before_s is None:
            return None
        return self.cpu_before_s + time.process_time() - self.cpu_started

    def part(self) -> float:
        """How much of the stage is done, 0..1."""
        if self.stage.steps is None and self.stage.minutes is not None:
            return min(1.0, self.seconds() / (self.stage.minutes * 60))
        return min(1.0, self.steps / self.total)

    def rate(self, part: float) -> float:
        """Factor on the learning rate: a linear warm-up by steps, a half cosine by ``part``."""
        end = self.stage.lr_end
        fall = end + (1 - end) * (1 + math.cos(math.pi * part)) / 2
        return fall * min(1.0, (self.steps + 1) / max(1, self.stage.warmup))

    def tick(self) -> None:
        """One step is done."""
        self.steps += 1

    def due_to_save(self) -> bool:
        """True every few minutes."""
        if time.monotonic() - self.saved < SAVE_EVERY_S and self.part() < 1:
            return False
        self.saved = time.monotonic()
        return True

    def save(self) -> None:
        """Write the state so that a stopped stage goes on from here."""
        partial = self.path.with_suffix(".part")
        cpu = self.cpu_seconds()
        state = {
            "steps": self.steps,
            "seconds": round(self.seconds(), 1),
            "cpu_seconds": None if cpu is None else round(cpu, 1),
        }
        partial.write_text(json.dumps(state), encoding="utf-8")
        partial.replace(self.path)
