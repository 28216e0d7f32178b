"""What surrounds the API: safe evidence, headers, hosts, documentation, the desk's files."""

from __future__ import annotations

import logging
import time
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image

from cases.actors import Role
from tests.api.conftest import MODEL, RED, Running, Start, assert_problem, picture, upload


def test_evidence_is_never_anything_but_a_picture(reviewer: httpx.Client) -> None:
    (photo,) = upload(reviewer, ('x";evil=".html', picture(RED)))
    ids = photo["leads"][0]["evidence"]
    for kind in ("original", "annotated", "closeup", "masked"):
        # any of the four numbers leads to each of the four pictures
        for evidence_id in filter(None, ids.values()):
            shown = reviewer.get(f"evidence/{evidence_id}/{kind}")
            assert shown.status_code == 200
            assert shown.headers["content-type"] == "image/jpeg"
            assert shown.headers["x-content-type-options"] == "nosniff"
            assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
            disposition = shown.headers["content-disposition"]
            assert disposition == f'inline; filename="{ids[kind]}-{kind}.jpg"'
            cached = "no-store" if kind == "original" else "private, max-age=3600"
            assert shown.headers["cache-control"] == cached
            with Image.open(BytesIO(shown.content)) as image:
                image.load()
    assert_problem(reviewer.get(f"evidence/{ids['masked']}/thumbnail"), 422, "kind")
    assert_problem(reviewer.get("evidence/999/masked"), 404)


def test_every_look_at_an_original_is_written_down(server: Running, reviewer: httpx.Client) -> None:
    (photo,) = upload(reviewer, ("a.jpg", picture(RED)))
    lead = photo["leads"][0]
    reviewer.get(f"evidence/{lead['evidence']['original']}/original")
    decided = reviewer.post(f"leads/{lead['id']}/decision", json={"verdict": "confirm"}).json()
    reviewer.get(f"evidence/{lead['evidence']['original']}/original")
    history = reviewer.get(f"cases/{decided['case_id']}").json()["history"]
    assert len([line for line in history if "original" in line["action"]]) == 2


def test_every_answer_has_the_security_headers(server: Running) -> None:
    for path in ("/", "/docs", "/openapi.json", "/healthz", "/api/v1/leads", "/none", "/api/none"):
        answer = httpx.get(server.url + path)
        policy = answer.headers["content-security-policy"]
        # nothing from elsewhere, and nothing written into the page itself
        assert policy.startswith(("default-src 'self';", "default-src 'none';"))
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert len(answer.headers["x-request-id"]) >= 8
    assert httpx.get(f"{server.url}/api/v1/healthz").headers["cache-control"] == "no-store"


def test_a_request_keeps_a_sound_id_of_its_own(server: Running) -> None:
    url = f"{server.url}/healthz"
    given = httpx.get(url, headers={"X-Request-ID": "abcd-1234_X"})
    assert given.headers["x-request-id"] == "abcd-1234_X"
    odd = httpx.get(url, headers={"X-Request-ID": "<script>"})
    assert "<" not in odd.headers["x-request-id"]


def test_an_unknown_host_name_is_refused(server: Running, start: Start) -> None:
    url = f"{server.url}/healthz"
    assert httpx.get(url, headers={"Host": "evil.example"}).status_code == 421
    assert httpx.get(url, headers={"Host": "evil.example:8080"}).status_code == 421
    for host in ("localhost:8080", "192.168.1.5", "[::1]:8080"):
        assert httpx.get(url, headers={"Host": host}).status_code == 200
    named = f"{start(hosts=('Patrol.city.example',)).url}/healthz"
    assert httpx.get(named, headers={"Host": "patrol.city.example"}).status_code == 200
    assert httpx.get(named, headers={"Host": "city.example"}).status_code == 421


def test_a_large_body_is_refused_where_no_photos_are_expected(server: Running) -> None:
    answer = server.client().post("session", content=b" " * 100_000)
    assert_problem(answer, 413)


def test_an_unknown_address_is_a_problem_and_never_the_desk(server: Running) -> None:
    assert_problem(httpx.get(f"{server.url}/api/v1/nothing"), 404)
    assert_problem(httpx.get(f"{server.url}/api"), 404)
    assert_problem(httpx.delete(f"{server.url}/api/v1/healthz"), 405)


def test_a_failure_inside_tells_nothing_but_its_number(
    server: Running, reviewer: httpx.Client
) -> None:
    (photo,) = upload(reviewer, ("a.jpg", picture(RED)))
    for stored in server.services.store.root.rglob("*"):  # type: ignore[attr-defined]
        if stored.is_file():
            stored.chmod(0o600)
            stored.write_bytes(b"damaged")
    answer = reviewer.get(f"evidence/{photo['leads'][0]['evidence']['masked']}/masked")
    problem = assert_problem(answer, 500)
    assert answer.headers["x-request-id"] in problem["detail"]
    assert "evidence/" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_health_names_the_model_and_the_state_of_the_desk(server: Running) -> None:
    for path in ("/healthz", "/api/v1/healthz"):
        body = httpx.get(server.url + path).json()
        assert body["status"] == "ok"
        assert body["model"] == {
            "name": MODEL.name,
            "version": MODEL.version,
            "sha256": MODEL.sha256,
        }
        assert body["web"] == "missing"


def test_without_a_built_desk_the_start_page_says_how_to_build_it(server: Running) -> None:
    answer = httpx.get(f"{server.url}/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "make web" in answer.text
    assert_problem(httpx.get(f"{server.url}/review"), 404)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A built review desk beside a file that is none of its business."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>desk</title>")
    (folder / "assets" / "app-123.js").write_text("export {}")
    (folder / "notes.exe").write_text("no web file")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


def test_the_desk_is_served_and_its_own_addresses_lead_to_it(start: Start, desk: Path) -> None:
    url = start(web_dir=desk).url
    for path in ("/", "/review", "/cases/12"):
        page = httpx.get(url + path)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "desk" in page.text
        assert page.headers["cache-control"] == "no-cache"
    script = httpx.get(f"{url}/assets/app-123.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "immutable" in script.headers["cache-control"]
    assert httpx.head(f"{url}/").status_code == 200
    assert httpx.get(f"{url}/healthz").json()["web"] == "built"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.js",
        "/notes.exe",
        "/link.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2fetc/passwd.txt",
        "/index.html%00.js",
    ],
)
def test_nothing_outside_the_desk_is_served(start: Start, desk: Path, path: str) -> None:
    url = start(web_dir=desk).url
    # sent as written: the client must not tidy the path
    host, port = url.removeprefix("http://").split(":")
    import http.client

    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 404
    assert b"secret" not in body


def test_a_desk_built_later_is_served_without_a_restart(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    url = start(web_dir=folder).url
    assert "make web" in httpx.get(f"{url}/").text
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>desk</title>")
    assert "desk" in httpx.get(f"{url}/").text


def test_the_documentation_needs_no_script_and_no_network(server: Running) -> None:
    page = httpx.get(f"{server.url}/docs")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "src=" not in page.text
    assert "http://" not in page.text.replace(server.url, "")
    assert "https://" not in page.text
    for path in ("/api/v1/photos", "/api/v1/leads/{lead_id}/decision", "/metrics"):
        assert path in page.text
    assert "dispatcher" in page.text


def test_the_log_has_routes_and_no_secrets(
    server: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    from patrol import logs

    server.user("wang-secret-name", Role.REVIEWER)
    logs.configure(style="json")
    try:
        with server.log_in("wang-secret-name") as client:
            client.get("leads", params={"label": "secret-query"})
            client.get("secret-path/x")
            secret = client.cookies["patrol_session"]
        written, end = "", time.monotonic() + 10
        while written.count('"answered"') < 3 and time.monotonic() < end:
            written += capfd.readouterr().err
            time.sleep(0.02)
    finally:
        logging.getLogger().handlers.clear()
    assert '"route": "/api/v1/leads"' in written
    assert '"route": "/api/v1/session"' in written
    for hidden in ("wang-secret-name", "secret-query", "secret-path", secret, "correct horse"):
        assert hidden not in written
