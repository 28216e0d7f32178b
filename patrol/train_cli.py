"""`patrol train`: the training commands, with a way from a data folder to its reviews."""

from __future__ import annotations

from pathlib import Path

import typer

from patrol.reviews_cli import export_from
from patrol.settings import load_settings
from patrol.simulate_reviews import simulate_command
from training.cli import ReviewsFirst
from training.cli import app as training_app

app = typer.Typer(help="Train a model (extra `train`).", no_args_is_help=True, cls=ReviewsFirst)


@app.callback()
def train(ctx: typer.Context) -> None:
    """Train a model (extra `train`)."""
    ctx.obj = reviews_of


app.registered_commands += training_app.registered_commands
app.command("simulate-reviews")(simulate_command)


def reviews_of(data_dir: Path, folder: Path) -> Path:
    """Export what was decided in the installation at ``data_dir`` into ``folder``.

    Raises:
        DatasetError: there is no such installation, or nothing to export into.
    """
    from datasets.yolo import DatasetError

    if not data_dir.is_dir():
        raise DatasetError(f"{data_dir}: there is no such folder")
    exported = export_from(load_settings(data_dir=data_dir), folder)
    if not sum(exported.pictures.values()):
        raise DatasetError(f"{data_dir}: no picture there has all its leads decided")
    return folder
