"""Cameras over HTTP: settings and states for readers, changes for admins, secrets for nobody."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import inspect, text
from structlog.testing import capture_logs

from api.services import TriedLook
from cases.actors import Role
from cases.camera_views import Transport
from detector.observation import Sighting
from detector.sources.states import CameraState
from tests.api.conftest import Running, Start, assert_problem
from tests.api.test_many_at_once import postgres_url
from tests.cases.patrols import jpeg

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
