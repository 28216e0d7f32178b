"""The command `patrol datasets`: what the labelled pictures are, on screen and as pictures."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import cv2
import typer
from rich.console import Console
from rich.table import Table

from datasets.classes import CLASSES
from datasets.compose_cli import compose_command
from datasets.hashes import NEAR, twins
from datasets.manifest import Picture, read_manifest, repeated_rows
from datasets.mosaic import write_mosaics
from datasets.render_cli import clip, clip_layers, render, sprites
from datasets.sheet import sheet
from datasets.stats import SourceStats, source_stats
from datasets.yolo import DatasetError, read_labels

app = typer.Typer(help="Labelled and rendered pictures.", no_args_is_help=True)
app.command()(render)
app.command()(clip)
app.command()(clip_layers)
app.command()(sprites)
app.command(name="compose")(compose_command)

Root = Annotated[Path, typer.Argument(help="folder with manifest.csv")]
Json = Annotated[Path | None, typer.Option("--json", help="write the figures here")]


@app.command()
def stats(root: Root, json_file: Json = None) -> None:
    """Count pictures, sites and boxes by source, class, split and licence."""
    pictures = _read(root)
    rows = source_stats(pictures)
    repeated = repeated_rows(root)
    console = Console()
    console.print(_table(rows))
    if repeated:
        console.print(f"{len(repeated)} files are listed more than once and count once.")
    licences = Counter(str(one.licence_state) for one in pictures if one.trainable)
    console.print(
        "Training pictures by licence: "
        + ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in licences.items())
    )
    if json_file is not None:
        document = {
            "sources": [asdict(row) for row in rows],
            "repeated_rows": repeated,
            "training_licences": dict(licences),
        }
        json_file.write_text(json.dumps(document, indent=1, ensure_ascii=False), "utf-8")


@app.command(name="sheet")
def sheet_command(
    root: Root,
    out: Annotated[Path, typer.Argument(help="the JPEG to write")],
    *,
    source: Annotated[list[str] | None, typer.Option(help="only these sources")] = None,
    label: Annotated[str | None, typer.Option(help="only pictures with this class")] = None,
    split: Annotated[str | None, typer.Option(help="train or val")] = None,
    count: Annotated[int, typer.Option(min=1, max=200, help="how many pictures")] = 30,
    seed: Annotated[int, typer.Option(help="which ones are drawn")] = 1,
) -> None:
    """Draw labelled pictures on one page to look at."""
    if label is not None and label not in CLASSES:
        raise _refused(f"--label: {label!r} is not one of {', '.join(CLASSES)}")
    chosen = [
        one
        for one in _read(root)
        if (not source or one.source in source)
        and (split is None or one.split == split)
        and (label is None or _shows(one, CLASSES.index(label)))
    ]
    try:
        page = sheet(chosen, count=count, seed=seed)
    except DatasetError as error:
        raise _refused(str(error)) from error
    done, data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 88])
    if not done:
        raise _refused(f"{out}: the page could not be encoded")
    out.write_bytes(data.tobytes())
    Console().print(f"{min(count, len(chosen))} of {len(chosen)} pictures: {out}")


@app.command()
def leaks(
    root: Root,
    near: Annotated[int, typer.Option(min=0, max=256, help="bits of 256 that may differ")] = NEAR,
    json_file: Json = None,
) -> None:
    """Look for pictures of the validation split that also stand in the training split."""
    pictures = _read(root)
    train = {one.file: one.image for one in pictures if one.trainable}
    held = {one.file: one.image for one in pictures if not one.trainable}
    try:
        found = twins(train, held, near=near)
    except DatasetError as error:
        raise _refused(str(error)) from error
    console = Console()
    for twin in found:
        mirrored = ", mirrored" if twin.mirrored else ""
        console.print(f"{twin.first} ~ {twin.second} ({twin.distance} bits{mirrored})")
    console.print(f"{len(found)} pairs among {len(train)} x {len(held)} pictures")
    if json_file is not None:
        json_file.write_text(json.dumps([asdict(twin) for twin in found], indent=1), "utf-8")
    if found:
        raise typer.Exit(1)


@app.command()
def mosaics(
    root: Root,
    out: Annotated[Path, typer.Argument(help="folder for the large pictures")],
    *,
    side: Annotated[int, typer.Option(min=2, max=8, help="pictures in a row")] = 3,
    cell: Annotated[int, typer.Option(min=64, help="pixels of each one's longest side")] = 960,
) -> None:
    """Put held-out pictures of a source together to large ones, to measure tiles on."""
    held = [one for one in _read(root) if one.split == "val"]
    try:
        count = write_mosaics(held, out, side=side, cell=cell)
    except DatasetError as error:
        raise _refused(str(error)) from error
    Console().print(f"{count} pictures of {side * cell} x {side * cell}: {out}")


def _read(root: Path) -> tuple[Picture, ...]:
    try:
        return read_manifest(root)
    except DatasetError as error:
        raise _refused(str(error)) from error


def _refused(message: str) -> typer.Exit:
    Console(stderr=True).print(f"[red]{message}[/red]", soft_wrap=True)
    return typer.Exit(2)


def _shows(picture: Picture, class_id: int) -> bool:
    return any(one.class_id == class_id for one in read_labels(picture.label))


def _table(rows: list[SourceStats]) -> Table:
    table = Table(title="Labelled pictures")
    for name in ("source", "use", "pictures", "sites", "empty", "boxes", "median side", "licence"):
        numeric = name in ("pictures", "sites", "empty", "median side")
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(
            row.source,
            row.use,
            str(row.pictures),
            str(row.sites),
            str(row.empty),
            ", ".join(f"{name} {count}" for name, count in row.boxes.items()),
            "" if row.median_side is None else f"{row.median_side:.3f}",
            row.licence,
        )
    return table
