"""`patrol bench rtsp-restart`: the RTSP server dies and comes back; every camera must, too."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console

from detector.camera import CameraConfig
from detector.counting import Policy
from detector.sources import AllowList, CameraState, SourceOptions, open_source
from detector.types import Detection, Image
from patrol.bench_rtsp import RtspServerMissingError, films_in, serving
from patrol.engine import Engine, Report

EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Restart:
    """How a restart of the server went.

    ``noticed_s``: from the kill until every camera had a state that says so. ``back_s``: from the
    new server's start until every camera gave a new picture (None: not within the time).
    ``lost``: cameras without one. ``doubled``: connections to the server above one per camera.
    """

    cameras: int
    down_s: float
    noticed_s: float | None
    back_s: float | None
    lost: tuple[str, ...]
    doubled: int


class _Heard:
    """The latest state and the latest picture's time of each camera."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, CameraState] = {}
        self._seen: dict[str, float] = {}

    def __call__(self, report: Report) -> None:
        with self._lock:
            self._states[report.camera] = report.status.state
            if report.looked is not None:
                self._seen[report.camera] = time.monotonic()

    def seen_since(self, moment: float) -> set[str]:
        with self._lock:
            return {name for name, at in self._seen.items() if at >= moment}

    def without(self) -> set[str]:
        """Cameras that do not deliver."""
        with self._lock:
            return {name for name, state in self._states.items() if not state.delivers}


def restart_server(
    films: dict[str, Path], cameras: int, *, down_s: float, patience_s: float
) -> Restart:
    """Watch ``cameras`` streams, kill the server, start it again on its port, and wait.

    Raises:
        RtspServerMissingError: there is no such server here.
        TimeoutError: the cameras did not come up in the first place.
    """
    heard = _Heard()
    engine = Engine(_nothing, heard)
    names = [f"c{number}" for number in range(cameras)]
    paths = sorted(films)
    try:
        with serving(films) as (port, server):
            options = SourceOptions(allow=AllowList.lan())
            for number, name in enumerate(names):
                url = f"rtsp://127.0.0.1:{port}{paths[number % len(paths)]}"
                source = open_source(url, name, options)
                engine.add(name, source, CameraConfig(Policy({})), every_s=EVERY_S)
            if _until(lambda: heard.seen_since(0) == set(names), 60.0) is None:
                raise TimeoutError("the cameras did not come up")
            server.kill()
        noticed = _until(lambda: heard.without() == set(names), down_s)
        time.sleep(max(0.0, down_s - (noticed or down_s)))
        with serving(films, port):
            began = time.monotonic()
            back = _until(lambda: heard.seen_since(began) == set(names), patience_s)
            lost = tuple(sorted(set(names) - heard.seen_since(began)))
            time.sleep(3 * EVERY_S)
            doubled = max(0, _connections(port) - cameras)
    finally:
        engine.close()
    return Restart(cameras, down_s, noticed, back, lost, doubled)


def _nothing(_: Image) -> tuple[Detection, ...]:
    return ()


def _until(condition: Callable[[], bool], seconds: float) -> float | None:
    """Seconds until it holds; None when it does not in time."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        if condition():
            return round(time.monotonic() - begin, 2)
        time.sleep(0.05)
    return None


def _connections(port: int) -> int:
    """This process's connections to a port."""
    open_now = psutil.Process().net_connections("tcp")
    return sum(
        one.status == psutil.CONN_ESTABLISHED and bool(one.raddr) and one.raddr.port == port
        for one in open_now
    )


def restart_bench(
    cameras: Annotated[int, typer.Option(min=1)] = 16,
    down: Annotated[float, typer.Option(min=0, help="Seconds without a server.")] = 15.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
) -> None:
    """Kill GStreamer's RTSP server under many cameras and start it again.

    Ends with 1 when a camera was lost or doubled, or took longer than 30 s to come back.
    """
    console = Console(highlight=False)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patrol-rtsp-")))
        try:
            result = restart_server(films_in(folder), cameras, down_s=down, patience_s=60.0)
        except (RtspServerMissingError, TimeoutError) as error:
            typer.echo(f"patrol bench rtsp-restart: {error}", err=True)
            raise typer.Exit(2) from error
    back = "not all came back" if result.back_s is None else f"all back in {result.back_s:.1f} s"
    console.print(
        f"{cameras} cameras, server gone for {down:g} s: {back}, {len(result.lost)} lost, "
        f"{result.doubled} doubled"
    )
    good = result.back_s is not None and result.back_s <= 30 and not result.doubled
    if json_file is not None:
        content = {
            "cameras": result.cameras,
            "down_s": result.down_s,
            "noticed_s": result.noticed_s,
            "all_back_s": result.back_s,
            "lost": len(result.lost),
            "doubled": result.doubled,
        }
        json_file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    if not good:
        raise typer.Exit(1)
