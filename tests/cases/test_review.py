"""Decisions: a confirmed lead is a dispatched case, a rejected one is not, both can be undone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases import dispatch, review
from cases.actors import Actor
from cases.codes import CJ_2007, GB_2013
from cases.database import Database
from cases.errors import CasesError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from cases.policy import DEFAULT_CASE_POLICY
from cases.query import get_case, get_lead
from cases.states import State
from cases.store import FolderStore
from cases.times import utc_now
from cases.views import LeadView
from tests.cases.checks import check_everything
from tests.cases.scenes import (
    ADMIN,
    CLEANING_UNIT,
    DISPATCHER,
    LAT,
    LITTER,
    LON,
    ORDER_UNIT,
    REVIEWER,
    STALL,
    VIEWER,
    file_scene,
)


@pytest.fixture
def lead_id(db: Database, store: FolderStore) -> int:
    """A litter lead in review."""
    return file_scene(db, store, 1, LITTER, lat=LAT, lon=LON).lead_ids[0]


def confirm(db: Database, lead_id: int, **changes: Any) -> LeadView:
    given: dict[str, Any] = {"verdict": "confirm", "actor": REVIEWER}
    return review.decide(db, lead_id, **(given | changes))


def test_a_confirmed_lead_is_a_case_in_the_queue(db: Database, lead_id: int) -> None:
    before = utc_now()
    lead = confirm(db, lead_id)
    assert lead.status == "confirmed"
    assert lead.decision is not None
    assert (lead.decision.verdict, lead.decision.label) == ("confirm", "litter")
    assert lead.decision.actor == REVIEWER.name
    assert before <= lead.decision.at <= utc_now()
    (case,) = dispatch.queue(db, actor=DISPATCHER)
    assert case.id == lead.case_id
    assert case.state == State.PENDING_DISPATCH
    assert (case.standard.standard_ref, case.standard.kind, case.standard.code) == (
        "GB/T 47678.5-2026",
        "event",
        "06010",
    )
    assert (case.place.lat, case.place.lon) == (LAT, LON)
    assert case.unit.name_zh == "环卫保洁公司"
    assert case.dispatched_at == case.filed_at == lead.decision.at
    assert case.due_at > case.dispatched_at
    assert case.lead_ids == (lead_id,)
    assert case.cover_evidence_id == lead.evidence.closeup
    assert case.claimed_by is None


def test_the_history_of_a_case_tells_all_in_order(db: Database, lead_id: int) -> None:
    case_id = confirm(db, lead_id, reason="seen twice").case_id
    assert case_id is not None
    case = get_case(db, case_id, actor=VIEWER)
    assert [(line.action, line.from_state, line.to_state) for line in case.history] == [
        ("lead.found", None, "LEAD"),
        ("lead.offered", "LEAD", "REVIEW"),
        ("lead.confirmed", "REVIEW", "FILED"),
        ("case.filed", None, "FILED"),
        ("case.queued", "FILED", "PENDING_DISPATCH"),
    ]
    assert case.history[2].detail["reason"] == "seen twice"
    assert [item.kind for item in case.evidence] == ["original", "annotated", "closeup", "masked"]
    assert [lead.id for lead in case.leads] == [lead_id]


def test_the_reviewer_corrects_the_class(db: Database, lead_id: int) -> None:
    lead = confirm(db, lead_id, label="stall")
    assert (lead.label, lead.model_label) == ("stall", "litter")
    (case,) = dispatch.queue(db, actor=DISPATCHER)
    assert case.label == "stall"
    assert case.unit.name_zh == "市容秩序中队"
    assert case.due_at - case.dispatched_at == timedelta(hours=2)
    undone = review.undo(db, lead_id, actor=REVIEWER)
    assert undone.label == "litter"


def test_a_rejected_lead_makes_no_case(db: Database, lead_id: int) -> None:
    lead = review.decide(db, lead_id, verdict="reject", reason=" a bin ", actor=REVIEWER)
    assert lead.status == "rejected"
    assert lead.case_id is None
    assert lead.decision is not None
    assert lead.decision.reason == "a bin"
    assert dispatch.queue(db, actor=DISPATCHER) == ()


@pytest.mark.parametrize("verdict", ["confirm", "reject"])
def test_undoing_brings_the_lead_back(
    db: Database, store: FolderStore, lead_id: int, verdict: Any
) -> None:
    before = get_lead(db, lead_id, actor=REVIEWER)
    case_id = review.decide(db, lead_id, verdict=verdict, actor=REVIEWER).case_id
    assert review.undo(db, lead_id, actor=ADMIN) == before
    assert dispatch.queue(db, actor=DISPATCHER) == ()
    if case_id is not None:
        case = get_case(db, case_id, actor=VIEWER)
        assert case.state == State.VOID
        assert case.lead_ids == (lead_id,)
        assert [line.action for line in case.history][-2:] == ["case.voided", "lead.confirm_undone"]
    again = confirm(db, lead_id)
    assert again.case_id not in (None, case_id)
    check_everything(db, store)


def test_a_claimed_case_stands(db: Database, store: FolderStore, lead_id: int) -> None:
    case_id = confirm(db, lead_id).case_id
    assert case_id is not None
    dispatch.claim(db, case_id, actor=DISPATCHER)
    with pytest.raises(ConflictError) as caught:
        review.undo(db, lead_id, actor=REVIEWER)
    assert caught.value.state == State.HANDLING
    check_everything(db, store)


def test_a_decision_is_made_once(db: Database, lead_id: int) -> None:
    confirm(db, lead_id)
    for verdict in ("confirm", "reject"):
        with pytest.raises(ConflictError) as caught:
            confirm(db, lead_id, verdict=verdict)
        assert caught.value.state == State.FILED
    review.undo(db, lead_id, actor=REVIEWER)
    with pytest.raises(ConflictError):
        review.undo(db, lead_id, actor=REVIEWER)


@pytest.mark.parametrize("actor", [DISPATCHER, VIEWER, ORDER_UNIT, CLEANING_UNIT])
def test_who_may_not_decide(db: Database, lead_id: int, actor: Actor) -> None:
    with pytest.raises(ForbiddenError):
        confirm(db, lead_id, actor=actor)
    confirm(db, lead_id)
    with pytest.raises(ForbiddenError):
        review.undo(db, lead_id, actor=actor)
    assert get_lead(db, lead_id, actor=ADMIN).status == "confirmed"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("verdict", {"verdict": "maybe"}),
        ("label", {"label": "person"}),
        ("label", {"label": ""}),
        ("reason", {"reason": "x" * 1001}),
        ("reason", {"reason": "\x00"}),
    ],
)
def test_bad_decisions_are_refused_by_name(
    db: Database, lead_id: int, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidError) as caught:
        confirm(db, lead_id, **changes)
    assert caught.value.field == field
    assert get_lead(db, lead_id, actor=ADMIN).status == "review"


@pytest.mark.parametrize("number", [999_999, 0, -1, 2**63, 10**30])
def test_unknown_leads(db: Database, number: int) -> None:
    for ask in (confirm, lambda db, number: review.undo(db, number, actor=ADMIN)):
        with pytest.raises(NotFoundError):
            ask(db, number)


def at_once(work: list[Callable[[], Any]]) -> list[Any]:
    """Run all of ``work`` at the same time; results, or the CasesErrors raised."""
    results: list[Any] = [None] * len(work)
    gate = threading.Barrier(len(work))

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = work[number]()
        except CasesError as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_reviewers_deciding_at_once_one_wins(
    db: Database, store: FolderStore, lead_id: int
) -> None:
    people = [replace(REVIEWER, name=f"r{number}") for number in range(6)]
    results = at_once(
        [
            lambda person=person, number=number: confirm(
                db, lead_id, actor=person, verdict=("confirm", "reject")[number % 2]
            )
            for number, person in enumerate(people)
        ]
    )
    won = [result for result in results if isinstance(result, LeadView)]
    lost = [result for result in results if isinstance(result, ConflictError)]
    assert (len(won), len(lost)) == (1, 5)
    assert get_lead(db, lead_id, actor=ADMIN) == won[0]
    check_everything(db, store)


def test_undo_and_claim_at_once_never_both_happen(db: Database, store: FolderStore) -> None:
    for seed in range(4):
        (lead_id,) = file_scene(db, store, 50 + seed, LITTER).lead_ids
        case_id = confirm(db, lead_id).case_id
        assert case_id is not None
        results = at_once(
            [
                lambda lead_id=lead_id: review.undo(db, lead_id, actor=REVIEWER),
                lambda case_id=case_id: dispatch.claim(db, case_id, actor=DISPATCHER),
            ]
        )
        assert sum(isinstance(result, ConflictError) for result in results) == 1
    check_everything(db, store)


def test_case_numbers_are_counted_per_local_day(db: Database, store: FolderStore) -> None:
    leads = [file_scene(db, store, seed, LITTER).lead_ids[0] for seed in range(8)]
    results = at_once([lambda lead=lead: confirm(db, lead) for lead in leads])
    numbers = sorted(get_case(db, lead.case_id, actor=ADMIN).number for lead in results)
    zone = DEFAULT_CASE_POLICY.hours.timezone
    days = {(datetime.now(UTC) - timedelta(minutes=m)).astimezone(zone) for m in (0, 5)}
    assert {number[:10] for number in numbers} <= {f"AJ{day:%Y%m%d}" for day in days}
    if len({number[:10] for number in numbers}) == 1:  # not around midnight
        assert [number[10:] for number in numbers] == [f"{seq:05}" for seq in range(1, 9)]
    check_everything(db, store)


def test_the_city_chooses_edition_and_number(db: Database, lead_id: int) -> None:
    policy = replace(
        DEFAULT_CASE_POLICY,
        prefix="JX",
        number_template="{prefix}-{yyyyMMdd}-{seq:03}",
        standard_ref=CJ_2007,
    )
    case_id = confirm(db, lead_id, policy=policy).case_id
    assert case_id is not None
    case = get_case(db, case_id, actor=ADMIN)
    assert case.number.startswith("JX-20")
    assert case.number.endswith("-001")
    assert (case.standard.standard_ref, case.standard.code) == (CJ_2007, "0102")


@pytest.mark.parametrize("template", ["{seq}", "{yyyyMMdd}", "x", "{prefix.__class__}{seq}", "{"])
def test_a_template_that_cannot_number_is_refused(
    db: Database, lead_id: int, template: str
) -> None:
    policy = replace(DEFAULT_CASE_POLICY, number_template=template)
    with pytest.raises(InvalidError) as caught:
        confirm(db, lead_id, policy=policy)
    assert caught.value.field == "number_template"
    assert get_lead(db, lead_id, actor=ADMIN).status == "review"


def test_a_class_without_a_limit_cannot_be_confirmed(db: Database, lead_id: int) -> None:
    policy = replace(DEFAULT_CASE_POLICY, limits={})
    with pytest.raises(InvalidError, match="time limit"):
        confirm(db, lead_id, policy=policy)


def test_the_nearest_code_is_marked(db: Database, store: FolderStore) -> None:
    bin_full = replace(STALL, label="overflowing_bin")
    (lead_id,) = file_scene(db, store, 3, bin_full).lead_ids
    policy = replace(DEFAULT_CASE_POLICY, standard_ref=GB_2013)
    case_id = confirm(db, lead_id, policy=policy).case_id
    assert case_id is not None
    standard = get_case(db, case_id, actor=ADMIN).standard
    assert (standard.code, standard.nearest) == ("0110", True)
