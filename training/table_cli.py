"""The command `patrol train table`: several models side by side on the same held-out pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from datasets.yolo import DatasetError
from models import MODELS_DIR, ModelCard, ModelError, load_card
from training import bootstrap
from training.config import shared_dir
from training.eval_cli import PROVIDER_HELP, look_with
from training.evaluate import measure
from training.held_out import HeldOut, read_found, read_held_out, write_found
from training.metrics import Sample
from training.promote import Contender
from training.table import columns, document, markdown


def table_command(
    models: Annotated[list[str], typer.Argument(help="names or folders; the first is compared to")],
    *,
    data: Annotated[
        Path | None, typer.Option(help="labelled pictures no training saw; default: shared")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="write the table here as Markdown")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write all figures here")] = None,
    keep: Annotated[
        Path, typer.Option(help="folder where what each model found is kept and reused")
    ] = Path("runs/table"),
    provider: Annotated[str | None, typer.Option(help=PROVIDER_HELP)] = None,
    split: Annotated[str, typer.Option(help="a split of the manifest, or all")] = "val",
    resamples: Annotated[int, typer.Option(min=2)] = bootstrap.RESAMPLES,
    threads: Annotated[int, typer.Option(min=0, help="processor threads; 0 takes all")] = 0,
    models_dir: Annotated[Path, typer.Option(help="where names are looked for first")] = MODELS_DIR,
) -> None:
    """Measure several models on the same pictures and put them into one table."""
    console = Console(stderr=True)
    try:
        held = read_held_out(data or shared_dir() / "data" / "real", split=split)
        cards = [load_card(one, (models_dir, MODELS_DIR)) for one in models]
        found = [
            _found(
                card,
                held,
                keep,
                provider=provider or card.runtime,
                threads=threads,
                console=console,
            )
            for card in cards
        ]
        evaluations = [
            measure(
                samples,
                held,
                model=card.name,
                model_sha256=card.look_sha256,
                thresholds=card.review_thresholds,
                resamples=resamples,
                settings={"split": split, "provider": provider or card.runtime},
            )
            for card, samples in zip(cards, found, strict=True)
        ]
        table = columns(
            [
                Contender(card.name, card.look_sha256, samples, card.review_thresholds)
                for card, samples in zip(cards, found, strict=True)
            ],
            evaluations,
            [card.training.get("steps") for card in cards],
            clean=held.clean,
            dataset_sha256=held.sha256(),
            resamples=resamples,
        )
    except (DatasetError, ModelError, ValueError) as error:
        console.print(f"patrol train table: {error}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    text = markdown(table, title=f"{len(held.pictures)} pictures of {held.root.resolve().name}")
    if out is not None:
        out.write_text(text, encoding="utf-8")
    if json_file is not None:
        json_file.write_text(
            json.dumps(document(table), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    typer.echo(text)


def _found(
    card: ModelCard, held: HeldOut, keep: Path, *, provider: str, threads: int, console: Console
) -> list[Sample]:
    """What a model finds, with its card's calibration; looked at once and kept."""
    path = keep / f"{card.directory.name}-{card.look_sha256[:12]}-{provider}.jsonl"
    about = {
        "model": card.name,
        "model_sha256": card.look_sha256,
        "provider": provider,
        "calibration": {label: list(one.calibrated) for label, one in card.calibration.items()},
        "dataset_sha256": held.sha256(),
    }
    if path.is_file():
        with path.open(encoding="utf-8") as stream:
            kept = json.loads(stream.readline() or "{}").get("about")
        if kept == about:
            return read_found(path, held)[0]
    samples = look_with(card, held, provider=provider, threads=threads, console=console)
    keep.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    write_found(partial, samples, about)
    partial.replace(path)
    return samples
