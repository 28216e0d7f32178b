"""One camera, one look: the steps from a frame to incidents, joined by plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from detector.background import Background, LastingConfig, Region, learn
from detector.counting import Policy
from detector.gate import Change, GateConfig, news, settled
from detector.incidents import Book, Incident, follow
from detector.observation import Observation, sightings_of
from detector.sentry import (
    Notice,
    SentryConfig,
    SentryState,
    lose_signal,
    moved_from,
    watch_over,
)
from detector.sketch import Sketch, sketch
from detector.types import Box, Detection, Frame, Image
from detector.zones import Rules

Detect = Callable[[Image], tuple[Detection, ...]]
"""The network: a picture (uint8 HxWx3 BGR) to its detections, boxes in its pixels."""


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """Everything a camera is judged by. ``gated`` false: every look is inspected."""

    policy: Policy
    rules: Rules = field(default_factory=Rules)
    gate: GateConfig = field(default_factory=GateConfig)
    sentry: SentryConfig = field(default_factory=SentryConfig)
    lasting: LastingConfig = field(default_factory=LastingConfig)
    gated: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class CameraMemory:
    """What is known of one camera between two looks.

    ``inspected``: the sketch of the views the network saw, without what passed, and ``detections``
    what it saw last; ``reused``: looks since then. ``book`` must survive a restart and
    ``background`` should; the rest is learnt anew.
    """

    book: Book = field(default_factory=Book)
    sentry: SentryState = field(default_factory=SentryState)
    inspected: Sketch | None = None
    detections: tuple[Detection, ...] = ()
    reused: int = 0
    background: Background | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What one look gave.

    ``observation`` is what is kept of it; ``detections`` have boxes in the frame's pixels;
    ``change``: share of tiles that are news since the last inspected view (1 at the first), and
    ``passing``: of those that only something passing changed. ``incidents``: opened or ended by
    this look.
    """

    observation: Observation
    detections: tuple[Detection, ...]
    change: float
    notices: tuple[Notice, ...]
    incidents: tuple[Incident, ...]
    passing: float = 0.0


class OutOfOrderError(ValueError):
    """A frame without a time, or not later than the last one: it cannot be looked at."""


def look_at(
    memory: CameraMemory, config: CameraConfig, frame: Frame, detect: Detect
) -> tuple[CameraMemory, Looked]:
    """Look at a frame: sentry, gate, network (only if needed), lasting change, rules, incidents.

    Args:
        memory: of this camera, after the look before.
        config: of this camera.
        frame: the present picture.
        detect: called at most once, not at all when the view is unfit or unchanged.

    Raises:
        OutOfOrderError: the frame has no time or is not later than the last one.
    """
    at = _later(memory.book.last_at, frame)
    view = sketch(frame.image)
    change = _change(memory, view, config)
    last = memory.sentry.last
    if last is None:
        known = _of_this_view(memory.background, view, config)
        memory = replace(memory, background=known)
    sentry, notices = watch_over(memory.sentry, view, at, config.sentry)
    memory = replace(memory, sentry=sentry)
    inspected = sentry.fit and (change.changed or memory.reused >= config.gate.most_reused)
    if inspected:
        reference = settled(memory.inspected, last, view, config.gate)
        memory = replace(memory, inspected=reference, detections=detect(frame.image), reused=0)
    else:
        memory = replace(memory, reused=memory.reused + 1)
    detections = memory.detections if sentry.fit else ()
    height, width = frame.image.shape[:2]
    sightings = sightings_of(detections, width, height, sentry.shift)
    passing = config.policy.hiding(sightings)
    background, lasting = _learn(memory, view, at, passing, config)
    usual = sentry.usual_sharpness
    observation = Observation(
        camera=frame.source,
        at=at,
        sightings=sightings,
        fit=sentry.fit,
        inspected=inspected,
        sharpness=round(min(1.0, view.sharpness / usual), 3) if usual > 0 else 1.0,
        lasting=tuple(region.box for region in lasting),
        lasting_since=tuple(region.since for region in lasting),
    )
    book, incidents = follow(memory.book, observation, config.rules, config.policy)
    memory = replace(memory, book=book, background=background)
    looked = Looked(
        observation, detections, change.share, notices, incidents, passing=change.passing
    )
    return memory, looked


def look_failed(
    memory: CameraMemory, config: CameraConfig, at: datetime
) -> tuple[CameraMemory, tuple[Notice, ...]]:
    """A look was due and there was no picture: the sentry is told, incidents stay as they are."""
    sentry, notices = lose_signal(memory.sentry, at, config.sentry)
    return replace(memory, sentry=sentry), notices


def _later(last: datetime | None, frame: Frame) -> datetime:
    if frame.captured_at is None:
        raise OutOfOrderError(f"{frame.source}: the picture has no time")
    if last is not None and frame.captured_at <= last:
        raise OutOfOrderError(f"{frame.source}: the picture is not later than the last one")
    return frame.captured_at


def _change(memory: CameraMemory, view: Sketch, config: CameraConfig) -> Change:
    last = memory.sentry.last
    if memory.inspected is None or last is None or not config.gated:
        return Change.everywhere(view)
    return news(memory.inspected, last, view, config.gate)


def _learn(
    memory: CameraMemory,
    view: Sketch,
    at: datetime,
    passing: tuple[Box, ...],
    config: CameraConfig,
) -> tuple[Background | None, tuple[Region, ...]]:
    """Learn from fit views that stand where they always stood; others teach nothing."""
    if not memory.sentry.fit or memory.sentry.shift != (0.0, 0.0):
        return memory.background, ()
    return learn(memory.background, view, at, passing, config.lasting)


def _of_this_view(
    background: Background | None, view: Sketch, config: CameraConfig
) -> Background | None:
    """The background of an earlier run; None when the camera has been moved since."""
    if background is None:
        return None
    same = moved_from(background.usual, view.structure, config.sentry) == (False, (0.0, 0.0))
    return background if same else None
