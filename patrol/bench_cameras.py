"""`patrol bench cameras`: how many 1080p25 streams this machine holds, beside full decoding."""

from __future__ import annotations

import json
import os
import platform
import threading
import time
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnxruntime
import psutil
import typer
from rich.console import Console

from detector.camera import CameraConfig, Detect
from detector.counting import Policy
from detector.detect import Detector
from detector.permits import Permit, Span, Weekly
from detector.sources import SourceOptions
from detector.sources.stream import StreamSource
from detector.types import Detection, Image
from detector.zones import Mask, Rules, Zone
from models import ModelCard, ModelError
from patrol.bench_peers import full_decode_held, ultralytics_held
from patrol.bench_streams import Clip, coded_clip, replayed
from patrol.engine import Engine, Report
from patrol.memory import keep_memory_small
from patrol.model import choose_card
from patrol.terminal import settings_or_exit

LATE_S = 2.0
MOST_RSS_MB = 2048
DONE_SHARE = 0.97

Stream = tuple[Clip, bool]
"""A clip, and whether the gate may spare its looks."""


@dataclass(frozen=True, slots=True)
class Held:
    """How one number of cameras went over one measuring time.

    ``done_share``: looks that were taken of those that were due. ``cpu``: cores used by this
    process, of the cores there are.
    """

    cameras: int
    seconds: float
    lateness_p50_s: float
    lateness_p95_s: float
    done_share: float
    inferred_share: float
    rss_mb: float
    cpu: float
    incidents: int

    @property
    def held(self) -> bool:
        """Within the limits: p95 lateness, looks taken, memory."""
        in_time = self.lateness_p95_s < LATE_S and self.done_share >= DONE_SHARE
        return in_time and self.rss_mb < MOST_RSS_MB


class Load:
    """Cameras on one engine, added and removed in the running, and what is measured of them."""

    def __init__(
        self, detect: Detect, config: CameraConfig, streams: list[Stream], *, every_s: float
    ) -> None:
        self._streams = streams
        self._every_s = every_s
        self._config = config
        self._lock = threading.Lock()
        self._reports: list[Report] = []
        self._stop = threading.Event()
        self._rng = np.random.default_rng(7)
        self._engine = Engine(detect, self._hear, workers=os.cpu_count() or 1)
        self._number = 0

    @property
    def cameras(self) -> int:
        """How many run now."""
        return len(self._engine.cameras)

    def grow_to(self, count: int) -> None:
        """Add cameras until there are ``count``."""
        while self.cameras < count:
            clip, gated = self._streams[self._number % len(self._streams)]
            config = replace(self._config, gated=gated)
            offset = int(self._rng.integers(0, len(clip.packets)))
            name = f"c{self._number}"
            connect = replayed(clip, offset, self._stop)
            source = StreamSource("rtsp://bench", name, "rtsp", SourceOptions(), connect=connect)
            self._engine.add(name, source, config, every_s=self._every_s)
            self._number += 1

    def shrink_to(self, count: int) -> None:
        """Remove the newest cameras until there are ``count``."""
        for name in self._engine.cameras[count:]:
            self._engine.remove(name)

    def measure(self, seconds: float) -> Held:
        """Let it run and say how it went."""
        process = psutil.Process()
        with self._lock:
            self._reports.clear()
        before, begin = process.cpu_times(), time.monotonic()
        rss = 0
        while time.monotonic() - begin < seconds:
            time.sleep(0.5)
            rss = max(rss, process.memory_info().rss)
        passed, after = time.monotonic() - begin, process.cpu_times()
        with self._lock:
            reports = [report for report in self._reports if report.looked is not None]
        late = np.array([report.late_s for report in reports] or [np.inf])
        looked = [report.looked for report in reports if report.looked is not None]
        return Held(
            cameras=self.cameras,
            seconds=round(passed, 1),
            lateness_p50_s=round(float(np.percentile(late, 50)), 3),
            lateness_p95_s=round(float(np.percentile(late, 95)), 3),
            done_share=round(len(looked) / (self.cameras * passed / self._every_s), 3),
            inferred_share=round(
                sum(o.observation.inspected for o in looked) / max(1, len(looked)), 3
            ),
            rss_mb=round(rss / 2**20),
            cpu=round((after.user + after.system - before.user - before.system) / passed, 2),
            incidents=sum(len(one.incidents) for one in looked),
        )

    def close(self) -> None:
        """Stop all."""
        self._stop.set()
        self._engine.close()

    def _hear(self, report: Report) -> None:
        with self._lock:
            self._reports.append(replace(report, frame=None))


def camera_config(card: ModelCard) -> CameraConfig:
    """Rules as a city has them: two zones, a night market, a mask."""
    half = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
    corner = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.2))
    nightly = Weekly(frozenset(range(7)), (Span.of(20, 2),))
    rules = Rules(
        zones=(Zone("road", half), Zone("view", unknown_objects=True)),
        permits=(Permit("market", half, frozenset({"stall"}), (nightly,)),),
        masks=(Mask("clock", corner),),
    )
    return CameraConfig(Policy(card.review_thresholds), rules)


def search(load: Load, seconds: float, start: int, console: Console) -> tuple[Held, list[Held]]:
    """The largest number of cameras that is held, to within a tenth, and all that was tried."""
    tried: list[Held] = []
    good: Held | None = None
    bad: int | None = None
    count = start
    while True:
        load.grow_to(count)
        load.shrink_to(count)
        load.measure(min(12.0, seconds))  # settle: first looks, first inspections
        held = load.measure(seconds)
        tried.append(held)
        console.print(_line(held), markup=False)
        if held.held:
            good = held if good is None or held.cameras > good.cameras else good
        else:
            bad = held.cameras if bad is None else min(bad, held.cameras)
        if bad is None:
            count = int(count * 1.5)
        else:
            low = good.cameras if good is not None else 0
            if bad - low <= max(5, bad // 10):
                return good or held, tried
            count = (low + bad) // 2


def cameras_bench(  # noqa: PLR0917 (the options of a command)
    seconds: Annotated[float, typer.Option(min=5, help="Measuring time for each number.")] = 60.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
    every: Annotated[float, typer.Option(min=0.5, help="Seconds between looks.")] = 10.0,
    cameras: Annotated[int, typer.Option(min=0, help="Only this number; 0 searches.")] = 0,
    start: Annotated[int, typer.Option(min=1, help="Number the search begins with.")] = 100,
    busy: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of streams that are inspected at every look."),
    ] = 0.5,
    peers: Annotated[bool, typer.Option("--peers/--no-peers", help="Measure the peers.")] = True,
    weights: Annotated[
        Path | None, typer.Option(help="Checkpoint (.pt) for ultralytics; default: the ONNX model.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model name or folder.")] = None,
) -> None:
    """Cameras held: p95 of the looks done within 2 s of when they were due, under 2 GB.

    The streams are 1080p25 H.264 at 4 Mbit/s, made by the bench, replayed in real time from memory;
    a share of them (`--busy`) has traffic and no gate, so that the network takes every look, as on
    a busy junction; the others have only noise, and the gate. Rules and incidents run.
    """
    console = Console()
    settings = settings_or_exit(**({"model": model} if model else {}))
    keep_memory_small()
    try:
        card = choose_card(settings)
        detector = Detector(card, threads=1)
    except ModelError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    console.print("coding the clips ...")
    with_traffic = coded_clip(2, cars=6)
    streams = _mixed(coded_clip(1, cars=0), with_traffic, busy)

    def detect(image: Image) -> tuple[Detection, ...]:
        return detector.detect([image])[0]

    idle = 1.0 - psutil.cpu_percent(1.0) / 100
    load = Load(detect, camera_config(card), streams, every_s=every)
    try:
        if cameras:
            load.grow_to(cameras)
            load.measure(min(12.0, seconds))
            best = load.measure(seconds)
            tried = [best]
            console.print(_line(best), markup=False)
        else:
            best, tried = search(load, seconds, start, console)
    finally:
        load.close()
    full = ultra = None
    if peers:
        full = full_decode_held(with_traffic, detect, every_s=every, seconds=min(seconds, 15.0))
        console.print(f"full decoding with OpenCV: {full} cameras", markup=False)
        if find_spec("ultralytics") is None:
            console.print("ultralytics: needs the extra `train`", markup=False)
        else:
            file = weights or card.path
            ultra = ultralytics_held(with_traffic, file, every_s=every, size=card.input.size)
            console.print(f"ultralytics, all streams in one predict: {ultra} cameras", markup=False)
    report: dict[str, Any] = {
        "cameras_held": best.cameras if best.held else 0,
        "lateness_p95_s": best.lateness_p95_s,
        "rss_mb": best.rss_mb,
        "looks_inferred_share": best.inferred_share,
        "full_decode_cameras": full,
        "ultralytics_cameras": ultra,
        "every_s": every,
        "busy_share": busy,
        "tried": [asdict(one) for one in tried],
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.machine(),
            "idle_share_before": round(idle, 2),
        },
        "model": {"name": card.name, "version": card.version, "sha256": card.sha256},
        "onnxruntime": onnxruntime.__version__,
    }
    if idle < 0.8:
        console.print(f"other work kept {1 - idle:.0%} of this machine busy: figures are low")
    console.print(f"held: {report['cameras_held']} cameras")
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _mixed(quiet: Clip, busy: Clip, share: float) -> list[Stream]:
    """Ten entries, ``share`` of them busy, to be dealt out in turn."""
    count = round(share * 10)
    return [(busy, False) if (n * 7) % 10 < count else (quiet, True) for n in range(10)]


def _line(held: Held) -> str:
    word = "held" if held.held else "NOT held"
    return (
        f"{held.cameras} cameras: lateness p50 {held.lateness_p50_s:.2f} s, "
        f"p95 {held.lateness_p95_s:.2f} s, {held.done_share:.0%} of the looks done, "
        f"{held.inferred_share:.0%} inspected by the network, {held.rss_mb:.0f} MB, "
        f"{held.cpu:.2f} cores: {word}"
    )
