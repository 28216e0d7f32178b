"""A rejected lead says "not here again": effective at once, listed, expiring, and lifted again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from cases import review
from cases.actors import Actor
from cases.cameras import add_camera, remove_camera
from cases.database import Database
from cases.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cases.patrolling import IncidentNow, keep_looks
from cases.running import CameraRows, camera_revisions, cameras_to_run
from cases.sealing import Sealer
from cases.store import FolderStore
from cases.suppressions import (
    add_suppression,
    lift_suppression,
    list_suppressions,
    preview_suppression,
)
from cases.tables import HistoryRow
from detector.observation import Sighting
from detector.types import Box
from detector.zones import Reason, judge
from tests.cases.patrols import PLACE, at, ended, incident, look, proof
from tests.cases.scenes import ADMIN, DISPATCHER, ORDER_UNIT, REVIEWER, VIEWER, file_scene

NOW = at(100)


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(Sealer.new_key())


@pytest.fixture
def camera(db: Database, sealer: Sealer) -> int:
    return add_camera(db, sealer, {"name": "gate", "url": "rtsp://10.0.0.9/1"}, actor=ADMIN)


@pytest.fixture
def lead(db: Database, store: FolderStore, camera: int) -> int:
    """A lead of the camera, in review, whose incident is over."""
    return file_incident(db, store, camera)


def file_incident(
    db: Database,
    store: FolderStore,
    camera: int,
    number: int = 1,
    *,
    label: str = "litter",
    box: Box = PLACE,
    opened: int = 5,
    over: bool = True,
) -> int:
    """An incident at the camera that became a lead; the lead's id."""
    one = incident(camera, number, label=label, box=box, opened=opened)
    now = IncidentNow(one, proof(store, one, number))
    kept = keep_looks(db, [look(camera, opened, now)], clock=lambda: at(opened))
    if over:
        gone = IncidentNow(ended(one, opened + 1))
        keep_looks(db, [look(camera, opened + 1, gone)], clock=lambda: at(opened + 1))
    return kept.filed[0].lead.lead_id


def reject(db: Database, lead_id: int) -> None:
    review.decide(db, lead_id, verdict="reject", actor=REVIEWER)


def judged_at(db: Database, sealer: Sealer, box: Box, when: int = 101) -> Reason:
    """What the rules that the runner takes say of litter at this place."""
    (running,) = cameras_to_run(db, sealer, now=NOW)
    return judge(Sighting("litter", 0.9, box), at(when), running.rules).reason


def test_a_suppression_is_taken_up_and_stops_this_class_at_this_spot(
    db: Database, sealer: Sealer, camera: int, lead: int
) -> None:
    rows = CameraRows(db, sealer, clock=lambda: NOW)
    (before,) = rows()
    assert judged_at(db, sealer, PLACE) is Reason.COUNTS
    reject(db, lead)
    made = add_suppression(db, lead, days=3, note=" a shop's own bin ", actor=REVIEWER, now=NOW)
    assert (made.camera.name, made.label, made.box) == ("gate", "litter", PLACE)
    assert (made.standing, made.lead_id, made.note) == (True, lead, "a shop's own bin")
    assert made.expires_at == NOW + timedelta(days=3)
    assert made.created_by == REVIEWER.name
    (after,) = rows()
    assert after.revision == before.revision + 1
    assert [one.box for one in after.rules.suppressions] == [PLACE]
    assert judged_at(db, sealer, PLACE) is Reason.SUPPRESSED
    assert judged_at(db, sealer, (0.6, 0.5, 0.8, 0.7)) is Reason.COUNTS
    stall = Sighting("stall", 0.9, PLACE)
    assert judge(stall, at(101), after.rules).reason is Reason.COUNTS


def test_a_suppression_expires_by_itself(
    db: Database, sealer: Sealer, camera: int, lead: int
) -> None:
    reject(db, lead)
    made = add_suppression(db, lead, days=1, actor=REVIEWER, now=NOW)
    day = 24 * 360  # looks, one every ten seconds
    assert judged_at(db, sealer, PLACE, 100 + day - 1) is Reason.SUPPRESSED
    assert judged_at(db, sealer, PLACE, 100 + day) is Reason.COUNTS
    later = NOW + timedelta(days=1)
    (running,) = cameras_to_run(db, sealer, now=later)
    assert running.rules.suppressions == ()
    (shown,) = list_suppressions(db, actor=VIEWER, now=later)
    assert not shown.standing
    with pytest.raises(ConflictError, match="does not stand"):
        lift_suppression(db, made.id, actor=REVIEWER, now=later)
    again = add_suppression(db, lead, actor=REVIEWER, now=later)
    assert again.expires_at == later + timedelta(days=30)


def test_a_lifted_suppression_stays_listed_and_the_camera_reports_again(
    db: Database, sealer: Sealer, camera: int, lead: int
) -> None:
    reject(db, lead)
    made = add_suppression(db, lead, actor=REVIEWER, now=NOW)
    revision = camera_revisions(db)[camera]
    lifted = lift_suppression(db, made.id, actor=ADMIN, now=NOW)
    assert (lifted.standing, lifted.lifted_by, lifted.lifted_at) == (False, ADMIN.name, NOW)
    assert camera_revisions(db)[camera] == revision + 1
    assert judged_at(db, sealer, PLACE) is Reason.COUNTS
    assert [one.id for one in list_suppressions(db, actor=VIEWER, now=NOW)] == [made.id]
    assert list_suppressions(db, actor=VIEWER, standing=True, now=NOW) == ()
    with pytest.raises(ConflictError):
        lift_suppression(db, made.id, actor=ADMIN, now=NOW)


def test_taking_a_rejection_back_lifts_what_it_brought(
    db: Database, sealer: Sealer, camera: int, lead: int
) -> None:
    reject(db, lead)
    made = add_suppression(db, lead, actor=REVIEWER)
    review.undo(db, lead, actor=REVIEWER)
    (shown,) = list_suppressions(db, actor=VIEWER)
    assert (shown.id, shown.standing, shown.lifted_by) == (made.id, False, REVIEWER.name)
    (running,) = cameras_to_run(db, sealer)
    assert running.rules.suppressions == ()


def test_the_preview_counts_what_would_not_have_been_reported(
    db: Database, store: FolderStore, camera: int, lead: int, sealer: Sealer
) -> None:
    near: Box = (0.12, 0.52, 0.3, 0.7)
    reject(db, lead)  # or the second one would join the first
    second = file_incident(db, store, camera, 2, box=near, opened=20)
    file_incident(db, store, camera, 3, box=(0.6, 0.5, 0.8, 0.7), opened=30)
    file_incident(db, store, camera, 4, label="stall", opened=40)
    other = add_camera(db, sealer, {"name": "far", "url": "rtsp://10.0.0.8/1"}, actor=ADMIN)
    file_incident(db, store, other, 5, opened=50)
    preview = preview_suppression(db, second, actor=REVIEWER, now=NOW)
    assert (preview.camera.id, preview.label, preview.box) == (camera, "litter", near)
    assert (preview.incidents, preview.days) == (2, 7)
    assert len(preview.incident_ids) == 2
    later = preview_suppression(db, second, actor=REVIEWER, now=at(20) + timedelta(days=7))
    assert later.incidents == 1
    assert list_suppressions(db, actor=REVIEWER) == ()


def test_a_lead_that_incidents_joined_is_suppressed_at_all_their_places(
    db: Database, store: FolderStore, camera: int
) -> None:
    first = file_incident(db, store, camera, 1)
    moved: Box = (0.2, 0.5, 0.4, 0.7)
    joined = file_incident(db, store, camera, 2, box=moved, opened=20)
    assert joined == first
    reject(db, first)
    assert add_suppression(db, first, actor=REVIEWER).box == (0.1, 0.5, 0.4, 0.7)


def test_only_a_rejected_lead_of_a_standing_camera_makes_one_and_only_one(
    db: Database, store: FolderStore, camera: int, lead: int
) -> None:
    with pytest.raises(ConflictError, match="only a rejected lead"):
        add_suppression(db, lead, actor=REVIEWER)
    reject(db, lead)
    for days in (0, 366, -1):
        with pytest.raises(InvalidError) as caught:
            add_suppression(db, lead, days=days, actor=REVIEWER)
        assert caught.value.field == "days"
    add_suppression(db, lead, actor=REVIEWER)
    with pytest.raises(ConflictError, match="already"):
        add_suppression(db, lead, actor=REVIEWER)
    from_photo = file_scene(db, store, 77).lead_ids[0]
    reject(db, from_photo)
    with pytest.raises(InvalidError, match="no camera") as caught:
        add_suppression(db, from_photo, actor=REVIEWER)
    assert caught.value.field == "lead_id"
    for missing in (999, 2**70):
        with pytest.raises(NotFoundError):
            add_suppression(db, missing, actor=REVIEWER)
        with pytest.raises(NotFoundError):
            preview_suppression(db, missing, actor=REVIEWER)
        with pytest.raises(NotFoundError):
            lift_suppression(db, missing, actor=REVIEWER)
    remove_camera(db, camera, actor=ADMIN)
    with pytest.raises(ConflictError, match="was removed"):
        preview_suppression(db, lead, actor=REVIEWER)
    review.undo(db, lead, actor=REVIEWER)  # also when the camera is gone
    assert list_suppressions(db, actor=REVIEWER, standing=True) == ()


@pytest.mark.parametrize("actor", [DISPATCHER, VIEWER, ORDER_UNIT])
def test_only_reviewers_and_admins_make_and_lift(
    db: Database, camera: int, lead: int, actor: Actor
) -> None:
    reject(db, lead)
    made = add_suppression(db, lead, actor=REVIEWER)
    with pytest.raises(ForbiddenError):
        add_suppression(db, lead, actor=actor)
    with pytest.raises(ForbiddenError):
        preview_suppression(db, lead, actor=actor)
    with pytest.raises(ForbiddenError):
        lift_suppression(db, made.id, actor=actor)
    if actor is ORDER_UNIT:
        with pytest.raises(ForbiddenError):
            list_suppressions(db, actor=actor)


def test_history_tells_of_suppressions_at_their_lead(db: Database, camera: int, lead: int) -> None:
    reject(db, lead)
    made = add_suppression(db, lead, days=5, actor=REVIEWER)
    lift_suppression(db, made.id, actor=ADMIN)
    with db.session() as session:
        lines = session.scalars(
            select(HistoryRow).where(HistoryRow.lead_id == lead).order_by(HistoryRow.id)
        ).all()
    assert [(line.action, line.actor) for line in lines[-2:]] == [
        ("suppression.made", REVIEWER.name),
        ("suppression.lifted", ADMIN.name),
    ]
    assert lines[-2].detail["days"] == 5
    assert lines[-2].detail["camera_id"] == camera


def test_an_incident_with_the_reviewers_other_class_is_suppressed_as_what_the_network_says(
    db: Database, camera: int, lead: int
) -> None:
    review.decide(db, lead, verdict="reject", label="stall", actor=REVIEWER)
    assert add_suppression(db, lead, actor=REVIEWER).label == "litter"


def test_listing_is_by_camera(
    db: Database, store: FolderStore, sealer: Sealer, camera: int, lead: int
) -> None:
    other = add_camera(db, sealer, {"name": "far", "url": "rtsp://10.0.0.8/1"}, actor=ADMIN)
    elsewhere = file_incident(db, store, other, 9)
    for one in (lead, elsewhere):
        reject(db, one)
        add_suppression(db, one, actor=REVIEWER)
    assert [one.camera.id for one in list_suppressions(db, actor=VIEWER)] == [other, camera]
    (mine,) = list_suppressions(db, actor=VIEWER, camera_id=camera)
    assert mine.lead_id == lead
    assert list_suppressions(db, actor=VIEWER, camera_id=2**70) == ()


def test_people_and_the_runner_write_about_the_same_cameras_at_the_same_time(
    db: Database, store: FolderStore, sealer: Sealer
) -> None:
    cameras = [
        add_camera(db, sealer, {"name": f"gate {n}", "url": "rtsp://10.0.0.9/1"}, actor=ADMIN)
        for n in range(4)
    ]
    leads = [file_incident(db, store, camera, camera) for camera in cameras]
    for lead_id in leads:
        reject(db, lead_id)
    failures: list[BaseException] = []

    def told(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    def look_on() -> None:
        for number in range(10, 30):
            looks = [look(camera, number) for camera in reversed(cameras)]
            keep_looks(db, looks, clock=lambda number=number: at(number))  # type: ignore[misc]

    def suppress(lead_id: int) -> None:
        for _ in range(5):
            made = add_suppression(db, lead_id, actor=REVIEWER)
            lift_suppression(db, made.id, actor=REVIEWER)
        add_suppression(db, lead_id, actor=REVIEWER)
        review.undo(db, lead_id, actor=REVIEWER)

    def remove() -> None:
        remove_camera(db, cameras[3], actor=ADMIN)

    work = [look_on, *(partial(suppress, lead_id) for lead_id in leads[:3]), remove]
    threads = [threading.Thread(target=told, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert camera_revisions(db) == dict.fromkeys(cameras[:3], 1 + 5 * 2 + 2)
