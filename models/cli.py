"""The commands `patrol models list|promote|rollback|history`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from models.card import ModelCard, ModelError
from models.registry import Registry

app = typer.Typer(no_args_is_help=True, help="The models installed here and the one in service.")

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="data folder; default: PATROL_DATA_DIR or ./data"),
]


@app.command("list")
def list_command(
    data_dir: DataDir = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead of a table")] = False,
) -> None:
    """List the installed models; the one in service is marked, and the one it has for photos."""
    with _plain_errors():
        registry = _registry(data_dir)
        active = registry.active_name()
        cards = registry.cards()
    if as_json:
        rows = [_row(card) | {"active": card.directory.name == active} for card in cards]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = Table("", "name", "version", "created", "mAP50", "validated for", box=SIMPLE_HEAD)
    table.columns[1].no_wrap = True
    photos = next((one.photos for one in cards if one.directory.name == active), None)
    marks = {photos: "photos", active: "*"}
    for card in cards:
        row = _row(card)
        table.add_row(
            marks.get(card.directory.name, ""),
            *(
                str(row[key] if row[key] is not None else "-")
                for key in ("name", "version", "created", "map50")
            ),
            ", ".join(row["validated"]) or "-",
        )
    Console().print(table)


@app.command("promote")
def promote_command(
    name: Annotated[str, typer.Argument(help="folder name of the model")],
    *,
    report: Annotated[
        Path | None, typer.Option(help="comparison with the model in service (`patrol compare`)")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="without a comparison that speaks for it")
    ] = False,
    reason: Annotated[str, typer.Option(help="kept in the history")] = "",
    data_dir: DataDir = None,
) -> None:
    """Put a model in service: with a comparison that allows it, or by force with a reason."""
    with _plain_errors():
        registry = _registry(data_dir)
        evidence: dict[str, Any] = {}
        if force:
            if not reason.strip():
                raise ModelError("--force needs --reason")
        elif report is None:
            raise ModelError(
                "expected --report FILE (made by `patrol compare`), or --force with --reason"
            )
        else:
            evidence = check_report(report, registry.card(name), registry.active())
            reason = reason or "; ".join(evidence["reasons"])
        change = registry.promote(name, reason=reason, evidence=evidence)
    typer.echo(f"{change.after} is in service now; before: {change.before}")


@app.command("rollback")
def rollback_command(
    *,
    reason: Annotated[str, typer.Option(help="kept in the history")] = "rolled back by hand",
    data_dir: DataDir = None,
) -> None:
    """Go back to the model that was in service before the last promotion."""
    with _plain_errors():
        change = _registry(data_dir).rollback(reason=reason)
    typer.echo(f"{change.after} is in service again; before: {change.before}")


@app.command("history")
def history_command(data_dir: DataDir = None) -> None:
    """Show which model was in service when, and why."""
    with _plain_errors():
        changes = _registry(data_dir).history()
    table = Table("at (UTC)", "action", "before", "after", "reason")
    for one in changes:
        at = one.at.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
        table.add_row(at, one.action, one.before, one.after, one.reason)
    Console().print(table)


def check_report(path: Path, candidate: ModelCard, incumbent: ModelCard) -> dict[str, Any]:
    """Read a comparison and make sure that it is about these two models and allows the change.

    Raises:
        ModelError: the file is no comparison, is about other model files, or says no.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        pairs = [
            ("candidate", report["candidate"]["sha256"], candidate),
            ("incumbent", report["incumbent"]["sha256"], incumbent),
        ]
        promote, reasons = report["promote"], list(report["reasons"])
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: expected a report of `patrol compare` ({error!r})") from error
    for role, sha256, card in pairs:
        if sha256 != card.look_sha256:
            raise ModelError(f"{path}: {role} is another model file than {card.name}")
    if promote is not True:
        raise ModelError(f"{path}: the comparison speaks against it: {'; '.join(reasons)}")
    return {
        key: report[key]
        for key in ("candidate", "incumbent", "promote", "reasons", "dataset_sha256")
        if key in report
    }


def _row(card: ModelCard) -> dict[str, Any]:
    metrics: Mapping[str, Any] = card.metrics
    return {
        "name": card.directory.name,
        "version": card.version,
        "created": card.created.isoformat(),
        "sha256": card.sha256,
        "photos": card.photos,
        "runtime": card.runtime,
        "map50": metrics.get("map50"),
        "validated": [label for label, yes in card.validated.items() if yes],
        "folder": str(card.directory),
    }


def _registry(data_dir: Path | None) -> Registry:
    return Registry(data_dir or Path(os.environ.get("PATROL_DATA_DIR") or "data"))


class _plain_errors:  # noqa: N801 - used like a function
    """A ModelError ends the command with its message and exit code 2, without a traceback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ModelError):
            Console(stderr=True).print(
                f"patrol models: {error}", highlight=False, markup=False, soft_wrap=True
            )
            raise typer.Exit(2) from error
