"""`patrol watch URL`: one camera in the terminal, from its address to incidents."""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.markup import escape

from detector.camera import CameraConfig, CameraMemory, Detect
from detector.counting import Policy
from detector.detect import Detector
from detector.incidents import Incident, Stage, book_from, book_to, incident_to
from detector.observation import observation_to
from detector.sentry import FAULT_TEXTS, Notice
from detector.sources import (
    AllowList,
    FrameSource,
    SourceError,
    SourceOptions,
    VisitSource,
    open_source,
    redact,
)
from detector.sources.source import kind_of
from detector.sources.states import CameraState, Status
from detector.types import Detection, Image
from detector.zones import Rules, RulesError, load_rules
from models import ModelError
from patrol.engine import Engine, Report
from patrol.evidence_kit import EvidenceKit
from patrol.memory import keep_memory_small
from patrol.model import choose_card
from patrol.terminal import settings_or_exit

_SHOWN = 0.25  # confidence from which a sighting is printed; the JSON lines hold all


def watch(  # noqa: PLR0917 (the options of a command)
    url: Annotated[
        str,
        typer.Argument(help="rtsp://, http(s):// (HLS, FLV, JPEG snapshot), a video or a folder."),
    ],
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between looks.")] = 10.0,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Stop after this long; default: until Ctrl-C.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write one JSON object per event.")
    ] = None,
    rules_file: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="Zones and permits, YAML.")
    ] = None,
    state_file: Annotated[
        Path | None,
        typer.Option("--state", metavar="FILE", help="Keep open incidents over restarts."),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the pictures of incidents, people masked."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model name or folder; default: PATROL_MODEL.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the camera.")] = "camera",
    udp: Annotated[bool, typer.Option("--udp", help="RTSP over UDP instead of TCP.")] = False,
    visit: Annotated[
        bool, typer.Option("--visit", help="Connect for each look and leave again (轮巡).")
    ] = False,
    loop: Annotated[bool, typer.Option("--loop", help="Begin a file or folder again.")] = False,
    speed: Annotated[
        float, typer.Option(min=0.01, help="Play a file this many times as fast.")
    ] = 1.0,
) -> None:
    """Look at one camera every few seconds and tell what lies there for longer.

    Ends with 0, with 1 when nothing could be opened, with 2 for wrong arguments.
    """
    settings = settings_or_exit(**({"model": model} if model else {}))
    keep_memory_small()
    options = SourceOptions(
        transport="udp" if udp else "tcp",
        allow=AllowList.lan(),
        allow_files=True,
        loop=loop,
        speed=speed,
        timezone=settings.zone,
    )
    try:
        played = kind_of(url) in ("file", "folder")
        rules = load_rules(rules_file) if rules_file else Rules(timezone=settings.zone)
        memory = read_state(state_file)
        card = choose_card(settings)
        detector = Detector(card, threads=os.cpu_count() or 1)
        source = opened(url, name, options, visit=visit and not played)
    except (RulesError, SourceError, ModelError, StateError) as error:
        typer.echo(f"patrol watch: {error}", err=True)
        raise typer.Exit(2) from error

    def detect(image: Image) -> tuple[Detection, ...]:
        return detector.detect([image])[0]

    config = CameraConfig(Policy(card.review_thresholds), rules)
    with ExitStack() as stack:
        lines = stack.enter_context(json_file.open("w", encoding="utf-8")) if json_file else None
        teller = Teller(Console(highlight=False), lines, state_file, once=played and not loop)
        teller.kit = EvidenceKit(evidence) if evidence else None
        teller.begin(url, f"{card.name} {card.version}", every)
        beat = every / speed if played else every
        try:
            patrol_one(source, name, config, detect, teller, beat, minutes, memory)
        except KeyboardInterrupt:
            teller.console.print("stopped")
    teller.end()
    if teller.looks == 0:
        raise typer.Exit(1)


def patrol_one(  # noqa: PLR0917 (all of what a patrol is)
    source: FrameSource,
    name: str,
    config: CameraConfig,
    detect: Detect,
    teller: Teller,
    beat: float,
    minutes: float | None = None,
    memory: CameraMemory | None = None,
) -> None:
    """Look at one camera every ``beat`` seconds until it is over or the minutes have passed.

    Raises:
        Whatever the teller or the network raise; the camera's own troubles are states instead.
    """
    engine = Engine(detect, teller.hear, workers=1)
    teller.memory = lambda: engine.memory_of(name)
    until = math.inf if minutes is None else time.monotonic() + minutes * 60
    try:
        engine.add(name, source, config, every_s=beat, memory=memory)
        while engine.running and time.monotonic() < until and not teller.over.wait(0.05):
            pass
    finally:
        engine.close()


def opened(url: str, name: str, options: SourceOptions, *, visit: bool) -> FrameSource:
    """The camera, connected all the time or for each look only."""
    if not visit:
        return open_source(url, name, options)
    patience = options.connect_s + options.key_wait_s
    return VisitSource(lambda: open_source(url, name, options), patience_s=patience)


class StateError(ValueError):
    """A state file cannot be used; the message names it."""


def read_state(path: Path | None) -> CameraMemory:
    """The memory a state file holds; a fresh one when there is no file yet."""
    if path is None or not path.exists():
        return CameraMemory()
    try:
        return CameraMemory(book=book_from(json.loads(path.read_text(encoding="utf-8"))))
    except ValueError as error:
        raise StateError(f"{path}: expected the state of a camera: {error}") from error


def write_state(path: Path, memory: CameraMemory) -> None:
    """Replace the state file as a whole, so that a kill at any moment leaves the old or the new."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(book_to(memory.book), file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


class Teller:
    """Prints what happens, and writes it as JSON lines. ``hear`` is called by the engine."""

    def __init__(
        self, console: Console, lines: TextIO | None, state: Path | None, *, once: bool
    ) -> None:
        self.console = console
        self.over = threading.Event()
        self.looks = 0
        self.memory: Callable[[], CameraMemory] = CameraMemory
        self.kit: EvidenceKit | None = None
        self._lines = lines
        self._state_file = state
        self._once = once
        self._inspected = 0
        self._opened: Counter[str] = Counter()
        self._last: CameraState | None = None
        self._latencies: list[float] = []

    def begin(self, url: str, model: str, every: float) -> None:
        """The first line."""
        self.console.print(f"{escape(redact(url))}  model {escape(model)}, every {every:g} s")

    def hear(self, report: Report) -> None:
        """One due look."""
        again = report.status.state is CameraState.CONNECTING and self._last is not None
        if report.status.state is not self._last and not again:
            self._last = report.status.state
            self._state(report.status)
        for notice in report.notices:
            self._notice(notice)
        if report.looked is not None:
            self._look(report)
            for incident in report.looked.incidents:
                self._incident(incident)
            if self.kit is not None and report.frame is not None:
                for folder in self.kit.see(report.frame, report.looked, self.memory()):
                    self.console.print(f"pictures in {escape(str(folder))}", soft_wrap=True)
            if self._state_file is not None:
                write_state(self._state_file, self.memory())
        if self._once and report.looked is None:
            self.over.set()

    def end(self) -> None:
        """The last line."""
        share = self._inspected / self.looks if self.looks else 0.0
        found = ", ".join(f"{n} {label}" for label, n in sorted(self._opened.items())) or "none"
        self.console.print(
            f"{self.looks} looks, {share:.0%} of them inspected by the network; incidents: {found}"
        )

    def _state(self, status: Status) -> None:
        text = status.state.text
        detail = f" ({status.detail})" if status.detail else ""
        colour = "green" if status.state.delivers else "yellow"
        self.console.print(f"[{colour}]{text.zh} / {text.en}[/]{escape(detail)}")
        self._write(
            "state", at=status.since.isoformat(), state=status.state.value, detail=status.detail
        )

    def _notice(self, notice: Notice) -> None:
        zh, en = FAULT_TEXTS[notice.fault]
        word = "begins" if notice.began else "is over"
        self.console.print(f"{notice.at:%H:%M:%S} [yellow]{zh} / {en}: {word}[/]")
        self._write(
            "notice", at=notice.at.isoformat(), fault=notice.fault.value, began=notice.began
        )

    def _look(self, report: Report) -> None:
        looked = report.looked
        assert looked is not None
        self.looks += 1
        self._inspected += looked.observation.inspected
        seen = Counter(s.label for s in looked.observation.sightings if s.confidence >= _SHOWN)
        what = ", ".join(f"{n} {label}" for label, n in seen.most_common()) or "nothing"
        how = "inspected" if looked.observation.inspected else "unchanged"
        if not looked.observation.fit:
            how = "unfit"
        self.console.print(
            f"{looked.observation.at:%H:%M:%S} {how:9} change {looked.change:4.0%}  {what}"
        )
        self._write(
            "look",
            **observation_to(looked.observation),
            change=round(looked.change, 4),
            latency_s=None if report.latency_s is None else round(report.latency_s, 3),
        )

    def _incident(self, incident: Incident) -> None:
        opened = incident.stage is Stage.OPEN
        if opened:
            self._opened[incident.label] += 1
        word, at = ("INCIDENT", incident.opened_at) if opened else ("ended", incident.ended_at)
        self.console.print(
            f"{at:%H:%M:%S} [bold red]{word}[/] {incident.label} {escape(incident.id)}, "
            f"first seen {incident.first_seen:%H:%M:%S}, confidence {incident.confidence:.2f}"
        )
        self._write("incident", **incident_to(incident))

    def _write(self, kind: str, **content: Any) -> None:
        if self._lines is not None:
            self._lines.write(json.dumps({"type": kind, **content}, ensure_ascii=False) + "\n")
            self._lines.flush()
