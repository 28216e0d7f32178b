"""Reading: pages without gaps or repeats, rights, and evidence as it was stored."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from cases import review
from cases.actors import Actor
from cases.database import Database
from cases.errors import ForbiddenError, InvalidError, NotFoundError, StoreError
from cases.query import (
    get_case,
    get_lead,
    get_leads,
    list_cases,
    list_leads,
    list_units,
    read_evidence,
    summary,
)
from cases.states import State
from cases.store import FolderStore
from cases.tables import EvidenceRow, HistoryRow, LeadRow
from cases.times import utc_now
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
    make_photo,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def walk_pages(ask: Any, limit: int) -> tuple[list[int], int]:
    """All ids over all pages, and how many pages there were."""
    ids: list[int] = []
    cursor, pages = None, 0
    while True:
        page = ask(limit=limit, cursor=cursor)
        ids += [item.id for item in page.items]
        pages += 1
        assert len(page.items) <= limit
        if page.next_cursor is None:
            return ids, pages
        cursor = page.next_cursor


def test_leads_page_by_page(db: Database, store: FolderStore) -> None:
    made = [file_scene(db, store, seed, LITTER).lead_ids[0] for seed in range(7)]

    def oldest(**given: Any) -> Any:
        return list_leads(db, actor=REVIEWER, status="review", **given)

    def newest(**given: Any) -> Any:
        return oldest(newest_first=True, **given)

    assert walk_pages(oldest, 3) == (made, 3)
    assert walk_pages(oldest, 7) == (made, 1)
    assert walk_pages(newest, 2) == (made[::-1], 4)
    assert oldest(limit=1).total == 7


def test_a_page_goes_on_while_leads_are_decided(db: Database, store: FolderStore) -> None:
    made = [file_scene(db, store, seed, LITTER).lead_ids[0] for seed in range(4)]
    first = list_leads(db, actor=REVIEWER, status="review", limit=2)
    for lead in first.items:
        review.decide(db, lead.id, verdict="reject", actor=REVIEWER)
    second = list_leads(db, actor=REVIEWER, status="review", limit=2, cursor=first.next_cursor)
    assert [lead.id for lead in second.items] == made[2:]
    assert second.total == 2


def test_leads_by_status_and_class(db: Database, store: FolderStore) -> None:
    litter, stall = file_scene(db, store, 1, LITTER, STALL).lead_ids
    review.decide(db, stall, verdict="reject", actor=REVIEWER)

    def ids(**given: Any) -> list[int]:
        return [lead.id for lead in list_leads(db, actor=VIEWER, **given).items]

    assert ids() == [litter, stall]
    assert ids(status="review") == [litter]
    assert ids(status="rejected") == [stall]
    assert ids(status="confirmed") == []
    assert ids(label="stall") == [stall]
    assert ids(label="stall", status="review") == []


def test_cases_page_by_deadline(db: Database, store: FolderStore) -> None:
    for seed in range(5):
        for lead_id in file_scene(db, store, seed, LITTER, STALL).lead_ids:
            review.decide(db, lead_id, verdict="confirm", actor=REVIEWER)

    def ask(**given: Any) -> Any:
        return list_cases(db, actor=VIEWER, **given)

    ids, pages = walk_pages(ask, 3)
    assert pages == 4
    assert sorted(ids) == list(range(1, 11))
    cases = ask(limit=200).items
    assert ids == [case.id for case in cases]
    assert list(cases) == sorted(cases, key=lambda case: (case.due_at, case.id))
    assert ask(states=[State.HANDLING]).total == 0
    assert ask(states=[State.PENDING_DISPATCH, State.HANDLING]).total == 10
    assert ask(label="stall").total == 5


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!",
        "ä",
        base64.urlsafe_b64encode(b'["2026-01-01T00:00:00", 1]').decode(),
        base64.urlsafe_b64encode(b'["0001-01-01T00:00:00+10:00", 1]').decode(),
        base64.urlsafe_b64encode(b'["soon", 1]').decode(),
        base64.urlsafe_b64encode(b"[true]").decode(),
        base64.urlsafe_b64encode(b"[1e999]").decode(),
        base64.urlsafe_b64encode(b"[%d]" % 10**30).decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)
def test_a_made_up_cursor_is_refused(db: Database, cursor: str) -> None:
    for ask in (list_leads, list_cases):
        with pytest.raises(InvalidError) as caught:
            ask(db, actor=ADMIN, cursor=cursor)
        assert caught.value.field == "cursor"


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_limits_of_a_page(db: Database, limit: int) -> None:
    for ask in (list_leads, list_cases):
        with pytest.raises(InvalidError) as caught:
            ask(db, actor=ADMIN, limit=limit)
        assert caught.value.field == "limit"


def test_an_unknown_status_is_refused(db: Database) -> None:
    wrong: Any = "lost"
    with pytest.raises(InvalidError) as caught:
        list_leads(db, actor=ADMIN, status=wrong)
    assert caught.value.field == "status"


def test_units_do_not_read_leads(db: Database, store: FolderStore) -> None:
    (lead_id,) = file_scene(db, store, 1).lead_ids
    for ask in (
        lambda: list_leads(db, actor=ORDER_UNIT),
        lambda: get_lead(db, lead_id, actor=ORDER_UNIT),
    ):
        with pytest.raises(ForbiddenError):
            ask()


@pytest.mark.parametrize("lead_id", [999, 0, 10**30])
def test_unknown_leads(db: Database, lead_id: int) -> None:
    with pytest.raises(NotFoundError):
        get_lead(db, lead_id, actor=ADMIN)


def test_evidence_by_any_sibling(db: Database, store: FolderStore) -> None:
    (lead_id,) = file_scene(db, store, 1, LITTER).lead_ids
    (lead,) = get_leads(db, [lead_id])
    ids = lead.evidence
    for asked in (ids.original, ids.annotated, ids.closeup, ids.masked):
        for kind, wanted in (("masked", ids.masked), ("closeup", ids.closeup)):
            got = read_evidence(db, store, asked, kind, actor=VIEWER)  # type: ignore[arg-type]
            assert got.evidence.id == wanted
            assert got.evidence.lead_id == lead_id
            assert got.evidence.media_type == "image/jpeg"


def test_a_later_sighting_has_its_own_siblings(db: Database, store: FolderStore) -> None:
    file_scene(db, store, 1, LITTER, lat=LAT, lon=LON)
    (lead_id,) = file_scene(db, store, 2, LITTER, lat=LAT, lon=LON).lead_ids
    case_id = review.decide(db, lead_id, verdict="confirm", actor=REVIEWER).case_id
    assert case_id is not None
    last = get_case(db, case_id, actor=ADMIN).evidence[-1]
    got = read_evidence(db, store, last.id, "original", actor=ADMIN)
    assert got.data == make_photo(2)[1]


@pytest.mark.parametrize("actor", [ADMIN, REVIEWER])
def test_seeing_an_original_is_logged(db: Database, store: FolderStore, actor: Actor) -> None:
    (lead_id,) = file_scene(db, store, 1, LITTER).lead_ids
    (lead,) = get_leads(db, [lead_id])
    got = read_evidence(db, store, lead.evidence.masked, "original", actor=actor)
    assert got.data == make_photo(1)[1]
    with db.session() as session:
        line = session.scalars(select(HistoryRow).order_by(HistoryRow.id.desc())).first()
    assert line is not None
    assert (line.action, line.actor, line.lead_id) == (
        "evidence.original_seen",
        actor.name,
        lead_id,
    )
    assert line.detail == {"evidence_id": lead.evidence.original}
    before = line.id
    read_evidence(db, store, lead.evidence.original, "masked", actor=actor)
    with db.session() as session:
        assert (
            session.scalars(select(HistoryRow.id).order_by(HistoryRow.id.desc())).first() == before
        )


@pytest.mark.parametrize("actor", [DISPATCHER, VIEWER, CLEANING_UNIT])
def test_who_may_not_see_originals(db: Database, store: FolderStore, actor: Actor) -> None:
    (lead_id,) = file_scene(db, store, 1, LITTER).lead_ids
    review.decide(db, lead_id, verdict="confirm", actor=REVIEWER)
    (lead,) = get_leads(db, [lead_id])
    with pytest.raises(ForbiddenError):
        read_evidence(db, store, lead.evidence.original, "original", actor=actor)
    assert read_evidence(db, store, lead.evidence.original, "masked", actor=actor).data


def test_a_unit_sees_evidence_of_its_cases_only(db: Database, store: FolderStore) -> None:
    (lead_id,) = file_scene(db, store, 1, LITTER).lead_ids
    (lead,) = get_leads(db, [lead_id])
    with pytest.raises(NotFoundError):
        read_evidence(db, store, lead.evidence.masked, "masked", actor=CLEANING_UNIT)
    review.decide(db, lead_id, verdict="confirm", actor=REVIEWER)
    assert read_evidence(db, store, lead.evidence.masked, "masked", actor=CLEANING_UNIT).data
    with pytest.raises(NotFoundError):
        read_evidence(db, store, lead.evidence.masked, "masked", actor=ORDER_UNIT)
    review.undo(db, lead_id, actor=REVIEWER)
    with pytest.raises(NotFoundError):
        read_evidence(db, store, lead.evidence.masked, "masked", actor=CLEANING_UNIT)


def test_damaged_evidence_is_not_handed_out(db: Database, store: FolderStore) -> None:
    (lead_id,) = file_scene(db, store, 1, LITTER).lead_ids
    (lead,) = get_leads(db, [lead_id])
    with db.session() as session:
        row = session.get_one(EvidenceRow, lead.evidence.masked)
    (store.root / row.object_key).write_bytes(b"<svg onload=alert(1)>")
    with pytest.raises(StoreError):
        read_evidence(db, store, lead.evidence.masked, "masked", actor=VIEWER)


@pytest.mark.parametrize("evidence_id", [999, 0, 10**30])
def test_unknown_evidence(db: Database, store: FolderStore, evidence_id: int) -> None:
    with pytest.raises(NotFoundError):
        read_evidence(db, store, evidence_id, "masked", actor=ADMIN)


def test_the_summary_counts_by_the_local_day(db: Database, store: FolderStore) -> None:
    litter, stall = file_scene(db, store, 1, LITTER, STALL).lead_ids
    file_scene(db, store, 2, LITTER)
    review.decide(db, litter, verdict="confirm", actor=REVIEWER)
    review.decide(db, stall, verdict="reject", actor=REVIEWER)
    # 15:30 UTC is 23:30 in Shanghai, 16:30 UTC the next day there.
    with db.write() as session:
        session.get_one(LeadRow, litter).decided_at = datetime(2026, 7, 1, 15, 30, tzinfo=UTC)
        session.get_one(LeadRow, stall).decided_at = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)

    def count(now: datetime) -> Any:
        return summary(db, actor=VIEWER, timezone=SHANGHAI, now=now)

    now = count(datetime(2026, 7, 1, 17, 0, tzinfo=UTC))
    assert now.decided_today == 1
    assert now.leads_review == 1
    assert now.cases_pending == 1
    assert count(utc_now()).cases_overdue == 0
    assert count(utc_now() + timedelta(days=30)).cases_overdue == 1


def test_units(db: Database) -> None:
    units = list_units(db)
    assert [unit.name_zh for unit in units] == ["市容秩序中队", "环卫保洁公司"]
    assert all(unit.name_en for unit in units)
