"""`patrol bench soak`: hours of many failing cameras on a fast clock; nothing may pile up."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import psutil
import typer
from rich.console import Console
from sqlalchemy import func, select

from cases.actors import SYSTEM
from cases.camera_tables import CameraNoticeRow, CameraStatusRow
from cases.camera_views import CameraToRun
from cases.cameras import add_camera
from cases.database import Database
from cases.running import CameraRows
from cases.sealing import Sealer
from cases.store import FolderStore
from detector.counting import Policy
from detector.detect import Detector
from detector.sources import Backoff, FrameSource, SourceOptions
from detector.sources.stream import StreamSource
from detector.types import Detection, Image
from models import ModelError
from patrol.cameras import Brain, CameraRunner, RunnerConfig
from patrol.memory import keep_memory_small
from patrol.model import choose_card
from patrol.soak_cameras import NOTICE_OF, Outage, ScriptedCamera, film, script
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
    """A notice as it stands in the database; seconds from the beginning."""

    camera: int
    kind: str
    what: str
    began_s: float
    ended_s: float | None


class Soak:
    """Scripted cameras run as `patrol up` runs them, on a clock ``speed`` times as fast as time."""

    def __init__(
        self,
        folder: Path,
        brain: Brain,
        outages: Sequence[Outage],
        cameras: int,
        *,
        every_s: float,
        speed: float,
    ) -> None:
        self._outages = outages
        self._every_s, self._speed = every_s, speed
        self._stop = threading.Event()
        self._films = [film(seed) for seed in range(1, 6)]
        self._other = film(6, 320, 240)
        self._db = Database(f"sqlite:///{folder / 'patrol.db'}")
        self._db.migrate()
        sealer = Sealer(Sealer.new_key())
        self._numbers = {
            add_camera(self._db, sealer, _fields(n, every_s), actor=SYSTEM): n
            for n in range(cameras)
        }
        self._began = time.monotonic()
        self._runner = CameraRunner(
            self._db,
            FolderStore(folder / "evidence"),
            folder,
            rows=CameraRows(self._db, sealer),
            brain=lambda: brain,
            open_camera=self._open,
            config=RunnerConfig(speed=speed, outage_after_s=3 * every_s),
            clock=self.clock,
        )
        self._runner.start()

    def passed(self) -> float:
        """Seconds of the soak's clock since its beginning."""
        return (time.monotonic() - self._began) * self._speed

    def clock(self) -> datetime:
        """The soak's clock."""
        return BEGIN + timedelta(seconds=self.passed())

    def notices(self) -> tuple[Kept, ...]:
        """What the database holds."""
        with self._db.session() as session:
            rows = session.scalars(select(CameraNoticeRow).order_by(CameraNoticeRow.id)).all()
            return tuple(
                Kept(
                    self._numbers[row.camera_id],
                    row.kind,
                    row.what,
                    (row.began_at - BEGIN).total_seconds(),
                    None if row.ended_at is None else (row.ended_at - BEGIN).total_seconds(),
                )
                for row in rows
            )

    def looks(self) -> tuple[int, int]:
        """Looks so far, and how many of them the network saw."""
        with self._db.session() as session:
            counts = select(
                func.sum(CameraStatusRow.looks), func.sum(CameraStatusRow.looks_inspected)
            )
            looks, inspected = session.execute(counts).one()
            return int(looks or 0), int(inspected or 0)

    def close(self) -> None:
        """Stop all; what was seen is written."""
        self._stop.set()
        self._runner.close()

    def dispose(self) -> None:
        """Let go of the database."""
        self._db.close()

    def _open(self, row: CameraToRun) -> FrameSource:
        number = self._numbers[row.id]
        camera = ScriptedCamera(
            self._films[number % len(self._films)],
            self._other,
            tuple(o for o in self._outages if o.camera == number),
            self.passed,
            speed=self._speed,
            key_s=self._every_s / 2.5,
            stop=self._stop,
        )
        options = SourceOptions(clock=self.clock, backoff=Backoff(first=0.02, most=0.2))
        name = f"c{row.id}"
        return StreamSource(row.address(), name, "rtsp", options, connect=camera.connect)


def _fields(number: int, every_s: float) -> Any:
    return {"name": f"c{number}", "url": f"rtsp://soak.test/{number}", "every_s": every_s}


def recorded(
    outages: Sequence[Outage], notices: Sequence[Kept], slack_s: float
) -> tuple[list[Outage], list[Outage], list[Kept]]:
    """Outages with exactly one notice, begun in time and closed; the rest; and other notices."""
    left = list(notices)
    found: list[Outage] = []
    missed: list[Outage] = []
    for outage in outages:
        mine = [
            n
            for n in left
            if n.camera == outage.camera
            and (n.kind, n.what) == NOTICE_OF[outage.kind]
            and outage.start_s - slack_s <= n.began_s <= outage.end_s + slack_s
        ]
        closed = [n for n in mine if n.ended_s is not None and n.ended_s >= outage.end_s - slack_s]
        (found if len(mine) == len(closed) == 1 else missed).append(outage)
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

    The cameras are run as `patrol up` runs them, with a database; their streams are coded key
    frames through the same source, engine and network as real ones.
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
    brain = Brain(detect, card.name, card.look_sha256, Policy(card.review_thresholds))
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="patrol-soak-"))
        soak = Soak(Path(folder), brain, outages, cameras, every_s=every, speed=speed)
        stack.callback(soak.dispose)
        try:
            samples = watch_process(soak.passed, seconds, console)
        finally:
            soak.close()
        notices, looks = soak.notices(), soak.looks()
    report = report_of(outages, notices, samples, looks, every_s=every)
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
        "others": [f"c{n.camera} {n.kind} {n.what} {n.began_s:.0f} s" for n in others],
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
