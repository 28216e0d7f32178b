"""`patrol reviews`: decisions out of the database, as training data and as the accuracy ledger."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patrol.settings import Settings
from patrol.terminal import opened_database, settings_or_exit

if TYPE_CHECKING:
    from rich.table import Table

    from datasets.reviews import Exported, ReviewedPicture
    from training.ledger import Entry

app = typer.Typer(no_args_is_help=True)


@app.callback()
def reviews() -> None:
    """Reviewers' decisions, put to use."""


Samples = Annotated[
    list[Path] | None,
    typer.Option(help="folder of `patrol reviews sample`; may be given several times"),
]


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="new folder for pictures, labels and manifest")],
    *,
    samples: Samples = None,
) -> None:
    """Write reviewed pictures as training data (see `patrol train --from-reviews`)."""
    from datasets.yolo import DatasetError

    try:
        exported = export_from(settings_or_exit(), folder, samples or ())
    except DatasetError as error:
        typer.echo(f"patrol reviews export: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(asdict(exported), indent=1))


def export_from(settings: Settings, folder: Path, samples: Sequence[Path] = ()) -> Exported:
    """Write the reviews of an installation, and pictures drawn at random, as training data.

    Raises:
        DatasetError: ``folder`` is not empty, or a sample is broken.
    """
    from datasets.reviews import export_reviews
    from patrol.review_samples import read_sample
    from patrol.reviews import reviewed_pictures
    from patrol.wiring import open_store

    drawn = {one.sha256: one for sample in samples for one in read_sample(sample)}
    seen = {one.sha256 for one in drawn.values() if one.looked_through}
    with opened_database(settings) as db, tempfile.TemporaryDirectory() as scratch:
        leads = reviewed_pictures(db, open_store(settings), Path(scratch), without=seen)
        return export_reviews(_once(chain(drawn.values(), leads)), folder)


def _once(pictures: Iterable[ReviewedPicture]) -> Iterator[ReviewedPicture]:
    """A picture that waits in a sample and was decided as a lead comes as the lead it is."""
    waiting: dict[str, ReviewedPicture] = {}
    for one in pictures:
        if one.kind == "sample" and not one.looked_through:
            waiting[one.sha256] = one
        else:
            waiting.pop(one.sha256, None)
            yield one
    yield from waiting.values()


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="new folder for the drawn pictures")],
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="what to draw from: photos, folders, archives; the cameras' last views lie in"
            " `views` of the data folder",
        ),
    ],
    *,
    count: Annotated[int, typer.Option(min=1, help="pictures to draw")] = 50,
    seed: Annotated[int, typer.Option(help="another seed draws others")] = 1,
    cameras: Annotated[
        bool,
        typer.Option("--cameras", help="they are cameras' views: look as cameras are looked at"),
    ] = False,
    model: Annotated[str | None, typer.Option(help="default: the model in service")] = None,
) -> None:
    """Draw pictures at random to be looked through by a person: they tell what is missed."""
    from datasets.yolo import DatasetError
    from detector.detect import Detector
    from models import ModelError
    from patrol.model import choose_card, choose_photo_card
    from patrol.photo_files import find_photos
    from patrol.review_samples import DONE, draw_sample

    settings = settings_or_exit(**({"model": model} if model else {}))
    try:
        card = choose_card(settings)
        if not model and not cameras:
            card = choose_photo_card(settings, card)
        detector = Detector(card, settings.providers, threads=0)
        files = [one for one in find_photos(paths) if one.problem is None]
        drawn = draw_sample(files, folder, detector, count=count, seed=seed)
    except (DatasetError, ModelError) as error:
        typer.echo(f"patrol reviews sample: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(
        f"{drawn.pictures} of {drawn.of} pictures drawn, {drawn.unreadable} could not be read."
        f" Correct {folder / 'labels'}, then write the names of those done (or: all) into"
        f" {folder / DONE}."
    )


@app.command()
def ledger(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="write every line here as JSON")
    ] = None,
    *,
    samples: Samples = None,
) -> None:
    """Show how often leads were right, per class, camera and week, and warn of a fall.

    Recall comes from pictures drawn at random and looked through (``--samples``) and from nothing
    else: leads cannot tell what was missed.
    """
    from rich.console import Console

    from datasets.yolo import DatasetError
    from patrol.review_samples import sampled_issues
    from patrol.reviews import decisions
    from training.ledger import drift_warnings, precision_ledger, recall_ledger

    settings = settings_or_exit()
    with opened_database(settings) as db:
        decided = decisions(db)
    try:
        issues = [one for folder in samples or () for one in sampled_issues(folder)]
    except DatasetError as error:
        typer.echo(f"patrol reviews ledger: {error}", err=True)
        raise typer.Exit(2) from error
    entries = precision_ledger(decided, zone=settings.zone)
    recall = recall_ledger(issues, zone=settings.zone)
    warnings = drift_warnings(decided, now=datetime.now(UTC), zone=settings.zone)
    if json_file is not None:
        content = {
            "entries": [asdict(one) for one in entries],
            "recall": [asdict(one) for one in recall],
            "warnings": [asdict(one) | {"text": one.text} for one in warnings],
        }
        json_file.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    console = Console()
    console.print(_table("precision", entries))
    if samples:
        console.print(_table("recall", recall))
    for warning in warnings:
        typer.echo(f"warning: {warning.text}", err=True)


def _table(figure: str, entries: Sequence[Entry]) -> Table:
    from rich.table import Table

    table = Table("class", "camera", "week", "right", "of", figure, "95 %")
    for one in entries:
        share = one.share
        assert share.value is not None
        assert share.low is not None
        assert share.high is not None
        table.add_row(
            one.label,
            "all" if one.camera == "*" else one.camera,
            "all" if one.week == "*" else one.week,
            str(one.right),
            str(one.total),
            f"{share.value:.2f}",
            f"{share.low:.2f}-{share.high:.2f}",
        )
    return table
