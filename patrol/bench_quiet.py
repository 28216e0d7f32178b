"""`patrol bench quiet DIR`: false incidents per hour on clips where there is nothing to report."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import av
import typer
from rich.console import Console

from detector.camera import CameraConfig, Detect
from detector.counting import Policy
from detector.detect import Detector
from detector.incidents import Incident, Stage
from detector.types import Detection, Image
from models import ModelError
from patrol.bench_play import FilmError, play
from patrol.model import choose_card
from patrol.terminal import settings_or_exit

VIDEOS = frozenset({".mp4", ".mkv", ".avi", ".mov", ".ts", ".flv"})
BEGIN = datetime(2026, 1, 1, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Quiet:
    """How one looped clip went: its length, stream hours, looks, and what was wrongly opened."""

    clip: str
    length_s: float
    hours: float
    looks: int
    inspected: int
    incidents: tuple[Incident, ...]
    notices: tuple[str, ...]
    ended_with: str = ""


def play_quiet(
    path: Path, config: CameraConfig, detect: Detect, *, minutes: float, every_s: float
) -> Quiet:
    """Loop a clip for ``minutes`` of stream time, as fast as it goes, a look every ``every_s``.

    At the seam the picture jumps, as no real camera's does. Nothing is done about that: what a jump
    makes of it counts as false like everything else.
    """
    opened: list[Incident] = []
    faults: list[str] = []
    looks = inspected = 0
    wrong = ""
    try:
        for one in play(
            path,
            path.stem,
            config,
            detect,
            began=BEGIN,
            seconds=minutes * 60 + 0.001,
            every_s=every_s,
            loop=True,
        ):
            looks += 1
            inspected += one.looked.observation.inspected
            faults += [notice.fault.value for notice in one.looked.notices if notice.began]
            opened += [i for i in one.looked.incidents if i.stage is Stage.OPEN]
    except FilmError as error:
        wrong = str(error)
    hours = round(looks * every_s / 3600, 3)
    length = 0.0 if wrong else _length_of(path)
    return Quiet(path.name, length, hours, looks, inspected, tuple(opened), tuple(faults), wrong)


def _length_of(path: Path) -> float:
    with av.open(str(path)) as film:
        return round(float(film.duration or 0) / 1e6, 1)


def quiet_bench(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Clips with nothing to report.")],
    minutes: Annotated[float, typer.Option(min=1, help="Stream time of each clip.")] = 30.0,
    every: Annotated[float, typer.Option(min=0.5, help="Seconds between looks.")] = 10.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model name or folder.")] = None,
) -> None:
    """Count incidents on clips that should have none; each clip is looped, default rules."""
    settings = settings_or_exit(**({"model": model} if model else {}))
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in VIDEOS)
    if not paths:
        typer.echo(f"{folder}: there are no videos", err=True)
        raise typer.Exit(2)
    try:
        card = choose_card(settings)
        detector = Detector(card, threads=0)
    except ModelError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error

    def detect(image: Image) -> tuple[Detection, ...]:
        return detector.detect([image])[0]

    console = Console(highlight=False)
    config = CameraConfig(Policy(card.review_thresholds))
    results = []
    for path in paths:
        one = play_quiet(path, config, detect, minutes=minutes, every_s=every)
        results.append(one)
        counts = Counter(incident.label for incident in one.incidents)
        found = ", ".join(f"{n} {label}" for label, n in sorted(counts.items())) or "none"
        console.print(
            f"{one.clip} ({one.length_s:.0f} s, looped): {one.hours:.2f} h, {one.inspected} of "
            f"{one.looks} looks inspected, {len(one.notices)} notices, "
            f"false incidents: {found} {one.ended_with}",
            markup=False,
            soft_wrap=True,
        )
    hours = sum(one.hours for one in results)
    false = sum(len(one.incidents) for one in results)
    rate = false / hours if hours else 0.0
    console.print(f"{false} false incidents in {hours:.2f} camera-hours: {rate:.2f} per hour")
    if json_file is not None:
        report = {
            "camera_hours": round(hours, 3),
            "false_incidents": false,
            "false_incidents_per_hour": round(rate, 3),
            "every_s": every,
            "clips": [
                {
                    "clip": one.clip,
                    "hours": one.hours,
                    "length_s": one.length_s,
                    "incidents": [_plain(incident) for incident in one.incidents],
                    "looks": one.looks,
                    "inspected": one.inspected,
                    "notices": list(one.notices),
                    "ended_with": one.ended_with,
                }
                for one in results
            ],
            "model": {"name": card.name, "version": card.version, "sha256": card.sha256},
        }
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _plain(one: Incident) -> dict[str, object]:
    return {
        "label": one.label,
        "first_seen_s": (one.first_seen - BEGIN).total_seconds(),
        "opened_s": ((one.opened_at or one.last_seen) - BEGIN).total_seconds(),
        "confidence": one.confidence,
        "box": [round(value, 3) for value in one.box],
        "seen": one.seen,
        "missed": one.missed,
    }
