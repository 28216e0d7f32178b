"""`patrol evidence`: anybody with the data folder can prove that the evidence is unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from patrol.terminal import opened_database, settings_or_exit

app = typer.Typer(no_args_is_help=True)


@app.callback()
def evidence() -> None:
    """Evidence and its chain."""


@app.command()
def verify(
    head: Annotated[
        str | None,
        typer.Option(help="SEQ:HASH of an earlier verification; proves that none was cut off"),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="write the result here as JSON")
    ] = None,
) -> None:
    """Check every link of the chain and every file; exit code 1 when anything is wrong."""
    from cases import chain
    from patrol.wiring import open_store

    settings = settings_or_exit()
    expected = None
    if head is not None:
        seq, _, entry_hash = head.partition(":")
        if not (seq.isdecimal() and len(entry_hash) == 64):
            typer.echo("--head: expected SEQ:HASH as an earlier verification printed it", err=True)
            raise typer.Exit(2)
        expected = chain.Head(int(seq), entry_hash.lower())
    with opened_database(settings) as db:
        report = chain.verify(db, open_store(settings), expected=expected)
    for problem in report.problems:
        place = "" if problem.seq is None else f"link {problem.seq}, "
        typer.echo(f"{place}evidence {problem.evidence_id}: {problem.what}", err=True)
    newest = None if report.head is None else f"{report.head.seq}:{report.head.entry_hash}"
    typer.echo(f"{report.entries} links, {len(report.problems)} problems, head {newest or 'none'}")
    if json_file is not None:
        content = {
            "entries": report.entries,
            "intact": report.intact,
            "head": newest,
            "problems": [
                {"seq": problem.seq, "evidence_id": problem.evidence_id, "what": problem.what}
                for problem in report.problems
            ],
        }
        json_file.write_text(json.dumps(content, indent=2), encoding="utf-8")
    if not report.intact:
        raise typer.Exit(1)
