"""The queue: by deadline, claimed once, by those who may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import dispatch, review
from cases.actors import Actor, Role
from cases.database import Database
from cases.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cases.query import get_case, list_cases, summary
from cases.states import State
from cases.store import FolderStore
from cases.times import utc_now
from detector.types import Detection
from tests.cases.scenes import (
    ADMIN,
    CLEANING_UNIT,
    DISPATCHER,
    LITTER,
    ORDER_UNIT,
    REVIEWER,
    STALL,
    VIEWER,
    file_scene,
)


def make_case(db: Database, store: FolderStore, seed: int, detection: Detection = LITTER) -> int:
    (lead_id,) = file_scene(db, store, seed, detection).lead_ids
    case_id = review.decide(db, lead_id, verdict="confirm", actor=REVIEWER).case_id
    assert case_id is not None
    return case_id


def test_the_earliest_deadline_comes_first(db: Database, store: FolderStore) -> None:
    labels = ("stacked_goods", "litter", "stall", "spill")
    for seed, label in enumerate(labels):
        make_case(db, store, seed, Detection(label, 0.9, (1, 1, 50, 50)))
    waiting = dispatch.queue(db, actor=DISPATCHER)
    assert len(waiting) == 4
    assert [case.due_at for case in waiting] == sorted(case.due_at for case in waiting)
    assert waiting[-1].label == "stacked_goods"
    assert [case.id for case in dispatch.queue(db, actor=DISPATCHER, limit=2)] == [
        case.id for case in waiting[:2]
    ]


@pytest.mark.parametrize("actor", [ADMIN, DISPATCHER, CLEANING_UNIT])
def test_claiming(db: Database, store: FolderStore, actor: Actor) -> None:
    case_id = make_case(db, store, 1)
    before = utc_now()
    case = dispatch.claim(db, case_id, actor=actor)
    assert case.state == State.HANDLING
    assert case.claimed_by == actor.name
    assert case.claimed_at is not None
    assert before <= case.claimed_at <= utc_now()
    assert dispatch.queue(db, actor=DISPATCHER) == ()
    line = get_case(db, case_id, actor=actor).history[-1]
    assert (line.action, line.actor) == ("case.claimed", actor.name)
    with pytest.raises(ConflictError) as caught:
        dispatch.claim(db, case_id, actor=actor)
    assert caught.value.state == State.HANDLING


@pytest.mark.parametrize("actor", [REVIEWER, VIEWER])
def test_who_may_not_claim(db: Database, store: FolderStore, actor: Actor) -> None:
    case_id = make_case(db, store, 1)
    with pytest.raises(ForbiddenError):
        dispatch.claim(db, case_id, actor=actor)
    assert get_case(db, case_id, actor=ADMIN).state == State.PENDING_DISPATCH


def test_a_unit_knows_only_its_own_cases(db: Database, store: FolderStore) -> None:
    theirs, ours = make_case(db, store, 1, LITTER), make_case(db, store, 2, STALL)
    for ask in (
        lambda: dispatch.claim(db, theirs, actor=ORDER_UNIT),
        lambda: get_case(db, theirs, actor=ORDER_UNIT),
    ):
        with pytest.raises(NotFoundError):
            ask()
    assert [case.id for case in dispatch.queue(db, actor=ORDER_UNIT)] == [ours]
    assert dispatch.queue(db, actor=ORDER_UNIT, unit_id=2) == ()
    page = list_cases(db, actor=ORDER_UNIT)
    assert ([case.id for case in page.items], page.total) == ([ours], 1)
    counts = summary(
        db, actor=ORDER_UNIT, timezone=utc_now().tzinfo, now=utc_now() + timedelta(days=30)
    )
    assert (counts.cases_pending, counts.cases_overdue) == (1, 1)
    homeless = Actor(name="nobody", role=Role.UNIT, unit_id=None)
    assert list_cases(db, actor=homeless).total == 0


def test_a_dispatcher_passes_a_case_to_another_unit(db: Database, store: FolderStore) -> None:
    case_id = make_case(db, store, 1, LITTER)
    case = dispatch.claim(db, case_id, actor=DISPATCHER, unit_id=1)
    assert case.unit.id == 1
    detail = get_case(db, case_id, actor=ADMIN).history[-1].detail
    assert detail == {"unit_id": 1, "unit_id_before": 2}
    assert get_case(db, case_id, actor=ORDER_UNIT).id == case_id


def test_a_unit_cannot_pass_a_case_on(db: Database, store: FolderStore) -> None:
    case_id = make_case(db, store, 1, LITTER)
    with pytest.raises(ForbiddenError):
        dispatch.claim(db, case_id, actor=CLEANING_UNIT, unit_id=1)
    assert dispatch.claim(db, case_id, actor=CLEANING_UNIT, unit_id=2).unit.id == 2


@pytest.mark.parametrize("unit_id", [3, 0, -1, 10**30])
def test_unknown_units(db: Database, store: FolderStore, unit_id: int) -> None:
    case_id = make_case(db, store, 1)
    with pytest.raises(InvalidError) as caught:
        dispatch.claim(db, case_id, actor=DISPATCHER, unit_id=unit_id)
    assert caught.value.field == "unit_id"


@pytest.mark.parametrize("case_id", [999_999, 0, 10**30])
def test_unknown_cases(db: Database, case_id: int) -> None:
    with pytest.raises(NotFoundError):
        dispatch.claim(db, case_id, actor=DISPATCHER)
    with pytest.raises(NotFoundError):
        get_case(db, case_id, actor=DISPATCHER)
