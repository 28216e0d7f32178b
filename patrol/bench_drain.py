"""`patrol bench draining`: what it costs to stay connected to a camera that is seldom looked at."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import av
import psutil
import typer
from rich.console import Console

from detector.sources import AllowList, SourceOptions
from detector.sources.stream import packets_of
from patrol.bench_load import cpu_seconds
from patrol.bench_rtsp import MOUNTS, RtspServerMissingError, films_in, serving

Reader = Callable[[str], Iterator[bool]]
"""Connects to an address and tells of each packet whether it is a key frame."""


@dataclass(frozen=True, slots=True)
class Drained:
    """Milliseconds of processor time per camera and second, of this process and of the server.

    ``keys_per_s``: key frames that arrived per camera and second.
    """

    stream: str
    reader: str
    cameras: int
    ms: float
    server_ms: float
    keys_per_s: float


def _ours(url: str) -> Iterator[bool]:
    options = SourceOptions(allow=AllowList.lan())
    return (one.key for one in packets_of(url, "rtsp", options))


def _pyav(url: str) -> Iterator[bool]:
    with av.open(url, options={"rtsp_transport": "tcp"}, timeout=10.0) as container:
        last = None
        for packet in container.demux(video=0):  # parameter sets come as a packet of their own
            yield packet.is_keyframe and packet.pts != last
            last = packet.pts


READERS: dict[str, Reader] = {"ours": _ours, "FFmpeg by PyAV": _pyav}


def draining(  # noqa: PLR0917 (all of what one line needs)
    port: int, server: psutil.Process, stream: str, reader: str, cameras: int, seconds: float
) -> Drained:
    """Drain so many connections for so long, each in a thread of its own.

    Raises:
        TimeoutError: they do not all give a key frame within 30 s.
    """
    stop, counts = threading.Event(), [0] * cameras

    def drain(number: int) -> None:
        for key in READERS[reader](f"rtsp://127.0.0.1:{port}/{stream}{number % MOUNTS}"):
            counts[number] += key
            if stop.is_set():
                return

    threads = [threading.Thread(target=drain, args=(n,), daemon=True) for n in range(cameras)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    try:
        until = time.monotonic() + 30
        while not all(counts):
            if time.monotonic() > until:
                raise TimeoutError(f"{counts.count(0)} of {cameras} gave no key frame")
            time.sleep(0.1)
        own = psutil.Process()
        before, server_before = cpu_seconds(own), cpu_seconds(server)
        keys, began = sum(counts), time.monotonic()
        time.sleep(seconds)
        share = 1 / (cameras * (time.monotonic() - began))
        return Drained(
            stream=stream,
            reader=reader,
            cameras=cameras,
            ms=round((cpu_seconds(own) - before) * share * 1000, 2),
            server_ms=round((cpu_seconds(server) - server_before) * share * 1000, 2),
            keys_per_s=round((sum(counts) - keys) * share, 2),
        )
    finally:
        stop.set()
        for thread in threads:
            thread.join(15)


def drain_bench(
    cameras: Annotated[int, typer.Option(min=1, help="Connected at once.")] = 40,
    seconds: Annotated[float, typer.Option(min=1, help="Measured for each reader.")] = 8.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
) -> None:
    """What staying connected to RTSP cameras costs, for us and for FFmpeg.

    GStreamer's server on this machine sends main and sub-streams. Nothing is decoded; FFmpeg's
    packets are dropped at once, which is the least that a reader on top of it can do.
    """
    console = Console(highlight=False)
    found = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patrol-drain-")))
        try:
            port, server = stack.enter_context(serving(films_in(folder)))
            for stream in ("main", "sub"):
                for reader in READERS:
                    one = draining(port, server, stream, reader, cameras, seconds)
                    found.append(one)
                    console.print(
                        f"{stream}, {reader}: {one.ms:.1f} ms of a core per camera and second, "
                        f"{one.keys_per_s:.2f} key frames; the server {one.server_ms:.1f} ms"
                    )
        except (RtspServerMissingError, TimeoutError) as error:
            typer.echo(f"patrol bench draining: {error}", err=True)
            raise typer.Exit(2) from error
    if json_file is not None:
        content = {"draining": [asdict(one) for one in found]}
        json_file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
