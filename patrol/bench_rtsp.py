"""Cameras held over a real RTSP server on this machine, and how they come back when it dies."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console

from detector.camera import CameraConfig, Detect
from detector.sources import AllowList, FrameSource, SourceOptions, VisitSource, open_source
from detector.sources.source import Reading
from detector.sources.states import CameraState
from patrol.bench_load import Held, Load, cpu_seconds
from patrol.bench_streams import coded_clip, long_film

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("rtsp_server.py")
MOUNTS = 8  # streams of each kind on the server: key frames come at different moments
FILM_S = 900.0
STARTS: dict[tuple[str, str], int] = {
    ("main", "watch"): 140,
    ("sub", "watch"): 240,
    ("main", "round"): 240,
    ("sub", "round"): 360,
}
"""Stream and mode, and the number of cameras the search begins with."""


class RtspServerMissingError(RuntimeError):
    """GStreamer's RTSP server cannot be started; the text says what is missing."""


@contextmanager
def serving(films: dict[str, Path], port: int = 0) -> Iterator[tuple[int, psutil.Process]]:
    """The server in a process of its own: its port and its process; killed in the end.

    Raises:
        RtspServerMissingError: no system Python with gi and GstRtspServer.
    """
    arguments = [f"{path}={file}" for path, file in films.items()]
    command = [SYSTEM_PYTHON, str(SERVER), "--port", str(port), *arguments]
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    except FileNotFoundError as error:
        raise RtspServerMissingError(f"there is no {SYSTEM_PYTHON}") from error
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise RtspServerMissingError(
                f"{SYSTEM_PYTHON} cannot import GstRtspServer: install gir1.2-gst-rtsp-server-1.0"
            )
        yield int(line), psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@dataclass(frozen=True, slots=True)
class Over:
    """How many cameras were held over RTSP in one way; CPU in cores."""

    stream: str
    mode: str
    every_s: float
    held: Held
    server_cpu: float
    visit_p50_s: float | None
    visit_p95_s: float | None
    tried: tuple[int, ...]


class Visits:
    """How long visits took, from the first read to the picture."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: list[float] = []

    def add(self, seconds: float) -> None:
        """One more."""
        with self._lock:
            self._seconds.append(seconds)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._seconds.clear()

    def percentile(self, share: float) -> float | None:
        """Seconds, None without a visit."""
        with self._lock:
            return round(float(np.percentile(self._seconds, share)), 2) if self._seconds else None


class TimedVisit:
    """A visited camera whose visits are timed."""

    def __init__(self, source: FrameSource, visits: Visits) -> None:
        self._source = source
        self._visits = visits
        self._began: float | None = None

    def read(self) -> Reading:
        """The picture of this visit, or the state on the way to it."""
        self._began = self._began or time.monotonic()
        reading = self._source.read()
        if reading.frame is not None:
            self._visits.add(time.monotonic() - self._began)
        if reading.status.state is not CameraState.CONNECTING:
            self._began = None
        return reading

    def close(self) -> None:
        """End the visit."""
        self._source.close()


def films_in(folder: Path) -> dict[str, Path]:
    """Films for the server: main streams of 1080p25 at 4 Mbit/s, sub-streams at 0.5 Mbit/s."""
    main = coded_clip(2, cars=6)
    sub = coded_clip(2, cars=6, scale=1 / 3, bitrate=500_000)
    files = {
        "main": long_film(main, folder / "main.mp4", FILM_S),
        "sub": long_film(sub, folder / "sub.mp4", FILM_S),
    }
    return {f"/{kind}{n}": file for kind, file in files.items() for n in range(MOUNTS)}


def held_over_rtsp(
    detect: Detect,
    config: CameraConfig,
    console: Console,
    *,
    seconds: float,
    every_s: float,
    round_s: float = 30.0,
    only: int = 0,
    ways: tuple[tuple[str, str], ...] = tuple(STARTS),
) -> list[dict[str, Any]]:
    """Cameras held for each of ``ways``; ``only`` this number, else the largest (0).

    In the mode ``watch`` all stay connected, with a look every ``every_s``; in ``round`` each is
    visited every ``round_s``. The numbers are found to within a fifth. The server runs on the same
    cores: its share is told apart.
    """
    results = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patrol-rtsp-")))
        console.print("coding the films ...")
        films = films_in(folder)
        port, server = stack.enter_context(serving(films))
        for stream, mode in ways:
            start = STARTS[stream, mode]
            every = every_s if mode == "watch" else round_s
            first = only or start
            over = _search(
                detect, config, (port, stream, mode), server, first, seconds, every, only > 0
            )
            results.append({**asdict(over), "cameras_held": over.held.cameras})
            console.print(_line(over), markup=False, soft_wrap=True)
    return results


def _search(  # noqa: PLR0917 (all of what one search needs)
    detect: Detect,
    config: CameraConfig,
    where: tuple[int, str, str],
    server: psutil.Process,
    start: int,
    seconds: float,
    every_s: float,
    once: bool,
) -> Over:
    port, stream, mode = where
    options = SourceOptions(allow=AllowList.lan())
    visits = Visits()

    def opened(number: int) -> tuple[FrameSource, bool]:
        url = f"rtsp://127.0.0.1:{port}/{stream}{number % MOUNTS}"
        if mode == "watch":
            return open_source(url, f"c{number}", options), number % 2 == 0

        def visit() -> FrameSource:
            return open_source(url, f"c{number}", options)

        return TimedVisit(VisitSource(visit, patience_s=15.0), visits), number % 2 == 0

    best: tuple[Held, float, float | None, float | None] | None = None
    tried: list[int] = []
    low, high, count = 0, None, start
    load = Load(detect, config, opened, every_s=every_s)
    try:
        while high is None or high - low > max(1, low // 5):
            load.grow_to(count, pause_s=0.05)
            load.shrink_to(count)
            load.measure(max(every_s, 12.0))
            visits.clear()
            before = cpu_seconds(server)
            held = load.measure(max(seconds, every_s))
            used = (cpu_seconds(server) - before) / held.seconds
            tried.append(count)
            one = (held, round(used, 2), visits.percentile(50), visits.percentile(95))
            if held.held:
                low, best = count, one
            else:
                high = count
                best = best or one
            count = low + max(1, low // 2) if high is None else (low + high) // 2
            if count == 0 or once:
                break
    finally:
        load.close()
    assert best is not None
    return Over(stream, mode, every_s, *best, tuple(tried))


def _line(over: Over) -> str:
    held = over.held
    word = "held" if held.held else "NOT held"
    visit = f", a visit takes {over.visit_p50_s} s, p95 {over.visit_p95_s}" * bool(over.visit_p50_s)
    return (
        f"RTSP {over.stream} {over.mode}, every {over.every_s:g} s: {held.cameras} cameras {word}, "
        f"lateness p95 {held.lateness_p95_s:.2f} s, {held.done_share:.0%} of the looks, "
        f"{held.rss_mb:.0f} MB, {held.cpu:.2f} cores and {over.server_cpu:.2f} of the server{visit}"
    )
