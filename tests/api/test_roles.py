"""Every route has its role: checked on the routes themselves and, with every role, on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from api.app import ROUTERS
from api.deps import API_PREFIX, PUBLIC, guarded_router
from cases.actors import ASSIGNABLE_ROLES, Role
from tests.api.conftest import RED, Running, assert_problem, picture, upload

ALL: Final = frozenset(ASSIGNABLE_ROLES)
READERS: Final = frozenset({Role.ADMIN, Role.REVIEWER, Role.VIEWER, Role.DISPATCHER})
REVIEWERS: Final = frozenset({Role.ADMIN, Role.REVIEWER})
ADMINS: Final = frozenset({Role.ADMIN})


@dataclass(frozen=True)
class Call:
    """One request as a role that may do it would send it."""

    method: str
    route: str
    allowed: frozenset[Role]
    body: Any = None
    query: str = ""


CALLS: Final = (
    Call("POST", "/photos", REVIEWERS),
    Call("GET", "/leads", READERS),
    Call("GET", "/leads/{lead_id}", READERS),
    Call("POST", "/leads/{lead_id}/decision", REVIEWERS, {"verdict": "reject"}),
    Call("DELETE", "/leads/{lead_id}/decision", REVIEWERS),
    Call("GET", "/cases", ALL),
    Call("GET", "/cases/{case_id}", ALL),
    Call(
        "POST",
        "/cases/{case_id}/claim",
        frozenset({Role.ADMIN, Role.DISPATCHER, Role.UNIT}),
    ),
    Call("GET", "/evidence/{evidence_id}/{kind}", ALL),
    Call("GET", "/cameras", READERS),
    Call("POST", "/cameras", ADMINS, {"name": "n", "url": "rtsp://camera.example/"}),
    Call("POST", "/cameras/test", ADMINS, {"url": "rtsp://camera.example/"}),
    Call("GET", "/cameras/{camera_id}", READERS),
    Call("PATCH", "/cameras/{camera_id}", ADMINS, {"revision": 0}),
    Call("PUT", "/cameras/{camera_id}/rules", ADMINS, {"revision": 0, "rules": {}}),
    Call("POST", "/cameras/{camera_id}/replay", READERS, {"rules": {}}),
    Call("GET", "/cameras/{camera_id}/view", READERS),
    Call("GET", "/cameras/{camera_id}/notices", READERS),
    Call("DELETE", "/cameras/{camera_id}", ADMINS),
    Call("GET", "/notices", READERS),
    Call("GET", "/incidents", READERS),
    Call("GET", "/incidents/{incident_id}", READERS),
    Call("GET", "/suspects/{suspect_id}/picture", READERS),
    Call("POST", "/suspects/{suspect_id}/verdict", REVIEWERS, {"verdict": "confirmed"}),
    Call("GET", "/suppressions", READERS),
    Call("POST", "/suppressions", REVIEWERS, {"lead_id": 1}),
    Call("POST", "/suppressions/preview", REVIEWERS, {"lead_id": 1}),
    Call("DELETE", "/suppressions/{suppression_id}", REVIEWERS),
    Call("GET", "/live", READERS),
    Call("GET", "/units", ALL),
    Call("GET", "/classes", ALL),
    Call("GET", "/summary", ALL),
    # sessions are for people: no token may use them
    Call("GET", "/session", frozenset()),
    Call("DELETE", "/session", frozenset()),
    Call("PUT", "/session/password", frozenset(), {"current": "x", "new": "y"}),
)


CAMERA_VALUES: Final = {
    "camera_id": 1,
    "incident_id": "c1-1",
    "suspect_id": 1,
    "suppression_id": 1,
}


def routes(router: APIRouter) -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods)
    ]


def test_the_matrix_covers_every_route() -> None:
    built = {pair for router in ROUTERS for pair in routes(router)}
    called = {(call.method, API_PREFIX + call.route) for call in CALLS}
    assert called | PUBLIC | {("GET", "/metrics")} == built


def test_every_address_of_the_application_is_guarded(server: Running) -> None:
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path, item in paths.items() for method in item}
    assert described == {pair for router in ROUTERS for pair in routes(router)}
    for path, item in paths.items():
        for method, operation in item.items():
            open_to_all = operation["x-roles"] == ["anybody"]
            assert open_to_all == ((method.upper(), path) in PUBLIC)
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            assert "422" not in operation["responses"]


def test_a_route_without_a_role_check_cannot_be_made() -> None:
    router = guarded_router("test")
    with pytest.raises(RuntimeError, match="no role check"):

        @router.get("/everything")
        def everything() -> str:
            return "secret"


def test_only_the_roles_of_a_route_get_through(server: Running) -> None:
    with server.client(server.token(Role.ADMIN)) as admin:
        (photo,) = upload(admin, ("a.jpg", picture(RED)))
        lead = photo["leads"][0]
        decided = admin.post(f"leads/{lead['id']}/decision", json={"verdict": "confirm"}).json()
        case = admin.get(f"cases/{decided['case_id']}").json()
    values = {
        "lead_id": lead["id"],
        "case_id": case["id"],
        "evidence_id": lead["evidence"]["masked"],
        "kind": "masked",
        **CAMERA_VALUES,
    }
    for role in ASSIGNABLE_ROLES:
        unit_id = case["unit"]["id"] if role is Role.UNIT else None
        with server.client(server.token(role, unit_id)) as client:
            for call in CALLS:
                path = call.route.lstrip("/").format(**values)
                # streamed, since the live list has no end
                with client.stream(call.method, path, json=call.body) as answer:
                    what = f"{role} {call.method} {call.route}: {answer.status_code}"
                    if role in call.allowed:
                        assert answer.status_code not in (401, 403), what
                        continue
                    assert answer.status_code == 403, what
                    answer.read()
                    assert_problem(answer, 403)


def test_nobody_gets_through_without_a_token_or_session(server: Running) -> None:
    values = {"lead_id": 1, "case_id": 1, "evidence_id": 1, "kind": "masked", **CAMERA_VALUES}
    for secret in (None, "vp_wrong"):
        with server.client(secret) as client:
            for call in CALLS:
                answer = client.request(
                    call.method, call.route.lstrip("/").format(**values), json=call.body
                )
                assert_problem(answer, 401)
                assert "Bearer" in answer.headers["www-authenticate"]
    assert httpx.get(f"{server.url}/metrics").status_code == 401
    with server.client() as client:
        client.cookies.set("patrol_session", "guessed")
        assert_problem(client.get("leads"), 401)
        client.headers["Authorization"] = "Basic YWRtaW46YWRtaW4="
        assert_problem(client.get("leads"), 401)


def test_meters_are_for_admin_and_viewer(server: Running) -> None:
    assert server.client().get("healthz").status_code == 200
    for role in ASSIGNABLE_ROLES:
        secret = server.token(role, 1 if role is Role.UNIT else None)
        answer = httpx.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == (200 if role in (Role.ADMIN, Role.VIEWER) else 403)
        if answer.status_code == 200:
            assert (
                'patrol_http_requests_total{method="GET",route="/api/v1/healthz",status="200"} 1.0'
                in answer.text
            )


def test_a_unit_knows_of_its_own_cases_alone(server: Running) -> None:
    with server.client(server.token(Role.ADMIN)) as admin:
        (photo,) = upload(admin, ("a.jpg", picture(RED)))
        lead = photo["leads"][0]
        decided = admin.post(f"leads/{lead['id']}/decision", json={"verdict": "confirm"}).json()
        case = admin.get(f"cases/{decided['case_id']}").json()
        units = [unit["id"] for unit in admin.get("units").json()]
    own = case["unit"]["id"]
    other = next(unit for unit in units if unit != own)
    evidence = f"evidence/{lead['evidence']['closeup']}"

    with server.client(server.token(Role.UNIT, other)) as stranger:
        assert stranger.get("cases").json()["items"] == []
        assert stranger.get("cases").json()["total"] == 0
        unknown = assert_problem(stranger.get("cases/999"), 404)
        hidden = assert_problem(stranger.get(f"cases/{case['id']}"), 404)
        assert hidden["title"] == unknown["title"]
        assert hidden["detail"].replace(str(case["id"]), "999") == unknown["detail"]
        assert_problem(stranger.post(f"cases/{case['id']}/claim"), 404)
        assert_problem(stranger.get(f"{evidence}/masked"), 404)

    with server.client(server.token(Role.UNIT, own)) as handler:
        assert [item["id"] for item in handler.get("cases").json()["items"]] == [case["id"]]
        assert handler.get(f"{evidence}/closeup").status_code == 200
        assert_problem(handler.get(f"{evidence}/original"), 403)
        assert handler.post(f"cases/{case['id']}/claim").status_code == 200


def test_evidence_of_a_lead_that_is_no_case_is_hidden_from_units(server: Running) -> None:
    with server.client(server.token(Role.ADMIN)) as admin:
        (photo,) = upload(admin, ("a.jpg", picture(RED)))
    with server.client(server.token(Role.UNIT, 1)) as unit:
        assert_problem(unit.get(f"evidence/{photo['leads'][0]['evidence']['masked']}/masked"), 404)
