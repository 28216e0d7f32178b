"""One thing on the street is one incident: identity by place over many looks, and over restarts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, TypeAdapter

from detector.counting import Counted, MatchConfig, Policy, count
from detector.geometry import area, covered, held, iou, union
from detector.observation import Observation, Sighting
from detector.persistence import Persistence
from detector.types import Box
from detector.zones import UNKNOWN_OBJECT, Rules

_STRICT = ConfigDict(extra="forbid")


class Stage(StrEnum):
    """Where an incident stands. Candidates that are not confirmed vanish without a word."""

    CANDIDATE = "candidate"
    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Which looks show the incident best; the pictures themselves are kept elsewhere.

    ``at`` and ``box`` of the best inspected look (of the first one until there is a better), its
    ``quality`` (0..1: confidence, sharpness, nothing in front); ``before_at``: the last inspected
    look before the first sighting.
    """

    __pydantic_config__ = _STRICT
    at: datetime
    box: Box
    quality: float
    before_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """The same class at the same place over time. Boxes are shares of the view.

    ``id`` is unique for the camera for good. ``first_seen``: its first sighting, or the beginning
    of the lasting change it lies on, which the background saw before the network did. ``recent``:
    of the last looks with the place in view, whether it was there (newest last).
    ``seen``/``missed``: such looks in total. ``clear``: looks in a row without it since
    ``clear_since``. ``opened_at`` is None for a candidate.
    """

    __pydantic_config__ = _STRICT
    id: str
    camera: str
    label: str
    zone: str
    box: Box
    first_seen: datetime
    last_seen: datetime
    confidence: float
    evidence: Evidence
    stage: Stage = Stage.CANDIDATE
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    recent: tuple[bool, ...] = (True,)
    seen: int = 1
    missed: int = 0
    clear: int = 0
    clear_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """What is going on at one camera: candidates and open incidents, oldest first.

    ``last_inspected_at``: the last look the network saw; what begins later was not there.
    """

    __pydantic_config__ = _STRICT
    incidents: tuple[Incident, ...] = ()
    number: int = 0
    last_inspected_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def open(self) -> tuple[Incident, ...]:
        """The confirmed ones."""
        return tuple(i for i in self.incidents if i.stage is Stage.OPEN)


def follow(
    book: Book, observation: Observation, rules: Rules, policy: Policy
) -> tuple[Book, tuple[Incident, ...]]:
    """The book after one look, and the incidents this look opened or ended.

    Looks must come in order of time; one that is not later than the last is refused. A look that
    is not fit says nothing about any place. A place under context boxes is not in view: such looks
    count neither for nor against it.

    Raises:
        ValueError: the observation is not later than the last one.
    """
    at = observation.at
    if book.last_at is not None and at <= book.last_at:
        raise ValueError(f"expected a look after {book.last_at.isoformat()}, got {at.isoformat()}")
    if not observation.fit:
        return replace(book, last_at=at), ()
    counted = [c for c in count(observation, rules, policy) if c.verdict.counts]
    covers = policy.hiding(observation.sightings)
    now = _Now(observation, covers, rules, policy)
    matched, free = _match(book.incidents, counted, policy.match)
    after = [_look_at(incident, matched.get(incident.id), now) for incident in book.incidents]
    number = book.number
    for new in free:
        if new.strong and not any(_at_place(i, new.sighting, policy.match) > 0 for i in after):
            number += 1
            after.append(_begin(new, number, book.last_inspected_at, now))
    kept = [_confirm(incident, after, now) for incident in after]
    before = {incident.id: incident.stage for incident in book.incidents}
    changed = tuple(
        incident
        for incident in kept
        if incident.opened_at is not None and before.get(incident.id) is not incident.stage
    )
    going_on = [incident for incident in kept if incident.stage is not Stage.ENDED]
    inspected = at if observation.inspected else book.last_inspected_at
    return Book(_merge(going_on), number, inspected, at), changed


def replay(
    observations: tuple[Observation, ...], rules: Rules, policy: Policy
) -> tuple[Incident, ...]:
    """The incidents these observations would have made under other rules, oldest first.

    Observations of one camera in order of time. Incidents still open at the end are among them.
    """
    book, found = Book(), {}
    for observation in observations:
        book, changed = follow(book, observation, rules, policy)
        found.update({incident.id: incident for incident in changed})
    found.update({incident.id: incident for incident in book.open})
    return tuple(sorted(found.values(), key=lambda i: (i.first_seen, i.id)))


def _at_place(incident: Incident, sighting: Sighting, config: MatchConfig) -> float:
    """How well a sighting fits an incident's place, 0 (not) .. 2."""
    if incident.label != sighting.label:
        return 0.0
    a, b = incident.box, sighting.box
    overlapping = iou(a, b)
    if overlapping >= config.same_iou:
        return 1.0 + overlapping
    if held(a, b) >= config.same_held:
        return 1.0
    width = ((a[2] - a[0]) + (b[2] - b[0])) / 2
    height = ((a[3] - a[1]) + (b[3] - b[1])) / 2
    away = max(
        abs((a[0] + a[2]) - (b[0] + b[2])) / 2 / width,
        abs((a[1] + a[3]) - (b[1] + b[3])) / 2 / height,
    )
    return 0.5 * (1 - away / config.near) if away < config.near else 0.0


def _match(
    incidents: tuple[Incident, ...], counted: list[Counted], config: MatchConfig
) -> tuple[dict[str, list[Counted]], list[Counted]]:
    """Each sighting to the incident it fits best; the older one when they tie."""
    matched: dict[str, list[Counted]] = {}
    free = []
    for one in counted:
        fits = [
            (_at_place(i, one.sighting, config), -n)
            for n, i in enumerate(incidents)
            if i.stage is Stage.OPEN or not one.faint
        ]
        best, where = max(fits, default=(0.0, 0))
        if best > 0:
            matched.setdefault(incidents[-where].id, []).append(one)
        else:
            free.append(one)
    return matched, sorted(
        free, key=lambda c: (-c.sighting.confidence, c.sighting.box, c.sighting.label)
    )


def _begin(new: Counted, number: int, before: datetime | None, now: _Now) -> Incident:
    sighting, look = new.sighting, now.look
    name = f"{look.camera}-{look.at:%Y%m%dT%H%M%S}-{number}"
    best = Evidence(
        look.at, sighting.box, _quality(sighting, look, covered(sighting.box, now.covers)), before
    )
    return Incident(
        id=name,
        camera=look.camera,
        label=sighting.label,
        zone=new.verdict.zone or "",
        box=sighting.box,
        first_seen=min(look.at, new.since or look.at),
        last_seen=look.at,
        confidence=sighting.confidence,
        evidence=best,
    )


def _quality(sighting: Sighting, look: Observation, hidden: float) -> float:
    sharp = min(1.0, look.sharpness)
    return round(max(sighting.confidence, 0.05) * sharp * (1.0 - hidden), 4)


@dataclass(frozen=True, slots=True)
class _Now:
    """What every step of one look needs; ``covers`` are the context boxes."""

    look: Observation
    covers: tuple[Box, ...]
    rules: Rules
    policy: Policy

    def wanted(self, incident: Incident) -> Persistence:
        return _persistence(incident, self.rules, self.policy)


def _look_at(incident: Incident, matched: list[Counted] | None, now: _Now) -> Incident:
    hidden = covered(incident.box, now.covers)
    if matched:
        return _hit(incident, matched, hidden, now)
    if hidden >= now.policy.match.occluded:
        return _end_if_lost(incident, now.look.at, now.wanted(incident))
    return _miss(incident, now.look.at, now.wanted(incident))


def _persistence(incident: Incident, rules: Rules, policy: Policy) -> Persistence:
    zone = rules.zone(incident.zone)
    usual = policy.persistence.get(incident.label) or Persistence(300.0)
    return zone.persistence.get(incident.label, usual) if zone is not None else usual


def _hit(incident: Incident, matched: list[Counted], hidden: float, now: _Now) -> Incident:
    look, share, of = now.look, now.policy.match.follow, now.wanted(incident).of
    best = max(matched, key=lambda c: (c.sighting.confidence, c.sighting.box)).sighting
    seen_box = best.box
    for one in matched:
        seen_box = union(seen_box, one.sighting.box)
    a, b = incident.box, seen_box
    place: Box = (
        a[0] + share * (b[0] - a[0]),
        a[1] + share * (b[1] - a[1]),
        a[2] + share * (b[2] - a[2]),
        a[3] + share * (b[3] - a[3]),
    )
    first_seen = incident.first_seen
    if incident.stage is Stage.CANDIDATE:
        first_seen = min(first_seen, *(one.since or first_seen for one in matched))
    quality = _quality(best, look, hidden)
    evidence = incident.evidence
    # Only what the network itself saw in a picture can be masked in it.
    if quality > evidence.quality and look.inspected:
        evidence = replace(evidence, at=look.at, box=seen_box, quality=quality)
    return replace(
        incident,
        box=place,
        first_seen=first_seen,
        last_seen=look.at,
        confidence=max(incident.confidence, best.confidence),
        evidence=evidence,
        recent=(*incident.recent, True)[-of:],
        seen=incident.seen + 1,
        clear=0,
        clear_since=None,
    )


def _confirm(incident: Incident, others: list[Incident], now: _Now) -> Incident:
    """Open a candidate that was seen long and often enough, unless it is an open one's double.

    One that was never seen clearly is a double of whatever is open at its place.
    """
    if incident.stage is not Stage.CANDIDATE:
        return incident
    wanted = now.wanted(incident)
    dwelt = (incident.last_seen - incident.first_seen).total_seconds() >= wanted.dwell_s
    often = sum(incident.recent) >= wanted.hits and incident.seen >= incident.missed
    match, zone = now.policy.match, now.rules.zone(incident.zone)
    clear = incident.confidence >= now.policy.needed(incident.label, zone)
    alike = match.other_name if clear else match.same_iou
    other_name = any(
        other.stage is Stage.OPEN
        and other.label not in (incident.label, UNKNOWN_OBJECT)
        and iou(other.box, incident.box) >= alike
        for other in others
    )
    if dwelt and often and not other_name:
        return replace(incident, stage=Stage.OPEN, opened_at=now.look.at)
    return incident


def _miss(incident: Incident, at: datetime, wanted: Persistence) -> Incident:
    missed = replace(
        incident,
        recent=(*incident.recent, False)[-wanted.of :],
        missed=incident.missed + 1,
        clear=incident.clear + 1,
        clear_since=incident.clear_since or at,
    )
    since = missed.clear_since or at
    long_clear = (at - since).total_seconds() >= wanted.clear_s
    gone = missed.clear >= wanted.clear_looks and long_clear
    if missed.stage is Stage.CANDIDATE:
        gone = missed.clear >= max(wanted.clear_looks, wanted.of)
    return replace(missed, stage=Stage.ENDED, ended_at=at) if gone else missed


def _end_if_lost(incident: Incident, at: datetime, wanted: Persistence) -> Incident:
    if (at - incident.last_seen).total_seconds() < wanted.lost_s:
        return incident
    return replace(incident, stage=Stage.ENDED, ended_at=at)


def _merge(incidents: list[Incident]) -> tuple[Incident, ...]:
    """Candidates that have drifted onto an older incident of their class are that incident."""
    kept: list[Incident] = []
    for incident in incidents:
        double = incident.stage is Stage.CANDIDATE and any(
            other.label == incident.label
            and (iou(other.box, incident.box) >= 0.5 or _within(incident.box, other.box))
            for other in kept
        )
        if not double:
            kept.append(incident)
    return tuple(kept)


def _within(inner: Box, outer: Box) -> bool:
    return area(inner) <= area(outer) and held(inner, outer) >= 0.8


_BOOK = TypeAdapter(Book)
_INCIDENT = TypeAdapter(Incident)


def book_to(book: Book) -> dict[str, object]:
    """Plain data for JSON, so that a restart goes on where it was."""
    data: dict[str, object] = _BOOK.dump_python(book, mode="json")
    return data


def book_from(content: object) -> Book:
    """The book that ``book_to`` wrote; ValueError (pydantic's) when it is not one."""
    return _BOOK.validate_python(content)


def incident_to(incident: Incident) -> dict[str, object]:
    """Plain data for JSON."""
    data: dict[str, object] = _INCIDENT.dump_python(incident, mode="json")
    return data
