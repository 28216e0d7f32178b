"""Odd input gets an answer that names it, on both databases, and never an inner failure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from cases.actors import Role
from tests.api.conftest import RED, Running, assert_problem, picture, upload
from tests.api.test_many_at_once import postgres_url, server

__all__ = ["postgres_url", "server"]

ODD: Final = (
    "\x00",
    "a\x00b",
    "\x1b[31mred",
    "' OR 1=1 --",
    "%27%3B DROP TABLE lead",
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "𝕏" * 100,
    "é" * 400,
    "NaN",
    "-1",
    "99999999999999999999999",
    "1e309",
    "null",
    "../../etc/passwd",
    "{{7*7}}",
)


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client(server.token(Role.ADMIN)) as admin:
        yield admin


def sound(answer: httpx.Response) -> None:
    assert answer.status_code < 500, f"{answer.request.url}: {answer.text}"
    if answer.status_code >= 400:
        assert_problem(answer, answer.status_code)


def test_no_odd_text_makes_the_service_fail(server: Running, client: httpx.Client) -> None:
    (photo,) = upload(client, ("a.jpg", picture(RED)))
    lead = photo["leads"][0]["id"]
    for text in ODD:
        for name in ("status", "label", "cursor", "limit"):
            sound(client.get("leads", params={name: text}))
            sound(client.get("cases", params={name: text}))
        decision = f"leads/{lead}/decision"
        sound(client.post(decision, json={"verdict": text}))
        sound(client.post(decision, json={"verdict": "confirm", "label": text}))
        sound(client.post(decision, json={"verdict": "reject", "reason": text}))
        client.delete(decision)
        sound(client.post("session", json={"username": text[:128], "password": text}))
        sound(client.post("photos", files={"files": (text, picture(RED))}, data={"note": text}))
        sound(client.post("cases/1/claim", json={"unit_id": text}))
        sound(client.get("leads", headers={"Authorization": "Bearer x%00"}))
    assert client.get("healthz").status_code == 200


def test_a_lone_surrogate_is_refused_by_name(server: Running, client: httpx.Client) -> None:
    (photo,) = upload(client, ("a.jpg", picture(RED)))
    answer = client.post(
        f"leads/{photo['leads'][0]['id']}/decision",
        content=b'{"verdict": "reject", "reason": "\\ud800"}',
        headers={"Content-Type": "application/json"},
    )
    sound(answer)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"3", b'"x"', b"\xff\xfe", b'{"verdict":' + b"[" * 5000, b"{" * 60000],
)
def test_a_body_that_is_no_decision_is_refused(client: httpx.Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    sound(client.post("leads/1/decision", content=body, headers=headers))


def test_a_decision_that_is_no_json_by_name_is_refused(client: httpx.Client) -> None:
    # a form of another site can send these kinds without asking the browser
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = client.post(
            "leads/1/decision", content=b'{"verdict": "confirm"}', headers={"Content-Type": kind}
        )
        assert_problem(answer, 422)


def test_numbers_beyond_the_database_are_refused(client: httpx.Client) -> None:
    numbers: tuple[Any, ...] = (0, -1, 2**31, 2**63, 2**200, "x", "1.5", "0x1", " 1", "١")
    for number in numbers:
        for path in (f"leads/{number}", f"cases/{number}", f"evidence/{number}/masked"):
            sound(client.get(path))
        sound(client.post("cases/1/claim", json={"unit_id": number}))
