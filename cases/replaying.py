"""What would other rules have made of the looks already taken? Answered before they are saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Text, cast, select

from cases.actors import Actor, Role
from cases.camera_inputs import judged_rules
from cases.camera_tables import CameraRow, ObservationRow
from cases.database import Database, possible_id
from cases.errors import InvalidError, NotFoundError
from cases.running import standing_suppressions
from cases.times import utc_now
from cases.views import Box
from detector.compact import SIGHTINGS, unpack
from detector.counting import Policy
from detector.geometry import held, iou
from detector.incidents import Book, Incident, Stage, follow
from detector.observation import Observation
from detector.zones import Rules, rules_from

MOST_DAYS = 30
_AT_ONCE = 4000  # rows read in one transaction
_READERS = (Role.ADMIN, Role.REVIEWER, Role.DISPATCHER, Role.VIEWER, Role.SYSTEM)


@dataclass(frozen=True)
class ReplayedIncident:
    """An incident that rules would have made; ``box`` in shares of the view."""

    label: str
    zone: str
    first_seen: datetime
    opened_at: datetime
    ended_at: datetime | None
    confidence: float
    box: Box


@dataclass(frozen=True)
class Replay:
    """The looks since a time under other rules, beside the same looks under the present ones.

    ``list``: all incidents under the other rules; ``removed``/``added``: those that only the
    present / only the other rules make. ``since`` and ``until`` are of the first and last look,
    None when there is none.
    """

    looks: int
    since: datetime | None
    until: datetime | None
    incidents: int
    instead_of: int
    list: tuple[ReplayedIncident, ...]
    removed: tuple[ReplayedIncident, ...]
    added: tuple[ReplayedIncident, ...]


def replay_rules(
    db: Database,
    camera_id: int,
    content: Any,
    *,
    days: float,
    policy: Policy,
    actor: Actor,
    now: datetime | None = None,
) -> Replay:
    """Judge the stored looks of the last ``days`` (up to 30) again under the rules in ``content``.

    Standing suppressions hold under both. Nothing is changed. Raises ForbiddenError,
    NotFoundError, InvalidError (``rules``, ``days``).
    """
    actor.must_be(_READERS, "replaying rules")
    at = now or utc_now()
    if not 0 < days <= MOST_DAYS:
        raise InvalidError(f"days: expected more than 0, at most {MOST_DAYS}", field="days")
    with db.session() as session:
        row = session.get(CameraRow, camera_id) if possible_id(camera_id) else None
        if row is None or row.removed_at is not None:
            raise NotFoundError(f"there is no camera {camera_id}")
        suppressed = tuple(standing_suppressions(session, at)[camera_id])
        present = replace(rules_from(row.rules), suppressions=suppressed)
    tried = replace(judged_rules(content), suppressions=suppressed)
    under_tried, under_present = _Run(tried, policy), _Run(present, policy)
    looks, first, last = 0, None, None
    for full in observations(db, camera_id, at - timedelta(days=days), at):
        look = _what_may_count(full, policy, tried, present)
        under_tried.see(look)
        under_present.see(look)
        looks, first, last = looks + 1, first or look.at, look.at
    found, before = under_tried.found(), under_present.found()
    removed, added = _differences(before, found)
    return Replay(looks, first, last, len(found), len(before), found, removed, added)


def observations(
    db: Database, camera_id: int, since: datetime, until: datetime
) -> Iterator[Observation]:
    """The stored looks of a camera between two times, oldest first, few in memory at a time."""
    return unpack(f"c{camera_id}", _rows(db, camera_id, since, until))


def _rows(
    db: Database, camera_id: int, since: datetime, until: datetime
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    # An unchanged look refers to the one before: the last full one before `since` lends its
    # sightings to the looks after it, without being replayed itself.
    carried = _carried(db, camera_id, since)
    after, seen = since, 0
    mine = select(ObservationRow.at, ObservationRow.content, ObservationRow.id).where(
        ObservationRow.camera_id == camera_id, ObservationRow.at <= until
    )
    while True:
        query = (
            mine.where(
                (ObservationRow.at > after)
                | ((ObservationRow.at == after) & (ObservationRow.id > seen))
            )
            .order_by(ObservationRow.at, ObservationRow.id)
            .limit(_AT_ONCE)
        )
        with db.session() as session:
            rows = session.execute(query).all()
        for at, content, _ in rows:
            if carried is not None and SIGHTINGS not in content:
                yield at, {**content, SIGHTINGS: carried}
            else:
                yield at, content
            carried = None
        if len(rows) < _AT_ONCE:
            return
        after, seen = rows[-1].at, rows[-1].id


def _carried(db: Database, camera_id: int, since: datetime) -> list[Any] | None:
    query = (
        select(ObservationRow.content)
        .where(
            ObservationRow.camera_id == camera_id,
            ObservationRow.at < since,
            cast(ObservationRow.content, Text).like(f'%"{SIGHTINGS}":%'),
        )
        .order_by(ObservationRow.at.desc(), ObservationRow.id.desc())
        .limit(1)
    )
    with db.session() as session:
        content = session.scalars(query).one_or_none()
    return None if content is None else list(content[SIGHTINGS])


def _what_may_count(look: Observation, policy: Policy, *rules: Rules) -> Observation:
    """The look without sightings too weak for any of the rules: judging them takes most time.

    Where something lasting was seen, every sighting says what it is not, and all are kept.
    """
    if look.lasting:
        return look
    kept = tuple(
        sighting
        for sighting in look.sightings
        if sighting.label not in policy.thresholds
        or sighting.confidence >= _least(sighting.label, policy, rules)
    )
    return look if len(kept) == len(look.sightings) else replace(look, sightings=kept)


def _least(label: str, policy: Policy, rules: Sequence[Rules]) -> float:
    """The lowest confidence from which a sighting of this class may count anywhere."""
    zones = [zone.min_confidence[label] for one in rules for zone in one.zones
             if label in zone.min_confidence]  # fmt: skip
    return policy.least * min([policy.thresholds[label], *zones])


class _Run:
    """The same looks followed under one set of rules."""

    def __init__(self, rules: Rules, policy: Policy) -> None:
        self._rules, self._policy = rules, policy
        self._book = Book()
        self._found: dict[str, Incident] = {}

    def see(self, look: Observation) -> None:
        if self._book.last_at is not None and look.at <= self._book.last_at:
            return  # the clock of the source went back; the runner refused such looks as well
        self._book, changed = follow(self._book, look, self._rules, self._policy)
        self._found.update({incident.id: incident for incident in changed})

    def found(self) -> tuple[ReplayedIncident, ...]:
        self._found.update({incident.id: incident for incident in self._book.open})
        ordered = sorted(self._found.values(), key=lambda one: (one.first_seen, one.id))
        return tuple(
            ReplayedIncident(
                label=one.label,
                zone=one.zone,
                first_seen=one.first_seen,
                opened_at=one.opened_at,
                ended_at=one.ended_at if one.stage is Stage.ENDED else None,
                confidence=one.confidence,
                box=one.box,
            )
            for one in ordered
            if one.opened_at is not None
        )


def _differences(
    before: Sequence[ReplayedIncident], after: Sequence[ReplayedIncident]
) -> tuple[tuple[ReplayedIncident, ...], tuple[ReplayedIncident, ...]]:
    """Which of ``before`` have no like among ``after``, and the other way round."""
    left, added = list(before), []
    for one in after:
        like = next((other for other in left if _same(one, other)), None)
        if like is None:
            added.append(one)
        else:
            left.remove(like)
    return tuple(left), tuple(added)


def _same(one: ReplayedIncident, other: ReplayedIncident) -> bool:
    """The same thing under both rules: class, place, and times that meet."""
    if one.label != other.label:
        return False
    if one.ended_at is not None and one.ended_at < other.first_seen:
        return False
    if other.ended_at is not None and other.ended_at < one.first_seen:
        return False
    return iou(one.box, other.box) >= 0.2 or held(one.box, other.box) >= 0.6
