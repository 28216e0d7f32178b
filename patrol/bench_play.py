"""Plays a film as a camera on a clock of its own: look after look, as fast as the machine goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from detector.camera import CameraConfig, CameraMemory, Detect, Looked, look_at
from detector.sources import SourceOptions, open_source
from detector.types import Frame


class FilmError(ValueError):
    """A film gave no picture where there should be one; the text names film and state."""


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """One look: its picture, the camera's memory after it, and what it gave."""

    frame: Frame
    memory: CameraMemory
    looked: Looked


def play(
    path: Path,
    name: str,
    config: CameraConfig,
    detect: Detect,
    *,
    began: datetime,
    seconds: float,
    every_s: float,
    loop: bool = False,
    memory: CameraMemory | None = None,
) -> Iterator[Played]:
    """Look at a film every ``every_s`` seconds of its own time, through the source of such films.

    Args:
        path: the film.
        name: of the camera.
        config: rules and thresholds.
        detect: the network.
        began: the time of the film's first picture, aware.
        seconds: how much of it is played; longer than the film only with ``loop``.
        every_s: between looks.
        loop: begin again at the end.
        memory: of an earlier run; it goes on with the look after the last one of its book.

    Raises:
        FilmError: there is no picture.
    """
    memory = memory or CameraMemory()
    last = memory.book.last_at
    now = began if last is None else last + timedelta(seconds=every_s)
    options = SourceOptions(allow_files=True, loop=loop, began=began, clock=lambda: now)
    source = open_source(str(path), name, options)
    try:
        while (now - began).total_seconds() < seconds:
            reading = source.read()
            if reading.frame is None:
                raise FilmError(f"{path.name}: {reading.status.state.value}")
            memory, looked = look_at(memory, config, reading.frame, detect)
            yield Played(reading.frame, memory, looked)
            now += timedelta(seconds=every_s)
    finally:
        source.close()
