"""The command `patrol calibrate`: confidences, thresholds and figures of a model into its card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from datasets.yolo import DatasetError
from detector.network import CPU
from models import ModelError, load_card
from training import bootstrap
from training.eval_cli import PROVIDER_HELP, look_with
from training.eval_tables import NARROW, class_table, clean_table
from training.evaluate import write_json
from training.held_out import read_found, read_held_out, write_found
from training.judge import Judgement, card_fields, judge, runtime_fields, update_card
from training.thresholds import ALARM_LIMIT


def calibrate_command(
    dataset: Annotated[Path, typer.Argument(help="labelled pictures no training saw")],
    *,
    model: Annotated[
        str | None, typer.Option(help="name or folder; default: models/default")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="put the results and plots beside the model's card")
    ] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the report here")] = None,
    limit: Annotated[
        float, typer.Option(min=0, help="false alarms allowed per 100 looks at quiet views")
    ] = ALARM_LIMIT,
    found: Annotated[
        Path | None, typer.Option(help="keep the uncalibrated boxes here (JSON lines)")
    ] = None,
    reuse: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="take the boxes from such a file; nothing is looked at",
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(min=2)] = bootstrap.RESAMPLES,
    threads: Annotated[int, typer.Option(min=0, help="processor threads; 0 takes all")] = 0,
    provider: Annotated[str | None, typer.Option(help=PROVIDER_HELP)] = None,
) -> None:
    """Calibrate a model's confidences, choose its thresholds and measure it, for its card."""
    console = Console(stderr=True)
    try:
        card = load_card(model)
        runtime = provider or card.runtime
        held = read_held_out(dataset)
        if reuse:
            raw, about = read_found(reuse, held)
            if about.get("model_sha256") != card.look_sha256 or not about.get("raw"):
                raise DatasetError(f"{reuse}: was not made by {card.name} with --raw")
        else:
            raw = look_with(
                card, held, raw=True, threads=threads, provider=runtime, console=console
            )
            about = {
                "model": card.name,
                "model_sha256": card.look_sha256,
                "raw": True,
                "provider": runtime,
            }
        if about.get("provider", CPU) != runtime:
            raise DatasetError(f"{reuse}: was computed by {about.get('provider', CPU)}")
        if found:
            write_found(found, raw, about)
        judgement = judge(
            raw,
            held,
            model=card.name,
            model_sha256=card.look_sha256,
            limit=limit,
            resamples=resamples,
        )
        if write:
            from training.plots import draw_plots

            update_card(card.directory, card_fields(judgement) | runtime_fields(runtime))
            draw_plots(judgement.samples, card.directory, title=card.name)
    except (DatasetError, ModelError, ValueError) as error:
        console.print(f"patrol calibrate: {error}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    if json_file:
        write_json(json_file, judgement.evaluation)
    screen = Console()
    screen.print(judgement_table(judgement))
    for line in remarks(judgement):
        screen.print(line, highlight=False, markup=False)
    screen.print(class_table(judgement.evaluation))
    if judgement.evaluation.clean:
        screen.print(clean_table(judgement.evaluation))
        if judgement.crossed_alarms is not None:
            screen.print(
                "False alarms per 100 looks on views the thresholds were not chosen on: "
                f"{judgement.crossed_alarms:.1f}"
            )


def judgement_table(judgement: Judgement) -> Table:
    """Calibration and thresholds of each class, and whether it is validated."""
    table = Table(
        title="Calibration and thresholds",
        caption="ECE: calibration error of the raw confidences, then on sites the curve was not"
        " fitted on (15 bins of equal width, and of equal count)",
        **NARROW,
    )
    table.add_column("class", no_wrap=True)
    for name in ("ECE", "after", "by count", "review", "auto", "F1", "validated"):
        table.add_column(name, justify="right", no_wrap=True)
    for label in dict.fromkeys([*judgement.choices, *judgement.calibrated]):
        curve, choice = judgement.calibrated.get(label), judgement.choices.get(label)
        errors = (curve.raw_error, curve.error, curve.adaptive_error) if curve else ()
        table.add_row(
            label,
            *([f"{value:.3f}" for value in errors] or ["-"] * 3),
            f"{choice.review:.3f}" if choice else "-",
            f"{choice.auto:.3f}" if choice and choice.auto is not None else "-",
            f"{choice.f1:.2f}" if choice and choice.f1 is not None else "-",
            {True: "yes", False: "no", None: "-"}[judgement.validated.get(label)],
        )
    return table


def remarks(judgement: Judgement) -> list[str]:
    """What is to be known about each class beside its figures, one line each."""
    lines = []
    for label in dict.fromkeys([*judgement.choices, *judgement.calibrated]):
        curve, choice = judgement.calibrated.get(label), judgement.choices.get(label)
        texts = (
            judgement.shortfalls.get(label, ""),
            curve.note if curve else "",
            choice.note if choice else "",
        )
        if any(texts):
            lines.append(f"{label}: {'; '.join(text for text in texts if text)}")
    return lines
