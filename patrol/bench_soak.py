"""`patrol bench soak`: hours of many failing cameras on a fast clock; nothing may pile up."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import psutil
import typer
from rich.console import Console

from detector.camera import CameraConfig, Detect
from detector.counting import Policy
from detector.detect import Detector
from detector.sentry import Notice
from detector.sources import Backoff, SourceOptions
from detector.sources.stream import StreamSource
from detector.types import Detection, Image
from models import ModelError
from patrol.engine import Engine, Report
from patrol.memory import keep_memory_small
from patrol.model import choose_card
from patrol.soak_cameras import FAULT_OF, Outage, ScriptedCamera, film, script
from patrol.terminal import settings_or_exit

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
_SAMPLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds at one time of the soak (hours)."""

    hours: float
    rss_mb: float
    threads: int
    handles: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A maintenance notice as it was recorded; seconds from the beginning."""

    camera: int
    fault: str
    began_s: float


class Soak:
    """Scripted cameras on one engine, with a clock ``speed`` times as fast as time."""

    def __init__(
        self,
        config: CameraConfig,
        detect: Detect,
        outages: Sequence[Outage],
        cameras: int,
        *,
        every_s: float,
        speed: float,
        workers: int = 2,
    ) -> None:
        self._began = time.monotonic()
        self._speed = speed
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._kept: list[Kept] = []
        self._looks = self._inspected = 0
        self._engine = Engine(detect, self._hear, workers=workers, clock=self.clock)
        options = SourceOptions(clock=self.clock, backoff=Backoff(first=0.02, most=0.2))
        usual = [film(seed) for seed in range(1, 6)]
        other = film(6, 320, 240)
        for number in range(cameras):
            camera = ScriptedCamera(
                usual[number % len(usual)],
                other,
                tuple(o for o in outages if o.camera == number),
                self.passed,
                speed=speed,
                key_s=every_s / 2.5,
                stop=self._stop,
            )
            source = StreamSource(
                "rtsp://soak", f"c{number}", "rtsp", options, connect=camera.connect
            )
            self._engine.add(f"c{number}", source, config, every_s=every_s / speed)

    def passed(self) -> float:
        """Seconds of the soak's clock since its beginning."""
        return (time.monotonic() - self._began) * self._speed

    def clock(self) -> datetime:
        """The soak's clock."""
        return BEGIN + timedelta(seconds=self.passed())

    def notices(self) -> tuple[Kept, ...]:
        """What was recorded so far."""
        with self._lock:
            return tuple(self._kept)

    @property
    def looks(self) -> tuple[int, int]:
        """Looks so far, and how many of them the network saw."""
        with self._lock:
            return self._looks, self._inspected

    def close(self) -> None:
        """Stop all."""
        self._stop.set()
        self._engine.close()

    def _hear(self, report: Report) -> None:
        with self._lock:
            self._kept += [_kept(report.camera, n) for n in report.notices if n.began]
            if report.looked is not None:
                self._looks += 1
                self._inspected += report.looked.observation.inspected


def _kept(camera: str, notice: Notice) -> Kept:
    return Kept(int(camera[1:]), notice.fault.value, (notice.at - BEGIN).total_seconds())


def recorded(
    outages: Sequence[Outage], notices: Sequence[Kept], slack_s: float
) -> tuple[list[Outage], list[Outage], list[Kept]]:
    """Outages with exactly one notice of theirs, those without (or doubled), and other notices."""
    left = list(notices)
    found: list[Outage] = []
    missed: list[Outage] = []
    for outage in outages:
        mine = [
            n
            for n in left
            if n.camera == outage.camera
            and n.fault == FAULT_OF[outage.kind]
            and outage.start_s <= n.began_s <= outage.end_s + slack_s
        ]
        (found if len(mine) == 1 else missed).append(outage)
        left = [n for n in left if n not in mine]
    return found, missed, left


def watch_process(passed: Callable[[], float], until_s: float, console: Console) -> list[Sample]:
    """What the process holds, every two seconds until the soak's clock stands at ``until_s``."""
    process = psutil.Process()
    samples: list[Sample] = []
    told = 0
    while (now := passed()) < until_s:
        rss = process.memory_info().rss / 2**20
        sample = Sample(now / 3600, round(rss, 1), process.num_threads(), process.num_fds())
        samples.append(sample)
        if int(sample.hours) > told:
            told = int(sample.hours)
            console.print(
                f"{sample.hours:.1f} h: {sample.rss_mb:.0f} MB, {sample.threads} threads, "
                f"{sample.handles} handles",
                markup=False,
            )
        time.sleep(_SAMPLE_S)
    return samples


def slope(samples: Sequence[Sample]) -> float:
    """MB an hour, over all but the first quarter."""
    late = samples[len(samples) // 4 :]
    if len(late) < 3:
        return 0.0
    hours = np.array([s.hours for s in late])
    rss = np.array([s.rss_mb for s in late])
    return float(np.polyfit(hours, rss, 1)[0])


def soak_bench(  # noqa: PLR0917 (the options of a command)
    hours: Annotated[float, typer.Option(min=0.5, help="Hours on the soak's clock.")] = 8.0,
    cameras: Annotated[int, typer.Option(min=1)] = 50,
    speed: Annotated[
        float, typer.Option(min=1, help="Seconds of the soak's clock in one second.")
    ] = 80.0,
    every: Annotated[float, typer.Option(min=1, help="Seconds between looks.")] = 30.0,
    seed: Annotated[int, typer.Option(help="Of the script.")] = 1,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model name or folder.")] = None,
) -> None:
    """Cameras that drop, stall, freeze, send garbage or change shape, and come back, by a script.

    The streams are coded key frames through the same source, engine and network as real ones.
    Every outage must be in the record, once; memory, threads and file handles must not grow.
    """
    console = Console(highlight=False)
    settings = settings_or_exit(**({"model": model} if model else {}))
    keep_memory_small()
    try:
        card = choose_card(settings)
        detector = Detector(card, threads=1)
    except ModelError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error

    def detect(image: Image) -> tuple[Detection, ...]:
        return detector.detect([image])[0]

    seconds = hours * 3600
    outages = script(cameras, seconds, seed)
    console.print(f"{len(outages)} outages in {hours:g} h of {cameras} cameras, at {speed:g} times")
    config = CameraConfig(Policy(card.review_thresholds))
    soak = Soak(config, detect, outages, cameras, every_s=every, speed=speed)
    try:
        samples = watch_process(soak.passed, seconds, console)
    finally:
        soak.close()
    report = report_of(outages, soak.notices(), samples, soak.looks, every_s=every)
    report |= {"hours": hours, "cameras": cameras, "every_s": every, "speed": speed, "seed": seed}
    console.print(
        f"{report['outages_recorded']} of {len(outages)} outages in the record, "
        f"{report['other_notices']} other notices; memory {report['rss_start_mb']:.0f} to "
        f"{report['rss_end_mb']:.0f} MB ({report['rss_slope_mb_per_hour']:+.2f} MB an hour), "
        f"threads {report['threads_start']} to {report['threads_end']}, handles "
        f"{report['handles_start']} to {report['handles_end']}; "
        f"{report['looks_share']:.0%} of the looks taken",
        markup=False,
        soft_wrap=True,
    )
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def report_of(
    outages: Sequence[Outage],
    notices: Sequence[Kept],
    samples: Sequence[Sample],
    looks: tuple[int, int],
    *,
    every_s: float,
) -> dict[str, Any]:
    """The figures for ``--json``: start is after a tenth of the time, when all is warm."""
    found, missed, others = recorded(outages, notices, 3 * every_s)
    start, end = samples[len(samples) // 10], samples[-1]
    cameras = 1 + max((o.camera for o in outages), default=0)
    due = cameras * samples[-1].hours * 3600 / every_s
    return {
        "outages_scripted": len(outages),
        "outages_recorded": len(found),
        "outages_missed": [f"c{o.camera} {o.kind} {o.start_s:.0f}-{o.end_s:.0f} s" for o in missed],
        "other_notices": len(others),
        "others": [f"c{n.camera} {n.fault} {n.began_s:.0f} s" for n in others],
        "rss_start_mb": start.rss_mb,
        "rss_end_mb": end.rss_mb,
        "rss_slope_mb_per_hour": round(slope(samples), 3),
        "threads_start": start.threads,
        "threads_end": end.threads,
        "handles_start": start.handles,
        "handles_end": end.handles,
        "looks": looks[0],
        "looks_inspected": looks[1],
        "looks_share": round(looks[0] / due, 3),
    }
