"""The state table as a property: whatever is tried in whatever order, only listed steps happen."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import dispatch, review
from cases.actors import Actor, Role
from cases.database import Database
from cases.errors import ConflictError, ForbiddenError, NotFoundError
from cases.query import get_case
from cases.states import CASE_STATES, LEAD_STATES, TRANSITIONS, State, Transition
from cases.store import FolderStore
from cases.tables import CaseRow, HistoryRow, LeadRow, OutboxRow
from cases.times import utc_now
from cases.transitions import walk
from tests.cases.checks import check_everything
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

ROLES = list(Role)


def new_case(state: State | None) -> CaseRow:
    now = utc_now()
    return CaseRow(
        number="N1",
        state=state,
        label="litter",
        standard_ref="x",
        kind="event",
        code="1",
        code_nearest=False,
        code_name_zh="x",
        code_name_en="x",
        filed_at=now,
        dispatched_at=now,
        due_at=now,
        unit_id=1,
    )


def new_lead(state: State | None) -> LeadRow:
    return LeadRow(state=state, label="litter", model_label="litter", created_at=utc_now())


class _Back(Exception):  # noqa: N818
    """Takes a transaction back."""


@pytest.mark.parametrize("step", TRANSITIONS, ids=lambda step: step.action)
def test_a_step_is_taken_from_its_state_by_its_roles_only(db: Database, step: Transition) -> None:
    states = LEAD_STATES if step.subject == "lead" else CASE_STATES
    for state, role in itertools.product([None, *states], ROLES):
        row = (new_lead if step.subject == "lead" else new_case)(state)
        actor = Actor(name="x", role=role)
        with pytest.raises(_Back):
            check_walk(db, row, step, actor)


def check_walk(db: Database, row: LeadRow | CaseRow, step: Transition, actor: Actor) -> None:
    """Try one step and take it back, so that the next one starts from the same database."""
    with db.write() as session:
        try_walk(session, row, step, actor)
        raise _Back


def try_walk(session: Session, row: LeadRow | CaseRow, step: Transition, actor: Actor) -> None:
    state = row.state
    if state is not None:
        session.add(row)
        session.flush()
    right_role, right_state = actor.role in step.roles, state == step.start
    try:
        walk(session, row, step.action, actor=actor, at=utc_now())
    except ForbiddenError:
        assert not right_role
    except ConflictError:
        assert not right_state
    else:
        assert right_role
        assert right_state
    lines = session.scalars(select(HistoryRow)).all()
    messages = session.scalars(select(OutboxRow)).all()
    if right_role and right_state:
        assert row.state == step.end
        (line,), (message,) = lines, messages
        assert (line.action, line.from_state, line.to_state) == (step.action, step.start, step.end)
        assert message.topic == step.action
        assert message.history_id == line.id
    else:
        assert row.state == state
        assert not lines
        assert not messages


def test_the_table_leads_from_finding_to_handling() -> None:
    """No state is entered that nothing leads to, and none twice from one state by one action."""
    for subject in ("lead", "case"):
        steps = [step for step in TRANSITIONS if step.subject == subject]
        reached = {step.end for step in steps}
        assert {step.start for step in steps if step.start is not None} <= reached
        assert len({(step.start, step.end) for step in steps}) == len(steps)
    assert len({step.action for step in TRANSITIONS}) == len(TRANSITIONS)


class CaseLife(RuleBasedStateMachine):
    """Random people doing random things; the machine keeps its own idea of what must come of it."""

    db: Database
    store: FolderStore
    seeds = itertools.count(1_000_000)
    leads = Bundle("leads")
    actors = st.sampled_from([ADMIN, REVIEWER, DISPATCHER, VIEWER, ORDER_UNIT, CLEANING_UNIT])

    def __init__(self) -> None:
        super().__init__()
        self.lead_states: dict[int, State] = {}
        self.cases: dict[int, tuple[int, State]] = {}  # by lead: its standing case
        self.last_before = 0
        self.last_before = max((line[0] for line in self._history()), default=0)
        self.history: list[tuple[Any, ...]] = []

    @rule(target=leads, both=st.booleans())
    def file(self, both: bool) -> Any:
        detections = (LITTER, STALL) if both else (LITTER,)
        filed = file_scene(self.db, self.store, next(self.seeds), *detections)
        self.lead_states |= dict.fromkeys(filed.lead_ids, State.REVIEW)
        return multiple(*filed.lead_ids)

    @rule(
        lead=leads,
        actor=actors,
        confirm=st.booleans(),
        label=st.sampled_from([None, "litter", "stall", "spill"]),
    )
    def decide(self, lead: int, actor: Actor, confirm: bool, label: str | None) -> None:
        verdict: Any = "confirm" if confirm else "reject"
        allowed = actor.role in (Role.ADMIN, Role.REVIEWER)
        try:
            view = review.decide(self.db, lead, verdict=verdict, label=label, actor=actor)
        except ForbiddenError:
            assert not allowed
        except ConflictError:
            assert self.lead_states[lead] != State.REVIEW
        else:
            assert allowed
            assert self.lead_states[lead] == State.REVIEW
            assert view.label == (label or view.model_label)
            self.lead_states[lead] = State.FILED if confirm else State.REJECTED
            if view.case_id is not None:
                self.cases[lead] = (view.case_id, State.PENDING_DISPATCH)

    @rule(lead=leads, actor=actors)
    def undo(self, lead: int, actor: Actor) -> None:
        allowed = actor.role in (Role.ADMIN, Role.REVIEWER)
        claimed = lead in self.cases and self.cases[lead][1] != State.PENDING_DISPATCH
        decided = self.lead_states[lead] != State.REVIEW
        try:
            view = review.undo(self.db, lead, actor=actor)
        except ForbiddenError:
            assert not allowed
        except ConflictError:
            assert claimed or not decided
        else:
            assert allowed
            assert decided
            assert not claimed
            assert view.label == view.model_label
            self.lead_states[lead] = State.REVIEW
            if lead in self.cases:
                case_id, _ = self.cases.pop(lead)
                assert get_case(self.db, case_id, actor=ADMIN).state == State.VOID

    @rule(lead=leads, actor=actors)
    def claim(self, lead: int, actor: Actor) -> None:
        if lead not in self.cases:
            return
        case_id, state = self.cases[lead]
        unit = get_case(self.db, case_id, actor=ADMIN).unit.id
        allowed = actor.role in (Role.ADMIN, Role.DISPATCHER) or actor.unit_id == unit
        try:
            dispatch.claim(self.db, case_id, actor=actor)
        except ForbiddenError:
            assert not allowed
        except ConflictError:
            assert state == State.HANDLING
        except NotFoundError:
            assert actor.role is Role.UNIT
            assert not allowed
        else:
            assert allowed
            assert state == State.PENDING_DISPATCH
            self.cases[lead] = (case_id, State.HANDLING)

    @invariant()
    def history_only_grows(self) -> None:
        now = self._history()
        assert now[: len(self.history)] == self.history
        self.history = now

    @invariant()
    def rows_stand_where_they_should(self) -> None:
        with self.db.session() as session:
            leads = session.execute(
                select(LeadRow.id, LeadRow.state).where(LeadRow.id.in_(self.lead_states))
            ).all()
        assert {row_id: State(state) for row_id, state in leads} == self.lead_states

    def _history(self) -> list[tuple[Any, ...]]:
        with self.db.session() as session:
            rows = session.scalars(
                select(HistoryRow).where(HistoryRow.id > self.last_before).order_by(HistoryRow.id)
            ).all()
        return [
            (row.id, row.at, row.actor, row.action, row.from_state, row.to_state, str(row.detail))
            for row in rows
        ]


def test_whatever_people_do_only_listed_steps_happen(db: Database, store: FolderStore) -> None:
    machine = type("CaseLifeHere", (CaseLife,), {"db": db, "store": store})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    check_everything(db, store)
