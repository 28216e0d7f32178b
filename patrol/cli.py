"""The `patrol` command: starts the service, looks after accounts, and leads to the other tools."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from typing import Annotated, Final

import typer

from patrol import accounts_cli, evidence_cli
from patrol.lazy import LazyCommand, mount
from patrol.settings import PREFIX, Settings
from patrol.terminal import settings_or_exit

app = typer.Typer(
    name="patrol",
    help="Street-order patrol: photos and cameras in, evidenced cases out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

_LOOKING: Final = "Looking"
_MODEL: Final = "Model and data"
LAZY_COMMANDS: Final = (
    LazyCommand("scan", "patrol.scan", "scan", "Look at photos and file what is found.", _LOOKING),
    LazyCommand("cameras", "patrol.cameras_cli", "app", "Cameras of the service.", _LOOKING),
    LazyCommand("watch", "patrol.watch", "watch", "Look at one camera or video.", _LOOKING),
    LazyCommand(
        "replay", "patrol.replay", "replay_command", "Judge recorded looks again.", _LOOKING
    ),
    LazyCommand("bench", "patrol.bench", "app", "Measure speed and memory.", _MODEL),
    LazyCommand("eval", "training.eval_cli", "evaluate_command", "Measure a model.", _MODEL),
    LazyCommand(
        "calibrate", "training.judge_cli", "calibrate_command", "Calibrate a model.", _MODEL
    ),
    LazyCommand("compare", "training.compare_cli", "compare_command", "Compare models.", _MODEL),
    LazyCommand("train", "patrol.train_cli", "app", "Train a model (extra `train`).", _MODEL),
    LazyCommand("models", "models.cli", "app", "List, check and choose models.", _MODEL),
    LazyCommand("reviews", "patrol.reviews_cli", "app", "Put reviews to use.", _MODEL),
    LazyCommand("datasets", "datasets.cli", "app", "Labelled and rendered pictures.", _MODEL),
)

app.add_typer(accounts_cli.users, name="user", help="People who log in.")
app.add_typer(accounts_cli.tokens, name="token", help="Tokens for programs.")
app.add_typer(evidence_cli.app, name="evidence", help="Evidence and its chain.")
for _command in LAZY_COMMANDS:
    if _command.exists():
        mount(app, _command)


@app.command()
def up(
    demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="show demo pictures and a rendered demo camera")
    ] = False,
) -> None:
    """Start the service and print its address."""
    from models import ModelError
    from patrol import logs, welcome
    from patrol.app import serve
    from patrol.demo import with_demo
    from patrol.memory import keep_memory_small
    from patrol.wiring import StartError

    keep_memory_small()
    settings = settings_or_exit()
    logs.configure(style=settings.log_format, level=settings.log_level)
    try:
        if demo:
            settings, background = with_demo(settings)
            serve(settings, on_start=welcome.show, background=background)
        else:
            serve(settings, on_start=welcome.show)
    except (StartError, ModelError) as error:
        typer.echo(f"patrol up: {error}", err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        sys.exit(0)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(installed_version("video-patrol"))


@app.command("settings")
def list_settings() -> None:
    """List all settings with their values; secrets are not shown."""
    settings = settings_or_exit()
    for name, field in Settings.model_fields.items():
        typer.echo(f"{PREFIX}{name.upper()}={_shown(getattr(settings, name))}")
        typer.echo(f"    {field.description}")


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
