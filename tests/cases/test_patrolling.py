from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from cases import chain, review
from cases.camera_tables import (
    CameraBookRow,
    CameraNoticeRow,
    CameraStatusRow,
    IncidentRow,
    LiveEventRow,
    ObservationRow,
)
from cases.database import Database
from cases.notices import NoticeNow
from cases.patrolling import IncidentNow, Kept, KeptLook, keep_looks
from cases.query import get_leads
from cases.resuming import end_incidents, leave_camera, load_books, prune_observations
from cases.store import FolderStore
from cases.tables import HistoryRow, LeadRow, PhotoRow, SightingRow
from detector.compact import unpack
from detector.sources.states import CameraState, Status
from tests.cases.patrols import PLACE, add_camera, at, ended, incident, look, proof
from tests.cases.scenes import REVIEWER


def keep(db: Database, *looks: KeptLook, number: int = 5) -> Kept:
    return keep_looks(db, looks, clock=lambda: at(number) + timedelta(seconds=2))


def count(db: Database, table: type) -> int:
    with db.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_batch_becomes_observations_a_book_a_state_and_a_lead(
    db: Database, store: FolderStore
) -> None:
    camera = add_camera(db, "north gate")
    one = incident(camera)
    kept = keep(
        db,
        *(look(camera, n, inspected=n % 2 == 0) for n in range(5)),
        look(camera, 5, IncidentNow(one, proof(store, one, 1))),
    )
    (filed,) = kept.filed
    assert not filed.lead.joined
    assert filed.latency_s == 2.0
    with db.session() as session:
        rows = session.execute(
            select(ObservationRow.at, ObservationRow.content).order_by(ObservationRow.at)
        ).all()
        status = session.get_one(CameraStatusRow, camera)
        row = session.get_one(IncidentRow, one.id)
        kinds = session.scalars(select(LiveEventRow.kind).order_by(LiveEventRow.id)).all()
    looks = list(unpack(f"c{camera}", [(when, content) for when, content in rows]))
    assert [one.at for one in looks] == [at(n) for n in range(6)]
    assert all(len(one.sightings) == 2 for one in looks)
    assert sum("s" in content for _, content in rows) == 1, "unchanged looks are short"
    assert (status.state, status.looks, status.looks_inspected) == ("live", 6, 4)
    assert [s["label"] for s in status.sightings] == ["litter"], "what is unsure is not shown"
    assert status.view_at == at(5)
    assert (row.stage, row.lead_id, row.latency_s) == ("open", filed.lead.lead_id, 2.0)
    assert kinds.count("look") == 4
    assert kinds.count("state") == 1
    assert kinds.count("incident") == 1
    (lead,) = get_leads(db, [filed.lead.lead_id])
    assert lead.status == "review"
    assert lead.camera is not None
    assert lead.camera.name == "north gate"
    assert lead.incident_id == one.id
    assert lead.photo.channel == "camera"
    assert None not in (lead.evidence.before, lead.evidence.strip)
    assert lead.model.name == "test-model"
    assert chain.verify(db, store).intact


def test_the_same_incident_is_filed_once_and_its_end_is_written(
    db: Database, store: FolderStore
) -> None:
    camera = add_camera(db, "north gate")
    one = incident(camera)
    now = IncidentNow(one, proof(store, one, 1))
    (filed,) = keep(db, look(camera, 5, now)).filed
    again = IncidentNow(one, proof(store, one, 2))
    assert keep(db, look(camera, 6, again), number=6).filed == ()
    keep(db, look(camera, 9, IncidentNow(ended(one, 9))), number=9)
    with db.session() as session:
        row = session.get_one(IncidentRow, one.id)
    assert (row.stage, row.ended_at, row.lead_id) == ("ended", at(9), filed.lead.lead_id)
    assert count(db, LeadRow) == count(db, SightingRow) == 1


def test_one_thing_at_one_place_is_one_lead_while_it_is_open(
    db: Database, store: FolderStore
) -> None:
    camera, other_camera = add_camera(db, "a"), add_camera(db, "b")

    def file(number: int, camera_id: int = camera, **what: object) -> tuple[int, bool]:
        one = incident(camera_id, number, opened=10 * number, **what)  # type: ignore[arg-type]
        now = IncidentNow(one, proof(store, one, number))
        (filed,) = keep(db, look(camera_id, 10 * number, now), number=10 * number).filed
        return filed.lead.lead_id, filed.lead.joined

    lead, joined = file(1)
    assert not joined
    moved = (PLACE[0] + 0.03, PLACE[1], PLACE[2] + 0.03, PLACE[3])
    assert file(2, box=moved) == (lead, True)
    assert file(3, box=(0.6, 0.5, 0.8, 0.7))[1] is False, "another place"
    assert file(4, label="stall")[1] is False, "another class"
    assert file(5, other_camera)[1] is False, "another camera"
    review.decide(db, lead, verdict="confirm", actor=REVIEWER)
    assert file(6) == (lead, True), "its case is open"
    review.undo(db, lead, actor=REVIEWER)
    review.decide(db, lead, verdict="reject", actor=REVIEWER)
    assert file(7)[1] is False, "rejected: what is seen now is news"
    assert get_leads(db, [lead])[0].sightings == 3
    with db.session() as session:
        lines = session.scalars(
            select(HistoryRow).where(HistoryRow.action == "lead.seen_again")
        ).all()
    assert {line.detail["camera"] for line in lines} == {"a"}
    assert chain.verify(db, store).intact


def test_two_incidents_of_one_picture_are_two_leads_on_one_photo(
    db: Database, store: FolderStore
) -> None:
    camera = add_camera(db, "north gate")
    first, second = incident(camera, 1), incident(camera, 2, box=(0.6, 0.5, 0.8, 0.7))
    nows = [IncidentNow(one, proof(store, one, 1)) for one in (first, second)]
    filed = keep(db, look(camera, 5, *nows)).filed
    assert len({one.lead.lead_id for one in filed}) == 2
    assert count(db, PhotoRow) == 1
    assert chain.verify(db, store).intact


def test_what_could_not_be_proved_is_an_incident_with_a_notice(
    db: Database, store: FolderStore
) -> None:
    camera = add_camera(db, "north gate")
    one = incident(camera)
    keep(db, look(camera, 5, IncidentNow(one, None, "no picture of it was kept")))
    with db.session() as session:
        assert session.get_one(IncidentRow, one.id).lead_id is None
        notice = session.scalars(select(CameraNoticeRow)).one()
    assert (notice.what, notice.detail) == ("not_filed", "no picture of it was kept")
    other = incident(camera, 2, opened=9)
    keep(db, look(camera, 9, IncidentNow(other, proof(store, other, 3))), number=9)
    with db.session() as session:
        assert session.scalars(select(CameraNoticeRow)).one().ended_at is not None


def test_an_outage_is_one_notice_from_its_beginning_to_its_end(db: Database) -> None:
    camera = add_camera(db, "north gate")
    dead = Status(CameraState.UNREACHABLE, at(1), "10.0.0.1 does not answer")
    began = NoticeNow("outage", "unreachable", dead.detail, True, at(1))
    keep(db, KeptLook(camera, dead, notices=(began,)))
    refused = Status(CameraState.REFUSED, at(2))
    again = NoticeNow("outage", "refused", "", True, at(2))
    keep(db, KeptLook(camera, refused, notices=(again,)))
    dark = NoticeNow("fault", "dark", "", True, at(3))
    keep(db, KeptLook(camera, refused, notices=(dark,)))
    assert load_books(db, [camera])[camera].outage
    assert load_books(db, [camera])[camera].faults == {"dark": at(3)}
    over = NoticeNow("outage", "", "", False, at(4))
    keep(db, replace(look(camera, 4), notices=(over, over)))
    with db.session() as session:
        outage, fault = session.scalars(select(CameraNoticeRow).order_by(CameraNoticeRow.id))
        assert (outage.what, outage.began_at, outage.ended_at) == ("unreachable", at(1), at(4))
        assert fault.ended_at is None
        assert session.get_one(CameraStatusRow, camera).state == "live"
    leave_camera(db, camera, at(6), for_good=False)
    with db.session() as session:
        assert all(row.ended_at is not None for row in session.scalars(select(CameraNoticeRow)))


def test_a_restart_finds_the_book_and_ends_what_nobody_follows(
    db: Database, store: FolderStore
) -> None:
    camera = add_camera(db, "north gate")
    kept, lost = incident(camera, 1), incident(camera, 2, box=(0.6, 0.5, 0.8, 0.7))
    nows = [IncidentNow(one, proof(store, one, n)) for n, one in enumerate((kept, lost))]
    keep(db, look(camera, 5, *nows))
    keep(db, look(camera, 6, IncidentNow(kept)), number=6)
    resumed = load_books(db, [camera, 999])[camera]
    assert [one.id for one in resumed.book.open] == [kept.id]
    assert resumed.book.last_at == at(6)
    assert resumed.forgotten == (lost.id,)
    assert 999 not in load_books(db, [camera, 999])
    end_incidents(db, resumed.forgotten, at(7))
    assert load_books(db, [camera])[camera].forgotten == ()
    with db.write() as session:
        session.get_one(CameraBookRow, camera).book = {"incidents": "no list"}
    assert load_books(db, [camera])[camera].forgotten == (kept.id,)
    leave_camera(db, camera, at(8), for_good=True)
    with db.session() as session:
        stages = session.scalars(select(IncidentRow.stage)).all()
    assert set(stages) == {"ended"}


def test_old_looks_are_deleted_and_young_ones_stay(db: Database) -> None:
    camera, other = add_camera(db, "a"), add_camera(db, "b")
    for n in range(10):
        keep(db, look(camera, n), look(other, n), number=n)
    assert prune_observations(db, at(4)) == 8
    assert prune_observations(db, at(4)) == 0
    with db.session() as session:
        assert session.scalar(select(func.min(ObservationRow.at))) == at(4)


def test_a_zone_that_files_makes_a_case_from_its_confidence_on(
    db: Database, store: FolderStore
) -> None:
    camera = add_camera(db, "north gate")
    leads = []
    for number, auto_from in ((1, 0.95), (2, 0.75)):
        box = (0.1, 0.1 + 0.3 * number, 0.3, 0.3 + 0.3 * number)
        one = incident(camera, number, opened=10 * number, box=box)
        now = IncidentNow(one, proof(store, one, number), auto_from=auto_from)
        (filed,) = keep(db, look(camera, 10 * number, now), number=10 * number).filed
        leads.append(filed.lead.lead_id)
    unsure, sure = get_leads(db, leads)
    assert (unsure.status, unsure.case_id) == ("review", None)
    assert sure.status == "confirmed"
    assert sure.case_id is not None
    assert sure.decision is not None
    assert sure.decision.actor == "system"
    again = review.undo(db, sure.id, actor=REVIEWER)
    assert again.status == "review", "a reviewer may take it back"
