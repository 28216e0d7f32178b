"""`patrol bench quiet DIR`: false incidents per hour on clips where there is nothing to report."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from detector.camera import CameraConfig, CameraMemory, Detect, look_at
from detector.counting import Policy
from detector.detect import Detector
from detector.incidents import Stage
from detector.sources import SourceOptions, open_source
from detector.types import Detection, Image
from models import ModelError
from patrol.model import choose_card
from patrol.terminal import settings_or_exit

VIDEOS = frozenset({".mp4", ".mkv", ".avi", ".mov", ".ts", ".flv"})
BEGIN = datetime(2026, 1, 1, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Quiet:
    """How one looped clip went: stream hours, looks, and what was wrongly opened, per class."""

    clip: str
    hours: float
    looks: int
    inspected: int
    incidents: dict[str, int]
    notices: int
    ended_with: str = ""


def play(
    path: Path, config: CameraConfig, detect: Detect, *, minutes: float, every_s: float
) -> Quiet:
    """Loop a clip for ``minutes`` of stream time, as fast as it goes, a look every ``every_s``."""
    clock = BEGIN
    options = SourceOptions(allow_files=True, loop=True, clock=lambda: clock)
    source = open_source(str(path), path.stem, options)
    memory, opened = CameraMemory(), Counter[str]()
    looks = inspected = notices = 0
    wrong = ""
    while (clock - BEGIN).total_seconds() <= minutes * 60:
        reading = source.read()
        if reading.frame is None:
            wrong = reading.status.state.value
            break
        memory, looked = look_at(memory, config, reading.frame, detect)
        looks += 1
        inspected += looked.observation.inspected
        notices += sum(notice.began for notice in looked.notices)
        opened.update(i.label for i in looked.incidents if i.stage is Stage.OPEN)
        clock += timedelta(seconds=every_s)
    source.close()
    hours = looks * every_s / 3600
    return Quiet(path.name, round(hours, 3), looks, inspected, dict(opened), notices, wrong)


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
        one = play(path, config, detect, minutes=minutes, every_s=every)
        results.append(one)
        found = ", ".join(f"{n} {label}" for label, n in sorted(one.incidents.items())) or "none"
        console.print(
            f"{one.clip}: {one.hours:.2f} h, {one.inspected} of {one.looks} looks inspected, "
            f"{one.notices} notices, false incidents: {found} {one.ended_with}",
            markup=False,
        )
    hours = sum(one.hours for one in results)
    false = sum(sum(one.incidents.values()) for one in results)
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
                    "incidents": one.incidents,
                    "looks": one.looks,
                    "inspected": one.inspected,
                    "notices": one.notices,
                }
                for one in results
            ],
            "model": {"name": card.name, "version": card.version, "sha256": card.sha256},
        }
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
