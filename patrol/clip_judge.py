"""Compares the incidents a camera made of the scripted clip with the clip's own truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from detector.geometry import held, iou
from detector.incidents import Incident
from detector.observation import Observation
from detector.types import Box

AT_PLACE_IOU, AT_PLACE_HELD = 0.3, 0.6


@dataclass(frozen=True, slots=True)
class Told:
    """What a run gave: looks, incidents (each in its latest state), and faults that were noticed.

    ``realigned``: looks of a shifted view (None: not kept). ``leads``: how many there are, and
    whether each incident has exactly one (None: run without a database).
    """

    looks: tuple[Observation, ...]
    incidents: tuple[Incident, ...]
    faults: tuple[str, ...]
    realigned: int | None
    leads: int | None = None
    one_lead_each: bool | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the truth; times in seconds of the clip, the box in shares of the view.

    ``seen``: when it can first and last be seen. ``incident``: one is expected; else ``why`` not.
    """

    name: str
    label: str
    start_s: float
    end_s: float
    seen: tuple[float, float]
    box: Box
    incident: bool
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one event.

    ``incidents``: of its class, at its place and time. ``seen_looks``: looks of its time, of
    ``looks``, in which the network gave its class there, at ``needed`` confidence or more. Errors
    are in looks, from the first (to the last) look that could show it.
    """

    event: Event
    incidents: tuple[Incident, ...]
    seen_looks: int
    looks: int
    start_error_looks: int | None
    end_error_looks: int | None

    @property
    def right(self) -> bool:
        """As many incidents as the truth says."""
        return len(self.incidents) == (1 if self.event.incident else 0)


def events_of(truth: dict[str, Any]) -> tuple[Event, ...]:
    """The events of ``truth.json``."""
    width, height = truth["width"], truth["height"]
    found = []
    for row in truth["events"]:
        left, top, right, bottom = row["box"]
        found.append(
            Event(
                name=row["name"],
                label=row["label"],
                start_s=row["start_s"],
                end_s=row["end_s"],
                seen=(row["seen_s"][0], row["seen_s"][1]),
                box=(left / width, top / height, right / width, bottom / height),
                incident=row["incident"],
                why=row["why"],
            )
        )
    return tuple(found)


def judge_clip(
    truth: dict[str, Any],
    incidents: Sequence[Incident],
    looks: Sequence[Observation],
    thresholds: dict[str, float],
    every_s: float,
) -> tuple[tuple[Judged, ...], tuple[Incident, ...]]:
    """Each event with its incidents, and the incidents that belong to none.

    ``incidents``: each once, in its latest state; ``looks``: in order of time.
    """
    began = datetime.fromisoformat(truth["start"])
    times = [(look.at - began).total_seconds() for look in looks]
    left = list(incidents)
    judged = []
    for event in events_of(truth):
        mine = tuple(i for i in left if _belongs(i, event, began, every_s))
        left = [i for i in left if i not in mine]
        shown = [
            look for t, look in zip(times, looks, strict=True) if event.seen[0] <= t < event.end_s
        ]
        needed = thresholds[event.label]
        seen = sum(any(_shows(s, event, needed) for s in look.sightings) for look in shown)
        start = end = None
        if event.incident and mine:
            first = next((t for t in times if t >= event.seen[0]), event.seen[0])
            last = next((t for t in reversed(times) if t <= event.seen[1]), event.seen[1])
            start = _looks_apart(mine[0].first_seen, began, first, every_s)
            end = _looks_apart(mine[0].last_seen, began, last, every_s)
        judged.append(Judged(event, mine, seen, len(shown), start, end))
    return tuple(judged), tuple(left)


def _shows(sighting: Any, event: Event, needed: float) -> bool:
    return (
        sighting.label == event.label
        and sighting.confidence >= needed
        and _at_place(sighting.box, event.box)
    )


def _at_place(box: Box, place: Box) -> bool:
    return iou(box, place) >= AT_PLACE_IOU or held(box, place) >= AT_PLACE_HELD


def _belongs(incident: Incident, event: Event, began: datetime, every_s: float) -> bool:
    first = incident.first_seen - began
    slack = timedelta(seconds=2 * every_s)
    in_time = timedelta(seconds=event.start_s) - slack <= first
    in_time = in_time and first <= timedelta(seconds=event.end_s) + slack
    return in_time and incident.label == event.label and _at_place(incident.box, event.box)


def _looks_apart(at: datetime, began: datetime, wanted_s: float, every_s: float) -> int:
    return round(abs((at - began).total_seconds() - wanted_s) / every_s)
