"""The wheel: from the model in service, by what reviewers decided, to one that may replace it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from models import CHECKPOINT_FILE, ModelCard, ModelError
from models.registry import Registry
from training.calibrate import Table, apply
from training.compare_cli import comparison_table
from training.config import TrainConfig
from training.eval_cli import look_with
from training.held_out import HeldOut, read_found, read_held_out
from training.metrics import Sample
from training.promote import Comparison, Contender, compare


def service_checkpoint(registry: Registry) -> Path:
    """The weights of the model in service, to train on from.

    Raises:
        ModelError: the model in service keeps none (an 8-bit variant, say).
    """
    card = registry.active()
    path = card.directory / CHECKPOINT_FILE
    if not path.is_file():
        raise ModelError(
            f"{card.directory}: the model in service keeps no {CHECKPOINT_FILE} to train on from;"
            " name one with --base"
        )
    return path


def compare_with_service(
    config: TrainConfig, new: ModelCard, registry: Registry, console: Console
) -> Comparison:
    """Compare a freshly judged model with the one in service on the frozen test pictures.

    Writes ``comparison.json`` into the run's folder and shows the table and what to do next.
    """
    held = read_held_out(config.data)
    old = registry.active()
    result = compare(
        _contender(new, _found_when_judged(config, new, held)),
        _contender(old, look_with(old, held, console=console)),
        clean=held.clean,
        dataset_sha256=held.sha256(),
    )
    report = config.folder / "comparison.json"
    report.write_text(json.dumps(asdict(result), ensure_ascii=False, indent=1) + "\n", "utf-8")
    console.print(comparison_table(result))
    if result.promote:
        console.print(
            f"patrol models promote {new.directory.name} --report {report}",
            highlight=False,
            soft_wrap=True,
        )
    return result


def _contender(card: ModelCard, samples: list[Sample]) -> Contender:
    return Contender(card.directory.name, card.look_sha256, samples, card.review_thresholds)


def _found_when_judged(config: TrainConfig, card: ModelCard, held: HeldOut) -> list[Sample]:
    """What the new model found when it was judged, with the curves its card now has."""
    raw, _ = read_found(config.folder / "evaluation.jsonl", held)
    tables = {label: Table(one.raw, one.calibrated) for label, one in card.calibration.items()}
    return apply(raw, tables)
