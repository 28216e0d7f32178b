"""Cameras over HTTP: settings and states for readers, changes for admins, secrets for nobody."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import inspect, text
from structlog.testing import capture_logs

from api.services import TriedLook
from cases.actors import Role
from cases.camera_tables import CameraNoticeRow, SuspectRow
from cases.camera_views import Transport
from cases.patrolling import IncidentNow, keep_looks
from cases.times import utc_now
from detector.observation import Sighting
from detector.sources.states import CameraState
from tests.api.conftest import Running, Start, assert_problem, picture, upload
from tests.api.test_many_at_once import postgres_url
from tests.cases.patrols import at, ended, incident, jpeg, look, proof

__all__ = ["postgres_url"]

SECRET = "Gr33n+Tea"
URL = f"rtsp://admin:{SECRET}@10.0.0.9:554/live?channel=1&token={SECRET}"
ZONE = {"id": "kerb", "polygon": [[0.1, 0.1], [0.6, 0.1], [0.6, 0.9]], "labels": ["stall"]}

Tried = list[tuple[str, Transport]]


@pytest.fixture
def tried() -> Tried:
    """The addresses that test looks connected to."""
    return []


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, start: Start, tried: Tried) -> Running:
    def test_look(url: str, transport: Transport) -> TriedLook:
        tried.append((url, transport))
        if "down" in url:
            return TriedLook(CameraState.UNREACHABLE, "no address is known for down", 0.1)
        if "broken" in url:
            raise RuntimeError("a defect")
        seen = (Sighting("stall", 0.8, (0.1, 0.2, 0.3, 0.4)),)
        return TriedLook(CameraState.LIVE, "", 0.5, 1920, 1080, jpeg(1), seen)

    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    return start(url, test_look=test_look)


@pytest.fixture
def admin(server: Running) -> Iterator[httpx.Client]:
    with server.client(server.token(Role.ADMIN)) as client:
        yield client


@pytest.fixture
def reviewer(server: Running) -> Iterator[httpx.Client]:
    with server.client(server.token(Role.REVIEWER)) as client:
        yield client


def add(admin: httpx.Client, name: str = "north gate", **more: Any) -> dict[str, Any]:
    answer = admin.post("cameras", json={"name": name, "url": URL, **more})
    assert answer.status_code == 201, answer.text
    camera: dict[str, Any] = answer.json()
    return camera


def patrol(
    server: Running, camera_id: int, seed: int = 1, *, over: bool = False
) -> tuple[str, int]:
    """Looks of a camera that opened an incident; its id and its lead's."""
    db, store = server.services.db, server.services.store
    one = incident(camera_id, seed)
    kept = keep_looks(
        db,
        [look(camera_id, 4), look(camera_id, 5, IncidentNow(one, proof(store, one, seed)))],
        clock=lambda: at(5),
    )
    if over:
        keep_looks(db, [look(camera_id, 6, IncidentNow(ended(one, 6)))], clock=lambda: at(6))
    return one.id, kept.filed[0].lead.lead_id


def test_a_camera_is_added_shown_changed_and_removed(admin: httpx.Client) -> None:
    camera = add(
        admin,
        mode="round",
        every_s=60,
        place_text="越秀路12号",
        lat=30.75,
        lon=120.75,
        plan=[{"days": [0], "spans": [{"start": "00:00", "end": "00:00"}]}],
        rules={"zones": [ZONE]},
        legal={"legal_review_no": "A-17", "sign_installed": True},
    )
    assert camera["url_shown"] == "rtsp://***@10.0.0.9:554/live?channel=1&token=***"
    assert camera["place"] == {"text": "越秀路12号", "lat": 30.75, "lon": 120.75}
    assert (camera["status"], camera["view_url"], camera["open_incidents"]) == (None, None, 0)
    assert camera["rules"]["zones"][0]["polygon"] == ZONE["polygon"]
    assert camera["rules"]["timezone"] == "Asia/Shanghai"
    assert camera["legal"]["legal_review_no"] == "A-17"
    assert isinstance(camera["in_plan"], bool)
    assert admin.get(f"cameras/{camera['id']}").json() == camera
    (listed,) = admin.get("cameras").json()["items"]
    assert listed == {name: camera[name] for name in listed}
    assert set(camera) - set(listed) == {"rules", "plan", "neighbours", "legal"}

    changed = admin.patch(
        f"cameras/{camera['id']}", json={"revision": 1, "paused": True, "lat": None, "lon": None}
    ).json()
    assert (changed["paused"], changed["place"]["lat"], changed["revision"]) == (True, None, 2)
    assert changed["url_shown"] == camera["url_shown"]
    rules = admin.put(
        f"cameras/{camera['id']}/rules", json={"revision": 2, "rules": {"zones": []}}
    ).json()
    assert (rules["rules"]["zones"], rules["revision"]) == ([], 3)

    assert admin.delete(f"cameras/{camera['id']}").status_code == 204
    assert admin.get("cameras").json() == {"items": []}
    assert_problem(admin.get(f"cameras/{camera['id']}"), 404)
    assert_problem(admin.delete(f"cameras/{camera['id']}"), 404)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"url": "gopher://x"}, "url"),
        ({"url": f"rtsp://{SECRET}@h/" + "x" * 2100}, "url"),
        ({"mode": "rarely"}, "mode"),
        ({"mode": None}, "mode"),
        ({"every_s": 0}, "every_s"),
        ({"every_s": 86_401}, "every_s"),
        ({"transport": "sctp"}, "transport"),
        ({"lat": 91, "lon": 0}, "lat"),
        ({"lat": 30}, "lon"),
        ({"plan": [{"days": [9], "spans": []}]}, "plan"),
        ({"rules": {"zones": [{"id": "z", "polygon": [[0, 0], [1, 1]]}]}}, "rules"),
        ({"neighbours": [4711]}, "neighbours"),
        ({"neighbours": ["north"]}, "neighbours.0"),
        ({"legal": {"x": 1}}, "legal"),
        ({"paused": "perhaps"}, "paused"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(start: Start, fields: dict[str, Any], field: str) -> None:
    server = start()
    with server.client(server.token(Role.ADMIN)) as admin:
        wrong = admin.post("cameras", json={"name": "gate", "url": URL, **fields})
        problem = assert_problem(wrong, 422, field)
        camera = add(admin)
        change = admin.patch(f"cameras/{camera['id']}", json={"revision": 1, **fields})
        assert_problem(change, 422, field)
        assert SECRET not in json.dumps(problem) + change.text
        if field == "rules":
            assert "zones.0.polygon" in problem["detail"] or "3 or more points" in problem["detail"]


def test_not_a_number_is_no_number(start: Start) -> None:
    server = start()
    with server.client(server.token(Role.ADMIN)) as admin:
        for body in (
            f'{{"name": "g", "url": "{URL}", "every_s": NaN}}',
            f'{{"name": "g", "url": "{URL}", "rules": {{"zones": [{{"id": "z", "persistence": '
            f'{{"stall": {{"dwell_s": NaN}}}}}}]}}}}',
        ):
            answer = admin.post(
                "cameras", content=body, headers={"Content-Type": "application/json"}
            )
            assert_problem(answer, 422)


def test_who_comes_second_reads_again(server: Running, admin: httpx.Client) -> None:
    camera = add(admin)
    path = f"cameras/{camera['id']}"
    assert admin.put(f"{path}/rules", json={"revision": 1, "rules": {}}).status_code == 200
    admin.patch(path, json={"revision": 1, "paused": True})
    late = assert_problem(admin.patch(path, json={"revision": 7, "paused": True}), 409, "revision")
    assert "changed this camera at" in late["detail"]
    assert "test-admin" in late["detail"]
    assert_problem(admin.put(f"{path}/rules", json={"revision": 7, "rules": {}}), 409, "revision")
    assert_problem(admin.post("cameras", json={"name": "north gate", "url": URL}), 409, "name")


def test_a_secret_is_in_no_answer_no_table_and_no_log(server: Running, admin: httpx.Client) -> None:
    said: list[str] = []
    admin.event_hooks["response"] = [lambda answer: said.append(answer.read().decode("utf-8"))]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    with capture_logs() as logged:
        camera = add(admin)
        path = f"cameras/{camera['id']}"
        admin.patch(path, json={"revision": 1, "url": f"http://u:{SECRET}x@10.0.0.9/snap.jpg"})
        admin.patch(path, json={"revision": 1, "url": URL})
        admin.patch(path, json={"revision": 2, "url": f"rtsp://u:{SECRET} @10.0.0.9/"})
        admin.post("cameras/test", json={"url": URL})
        admin.post("cameras/test", json={"camera_id": camera["id"]})
        admin.post("cameras/test", json={"url": f"rtsp://u:{SECRET}@broken/"})
        admin.post("cameras/test", json={"url": f"gopher://u:{SECRET}@h/"})
        admin.post("cameras", json={"name": 5, "url": URL})
        admin.post("cameras", json={"name": "x", "url": [URL]})
        admin.get("cameras")
        admin.get(path)
        admin.delete(path)
    assert len(said) == 13
    assert any(entry["event"] == "request failed" for entry in logged)
    stored = []
    with server.services.db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            stored += [str(tuple(row)) for row in rows]
    assert "camera.tested" in "".join(stored)
    for name, found in (("answers", said), ("tables", stored), ("log", [repr(logged)])):
        assert SECRET not in "".join(found), name


def test_a_shown_address_sent_back_keeps_the_stored_one_and_no_other_host_gets_it(
    server: Running, admin: httpx.Client, tried: Tried
) -> None:
    camera = add(admin)
    path = f"cameras/{camera['id']}"
    kept = admin.patch(path, json={"revision": 1, "url": camera["url_shown"], "name": "east"})
    assert kept.status_code == 200
    moved = camera["url_shown"].replace("10.0.0.9", "10.6.6.6")
    assert_problem(admin.patch(path, json={"revision": 2, "url": moved}), 422, "url")
    assert_problem(admin.post("cameras/test", json={"url": moved}), 422, "url")
    admin.post("cameras/test", json={"camera_id": camera["id"]})
    assert tried == [(URL, "tcp")]


def test_a_camera_is_tried_before_it_is_saved(
    server: Running, admin: httpx.Client, tried: Tried
) -> None:
    shown = admin.post("cameras/test", json={"url": URL, "transport": "udp"}).json()
    assert tried == [(URL, "udp")]
    assert (shown["state"], shown["width"], shown["height"]) == ("live", 1920, 1080)
    assert shown["text"] == {"zh": "在线", "en": "Live"}
    assert shown["detections"] == [
        {"label": "stall", "confidence": 0.8, "box": [0.1, 0.2, 0.3, 0.4]}
    ]
    kind, _, data = shown["picture"].partition(",")
    assert kind == "data:image/jpeg;base64"
    assert base64.b64decode(data) == jpeg(1)
    down = admin.post("cameras/test", json={"url": "rtsp://down/1"}).json()
    assert (down["state"], down["picture"], down["detections"]) == ("unreachable", None, [])
    assert "down" in down["detail"]
    for body in ({}, {"url": URL, "camera_id": 1}):
        assert_problem(admin.post("cameras/test", json=body), 422)
    assert_problem(admin.post("cameras/test", json={"camera_id": 99}), 404)
    assert admin.get("cameras").json() == {"items": []}


def test_an_address_of_a_lost_key_is_a_conflict_that_says_so(
    server: Running, admin: httpx.Client
) -> None:
    camera = add(admin)
    with server.services.db.write() as session:
        session.execute(text("UPDATE camera SET url_sealed = 'gAAAAA-of-another-key'"))
    problem = assert_problem(admin.post("cameras/test", json={"camera_id": camera["id"]}), 409)
    assert "another key" in problem["detail"]
    assert admin.get("cameras").status_code == 200


def test_what_a_camera_sees_is_shown_with_its_state_view_incidents_and_notices(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    camera = add(admin)
    view = f"cameras/{camera['id']}/view"
    assert_problem(reviewer.get(view), 404)
    incident_id, lead_id = patrol(server, camera["id"])
    folder = server.services.options.views_dir
    assert folder is not None
    folder.mkdir()
    (folder / f"{camera['id']}.jpg").write_bytes(jpeg(7))
    with server.services.db.write() as session:
        session.add(
            CameraNoticeRow(
                camera_id=camera["id"], kind="fault", what="blurred", detail="",
                began_at=at(1), ended_at=at(2),
            )
        )  # fmt: skip
        session.add(
            CameraNoticeRow(
                camera_id=camera["id"], kind="outage", what="unreachable", detail="no route",
                began_at=at(3), ended_at=None,
            )
        )  # fmt: skip

    (shown,) = reviewer.get("cameras").json()["items"]
    status = shown["status"]
    assert (status["state"], status["looks"], status["looks_inspected"]) == ("live", 2, 2)
    assert status["text"] == {"zh": "在线", "en": "Live"}
    assert status["sightings"] == [
        {"label": "litter", "confidence": 0.8, "box": [0.1, 0.5, 0.3, 0.7]}
    ]
    assert shown["open_incidents"] == 1
    assert shown["view_url"] == f"/api/v1/cameras/{camera['id']}/view?v=abababab"
    seen = httpx.get(server.url + shown["view_url"], headers=dict(reviewer.headers))
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["content-security-policy"].startswith("sandbox")
    assert seen.content == jpeg(7)

    answer = reviewer.get("incidents", params={"camera_id": camera["id"], "stage": "open"})
    page = answer.json()
    (one,) = page["items"]
    assert page["total"] == 1
    assert (one["id"], one["lead_id"], one["label"]) == (incident_id, lead_id, "litter")
    assert one["camera"] == {"id": camera["id"], "name": "north gate"}
    assert (one["suspects"], one["ended_at"]) == (0, None)
    assert reviewer.get("incidents", params={"stage": "ended"}).json()["items"] == []
    lead = reviewer.get(f"leads/{lead_id}").json()
    assert lead["camera"] == {"id": camera["id"], "name": "north gate"}
    assert lead["incident_id"] == incident_id
    assert lead["photo"]["channel"] == "camera"
    for kind in ("before", "strip", "masked"):
        drawn = reviewer.get(f"evidence/{lead['evidence'][kind]}/{kind}")
        assert drawn.headers["content-type"] == "image/jpeg"

    notices = reviewer.get("notices").json()["items"]
    assert [(one["what"], one["ended_at"] is None) for one in notices] == [
        ("unreachable", True),
        ("blurred", False),
    ]
    assert notices[0]["text"] == {"zh": "无法连接到主机", "en": "The host cannot be reached"}
    assert notices[1]["text"] == {"zh": "画面模糊", "en": "The view is blurred"}
    (still,) = reviewer.get("notices", params={"open": "true"}).json()["items"]
    assert still["detail"] == "no route"
    assert len(reviewer.get(f"cameras/{camera['id']}/notices").json()["items"]) == 2
    assert_problem(reviewer.get("cameras/999/notices"), 404)
    admin.delete(f"cameras/{camera['id']}")
    assert_problem(reviewer.get(view), 404)
    assert reviewer.get("notices").json() == {"items": []}
    assert reviewer.get("incidents").json()["total"] == 1


def test_incidents_come_in_pages_the_last_opened_first(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    cameras = [add(admin, f"gate {number}")["id"] for number in range(5)]
    for seed, camera in enumerate(cameras):
        patrol(server, camera, seed)  # all opened at the same instant
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = reviewer.get("incidents", params=params).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page["total"] == 5
    for wrong in ("x", "WzFd", "WyJhIiwiYiJd"):
        assert_problem(reviewer.get("incidents", params={"cursor": wrong}), 422, "cursor")
    assert_problem(reviewer.get("incidents", params={"stage": "candidate"}), 422, "stage")
    assert_problem(reviewer.get("incidents/none%00such"), 404)


def test_suspect_vehicles_are_shown_and_judged(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    camera = add(admin)
    incident_id, _ = patrol(server, camera["id"])
    kept = server.services.store.put(jpeg(3), "image/jpeg")
    with server.services.db.write() as session:
        for before in (90.0, 20.0):
            session.add(
                SuspectRow(
                    incident_id=incident_id, camera_id=camera["id"],
                    at=at(0) - timedelta(seconds=before), seconds_before=before, label="truck",
                    confidence=0.8, box=[0.1, 0.1, 0.4, 0.4], object_key=kept.key,
                    sha256=kept.sha256, media_type="image/jpeg", verdict=None, decided_by=None,
                    decided_at=None,
                )
            )  # fmt: skip
    assert reviewer.get("incidents").json()["items"][0]["suspects"] == 2
    found = reviewer.get(f"incidents/{incident_id}").json()
    assert [one["seconds_before"] for one in found["suspects"]] == [20.0, 90.0]
    first = found["suspects"][0]
    assert first["camera"] == {"id": camera["id"], "name": "north gate"}
    crop = httpx.get(server.url + first["picture_url"], headers=dict(reviewer.headers))
    assert crop.content == jpeg(3)
    path = f"suspects/{first['id']}/verdict"
    said = reviewer.post(path, json={"verdict": "confirmed"}).json()
    assert said["verdict"] == "confirmed"
    assert said["decided_by"].startswith("token:")
    back = reviewer.post(path, json={"verdict": None}).json()
    assert (back["verdict"], back["decided_by"], back["decided_at"]) == (None, None, None)
    assert_problem(reviewer.post(path, json={"verdict": "guilty"}), 422, "verdict")
    assert_problem(reviewer.post(path, json={}), 422, "verdict")
    assert_problem(reviewer.post("suspects/99/verdict", json={"verdict": "confirmed"}), 404)
    assert_problem(reviewer.get("suspects/99/picture"), 404)
    with server.services.db.session() as session:
        judged = session.execute(
            text("SELECT detail FROM history WHERE action = 'suspect.judged'")
        ).all()
    assert len(judged) == 2


def test_a_rejected_lead_makes_a_suppression_that_can_be_lifted(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    camera = add(admin)
    _, lead_id = patrol(server, camera["id"], over=True)
    early = reviewer.post("suppressions", json={"lead_id": lead_id})
    assert_problem(early, 409)
    reviewer.post(f"leads/{lead_id}/decision", json={"verdict": "reject"})
    preview = reviewer.post("suppressions/preview", json={"lead_id": lead_id}).json()
    assert preview["camera"] == {"id": camera["id"], "name": "north gate"}
    assert (preview["label"], preview["days"]) == ("litter", 7)
    assert isinstance(preview["incidents"], int)
    made = reviewer.post("suppressions", json={"lead_id": lead_id, "days": 9, "note": "a bin"})
    assert made.status_code == 201
    assert made.json()["standing"] is True
    assert admin.get(f"cameras/{camera['id']}").json()["revision"] == 2
    listed = reviewer.get("suppressions", params={"camera_id": camera["id"]}).json()["items"]
    assert listed == [made.json()]
    lifted = reviewer.delete(f"suppressions/{made.json()['id']}").json()
    assert lifted["standing"] is False
    assert reviewer.get("suppressions", params={"standing": "true"}).json() == {"items": []}
    assert_problem(reviewer.delete(f"suppressions/{made.json()['id']}"), 409)
    wrong = reviewer.post("suppressions", json={"lead_id": lead_id, "days": 0})
    assert_problem(wrong, 422, "days")
    (photo,) = upload(reviewer, ("a.jpg", picture(seed=3)))
    asked = reviewer.post("suppressions/preview", json={"lead_id": photo["leads"][0]["id"]})
    assert_problem(asked, 422, "lead_id")


def test_rules_are_replayed_before_they_are_saved(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    camera = add(admin)
    looks = [look(camera["id"], number) for number in range(60)]
    keep_looks(server.services.db, looks, clock=lambda: at(60))
    days = (utc_now() - at(-1)) / timedelta(days=1)
    assert days > 30, "the made-up looks are old"
    path = f"cameras/{camera['id']}/replay"
    nothing = reviewer.post(path, json={"rules": {}, "days": 30}).json()
    assert (nothing["looks"], nothing["since"], nothing["list"]) == (0, None, [])
    with server.services.db.write() as session:
        rows = session.execute(text("SELECT id FROM observation ORDER BY id")).all()
        for number, (row_id,) in enumerate(rows):
            recent = utc_now() - timedelta(hours=1) + timedelta(seconds=10 * number)
            if not server.services.db.is_postgres:
                recent = recent.replace(tzinfo=None)
            session.execute(
                text("UPDATE observation SET at = :at WHERE id = :id"),
                {"at": recent if server.services.db.is_postgres else str(recent), "id": row_id},
            )
    quick = {"zones": [{"id": "all", "persistence": {"litter": {"dwell_s": 60}}}]}
    found = reviewer.post(path, json={"rules": quick}).json()
    assert (found["looks"], found["incidents"], found["instead_of"]) == (60, 1, 1)
    assert found["list"][0]["zone"] == "all"
    nowhere = {"zones": [{"id": "sky", "polygon": [[0, 0], [1, 0], [1, 0.2]]}]}
    found = reviewer.post(path, json={"rules": nowhere, "days": 1}).json()
    assert (found["incidents"], len(found["removed"])) == (0, 1)
    assert_problem(reviewer.post(path, json={"rules": {"zone": []}}), 422, "rules")
    assert_problem(reviewer.post(path, json={"rules": {}, "days": 31}), 422, "days")
    assert_problem(reviewer.post("cameras/99/replay", json={"rules": {}}), 404)
    assert admin.get(f"cameras/{camera['id']}").json()["revision"] == 1


def test_a_slow_camera_holds_up_nobody(start: Start) -> None:
    import threading

    answered = threading.Event()

    def slow(url: str, transport: Transport) -> TriedLook:
        assert answered.wait(60), "the other requests were not answered meanwhile"
        return TriedLook(CameraState.STALLED, "", 1.0)

    server = start(test_look=slow)
    secret = server.token(Role.ADMIN)
    results: list[str] = []

    def test() -> None:
        answer = server.client(secret).post("cameras/test", json={"url": URL}, timeout=120)
        results.append(answer.json()["state"])

    threads = [threading.Thread(target=test) for _ in range(3)]
    for thread in threads:
        thread.start()
    client = server.client(secret)
    for _ in range(60):  # more than the threads that serve requests
        assert client.get("cameras").status_code == 200
    answered.set()
    for thread in threads:
        thread.join()
    assert results == ["stalled"] * 3
