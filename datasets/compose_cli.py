"""The command that composes labelled pictures from rendered sprites and clean street views."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated

import cv2
import numpy as np
import typer

from datasets.classes import CLASSES
from datasets.compose.backgrounds import (
    Background,
    context_of,
    fit_for_background,
    real_background,
    rendered_background,
)
from datasets.compose.cutouts import read_sprites
from datasets.compose.picture import compose, shrunk
from datasets.hashes import twins
from datasets.manifest import read_manifest, write_manifest
from datasets.yolo import DatasetError, write_labels

LONGEST = 640
MOST_OF_A_SOURCE = 150
"""Pictures of one source that a run of the command draws on."""
MANY = 60
"""A source of more backgrounds than this is shown no more often."""


@dataclass(frozen=True)
class Wanted:
    """Which backgrounds a run of the command draws on."""

    seed: int
    context: Path | None
    clear_licences: bool


def compose_command(  # noqa: PLR0917 - every argument is an option of the command
    out: Annotated[Path, typer.Argument(help="folder for images/, labels/ and manifest.csv")],
    sprites: Annotated[Path, typer.Option(help="folder written by `datasets sprites`")],
    backgrounds: Annotated[
        list[Path], typer.Option(help="labelled data (manifest.csv) or rendered empty streets")
    ],
    count: Annotated[int, typer.Option(min=1, help="how many pictures")] = 100,
    seed: Annotated[int, typer.Option(help="the same seed gives the same pictures")] = 1,
    context: Annotated[
        Path | None, typer.Option(help="labels of people and vehicles on the backgrounds")
    ] = None,
    assets: Annotated[Path | None, typer.Option(help="folder with textures/")] = None,
    clear_licences: Annotated[
        bool, typer.Option(help="no background whose licence is doubtful or not stated")
    ] = False,
) -> None:
    """Paste sprites onto clean street views, with exact labels."""
    try:
        wanted = Wanted(seed, context, clear_licences)
        drawn = read_sprites(sprites)
        pools = [list(_usable(one, wanted)) for one in backgrounds]
        for folder, pool in zip(backgrounds, pools, strict=True):
            if not pool:
                raise DatasetError(f"{folder}: holds no picture that may be a background")
    except DatasetError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    for part in ("images", "labels"):
        (out / part).mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, str | int]] = []
    boxes, tried = Counter[str](), 0
    while len(rows) < count:
        if tried > 20 * count:
            typer.echo(f"only {len(rows)} of {count} pictures found a place for things", err=True)
            raise typer.Exit(1)
        rng = np.random.default_rng([seed, tried])
        tried += 1
        background = choose(pools, rng)
        if rng.random() < 0.5 and background.scene is None:
            background = background.mirrored()
        made = compose(background, drawn, rng, assets)
        if made is None:
            continue
        pixels = shrunk(made.pixels, LONGEST)
        name = f"composed_{seed}_{len(rows):05d}"
        quality = int(rng.integers(78, 93))
        cv2.imwrite(
            str(out / "images" / f"{name}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, quality]
        )
        write_labels(out / "labels" / f"{name}.txt", made.labels)
        boxes.update(CLASSES[one.class_id] for one in made.labels)
        rows.append(
            {
                "source": f"composed_{background.source}",
                "file": f"images/{name}.jpg",
                "split": "train",
                "use": "train",
                "licence": background.licence,
                "site": background.name,
                "view": "composed: " + " ".join(made.things),
                "width": pixels.shape[1],
                "height": pixels.shape[0],
                "boxes": len(made.labels),
            }
        )
    write_manifest(out, rows)
    typer.echo(json.dumps({"pictures": len(rows), "boxes": dict(boxes)}))


def choose(pools: list[list[Background]], rng: np.random.Generator) -> Background:
    """A background: first a source, then a picture of it; a source of few pictures comes seldom."""
    sources: dict[str, list[Background]] = {}
    for pool in pools:
        for one in pool:
            sources.setdefault(one.source, []).append(one)
    names = sorted(sources)
    weights = np.array([min(len(sources[n]), MANY) for n in names], dtype=np.float64)
    name = rng.choice(names, p=weights / weights.sum())
    return sources[str(name)][int(rng.integers(len(sources[str(name)])))]


def _usable(folder: Path, wanted: Wanted) -> Iterator[Background]:
    """The backgrounds of a folder of labelled pictures or of rendered empty streets."""
    if (folder / "manifest.csv").is_file():
        yield from _real(folder, wanted)
        return
    listing = folder / "scenes.jsonl"
    if not listing.is_file():
        raise DatasetError(f"{folder}: neither manifest.csv nor scenes.jsonl")
    for line in listing.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["camera"] == "pole":
            yield rendered_background(
                folder / "images" / record["file"], record["seed"], record["light"]
            )


def _real(folder: Path, wanted: Wanted) -> Iterator[Background]:
    """Training pictures fit for it, none of which also stands among the held-out ones."""
    listed = read_manifest(folder)
    pictures = [one for one in listed if fit_for_background(one)]
    if wanted.clear_licences:
        pictures = [one for one in pictures if one.licence_state in ("stated", "uploader_claim")]
    Random(wanted.seed).shuffle(pictures)  # noqa: S311 - repeatable, not secret
    drawn = Counter[str]()
    for one in list(pictures):
        drawn[one.source] += 1
        if drawn[one.source] > 3 * MOST_OF_A_SOURCE:
            pictures.remove(one)
    held = {one.file: one.image for one in listed if not one.trainable}
    leaked = {twin.first for twin in twins({one.file: one.image for one in pictures}, held)}
    used = Counter[str]()
    for picture in pictures:
        if picture.file in leaked or used[picture.source] >= MOST_OF_A_SOURCE:
            continue
        found = real_background(picture, context_of(picture, wanted.context))
        if found is not None:
            used[picture.source] += 1
            yield found
