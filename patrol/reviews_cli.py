"""`patrol reviews`: decisions out of the database, as training data and as the accuracy ledger."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from patrol.terminal import opened_database, settings_or_exit

app = typer.Typer(no_args_is_help=True)


@app.callback()
def reviews() -> None:
    """Reviewers' decisions, put to use."""


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="new folder for pictures, labels and manifest")],
) -> None:
    """Write reviewed photos as training data (see `patrol train`)."""
    from datasets.reviews import export_reviews
    from datasets.yolo import DatasetError
    from patrol.reviews import reviewed_pictures
    from patrol.wiring import open_store

    settings = settings_or_exit()
    with opened_database(settings) as db, tempfile.TemporaryDirectory() as scratch:
        try:
            exported = export_reviews(
                reviewed_pictures(db, open_store(settings), Path(scratch)), folder
            )
        except DatasetError as error:
            typer.echo(f"patrol reviews export: {error}", err=True)
            raise typer.Exit(2) from error
    typer.echo(json.dumps(asdict(exported), indent=1))


@app.command()
def ledger(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="write every line here as JSON")
    ] = None,
) -> None:
    """Show how often leads were right, per class, channel and week, and warn of a fall."""
    from rich.console import Console
    from rich.table import Table

    from patrol.reviews import decisions
    from training.ledger import drift_warnings, precision_ledger

    settings = settings_or_exit()
    with opened_database(settings) as db:
        decided = decisions(db)
    entries = precision_ledger(decided, zone=settings.zone)
    warnings = drift_warnings(decided, now=datetime.now(UTC), zone=settings.zone)
    if json_file is not None:
        content = {
            "entries": [asdict(one) for one in entries],
            "warnings": [asdict(one) | {"text": one.text} for one in warnings],
        }
        json_file.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    table = Table("class", "channel", "week", "right", "of", "precision", "95 %")
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
    Console().print(table)
    for warning in warnings:
        typer.echo(f"warning: {warning.text}", err=True)
