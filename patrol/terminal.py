"""What all commands share: expected errors become one sentence and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from patrol.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from cases.database import Database


def settings_or_exit(**given: Any) -> Settings:
    """The settings; wrong ones are named on standard error and end the command with 2."""
    try:
        return load_settings(**given)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    """The service's database; expected errors end the command with a sentence and exit code 1."""
    from cases.errors import CasesError
    from patrol.wiring import StartError, open_database

    db: Database | None = None
    try:
        db = open_database(settings)
        yield db
    except (StartError, CasesError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    finally:
        if db is not None:
            db.close()
