"""Stored looks judged again: what other rules would have made of them, and nothing is changed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from cases.actors import Actor
from cases.camera_tables import IncidentRow, ObservationRow, SuppressionRow
from cases.cameras import add_camera, remove_camera
from cases.database import Database
from cases.errors import ForbiddenError, InvalidError, NotFoundError
from cases.replaying import Replay, replay_rules
from cases.sealing import Sealer
from detector.compact import pack
from detector.counting import Policy
from detector.incidents import replay as incidents_of
from detector.observation import Observation, Sighting
from detector.zones import Rules, rules_from
from tests.cases.patrols import at
from tests.cases.scenes import ADMIN, ORDER_UNIT, VIEWER

POLICY = Policy({"stall": 0.5, "litter": 0.5})
LEFT, RIGHT = (0.1, 0.5, 0.3, 0.8), (0.7, 0.5, 0.9, 0.8)
MINUTE = 6  # looks
LEFT_HALF = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
ONLY_LEFT = {"zones": [{"id": "left", "polygon": LEFT_HALF}]}
NOW = at(100 * MINUTE)


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(Sealer.new_key())


@pytest.fixture
def camera(db: Database, sealer: Sealer) -> int:
    return add_camera(db, sealer, {"name": "gate", "url": "rtsp://10.0.0.9/1"}, actor=ADMIN)


def seen_at(number: int) -> tuple[Sighting, ...]:
    """A stall on the left for ten minutes, one on the right for ten later on."""
    found = []
    if 10 * MINUTE <= number < 20 * MINUTE:
        found.append(Sighting("stall", 0.9, LEFT))
    if 40 * MINUTE <= number < 50 * MINUTE:
        found.append(Sighting("stall", 0.8, RIGHT))
    return tuple(found)


def store_looks(db: Database, camera: int, numbers: Iterable[int]) -> None:
    """The looks of these numbers, packed as the runner does."""
    before, rows = None, []
    for number in numbers:
        one = Observation(f"c{camera}", at(number), seen_at(number))
        rows.append({"camera_id": camera, "at": one.at, "content": pack(one, before)})
        before = one
    with db.write() as session:
        session.execute(insert(ObservationRow), rows)


def replay(db: Database, camera: int, rules: Any, days: float = 7, **more: Any) -> Replay:
    given = {"policy": POLICY, "actor": VIEWER, "now": NOW, **more}
    return replay_rules(db, camera, rules, days=days, **given)


def test_other_rules_are_compared_with_the_present_ones(db: Database, camera: int) -> None:
    store_looks(db, camera, range(100 * MINUTE))
    found = replay(db, camera, ONLY_LEFT)
    assert (found.looks, found.incidents, found.instead_of) == (600, 1, 2)
    assert (found.since, found.until) == (at(0), at(599))
    (kept,) = found.list
    assert (kept.label, kept.zone, kept.first_seen) == ("stall", "left", at(60))
    assert kept.opened_at > kept.first_seen
    assert kept.ended_at is not None
    assert kept.box == pytest.approx(LEFT)
    (removed,) = found.removed
    assert removed.first_seen == at(240)
    assert found.added == ()


def test_rules_may_also_bring_incidents(db: Database, camera: int) -> None:
    store_looks(db, camera, range(100 * MINUTE))
    patient = {"persistence": {"stall": {"dwell_s": 3600}}}
    nothing = replay(db, camera, {"zones": [{"id": "all", **patient}]})
    assert (nothing.incidents, len(nothing.removed)) == (0, 2)
    same = replay(db, camera, {})
    assert (same.incidents, same.instead_of, same.removed, same.added) == (2, 2, (), ())
    weak = Policy({"stall": 0.85, "litter": 0.5})
    eager = replay(
        db, camera, {"zones": [{"id": "all", "min_confidence": {"stall": 0.5}}]}, policy=weak
    )
    assert (eager.incidents, eager.instead_of) == (2, 1)
    (added,) = eager.added
    assert added.first_seen == at(240)


def test_only_the_asked_days_are_judged_and_unchanged_looks_keep_what_they_saw(
    db: Database, camera: int
) -> None:
    store_looks(db, camera, range(100 * MINUTE))
    begin = at(12 * MINUTE)  # in the middle of the first stall, whose looks say "as before"
    days = (NOW - begin) / timedelta(days=1)
    found = replay(db, camera, ONLY_LEFT, days)
    assert found.looks == 88 * MINUTE
    (kept,) = found.list
    assert kept.first_seen == at(12 * MINUTE)
    assert replay(db, camera, ONLY_LEFT, 0.0001).looks == 0


def test_many_looks_are_read_piece_by_piece_and_none_is_lost_or_doubled(
    db: Database, camera: int
) -> None:
    store_looks(db, camera, range(9000))
    found = replay(db, camera, {}, now=at(9000))
    assert (found.looks, found.incidents) == (9000, 2)
    assert (found.since, found.until) == (at(0), at(8999))


def test_a_clock_that_went_back_does_not_stop_the_replay(db: Database, camera: int) -> None:
    store_looks(db, camera, range(100 * MINUTE))
    store_looks(db, camera, range(50 * MINUTE, 51 * MINUTE))
    found = replay(db, camera, {})
    assert found.incidents == 2


def test_standing_suppressions_hold_under_both(db: Database, camera: int) -> None:
    store_looks(db, camera, range(100 * MINUTE))
    with db.write() as session:
        session.add(
            SuppressionRow(
                camera_id=camera,
                label="stall",
                box=list(RIGHT),
                expires_at=NOW + timedelta(days=9),
                lead_id=None,
                note=None,
                created_by="rui",
                created_at=NOW,
                lifted_by=None,
                lifted_at=None,
            )
        )
    found = replay(db, camera, ONLY_LEFT)
    assert (found.incidents, found.instead_of) == (1, 1)


def test_a_camera_without_looks_says_so(db: Database, camera: int) -> None:
    found = replay(db, camera, {})
    assert (found.looks, found.since, found.until) == (0, None, None)
    assert (found.list, found.removed, found.added) == ((), (), ())


def test_nothing_is_changed_by_a_replay(db: Database, camera: int) -> None:
    store_looks(db, camera, range(100 * MINUTE))
    replay(db, camera, ONLY_LEFT)
    with db.session() as session:
        assert session.scalar(select(func.count()).select_from(IncidentRow)) == 0
        assert session.scalar(select(func.count()).select_from(ObservationRow)) == 600


def test_what_is_wrong_is_named(db: Database, sealer: Sealer, camera: int) -> None:
    for days in (0, 31, float("nan")):
        with pytest.raises(InvalidError) as caught:
            replay(db, camera, {}, days)
        assert caught.value.field == "days"
    with pytest.raises(InvalidError, match=r"zones\.0\.polygon") as caught:
        replay(db, camera, {"zones": [{"id": "z", "polygon": "round"}]})
    assert caught.value.field == "rules"
    stranger: Actor = ORDER_UNIT
    with pytest.raises(ForbiddenError):
        replay(db, camera, {}, actor=stranger)
    remove_camera(db, camera, actor=ADMIN)
    for missing in (camera, 999, 2**70):
        with pytest.raises(NotFoundError):
            replay(db, missing, {})


def test_leaving_out_what_is_too_weak_to_count_changes_nothing(db: Database, camera: int) -> None:
    dice = random.Random(7)
    looks = [
        Observation(
            f"c{camera}",
            at(number),
            tuple(_thing(dice, number // 100) for _ in range(dice.randrange(9))),
            lasting=((0.5, 0.2, 0.7, 0.4),) if dice.random() < 0.3 else (),
        )
        for number in range(800)
    ]
    with db.write() as session:
        session.execute(
            insert(ObservationRow),
            [{"camera_id": camera, "at": one.at, "content": pack(one, None)} for one in looks],
        )
    tried = {"zones": [{"id": "all", "min_confidence": {"stall": 0.3}, "unknown_objects": True}]}
    found = replay(db, camera, tried, now=at(800))
    truth = incidents_of(tuple(looks), rules_from(tried), POLICY)
    assert len(truth) > 2
    assert {one.label for one in truth} >= {"stall", "litter"}
    assert [(one.label, one.first_seen, one.ended_at, one.box) for one in found.list] == [
        (one.label, one.first_seen, one.ended_at, one.box) for one in truth
    ]
    assert found.instead_of == len(incidents_of(tuple(looks), Rules(), POLICY))


def _thing(dice: random.Random, spot: int) -> Sighting:
    label = dice.choice(["stall", "litter", "person", "car"])
    left = round(0.1 + 0.08 * (spot % 8) + dice.random() * 0.02, 4)
    top = {"stall": 0.3, "litter": 0.6, "person": 0.1, "car": 0.1}[label]
    return Sighting(label, round(dice.random(), 3), (left, top, left + 0.1, top + 0.2))
