"""Cameras are added, changed and removed by people and taken up as they are; no secret shows."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from cases.actors import SYSTEM, Actor
from cases.camera_inputs import CameraFields
from cases.camera_tables import CameraRow, LiveEventRow
from cases.cameras import (
    add_camera,
    camera_address,
    change_camera,
    note_test,
    remove_camera,
    set_rules,
)
from cases.database import Database, alembic_config
from cases.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from cases.running import CameraRows, camera_revisions, cameras_to_run
from cases.sealing import Sealer
from cases.tables import HistoryRow, LoginAttemptRow, UserRow
from cases.times import utc_now
from cases.watching import get_camera, list_cameras
from detector.permits import Span, Weekly
from detector.zones import Rules
from tests.cases.scenes import ADMIN, DISPATCHER, ORDER_UNIT, REVIEWER, VIEWER

SECRET = "Gr33n+Tea"
URL = f"rtsp://admin:{SECRET}@10.0.0.9:554/live?channel=1&token={SECRET}"
SHANGHAI = Rules().timezone
SQUARE = [[0.1, 0.1], [0.6, 0.1], [0.6, 0.9], [0.1, 0.9]]


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(Sealer.new_key())


def add(db: Database, sealer: Sealer, name: str = "north gate", **more: Any) -> int:
    fields: CameraFields = {"name": name, "url": URL, **more}  # type: ignore[typeddict-item]
    return add_camera(db, sealer, fields, actor=ADMIN)


def change(db: Database, sealer: Sealer, camera_id: int, revision: int = 1, **fields: Any) -> None:
    wanted: CameraFields = fields  # type: ignore[assignment]
    change_camera(db, sealer, camera_id, wanted, revision=revision, actor=ADMIN)


def everything_stored(db: Database) -> str:
    """All rows of all tables as text, as a dump would have them."""
    found = []
    with db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            found += [str(tuple(row)) for row in rows]
    return "\n".join(found)


def test_a_camera_is_shown_with_its_settings_and_runs_with_its_address(
    db: Database, sealer: Sealer
) -> None:
    first = add(db, sealer, "south gate")
    plan = [{"days": [0, 1, 2, 3, 4], "spans": [{"start": "08:00", "end": "20:00"}]}]
    camera_id = add(
        db,
        sealer,
        mode="round",
        every_s=60,
        transport="udp",
        place_text=" 越秀路12号 ",
        lat=30.75,
        lon=120.75,
        preset_of="dome 4",
        plan=plan,
        rules={"zones": [{"id": "kerb", "polygon": SQUARE, "labels": ["stall"]}]},
        neighbours=[first],
        legal={"legal_review_no": "A-17", "sign_installed": True},
    )

    shown = get_camera(db, camera_id, actor=VIEWER, zone=SHANGHAI)
    assert (shown.name, shown.mode, shown.every_s) == ("north gate", "round", 60.0)
    assert shown.url_shown == "rtsp://***@10.0.0.9:554/live?channel=1&token=***"
    assert shown.place.text == "越秀路12号"
    assert shown.status is None
    assert shown.open_incidents == 0
    assert shown.revision == 1
    assert shown.updated_by == ADMIN.name
    assert shown.rules["zones"][0]["id"] == "kerb"
    assert shown.neighbours == (first,)
    assert shown.legal.sign_installed
    assert shown.legal.tech_review_no is None
    assert [camera.name for camera in list_cameras(db, actor=VIEWER, zone=SHANGHAI)] == [
        "south gate",
        "north gate",
    ]

    _, running = cameras_to_run(db, sealer)
    assert running.url == running.address() == URL
    assert SECRET not in repr(running)
    assert running.plan == (Weekly(frozenset(range(5)), (Span.of(8, 20),)),)
    assert running.rules.zones[0].labels == {"stall"}
    assert running.neighbours == (first,)
    assert (running.place.lat, running.place.lon) == (30.75, 120.75)
    assert camera_address(db, sealer, camera_id) == (URL, "udp")


def test_no_password_is_stored_in_clear_or_told(db: Database, sealer: Sealer) -> None:
    camera_id = add(db, sealer)
    change(db, sealer, camera_id, url=f"rtsp://admin:{SECRET}2@10.0.0.10/live")
    note_test(db, URL, camera_id=None, actor=ADMIN)
    remove_camera(db, camera_id, actor=ADMIN)
    stored = everything_stored(db)
    assert "north gate" in stored
    assert "camera.tested" in stored
    assert SECRET not in stored
    assert "admin:" not in stored


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 200}, "name"),
        ({"mode": "sometimes"}, "mode"),
        ({"transport": "pigeon"}, "transport"),
        ({"every_s": 0.2}, "every_s"),
        ({"every_s": 86_401}, "every_s"),
        ({"every_s": float("nan")}, "every_s"),
        ({"lat": 91.0, "lon": 0.0}, "lat"),
        ({"lat": 30.0}, "lon"),
        ({"url": ""}, "url"),
        ({"url": "ftp://host/x"}, "url"),
        ({"url": "rtsp:///nothing"}, "url"),
        ({"url": "rtsp://host:port/x"}, "url"),
        ({"url": f"rtsp://u:{SECRET} @host/x"}, "url"),
        ({"url": "file://server/share"}, "url"),
        ({"url": "rtsp://***@10.0.0.9/live"}, "url"),
        ({"url": "rtsp://10.0.0.9/live?token=***"}, "url"),
        ({"url": f"rtsp://{SECRET}/" + "x" * 3000}, "url"),
        ({"plan": [{"days": [7], "spans": []}]}, "plan"),
        ({"plan": [{"days": [1], "spans": [{"start": "8", "end": "x"}]}]}, "plan"),
        ({"rules": {"zones": [{"id": "z", "polygon": [[0, 0], [2, 0], [0, 1]]}]}}, "rules"),
        ({"rules": {"zones": [{"id": "z", "labels": ["elephant"]}]}}, "rules"),
        ({"rules": {"zones": [{"id": "z", "min_confidence": {"stall": float("nan")}}]}}, "rules"),
        ({"rules": {"zones": [{"id": "x" * 65}]}}, "rules"),
        ({"rules": {"zones": [{"id": "z", "name": "\x00"}]}}, "rules"),
        ({"rules": {"holes": []}}, "rules"),
        (
            {
                "rules": {
                    "suppressions": [
                        {
                            "id": "s",
                            "label": "stall",
                            "box": [0, 0, 1, 1],
                            "expires_at": "2030-01-01T00:00:00Z",
                        }
                    ]
                }
            },
            "rules",
        ),
        ({"neighbours": [99]}, "neighbours"),
        ({"legal": {"lawful": True}}, "legal"),
        ({"url_sealed": "x"}, "url_sealed"),
    ],
)
def test_what_is_wrong_is_named_and_never_repeats_an_address(
    db: Database, sealer: Sealer, fields: dict[str, Any], field: str
) -> None:
    wanted: Any = {"name": "gate", "url": URL, **fields}
    with pytest.raises(InvalidError) as caught:
        add_camera(db, sealer, wanted, actor=ADMIN)
    assert caught.value.field == field
    assert SECRET not in caught.value.message
    camera_id = add(db, sealer)
    with pytest.raises(InvalidError) as caught:
        change(db, sealer, camera_id, **fields)
    assert caught.value.field == field
    assert list_cameras(db, actor=ADMIN, zone=SHANGHAI)[0].revision == 1


@pytest.mark.parametrize("missing", ["name", "url"])
def test_name_and_address_are_needed(db: Database, sealer: Sealer, missing: str) -> None:
    fields: Any = {"name": "gate", "url": URL}
    del fields[missing]
    with pytest.raises(InvalidError) as caught:
        add_camera(db, sealer, fields, actor=ADMIN)
    assert caught.value.field == missing


def test_a_change_without_an_address_keeps_it(db: Database, sealer: Sealer) -> None:
    camera_id = add(db, sealer)
    change(db, sealer, camera_id, every_s=30.0, paused=True)
    shown = get_camera(db, camera_id, actor=VIEWER, zone=SHANGHAI)
    change(db, sealer, camera_id, 2, name="east gate", url=shown.url_shown)
    (running,) = cameras_to_run(db, sealer)
    assert (running.name, running.every_s, running.paused) == ("east gate", 30.0, True)
    assert running.url == URL
    assert running.revision == 3


def test_an_address_with_hidden_parts_goes_to_no_other_host(db: Database, sealer: Sealer) -> None:
    camera_id = add(db, sealer)
    with pytest.raises(InvalidError, match="whole address"):
        change(db, sealer, camera_id, url="rtsp://***@10.6.6.6:554/live?channel=1&token=***")
    assert camera_address(db, sealer, camera_id)[0] == URL


def test_a_change_that_changes_nothing_is_no_revision(db: Database, sealer: Sealer) -> None:
    camera_id = add(db, sealer)
    change(db, sealer, camera_id, name="north gate", url=URL, every_s=10.0)
    assert camera_revisions(db) == {camera_id: 1}


def test_who_comes_second_is_told_who_was_first(db: Database, sealer: Sealer) -> None:
    camera_id = add(db, sealer)
    other = Actor(name="oda", role=ADMIN.role)
    set_rules(db, camera_id, {"zones": [{"id": "kerb"}]}, revision=1, actor=other)
    with pytest.raises(ConflictError, match="oda changed this camera") as caught:
        change(db, sealer, camera_id, name="late")
    assert caught.value.field == "revision"
    with pytest.raises(ConflictError):
        set_rules(db, camera_id, {}, revision=1, actor=ADMIN)
    assert get_camera(db, camera_id, actor=ADMIN, zone=SHANGHAI).rules["zones"][0]["id"] == "kerb"


def test_of_many_changes_of_one_revision_one_is_made(db: Database, sealer: Sealer) -> None:
    camera_id = add(db, sealer)
    outcomes: list[str] = []

    def try_it(number: int) -> None:
        try:
            change(db, sealer, camera_id, every_s=20.0 + number)
            outcomes.append("done")
        except ConflictError:
            outcomes.append("conflict")

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 5 + ["done"]
    assert camera_revisions(db) == {camera_id: 2}


def test_a_name_stands_once_and_is_free_again_after_removal(db: Database, sealer: Sealer) -> None:
    camera_id, other = add(db, sealer), add(db, sealer, "other")
    with pytest.raises(ConflictError) as caught:
        add(db, sealer)
    assert caught.value.field == "name"
    with pytest.raises(ConflictError):
        change(db, sealer, other, name="north gate")
    remove_camera(db, camera_id, actor=ADMIN)
    again = add(db, sealer)
    assert sorted(camera_revisions(db)) == [other, again]


def test_a_removed_camera_is_gone_for_people_and_runner_and_its_address_forgotten(
    db: Database, sealer: Sealer
) -> None:
    camera_id = add(db, sealer)
    near = add(db, sealer, "near", neighbours=[camera_id])
    remove_camera(db, camera_id, actor=ADMIN)
    assert [(one.id, one.neighbours, one.revision) for one in cameras_to_run(db, sealer)] == [
        (near, (), 2)
    ]
    for attempt in (
        lambda: get_camera(db, camera_id, actor=ADMIN, zone=SHANGHAI),
        lambda: change(db, sealer, camera_id, 2, name="x"),
        lambda: set_rules(db, camera_id, {}, revision=2, actor=ADMIN),
        lambda: remove_camera(db, camera_id, actor=ADMIN),
        lambda: camera_address(db, sealer, camera_id),
        lambda: camera_address(db, sealer, 2**70),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    with db.session() as session:
        assert session.get_one(CameraRow, camera_id).url_sealed == ""


def test_a_camera_is_not_its_own_neighbour(db: Database, sealer: Sealer) -> None:
    camera_id = add(db, sealer)
    with pytest.raises(InvalidError) as caught:
        change(db, sealer, camera_id, neighbours=[camera_id])
    assert caught.value.field == "neighbours"


@pytest.mark.parametrize("actor", [REVIEWER, DISPATCHER, VIEWER, ORDER_UNIT])
def test_only_admins_change_cameras_and_units_do_not_see_them(
    db: Database, sealer: Sealer, actor: Actor
) -> None:
    camera_id = add(db, sealer)
    fields: CameraFields = {"name": "x", "url": URL}
    for attempt in (
        lambda: add_camera(db, sealer, fields, actor=actor),
        lambda: change_camera(db, sealer, camera_id, fields, revision=1, actor=actor),
        lambda: set_rules(db, camera_id, {}, revision=1, actor=actor),
        lambda: remove_camera(db, camera_id, actor=actor),
    ):
        with pytest.raises(ForbiddenError):
            attempt()
    if actor is ORDER_UNIT:
        with pytest.raises(ForbiddenError):
            list_cameras(db, actor=actor, zone=SHANGHAI)
    assert camera_revisions(db) == {camera_id: 1}


def test_history_says_who_changed_what(db: Database, sealer: Sealer) -> None:
    camera_id = add_camera(db, sealer, {"name": "gate", "url": URL}, actor=SYSTEM)
    change(db, sealer, camera_id, every_s=30.0, url="rtsp://10.0.0.8/")
    set_rules(db, camera_id, {"zones": [{"id": "kerb"}]}, revision=2, actor=ADMIN)
    remove_camera(db, camera_id, actor=ADMIN)
    with db.session() as session:
        lines = session.scalars(select(HistoryRow).order_by(HistoryRow.id)).all()
        told = session.scalars(select(LiveEventRow).order_by(LiveEventRow.id)).all()
    assert [(line.action, line.actor) for line in lines] == [
        ("camera.added", "system"),
        ("camera.changed", "ada"),
        ("camera.rules_changed", "ada"),
        ("camera.removed", "ada"),
    ]
    assert lines[1].detail["before"] == {
        "every_s": 10.0,
        "url_shown": "rtsp://***@10.0.0.9:554/live?channel=1&token=***",
    }
    assert lines[1].detail["after"] == {"every_s": 30.0, "url_shown": "rtsp://10.0.0.8/"}
    assert lines[2].detail["after"]["rules"]["zones"][0]["id"] == "kerb"
    assert [(event.kind, event.payload["what"]) for event in told] == [
        ("camera", "added"),
        ("camera", "changed"),
        ("camera", "rules"),
        ("camera", "removed"),
    ]


def test_the_runner_reads_again_only_what_was_changed(db: Database, sealer: Sealer) -> None:
    first, second = add(db, sealer), add(db, sealer, "second")
    rows = CameraRows(db, sealer)
    before = {camera.id: camera for camera in rows()}
    assert sorted(before) == [first, second]
    assert all(camera is before[camera.id] for camera in rows())
    change(db, sealer, second, paused=True)
    third = add(db, sealer, "third")
    after = {camera.id: camera for camera in rows()}
    assert after[first] is before[first]
    assert after[second].paused
    assert sorted(after) == [first, second, third]
    remove_camera(db, first, actor=ADMIN)
    assert [camera.id for camera in rows()] == [second, third]


def test_cameras_come_to_a_database_that_was_in_use_before_there_were_any(empty_url: str) -> None:
    db = Database(empty_url)
    _migrate_to(db, "r0001")
    with db.write() as session:
        session.add(
            UserRow(
                name="ada",
                password_hash="x",
                role="admin",
                unit_id=None,
                must_change_password=False,
                created_at=utc_now(),
                disabled_at=None,
            )
        )
        session.add(LoginAttemptRow(name="a", address="b", at=utc_now()))
        session.add(
            HistoryRow(
                at=utc_now(), actor="ada", role="admin", user_id=None, action="x", lead_id=None,
                case_id=None, from_state=None, to_state=None, detail={"old": True},
            )
        )  # fmt: skip
    db.migrate()
    sealer = Sealer(Sealer.new_key())
    add(db, sealer)
    with db.session() as session:
        lines = session.scalars(select(HistoryRow).order_by(HistoryRow.id)).all()
        assert session.scalars(select(UserRow.name)).all() == ["ada"]
    assert [line.action for line in lines] == ["x", "camera.added"]
    assert lines[0].detail == {"old": True}
    _migrate_to(db, "r0001", back=True)
    with db.engine.connect() as connection:
        assert "camera" not in inspect(connection).get_table_names()
    db.close()


def _migrate_to(db: Database, revision: str, *, back: bool = False) -> None:
    from alembic import command

    with db.engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        (command.downgrade if back else command.upgrade)(config, revision)
