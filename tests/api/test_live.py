"""The live list over a real server: in order, resumed, and ended when rights or service end."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from cases import accounts
from cases.actors import SYSTEM, Role
from cases.cameras import add_camera, set_rules
from cases.live import LiveKind, tell
from cases.times import utc_now
from tests.api.conftest import Running, Start, assert_problem
from tests.api.test_many_at_once import postgres_url

__all__ = ["postgres_url"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, start: Start) -> Running:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    return start(url, live_check_s=0.5)


@dataclass
class Event:
    """One event as it came over the wire."""

    id: int
    kind: str
    data: dict[str, Any]


@dataclass
class Listener:
    """Somebody who reads the live list in a thread; ``over`` when the list has ended."""

    response: httpx.Response
    events: list[Event] = field(default_factory=list)
    resets: int = 0
    last_id: str = ""
    over: bool = False

    def run(self) -> None:
        name, data = "", ""
        try:
            for line in self.response.iter_lines():
                if line.startswith("id: "):
                    self.last_id = line[4:]
                elif line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    data = line[6:]
                elif not line and data:
                    if name == "reset":
                        self.resets += 1
                    else:
                        self.events.append(Event(int(self.last_id), name, json.loads(data)))
                    name, data = "", ""
        except httpx.HTTPError:
            pass  # the test closed the connection
        self.over = True

    def numbers(self) -> list[int]:
        """What the look events say, in their order."""
        return [event.data["number"] for event in self.events if event.kind == "look"]


@contextmanager
def listening(client: httpx.Client, last: str | None = None) -> Iterator[Listener]:
    headers = {} if last is None else {"Last-Event-ID": last}
    with client.stream("GET", "live", headers=headers, timeout=60) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        listener = Listener(response)
        thread = threading.Thread(target=listener.run, daemon=True)
        thread.start()
        wait_until(lambda: listener.last_id != "")
        yield listener
        if not listener.over:
            # as when the network goes: wakes the thread that reads
            stream = response.extensions["network_stream"]
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        thread.join(60)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def add(server: Running) -> int:
    services = server.services
    return add_camera(
        services.db, services.sealer, {"name": "gate", "url": "rtsp://u:pw@10.0.0.9/"}, actor=SYSTEM
    )


def say(server: Running, camera_id: int, *numbers: int, kind: LiveKind = "look") -> None:
    for number in numbers:
        with server.services.db.write() as session:
            tell(session, kind, camera_id, utc_now(), {"number": number, "name": "北门"})


def test_events_come_as_they_happen_and_only_those_after_one_came(server: Running) -> None:
    camera_id = add(server)
    say(server, camera_id, 1, 2)
    with listening(server.client(server.token(Role.VIEWER))) as live:
        say(server, camera_id, 3)
        wait_until(lambda: len(live.events) == 1)
        set_rules(server.services.db, camera_id, {"zones": []}, revision=1, actor=SYSTEM)
        say(server, camera_id, 4)
        wait_until(lambda: len(live.events) == 3)
    assert live.numbers() == [3, 4]
    first, change, last = live.events
    assert (first.data["camera_id"], first.data["name"]) == (camera_id, "北门")
    assert first.data["at"]
    assert (change.kind, change.data["what"], change.data["revision"]) == ("camera", "rules", 2)
    assert first.id < change.id < last.id


def test_a_client_that_comes_back_misses_nothing_and_sees_nothing_twice(server: Running) -> None:
    camera_id = add(server)
    client = server.client(server.token(Role.REVIEWER))
    with listening(client) as live:
        say(server, camera_id, 1, 2)
        wait_until(lambda: len(live.events) == 2)
    say(server, camera_id, *range(3, 303))  # more than one batch while nobody listens
    with listening(client, live.last_id) as again:
        wait_until(lambda: len(again.events) >= 300)
        say(server, camera_id, 303)
        wait_until(lambda: len(again.events) >= 301)
    assert live.numbers() + again.numbers() == list(range(1, 304))
    assert again.resets == 0


def test_a_client_that_lost_the_line_before_the_first_event_comes_back_to_it(
    server: Running,
) -> None:
    camera_id = add(server)
    client = server.client(server.token(Role.VIEWER))
    with listening(client) as live:
        assert live.events == []
    say(server, camera_id, 7)
    with listening(client, live.last_id) as again:
        wait_until(lambda: again.numbers() == [7])


def test_when_events_are_gone_the_client_is_told_to_read_anew(server: Running) -> None:
    camera_id = add(server)
    say(server, camera_id, *range(1, 6))
    with server.services.db.write() as session:
        session.execute(text("DELETE FROM live_event WHERE id <= 4"))
    client = server.client(server.token(Role.VIEWER))
    for unknown in ("1", "999999"):
        with listening(client, unknown) as live:
            say(server, camera_id, 8)
            wait_until(lambda live=live: len(live.events) == 1)  # type: ignore[misc]
        assert (live.resets, live.numbers()) == (1, [8])
    with listening(client, "4") as live:
        wait_until(lambda: len(live.events) >= 2)
    assert live.resets == 0


@pytest.mark.parametrize("wrong", ["x", "-1", "1.5", "9" * 25, "٣"])
def test_an_id_that_is_none_is_refused(start: Start, wrong: str) -> None:
    server = start()
    client = server.client(server.token(Role.VIEWER))
    answer = client.get("live", headers={b"Last-Event-ID": wrong.encode()})  # type: ignore[dict-item]
    assert_problem(answer, 422, "Last-Event-ID")


def test_the_list_ends_when_the_session_ends(server: Running) -> None:
    server.user("wang", Role.VIEWER)
    with (
        server.log_in("wang") as client,
        server.log_in("wang") as other,
        listening(client) as live,
        listening(other) as still,
    ):
        assert client.delete("session").status_code == 204
        wait_until(lambda: live.over)
        assert not still.over
        accounts.disable_user(server.services.db, "wang")
        wait_until(lambda: still.over)


def test_the_list_ends_when_the_token_is_revoked(server: Running) -> None:
    issued = accounts.create_token(server.services.db, name="wall", role=Role.VIEWER)
    with listening(server.client(issued.secret)) as live:
        accounts.revoke_token(server.services.db, issued.id)
        wait_until(lambda: live.over)


def test_the_list_ends_when_the_service_stops(server: Running) -> None:
    client = server.client(server.token(Role.VIEWER))
    with listening(client) as live, listening(client) as other:
        server.services.stopping.set()
        wait_until(lambda: live.over and other.over)


def test_a_client_that_leaves_leaves_nothing_behind(server: Running) -> None:
    camera_id = add(server)
    client = server.client(server.token(Role.VIEWER))
    for _ in range(3):
        with listening(client), listening(client):
            pass
    # the server sees that a client is gone when it next has something to say
    say(server, camera_id, 1)
    wait_until(lambda: client.get("cameras").status_code == 200 and server.live.open == 0)
    meters = server.client(server.token(Role.ADMIN), Accept="text/plain")

    def counted() -> str:
        return meters.get(f"{server.url}/metrics").text

    wait_until(lambda: 'route="/api/v1/live",status="200"} 6.0' in counted())
    assert 'request_seconds_count{method="GET",route="/api/v1/live"}' not in counted()


def test_many_lists_hold_up_no_other_request(server: Running) -> None:
    camera_id = add(server)
    secret = server.token(Role.VIEWER)
    clients = [server.client(secret) for _ in range(50)]
    listeners: list[Listener] = []

    def listen(client: httpx.Client) -> None:
        with listening(client) as live:
            listeners.append(live)
            wait_until(lambda: bool(live.events))

    threads = [threading.Thread(target=listen, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(listeners) == 50)
    with server.client(secret) as client:
        for _ in range(20):
            assert client.get("cameras").status_code == 200
    say(server, camera_id, 1)
    for thread in threads:
        thread.join(60)
    assert [live.numbers() for live in listeners] == [[1]] * 50
