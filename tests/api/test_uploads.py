"""Uploads: the good files are taken whatever comes with them, and nothing fills the machine."""

from __future__ import annotations

import hashlib
import socket
import struct
import zlib
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.uploads import UploadLimits, clean_filename
from cases.actors import Role
from tests.api.conftest import RED, Running, Start, assert_problem, picture, upload

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def png_bomb(side: int = 20_000) -> bytes:
    """A valid PNG of ``side`` x ``side`` black pixels: some kilobytes that decode to gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.jpg", b"", "empty"),
        ("notes.jpg", b"just some text, not a picture", "not_an_image"),
        ("truncated.jpg", picture(seed=3)[:-200], "truncated"),
        ("bomb.png", png_bomb(), "too_many_pixels"),
        ("picture.svg", SVG, None),
        ("picture.jpg", SVG, None),
        ("page.png", HTML, None),
        ("huge.jpg", picture() + bytes(2 * 1024 * 1024), "too_large_bytes"),
    ],
)
def test_a_bad_file_is_reported_and_its_neighbours_are_taken(
    reviewer: httpx.Client, name: str, data: bytes, code: str | None
) -> None:
    before, bad, after = upload(
        reviewer, ("a.jpg", picture(seed=1)), (name, data), ("b.jpg", picture(seed=2))
    )
    assert set(bad) == {"filename", "error"}
    assert bad["filename"] == name
    assert bad["error"]["message"]
    if code is None:
        assert bad["error"]["code"] in ("not_an_image", "unsupported")
    else:
        assert bad["error"]["code"] == code
    assert [item["filename"] for item in (before, after)] == ["a.jpg", "b.jpg"]
    assert all(len(item["leads"]) == 1 for item in (before, after))
    assert reviewer.get("leads").json()["total"] == 2


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_kind_of_a_picture_is_its_content_not_its_name(
    reviewer: httpx.Client, form: str
) -> None:
    (photo,) = upload(reviewer, ("page.html", picture(RED, form=form)))
    lead = photo["leads"][0]
    shown = reviewer.get(f"evidence/{lead['evidence']['original']}/original")
    assert shown.headers["content-type"] == f"image/{form.lower()}"
    assert shown.content == picture(RED, form=form)


def test_too_many_files_are_refused_together(reviewer: httpx.Client) -> None:
    files = [("files", (f"{n}.jpg", picture(seed=n))) for n in range(6)]
    assert_problem(reviewer.post("photos", files=files), 413, "files")
    assert reviewer.get("leads").json()["total"] == 0


def test_a_request_over_the_limit_is_refused_before_it_is_read(server: Running) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    head = (
        "POST /api/v1/photos HTTP/1.1\r\n"
        f"Host: {host}\r\n"
        f"Authorization: Bearer {server.token(Role.REVIEWER)}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {10 * 1024**3}\r\n\r\n"
    )
    # only the head is sent; the answer comes without waiting for the body
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        with HTTPResponse(connection) as answer:
            answer.begin()
            assert answer.status == 413
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_does_not_say_how_long_it_is_is_counted(reviewer: httpx.Client) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'

    def body() -> Any:
        yield head
        for _ in range(5):
            yield bytes(1024 * 1024)

    try:
        answer = reviewer.post(
            "photos", content=body(), headers={"Content-Type": "multipart/form-data; boundary=x"}
        )
    except httpx.TransportError:
        pass  # the server hung up while we were still sending, which is as good
    else:
        assert_problem(answer, 413)
    assert reviewer.get("leads").status_code == 200


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"lat": "91", "lon": "0"}, "lat"),
        ({"lat": "nan", "lon": "0"}, "lat"),
        ({"lat": "30", "lon": "-181"}, "lon"),
        ({"lat": "30"}, "lon"),
        ({"lon": "120"}, "lat"),
        ({"lat": "here", "lon": "120"}, "lat"),
        ({"captured_at": "2026-07-01T08:30:00"}, "captured_at"),
        ({"captured_at": "yesterday"}, "captured_at"),
        ({"captured_at": "1751330000"}, "captured_at"),
        ({"note": "x" * 501}, "note"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_refuses_the_request_and_is_named(
    reviewer: httpx.Client, fields: dict[str, str], field: str
) -> None:
    answer = reviewer.post("photos", files={"files": ("a.jpg", picture())}, data=fields)
    assert_problem(answer, 422, field)
    assert reviewer.get("leads").json()["total"] == 0


def test_a_request_that_is_no_proper_multipart_is_refused(reviewer: httpx.Client) -> None:
    assert_problem(reviewer.post("photos", json={"files": []}), 415)
    assert_problem(reviewer.post("photos"), 415)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert_problem(reviewer.post("photos", content=b"hello", headers=kind), 422)
    cut = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nabc'
    assert_problem(reviewer.post("photos", content=cut, headers=kind), 422)
    assert_problem(reviewer.post("photos", data={"note": "no files"}, files={}), 415)
    assert_problem(reviewer.post("photos", files={"note": (None, "text only")}), 422, "files")
    assert_problem(reviewer.post("photos", files={"photo": ("a.jpg", b"x")}), 422, "photo")
    note = [("note", (None, "1")), ("note", (None, "2"))]
    assert_problem(reviewer.post("photos", files=note), 422, "note")
    latin = [("note", (None, b"\xff\xfe"))]
    assert_problem(reviewer.post("photos", files=latin), 422, "note")


def test_a_request_that_drips_is_ended(start: Start) -> None:
    server = start(uploads=UploadLimits(seconds=0.5))
    host, port = server.url.removeprefix("http://").split(":")
    head = (
        "POST /api/v1/photos HTTP/1.1\r\n"
        f"Host: {host}\r\n"
        f"Authorization: Bearer {server.token(Role.REVIEWER)}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: 1000\r\n\r\n--x\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        with HTTPResponse(connection) as answer:
            answer.begin()
            assert answer.status == 408


def test_a_client_that_hangs_up_harms_nobody(server: Running, reviewer: httpx.Client) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    head = (
        "POST /api/v1/photos HTTP/1.1\r\n"
        f"Host: {host}\r\n"
        f"Authorization: {reviewer.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: 1000\r\n\r\n--x\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
    (photo,) = upload(reviewer, ("a.jpg", picture()))
    assert photo["leads"]


def test_no_temporary_file_stays(start: Start, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    server = start(uploads=UploadLimits(max_file_bytes=3_000_000, folder=spool))
    client = server.client(server.token(Role.REVIEWER))
    big = picture() + bytes(2_000_000)
    client.post("photos", files=[("files", ("a.jpg", big)), ("files", ("b.jpg", big + big))])
    client.post("photos", files=[("files", ("a.jpg", big))], data={"lat": "91"})
    assert list(spool.iterdir()) == []


def test_the_original_is_kept_byte_for_byte(reviewer: httpx.Client) -> None:
    data = picture(seed=9)
    (photo,) = upload(reviewer, ("a.jpg", data))
    lead = photo["leads"][0]
    shown = reviewer.get(f"evidence/{lead['evidence']['original']}/original")
    assert shown.content == data
    assert photo["sha256"] == hashlib.sha256(data).hexdigest()


def test_file_names_lose_their_paths_and_control_characters() -> None:
    assert clean_filename("../../etc/passwd") == "passwd"
    assert clean_filename("C:\\fakepath\\街口.jpg") == "街口.jpg"
    assert clean_filename("a\r\nSet-Cookie: x\x00.jpg") == "aSet-Cookie: x.jpg"
    assert clean_filename("\x00\r\n") == clean_filename("") == clean_filename("/") == "photo"
    assert len(clean_filename("x" * 1000 + ".jpg")) == 255
