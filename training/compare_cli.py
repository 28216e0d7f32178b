"""The command `patrol compare`: may this model replace the one in service?"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from datasets.yolo import DatasetError
from models import ModelCard, ModelError, load_card
from models.registry import Registry
from training.eval_cli import look_with
from training.eval_tables import NARROW
from training.held_out import HeldOut, read_found, read_held_out
from training.promote import Comparison, Contender, Difference, compare

NOT_BETTER = 1
"""Exit code when the comparison speaks against the new model."""


def compare_command(
    dataset: Annotated[Path, typer.Argument(help="folder with the frozen test pictures")],
    *,
    model: Annotated[str, typer.Option(help="the new model: name or folder")],
    against: Annotated[
        str | None, typer.Option(help="the old one; default: the model in service")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="write the report that `models promote` takes")
    ] = None,
    promote: Annotated[
        bool, typer.Option("--promote", help="put the new model in service if the rule allows it")
    ] = False,
    found: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="what `patrol eval --found` kept for the new model"
        ),
    ] = None,
    found_against: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="the same for the old one")
    ] = None,
    split: Annotated[str, typer.Option(help="a split of the manifest, or all")] = "val",
    threads: Annotated[int, typer.Option(min=0, help="processor threads; 0 takes all")] = 0,
    data_dir: Annotated[
        Path | None, typer.Option(help="data folder; default: PATROL_DATA_DIR or ./data")
    ] = None,
) -> None:
    """Compare two models on the same pictures; exit code 0 if the new one may replace the old.

    The rule: mean AP50 of the issue classes better by more than the 95 % interval of a paired
    bootstrap, no class worse by more than its own, false alarms on quiet views not more.
    """
    console = Console(stderr=True)
    registry = Registry(data_dir or Path(os.environ.get("PATROL_DATA_DIR") or "data"))
    try:
        held = read_held_out(dataset, split=split)
        old = _card(registry, against) if against else registry.active()
        new = _card(registry, model)
        if promote and old.directory.name != registry.active_name():
            raise ModelError("--promote replaces the model in service: leave out --against")
        result = compare(
            _contender(new, held, found, threads, console),
            _contender(old, held, found_against, threads, console),
            clean=held.clean,
            dataset_sha256=held.sha256(),
        )
        if json_file:
            json_file.write_text(
                json.dumps(asdict(result), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
        Console().print(comparison_table(result))
        if promote and result.promote:
            change = registry.promote(
                new.directory.name, reason="; ".join(result.reasons), evidence=asdict(result)
            )
            console.print(f"{change.after} is in service now; before: {change.before}")
    except (DatasetError, ModelError, ValueError) as error:
        console.print(f"patrol compare: {error}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    if not result.promote:
        raise typer.Exit(NOT_BETTER)


def comparison_table(result: Comparison) -> Table:
    """The figures of both models and the verdict."""
    says = "may replace" if result.promote else "must not replace"
    table = Table(
        title=f"{result.candidate['name']} {says} {result.incumbent['name']}",
        caption="; ".join(result.reasons),
        **NARROW,
    )
    table.add_column("figure", no_wrap=True)
    for name in ("old", "new", "change (95 %)"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row("mean AP50", *_cells(result.overall), end_section=True)
    for label, one in result.classes.items():
        table.add_row(f"AP50 {label}", *_cells(one))
    if result.alarms is not None:
        table.add_row("false alarms per 100 looks", *_cells(result.alarms, digits=1))
    return table


def _cells(one: Difference, *, digits: int = 3) -> list[str]:
    change = one.change
    if one.incumbent is None or one.candidate is None or change.low is None or change.high is None:
        return ["-", "-", "-"]
    return [
        f"{one.incumbent:.{digits}f}",
        f"{one.candidate:.{digits}f}",
        f"{change.low:+.{digits}f} to {change.high:+.{digits}f}",
    ]


def _card(registry: Registry, model: str) -> ModelCard:
    return load_card(model, registry.roots)


def _contender(
    card: ModelCard, held: HeldOut, found: Path | None, threads: int, console: Console
) -> Contender:
    if found:
        samples, about = read_found(found, held)
        if about.get("model_sha256") != card.look_sha256 or about.get("raw"):
            raise DatasetError(f"{found}: was not made by {card.name} with its calibration")
    else:
        samples = look_with(card, held, threads=threads, console=console)
    return Contender(card.directory.name, card.look_sha256, samples, card.review_thresholds)
