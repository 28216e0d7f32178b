"""`patrol scan`: look at an inspector's photos, file what is found, tell what could not be read."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from cases.policy import FilingPolicy
from cases.store import FolderStore
from detector.detect import Detector
from detector.photo import PhotoLimits
from models import ModelError
from patrol.memory import keep_memory_small
from patrol.model import choose_card, choose_photo_card
from patrol.photo_files import find_photos
from patrol.report import Entry, ReportFolder
from patrol.scanning import Outcome, Report, Scanner
from patrol.terminal import opened_database, settings_or_exit

_MIB = 1024 * 1024
_SHOWN_PROBLEMS = 20
_MOST_WORKERS = 4


def scan(  # noqa: PLR0917 (the options of a command)
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders, globs, zip archives.")
    ],
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write one JSON object per photo.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="Write an HTML page with thumbnails."),
    ] = None,
    no_file: Annotated[bool, typer.Option("--no-file", help="Only look; file no leads.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Look again at photos looked at before.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(help="Model name or folder; default: the one for photos, as in the service."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Photos at a time; 0 for one per core, at most 4.")
    ] = 0,
    provider: Annotated[
        list[str] | None,
        typer.Option(help="What computes: OpenVINO, or ONNX Runtime providers, best first."),
    ] = None,
) -> None:
    """Look at photos and file what is found as leads for review.

    Interrupted and started again, finished photos are not looked at a second time. Ends with 0 and
    a summary, with 2 when nothing could be read, with 130 when interrupted.
    """
    settings = settings_or_exit(**({"model": model} if model else {}))
    keep_memory_small()
    console = Console(stderr=True)
    count = workers or min(_MOST_WORKERS, os.cpu_count() or 1)
    try:
        card = choose_card(settings)
        if not model:
            card = choose_photo_card(settings, card)
        detector = Detector(card, tuple(provider or settings.providers), threads=1)
    except (ModelError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    with opened_database(settings) as db, _told_plainly():
        lines = JsonLines(json_file) if json_file else None
        folder = (
            ReportFolder(report, f"{card.name} {card.version}", settings.zone) if report else None
        )
        scanner = Scanner(
            detector=detector,
            db=db,
            store=None if no_file else FolderStore(settings.evidence_dir),
            policy=FilingPolicy(card.review_thresholds, settings.merge_metres),
            limits=PhotoLimits(settings.max_file_mib * _MIB, settings.max_megapixels * 1_000_000),
            timezone=settings.zone,
            workers=count,
            again=again,
            report=Report(folder.is_drawn, folder.draw) if folder else None,
        )
        tally = _run(scanner, paths, lines, folder, console)
    for text in summary(tally, filed=not no_file):
        typer.echo(text)
    if tally.stopped:
        raise typer.Exit(130)
    if tally.read == 0:
        raise typer.Exit(2)


@dataclass
class Tally:
    """What the summary counts."""

    read: int = 0
    remembered: int = 0
    leads: set[int] = field(default_factory=set)
    findings: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)
    stopped: bool = False

    def add(self, outcome: Outcome) -> None:
        """Count one photo."""
        if outcome.problem is not None:
            self.problems.append((outcome.file.shown, outcome.problem.message))
            return
        self.read += 1
        self.remembered += outcome.remembered
        self.leads.update(outcome.leads)
        self.findings.update(finding.label for finding in outcome.findings)


def line(outcome: Outcome, model: str) -> dict[str, Any]:
    """The JSON object of one photo: boxes in pixels of the upright original, times in UTC."""
    info, look = outcome.info, outcome.look
    return {
        "path": outcome.file.shown,
        "sha256": outcome.sha256,
        "width": info.width if info else None,
        "height": info.height if info else None,
        "captured_at": _utc(info.captured_at) if info else None,
        "lat": info.lat if info else None,
        "lon": info.lon if info else None,
        "model": look.model if look else model,
        "detections": [
            {
                "class": one.label,
                "confidence": round(one.confidence, 4),
                "box": [round(value, 2) for value in one.box],
            }
            for one in (look.detections if look else ())
        ],
        "error": (
            {"code": outcome.problem.code, "message": outcome.problem.message}
            if outcome.problem
            else None
        ),
    }


def summary(tally: Tally, *, filed: bool) -> list[str]:
    """The lines that end a scan."""
    total = tally.read + len(tally.problems)
    parts = [f"{total} photos", f"{tally.read} looked at"]
    if tally.remembered:
        parts[-1] += f" ({tally.remembered} of them by an earlier scan)"
    parts.append(f"{len(tally.problems)} could not be read")
    lines = ["; ".join(parts) + "."]
    found = ", ".join(f"{number} {label}" for label, number in tally.findings.most_common())
    lines.append(f"Findings: {found or 'none'}.")
    if filed:
        lines.append(f"Leads made or joined: {len(tally.leads)}.")
    for shown, message in tally.problems[:_SHOWN_PROBLEMS]:
        lines.append(f"  {printable(shown)}: {printable(message)}")
    if len(tally.problems) > _SHOWN_PROBLEMS:
        lines.append(f"  and {len(tally.problems) - _SHOWN_PROBLEMS} more; --json lists them all")
    if tally.stopped:
        lines.append("Stopped. The same command goes on where this one ended.")
    return lines


def printable(text: str) -> str:
    """``text`` without the control characters that a file name could send to a terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


class JsonLines:
    """A file of one JSON object per line that appears, whole, when the scan is through.

    Until then the lines are in ``FILE.part``. A scan that goes on after an interruption writes all
    lines again, those of remembered photos too, so no line is missing or doubled.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._file = self._part.open("w", encoding="utf-8")

    def write(self, value: dict[str, Any]) -> None:
        """Add one line."""
        self._file.write(json.dumps(value, ensure_ascii=False) + "\n")

    def close(self, *, whole: bool) -> None:
        """End the file; ``whole`` puts it in its place, else it stays ``FILE.part``."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if whole:
            self._part.replace(self._path)


class RateColumn(ProgressColumn):
    """Photos per second, measured over the last half minute."""

    def render(self, task: Task) -> Text:
        """The rate, or nothing yet."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f} photos/s" if speed else "")


def _run(
    scanner: Scanner,
    paths: list[str],
    lines: JsonLines | None,
    folder: ReportFolder | None,
    console: Console,
) -> Tally:
    tally = Tally()
    entries: list[Entry] = []
    with _progress(console) as progress:
        task = progress.add_task("", total=None, note="")
        try:
            files = list(find_photos(paths))
            progress.update(task, total=len(files))
            with _asked_to_stop() as asked, closing(scanner.scan(files)) as outcomes:
                for outcome in outcomes:
                    tally.add(outcome)
                    if lines is not None:
                        lines.write(line(outcome, scanner.detector.card.name))
                    if folder is not None:
                        entries.append(_entry(outcome))
                    progress.update(task, advance=1, note=_note(tally))
                    if asked.is_set():
                        tally.stopped = True
                        break
        except KeyboardInterrupt:
            tally.stopped = True
    if folder is not None:
        folder.finish(entries)
    if lines is not None:
        lines.close(whole=not tally.stopped)
    return tally


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Set by the first Ctrl-C, so that none is lost in a callback that swallows exceptions.

    The second one interrupts at once.
    """
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).strip()
        typer.echo(f"the database failed: {reason}; the same command goes on from here", err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        typer.echo(f"{error.filename or 'the disk'}: {error.strerror}", err=True)
        raise typer.Exit(1) from error


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[note]}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _note(tally: Tally) -> str:
    note = f"{tally.findings.total()} findings"
    return f"{note}, {len(tally.problems)} not readable" if tally.problems else note


def _entry(outcome: Outcome) -> Entry:
    info = outcome.info
    return Entry(
        shown=printable(outcome.file.shown),
        sha256=outcome.sha256,
        width=info.width if info else None,
        height=info.height if info else None,
        captured_at=info.captured_at if info else None,
        findings=tuple((one.label, one.confidence) for one in outcome.findings),
        error=printable(outcome.problem.message) if outcome.problem else None,
    )


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
