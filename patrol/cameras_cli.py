"""`patrol cameras`: the cameras of the service as rows, one by one or hundreds from a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from patrol.camera_import import Line, ListError, read_cameras
from patrol.terminal import opened_database, settings_or_exit

if TYPE_CHECKING:
    from cases.camera_views import CameraView
    from cases.database import Database
    from cases.sealing import Sealer
    from patrol.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)

Which = Annotated[str, typer.Argument(help="number or name of the camera")]
JsonFile = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="write it here as JSON")
]
_WIDE: Final = 40


class Mode(StrEnum):
    """How a camera is patrolled."""

    WATCH = "watch"
    ROUND = "round"


class Transport(StrEnum):
    """How RTSP is carried."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True)
class _Room:
    """What the commands work on."""

    settings: Settings
    db: Database
    sealer: Sealer


@contextmanager
def _opened() -> Iterator[_Room]:
    from patrol.wiring import open_sealer

    settings = settings_or_exit()
    with opened_database(settings) as db:
        yield _Room(settings, db, open_sealer(settings, db))


def _actor() -> Any:
    from cases.actors import Actor, Role

    return Actor(name="terminal", role=Role.SYSTEM)


@app.callback()
def cameras() -> None:
    """Cameras of the service: add, list, pause, remove, import from a file."""


@app.command()
def add(  # noqa: PLR0917 (the options of a command)
    name: Annotated[str, typer.Argument(help="name, each may stand once")],
    url: Annotated[
        str,
        typer.Argument(
            help="rtsp://, http(s):// or file://; - reads it from standard input, so that a"
            " password stays out of the shell's history"
        ),
    ],
    mode: Annotated[Mode, typer.Option(help="watch stays connected, round visits")] = Mode.WATCH,
    every: Annotated[float, typer.Option(help="seconds between looks")] = 10.0,
    transport: Annotated[Transport, typer.Option(help="of RTSP")] = Transport.TCP,
    place: Annotated[str | None, typer.Option(help="place in words")] = None,
    lat: Annotated[float | None, typer.Option(help="WGS-84 degrees")] = None,
    lon: Annotated[float | None, typer.Option(help="WGS-84 degrees")] = None,
    paused: Annotated[bool, typer.Option("--paused", help="do not patrol it yet")] = False,
) -> None:
    """Add a camera; the running service takes it up within seconds."""
    from cases.cameras import add_camera

    address = sys.stdin.readline().strip() if url == "-" else url
    with _opened() as room:
        camera_id = add_camera(
            room.db,
            room.sealer,
            {
                "name": name,
                "url": address,
                "mode": mode.value,
                "every_s": every,
                "transport": transport.value,
                "place_text": place,
                "lat": lat,
                "lon": lon,
                "paused": paused,
            },
            actor=_actor(),
            timezone=room.settings.timezone,
        )
    typer.echo(f"camera {camera_id} added")


@app.command("list")
def list_command(json_file: JsonFile = None) -> None:
    """List all cameras with their states."""
    with _opened() as room:
        found = _all(room)
    if json_file is not None:
        _write(json_file, [_plain(camera) for camera in found])
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table("", "name", "state", "looks", "open", "mode", "address", box=SIMPLE_HEAD)
    for camera in found:
        table.add_row(
            str(camera.id),
            escape(camera.name[:_WIDE]),
            escape(_state(camera)),
            str(camera.status.looks if camera.status else 0),
            str(camera.open_incidents),
            f"{camera.mode} {camera.every_s:g} s",
            escape(camera.url_shown[:_WIDE]),
        )
    console.print(table)
    typer.echo(f"{len(found)} cameras")


@app.command()
def show(which: Which, json_file: JsonFile = None) -> None:
    """Show one camera with its rules, plan and state; secrets of its address stay hidden."""
    from cases.watching import get_camera

    with _opened() as room:
        camera = _find(room, which)
        detail = get_camera(room.db, camera.id, actor=_actor(), zone=room.settings.zone)
    content = _plain(detail)
    if json_file is not None:
        _write(json_file, content)
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))


@app.command()
def pause(which: Which) -> None:
    """Stop patrolling a camera; its incidents wait."""
    _set_paused(which, paused=True)


@app.command()
def resume(which: Which) -> None:
    """Patrol a paused camera again."""
    _set_paused(which, paused=False)


@app.command()
def remove(
    which: Which,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Remove a camera: its address is forgotten, what it saw stays."""
    from cases.cameras import remove_camera

    with _opened() as room:
        camera = _find(room, which)
        if not yes:
            typer.confirm(f"remove camera {camera.id} {camera.name}?", abort=True)
        remove_camera(room.db, camera.id, actor=_actor())
    typer.echo(f"camera {camera.id} removed")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV with the columns name, url and others")],
    update: Annotated[
        bool, typer.Option("--update", help="change cameras whose name is there already")
    ] = False,
) -> None:
    """Add the cameras of a CSV file; a wrong line is named and the rest goes on (exit code 1)."""
    with _opened() as room:
        ids = {camera.name: camera.id for camera in _all(room)}
        added, changed, wrong = 0, 0, 0
        later: list[tuple[Line, int]] = []
        try:
            for line in read_cameras(file):
                problem, camera_id, new = _take(room, line, ids, update=update)
                if problem:
                    typer.echo(f"{file}:{line.number}: {problem}", err=True)
                    wrong += 1
                    continue
                added, changed = added + new, changed + (not new)
                ids[line.fields["name"]] = camera_id
                if line.neighbours:
                    later.append((line, camera_id))
        except ListError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from error
        for line, camera_id in later:
            problem = _set_neighbours(room, line, camera_id, ids)
            if problem:
                typer.echo(f"{file}:{line.number}: {problem}", err=True)
                wrong += 1
    typer.echo(f"{added} cameras added, {changed} changed, {wrong} lines wrong")
    if wrong:
        raise typer.Exit(1)


def _take(room: _Room, line: Line, ids: dict[str, int], *, update: bool) -> tuple[str, int, bool]:
    """What is wrong with a line, else the camera's id and whether it is new."""
    from cases.cameras import add_camera
    from cases.errors import CasesError

    if line.problem:
        return f"{line.field}: {line.problem}", 0, False
    known = ids.get(line.fields.get("name", ""))
    if known is not None and not update:
        return "name: there is a camera of this name; --update changes it", 0, False
    try:
        if known is not None:
            _change(room, known, dict(line.fields))
            return "", known, False
        camera_id = add_camera(
            room.db,
            room.sealer,
            line.fields,
            actor=_actor(),
            timezone=room.settings.timezone,
        )
    except CasesError as error:
        return error.message, 0, False
    return "", camera_id, True


def _set_neighbours(room: _Room, line: Line, camera_id: int, ids: dict[str, int]) -> str:
    from cases.errors import CasesError

    unknown = [name for name in line.neighbours if name not in ids]
    if unknown:
        return f"neighbours: there is no camera {', '.join(unknown)}"
    try:
        _change(room, camera_id, {"neighbours": [ids[name] for name in line.neighbours]})
    except CasesError as error:
        return error.message
    return ""


def _change(room: _Room, camera_id: int, fields: dict[str, Any]) -> None:
    from cases.cameras import change_camera
    from cases.running import camera_revisions

    change_camera(
        room.db,
        room.sealer,
        camera_id,
        fields,  # type: ignore[arg-type]
        revision=camera_revisions(room.db)[camera_id],
        actor=_actor(),
    )


def _set_paused(which: str, *, paused: bool) -> None:
    with _opened() as room:
        camera = _find(room, which)
        _change(room, camera.id, {"paused": paused})
    typer.echo(f"camera {camera.id} {'paused' if paused else 'is patrolled'}")


def _all(room: _Room) -> tuple[CameraView, ...]:
    from cases.watching import list_cameras

    return list_cameras(room.db, actor=_actor(), zone=room.settings.zone)


def _find(room: _Room, which: str) -> CameraView:
    for camera in _all(room):
        if which == camera.name or (which.isdecimal() and int(which) == camera.id):
            return camera
    typer.echo(f"there is no camera {which}", err=True)
    raise typer.Exit(1)


def _state(camera: CameraView) -> str:
    if camera.status is None:
        return "paused" if camera.paused else "-"
    detail = f" ({camera.status.detail})" if camera.status.detail else ""
    return f"{camera.status.state}{detail}"[:_WIDE]


def _plain(camera: CameraView) -> Any:
    return json.loads(json.dumps(asdict(camera), default=str))


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
