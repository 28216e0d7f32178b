"""The command `patrol eval`: the figures of a model on screen and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from datasets.yolo import DatasetError
from detector.detect import Detector
from detector.inspect import TILES, detect_tiled
from detector.network import CPU
from detector.tiles import TileConfig
from models import ModelCard, ModelError, load_card, photo_card
from training import bootstrap
from training.eval_tables import class_table, clean_table
from training.evaluate import measure, write_json
from training.held_out import HeldOut, look_at, read_found, read_held_out, write_found
from training.metrics import Sample

PROVIDER_HELP = (
    "what computes: OpenVINO or an ONNX Runtime provider; default: what the model's card is for"
)

MIN_CONFIDENCE = 0.001
"""Boxes are measured from this confidence on; average precision needs the faint ones too."""


def evaluate_command(
    dataset: Annotated[
        Path, typer.Argument(help="folder with manifest.csv, or with images/ and labels/ (YOLO)")
    ],
    *,
    model: Annotated[
        str | None,
        typer.Option(
            help="name or folder of the model; default: what the one shipped has photos"
            " looked at by"
        ),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the report here")] = None,
    split: Annotated[str, typer.Option(help="a split of the manifest, or all")] = "val",
    source: Annotated[
        list[str] | None, typer.Option(help="only this source; may be given several times")
    ] = None,
    labelled: Annotated[
        list[str] | None,
        typer.Option(help="SOURCE=class,class: what a source labels; default: what occurs in it"),
    ] = None,
    found: Annotated[
        Path | None, typer.Option(help="keep the boxes found here (JSON lines)")
    ] = None,
    reuse: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="take the boxes from such a file; nothing is looked at",
        ),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="leave out the card's calibration of confidences")
    ] = False,
    resamples: Annotated[
        int, typer.Option(min=2, help="bootstrap resamples for the 95 % intervals")
    ] = bootstrap.RESAMPLES,
    threads: Annotated[int, typer.Option(min=0, help="processor threads; 0 takes all")] = 0,
    provider: Annotated[str | None, typer.Option(help=PROVIDER_HELP)] = None,
    tile: Annotated[
        int | None,
        typer.Option(min=64, help="also look at tiles of this side; default: as for photos"),
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(help="draw precision-recall and reliability plots here")
    ] = None,
) -> None:
    """Measure a model on labelled pictures: average precision, recall, false alarms, calibration.

    Figures are COCO's, per class and per source, with 95 % bootstrap intervals. Detections of
    classes that a source does not label are left out there.
    """
    console = Console(stderr=True)
    try:
        card = load_card(model) if model else photo_card(load_card())
        runtime = provider or card.runtime
        held = read_held_out(
            dataset, split=split, sources=source or (), labelled=_labelled(labelled or [])
        )
        if reuse:
            samples, about = read_found(reuse, held)
            if about.get("model_sha256") != card.look_sha256:
                raise DatasetError(f"{reuse}: was made by another model than {card.name}")
            if about.get("provider", CPU) != runtime:
                raise DatasetError(f"{reuse}: was computed by {about.get('provider', CPU)}")
        else:
            samples = look_with(
                card,
                held,
                raw=raw,
                tile=tile,
                threads=threads,
                provider=runtime,
                console=console,
            )
    except (DatasetError, ModelError, ValueError) as error:
        console.print(f"patrol eval: {error}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    if found:
        write_found(
            found,
            samples,
            {
                "model": card.name,
                "model_sha256": card.look_sha256,
                "raw": raw,
                "provider": runtime,
            },
        )
    report = measure(
        samples,
        held,
        model=card.name,
        model_sha256=card.look_sha256,
        thresholds=card.review_thresholds,
        resamples=resamples,
        settings={
            "split": split,
            "calibrated": not raw,
            "input": card.input.size,
            "tile": tile,
            "provider": runtime,
        },
    )
    if json_file:
        write_json(json_file, report)
    if plots:
        from training.plots import draw_plots

        draw_plots(samples, plots, title=card.name)
    screen = Console()
    screen.print(class_table(report))
    if report.clean:
        screen.print(clean_table(report))


def look_with(
    card: ModelCard,
    held: HeldOut,
    *,
    raw: bool = False,
    tile: int | None = None,
    threads: int = 0,
    provider: str | None = None,
    console: Console | None = None,
) -> list[Sample]:
    """Look at all pictures with the product's own detector, a progress bar on ``console``.

    ``raw`` leaves out the card's calibration; ``tile`` cuts pictures longer than that many pixels
    into tiles of that side (None: as the product cuts photos); ``provider`` is what computes
    (None: what the card says its figures are for).

    Raises:
        ModelError: the model file cannot be used.
        ValueError: that runtime is not installed.
    """
    tiles = TILES if tile is None else TileConfig(from_side=tile, tile=tile)
    if raw:
        card = card.model_copy(update={"calibration": {}})
    detector = Detector(
        card,
        (provider or card.runtime,),
        threads=threads,
        batch=1,
        min_confidence=MIN_CONFIDENCE,
    )
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console or Console(stderr=True),
    ) as bar:
        task = bar.add_task(card.name, total=len(held.pictures))
        return look_at(
            lambda images: [detect_tiled(detector, image, tiles) for image in images],
            held,
            batch=4,
            progress=lambda done: bar.advance(task, done),
        )


def _labelled(options: list[str]) -> dict[str, list[str]]:
    result = {}
    for option in options:
        source, mark, names = option.partition("=")
        if not mark or not source or not names:
            raise DatasetError(f"--labelled {option!r}: expected SOURCE=class,class")
        result[source] = [name.strip() for name in names.split(",")]
    return result
