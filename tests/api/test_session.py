"""Sessions: cookies that scripts and other sites cannot use, and guessing that gets nowhere."""

from __future__ import annotations

import httpx

from cases import accounts
from cases.actors import Role
from tests.api.conftest import PASSWORD, RED, Running, Start, assert_problem, picture, upload


def test_a_session_works_where_a_token_does(server: Running) -> None:
    server.user("wang", Role.REVIEWER)
    with server.log_in("wang") as client:
        assert client.get("session").json()["user"] == {
            "name": "wang",
            "role": "reviewer",
            "must_change_password": False,
            "unit_id": None,
        }
        (photo,) = upload(client, ("a.jpg", picture(RED)))
        lead = photo["leads"][0]
        decided = client.post(f"leads/{lead['id']}/decision", json={"verdict": "confirm"})
        assert decided.json()["decision"]["actor"] == "wang"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    server: Running, start: Start
) -> None:
    server.user("wang", Role.VIEWER)
    answer = server.client().post("session", json={"username": "wang", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("patrol_session=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie

    behind_https = start(https=True)
    behind_https.user("wang", Role.VIEWER)
    answer = behind_https.client().post("session", json={"username": "wang", "password": PASSWORD})
    assert "; secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"]


def test_a_changing_request_needs_the_csrf_token(server: Running) -> None:
    server.user("wang", Role.REVIEWER)
    with server.log_in("wang") as client:
        (photo,) = upload(client, ("a.jpg", picture(RED)))
        path = f"leads/{photo['leads'][0]['id']}/decision"
        right = client.headers.pop("X-CSRF-Token")
        assert_problem(client.post(path, json={"verdict": "confirm"}), 403, "X-CSRF-Token")
        assert_problem(client.delete("session"), 403, "X-CSRF-Token")
        assert_problem(client.post("photos", files={"files": b"x"}), 403, "X-CSRF-Token")
        client.headers["X-CSRF-Token"] = right[:-1] + ("a" if right[-1] != "a" else "b")
        assert_problem(client.post(path, json={"verdict": "confirm"}), 403)
        assert client.get("leads").json()["items"][0]["status"] == "review"
        client.headers["X-CSRF-Token"] = right
        assert client.post(path, json={"verdict": "confirm"}).status_code == 200


def test_a_request_from_another_sites_page_is_refused(server: Running) -> None:
    server.user("wang", Role.REVIEWER)
    with server.log_in("wang") as client:
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            assert_problem(client.delete("session", headers=headers), 403)
        assert client.get("session").status_code == 200
        own = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
        assert client.delete("session", headers=own).status_code == 204
    login = {"username": "wang", "password": PASSWORD}
    foreign = {"Origin": "https://evil.example"}
    assert_problem(server.client().post("session", json=login, headers=foreign), 403)


def test_logging_out_ends_the_session_on_the_server(server: Running) -> None:
    server.user("wang", Role.VIEWER)
    with server.log_in("wang") as client:
        stolen = client.cookies["patrol_session"]
        assert client.delete("session").status_code == 204
        assert "patrol_session" not in client.cookies
    with server.client() as thief:
        thief.cookies.set("patrol_session", stolen)
        assert_problem(thief.get("session"), 401)


def test_wrong_names_and_wrong_passwords_look_the_same(server: Running) -> None:
    server.user("wang", Role.VIEWER)
    answers = [
        assert_problem(server.client().post("session", json=login), 401)
        for login in (
            {"username": "wang", "password": "not this one"},
            {"username": "nobody", "password": "not this one"},
        )
    ]
    assert answers[0] == answers[1]


def test_guessing_is_slowed_down_and_says_for_how_long(server: Running) -> None:
    server.user("wang", Role.VIEWER)
    client = server.client()
    statuses = [
        client.post("session", json={"username": "wang", "password": f"guess {n}"}).status_code
        for n in range(6)
    ]
    assert statuses == [401] * 5 + [429]
    refused = client.post("session", json={"username": "wang", "password": PASSWORD})
    assert_problem(refused, 429)
    assert int(refused.headers["retry-after"]) > 0
    server.user("li", Role.VIEWER)
    answer = client.post("session", json={"username": "li", "password": PASSWORD})
    assert answer.status_code == 200


def test_the_first_password_opens_nothing_but_its_change(server: Running) -> None:
    first = accounts.first_admin(server.services.db)
    assert first is not None
    with server.log_in("admin", first) as client:
        assert client.get("session").json()["user"]["must_change_password"] is True
        problem = assert_problem(client.get("leads"), 403)
        assert problem["type"].endswith("password-change-needed")
        assert_problem(client.get("classes"), 403)

        wrong = client.put("session/password", json={"current": "no", "new": PASSWORD})
        assert_problem(wrong, 403, "current")
        short = client.put("session/password", json={"current": first, "new": "short"})
        assert_problem(short, 422, "new")
        same = client.put("session/password", json={"current": first, "new": first})
        assert_problem(same, 422, "new")
        done = client.put("session/password", json={"current": first, "new": PASSWORD})
        assert done.status_code == 204

        assert client.get("session").json()["user"]["must_change_password"] is False
        assert client.get("leads").status_code == 200
    assert accounts.first_admin(server.services.db) is None


def test_a_new_password_ends_all_other_sessions(server: Running) -> None:
    server.user("wang", Role.VIEWER)
    with server.log_in("wang") as here, server.log_in("wang") as elsewhere:
        done = here.put("session/password", json={"current": PASSWORD, "new": PASSWORD + "!"})
        assert done.status_code == 204
        assert here.get("session").status_code == 200
        assert_problem(elsewhere.get("session"), 401)


def test_no_answer_repeats_a_password(server: Running) -> None:
    answers = [
        server.client().post("session", json={"username": "", "password": PASSWORD}),
        server.client().post("session", json={"username": "wang", "password": {"a": PASSWORD}}),
        server.client().post("session", json={"password": PASSWORD}),
        server.client().post("session", content=f'{{"password": "{PASSWORD}"'),
    ]
    for answer in answers:
        assert_problem(answer, 422)
        assert PASSWORD not in answer.text


def test_a_token_is_enough_without_any_cookie_check(server: Running) -> None:
    with httpx.Client(
        base_url=f"{server.url}/api/v1/",
        headers={"Authorization": f"Bearer {server.token(Role.REVIEWER)}"},
    ) as client:
        (photo,) = upload(client, ("a.jpg", picture(RED)))
        path = f"leads/{photo['leads'][0]['id']}/decision"
        assert client.post(path, json={"verdict": "reject"}).status_code == 200
