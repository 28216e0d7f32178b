"""One training run: prepare, the stages one after another, a record; stopped runs are taken up."""

from __future__ import annotations

import contextlib
import csv
import ctypes
import ctypes.util
import gc
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from training.checkpoint import blend
from training.config import REPO, Stage, TrainConfig
from training.energy import EnergyMeter, cpu_seconds, energy_facts
from training.prepare import Prepared, prepare


@dataclass(frozen=True)
class Trained:
    """What a run leaves: the last checkpoint, the data it saw (by mix), and its record."""

    checkpoint: Path
    prepared: dict[str, Prepared]
    record: Path


def train(
    config: TrainConfig, progress: Callable[[str, int, int], None] = lambda what, done, total: None
) -> Trained:
    """Train ``config`` from where it stands: finished stages are kept, a stopped one is resumed."""
    torch.set_num_threads(config.threads)
    started, meter = time.monotonic(), EnergyMeter()
    shown = {_shown(stage): stage for stage in config.stages}
    mixes = {
        name: prepare(config, progress, mix=stage.mix, with_rendered=stage.rendered)
        for name, stage in shown.items()
    }
    record_path = config.folder / "record.json"
    record = _load(record_path) or _fresh_record(config)
    record |= _data_facts(mixes)
    record["config"] = _plain(asdict(config))
    _save(record_path, record)
    checkpoint, trained = config.base, False
    for number, stage in enumerate(config.stages, 1):
        folder = config.folder / f"stage-{number}"
        final = config.folder / f"stage-{number}.pt"
        if not final.is_file():
            begun, cpu = time.monotonic(), time.process_time()
            _run_stage(config, stage, mixes[_shown(stage)].data_yaml, checkpoint, folder)
            _give_memory_back()
            shutil.copyfile(folder / "weights" / "last.pt", final)
            record["stages"][f"stage-{number}"] = {
                **asdict(stage),
                **json.loads((folder / "clock.json").read_text(encoding="utf-8")),
                "wall_s": round(time.monotonic() - begun),
                "cpu_s": round(time.process_time() - cpu),
                "curve": _curve(folder / "results.csv"),
            }
            _save(record_path, record)
            trained = True
        checkpoint = final
    if config.blend < 1:
        blended = config.folder / "blended.pt"
        blend(config.base, checkpoint, config.blend, blended)
        checkpoint = blended
    record["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
    record["last_session_wall_s"] = round(time.monotonic() - started)
    if trained or "energy" not in record:
        spent = cpu_seconds(record["stages"])
        record["energy"] = energy_facts(spent, meter.joules(), config.watts_per_core)
    _save(record_path, record)
    return Trained(checkpoint, mixes, record_path)


def _shown(stage: Stage) -> str:
    """What a stage is shown, as the record names it."""
    return stage.mix if stage.rendered else f"{stage.mix}, real only"


def _run_stage(
    config: TrainConfig, stage: Stage, data: Path, checkpoint: Path, folder: Path
) -> None:
    if stage.plain:
        from training.plain import run_plain

        run_plain(config, stage, data, checkpoint, folder)
        return
    from training.trainer import StageTrainer

    class Configured(StageTrainer):
        bf16 = config.bf16
        threads = config.threads

    Configured.stage = stage

    last = folder / "weights" / "last.pt"
    overrides: dict[str, Any] = {
        "model": str(checkpoint),
        "data": str(data),
        "project": str(folder.parent.resolve()),
        "name": folder.name,
        "exist_ok": True,
        "task": "detect",
        "device": "cpu",
        "epochs": 100_000,  # the stage's own clock says when it ends
        "imgsz": stage.size,
        "batch": config.batch,
        "nbs": config.batch,
        "cache": "ram",
        "optimizer": "AdamW",
        "lr0": stage.lr,
        "lrf": 1.0,
        "momentum": 0.9,
        "weight_decay": config.weight_decay,
        "warmup_epochs": 0,
        "mosaic": stage.mosaic,
        "close_mosaic": 0,
        "freeze": stage.freeze or None,
        "scale": config.scale,
        "translate": config.translate,
        "hsv_h": config.hsv[0],
        "hsv_s": config.hsv[1],
        "hsv_v": config.hsv[2],
        "amp": False,
        "val": False,
        "plots": False,
        "patience": 0,
        "deterministic": False,
        "seed": config.seed,
        "verbose": True,
    }
    if last.is_file():
        overrides["resume"] = str(last)
    Configured(overrides=overrides).train()


def _give_memory_back() -> None:
    """Let go of the pictures a stage kept in memory: the next one keeps its own, of 4 GB or more.

    The allocator is told by hand, because a run has it keep what is freed (``training.__main__``).
    """
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # no glibc
            ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6").malloc_trim(0)


def _data_facts(mixes: dict[str, Prepared]) -> dict[str, Any]:
    return {
        "data_hash": {name: one.data_hash for name, one in mixes.items()},
        "pictures": max(len(one.pictures) for one in mixes.values()),
        "views": {name: one.views for name, one in mixes.items()},
        "rendered": max(one.rendered for one in mixes.values()),
        "boxes": {name: one.boxes for name, one in mixes.items()},
    }


def _fresh_record(config: TrainConfig) -> dict[str, Any]:
    return {
        "name": config.name,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": git_revision(),
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "torch": torch.__version__,
            "threads": config.threads,
        },
        "stages": {},
    }


def git_revision() -> str:
    """The commit the code stands at, with ``+`` when tracked files differ from it."""
    revision = _git("rev-parse", "--short=12", "HEAD")
    return revision + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=REPO, check=False, capture_output=True, text=True
    )
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _curve(path: Path) -> list[dict[str, float]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            {key.strip(): float(value) for key, value in row.items() if value and value.strip()}
            for row in csv.DictReader(stream)
        ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _load(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _save(path: Path, record: dict[str, Any]) -> None:
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(record, indent=1), encoding="utf-8")
    partial.replace(path)
