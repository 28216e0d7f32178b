from __future__ import annotations

import base64
import http.server
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detector.sources import AllowList, CameraState, open_source
from tests.detector.cameras import QUICK, answer, film, wait_for, web_server

Handler = http.server.BaseHTTPRequestHandler


def jpeg(level: int = 90) -> bytes:
    ok, data = cv2.imencode(".jpg", np.full((48, 64, 3), level, np.uint8))
    assert ok
    return data.tobytes()


def test_each_read_of_a_snapshot_camera_is_a_new_picture() -> None:
    levels = iter((40, 200))
    with web_server(lambda h: answer(h, jpeg(next(levels)))) as where:
        source = open_source(f"http://{where}/getSnap?channel=1", "snap", QUICK)
        frames = [source.read().frame, source.read().frame]
        source.close()
    assert [round(f.image.mean(), -1) for f in frames if f is not None] == [40, 200]


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, b"<html>login</html>", CameraState.BAD_DATA),
        (200, b"", CameraState.BAD_DATA),
        (200, jpeg()[:200], CameraState.BAD_DATA),
        (200, b'{"code": -100, "msg": "secret error"}', CameraState.BAD_DATA),
        (401, b"", CameraState.AUTH_FAILED),
        (404, b"", CameraState.NOT_FOUND),
        (503, b"", CameraState.SERVER_ERROR),
    ],
)
def test_bad_answers_have_their_state(status: int, body: bytes, state: CameraState) -> None:
    with web_server(lambda h: answer(h, body, status)) as where:
        source = open_source(f"http://me:geheim77@{where}/snap.jpg?token=abc123", "c", QUICK)
        reading = source.read()
        source.close()
    assert reading.status.state is state
    assert reading.frame is None
    assert "geheim77" not in reading.status.detail
    assert "abc123" not in reading.status.detail


def test_basic_and_digest_passwords_are_answered() -> None:
    def basic(handler: Handler) -> None:
        want = "Basic " + base64.b64encode(b"me:a@b").decode()
        if handler.headers.get("Authorization") == want:
            answer(handler, jpeg())
        else:
            answer(handler, b"", 401, WWW_Authenticate='Basic realm="cam"')

    def digest(handler: Handler) -> None:
        given = handler.headers.get("Authorization", "")
        if given.startswith("Digest ") and 'username="me"' in given:
            answer(handler, jpeg())
        else:
            challenge = 'Digest realm="cam", nonce="77", qop="auth", algorithm=MD5'
            answer(handler, b"", 401, WWW_Authenticate=challenge)

    for handle in (basic, digest):
        with web_server(handle) as where:
            source = open_source(f"http://me:a%40b@{where}/snap.jpg", "c", QUICK)
            assert source.read().status.state is CameraState.LIVE
            source.close()


def test_redirects_stay_on_the_host() -> None:
    heard: list[str] = []

    def victim(handler: Handler) -> None:
        heard.append(handler.path)
        answer(handler, jpeg())

    with web_server(victim) as inside:

        def handle(handler: Handler) -> None:
            if handler.path == "/away":
                port = inside.rpartition(":")[2]
                answer(handler, b"", 302, Location=f"http://localhost:{port}/steal")
            elif handler.path == "/round":
                answer(handler, b"", 302, Location="/round")
            elif handler.path == "/near":
                answer(handler, b"", 302, Location="/there")
            else:
                answer(handler, jpeg())

        with web_server(handle) as where:
            states = {}
            for path in ("away", "round", "near"):
                source = open_source(f"http://{where}/{path}", "c", QUICK)
                states[path] = source.read().status.state
                source.close()
    assert states == {
        "away": CameraState.REDIRECTED,
        "round": CameraState.REDIRECTED,
        "near": CameraState.LIVE,
    }
    assert heard == []


def test_a_page_without_end_is_cut_off() -> None:
    with web_server(lambda h: answer(h, jpeg() + b"\0" * 100_000)) as where:
        source = open_source(f"http://{where}/snap.jpg", "c", replace(QUICK, max_bytes=5_000))
        reading = source.read()
        source.close()
    assert reading.status.state is CameraState.BAD_DATA


def test_a_wrong_camera_clock_is_named_and_the_picture_kept() -> None:
    past = format_datetime(datetime.now(UTC) - timedelta(hours=8))
    with web_server(lambda h: answer(h, jpeg(), Date=past)) as where:
        source = open_source(f"http://{where}/snap.jpg", "c", QUICK)
        reading = source.read()
        source.close()
    assert reading.status.state is CameraState.CLOCK_WRONG
    assert "-288" in reading.status.detail
    assert reading.frame is not None


def test_a_dead_port_and_a_silent_server_are_told_apart() -> None:
    refused = open_source("http://127.0.0.1:1/snap.jpg", "c", QUICK)
    assert refused.read().status.state is CameraState.REFUSED
    refused.close()
    with web_server(lambda h: time.sleep(1.5)) as where:
        options = replace(QUICK, stall_s=0.5, grace_s=0.05)
        silent = open_source(f"http://{where}/snap.jpg", "c", options)
        begin = time.monotonic()
        assert silent.read().status.state is CameraState.CONNECTING
        assert time.monotonic() - begin < 0.4  # whoever looks is not held up
        wait_for(silent, CameraState.STALLED)
        silent.close()


def test_flv_and_hls_streams_give_key_frames(tmp_path: Path) -> None:
    source_film = film(tmp_path / "film.mp4", 4)
    for name, options in (
        ("live.flv", {}),
        ("live.m3u8", {"hls_time": "1", "hls_list_size": "0"}),
    ):
        with (
            av.open(str(source_film)) as reader,
            av.open(str(tmp_path / name), "w", options=options) as writer,
        ):
            stream = writer.add_stream_from_template(reader.streams.video[0])
            for packet in reader.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    writer.mux(packet)

    def handle(handler: Handler) -> None:
        answer(handler, (tmp_path / handler.path[1:]).read_bytes())

    with web_server(handle) as where:
        for name in ("live.flv", "live.m3u8"):
            source = open_source(f"http://me:pw@{where}/{name}", "c", QUICK)
            until = time.monotonic() + 5
            frame = None
            while frame is None and time.monotonic() < until:
                frame = source.read().frame
                time.sleep(0.02)
            source.close()
            assert frame is not None, name
            assert frame.image.shape == (96, 160, 3)


def test_a_playlist_cannot_lead_to_forbidden_hosts() -> None:
    heard: list[str] = []

    def victim(handler: Handler) -> None:
        heard.append(handler.path)
        answer(handler, b"")

    with web_server(victim) as inside:
        port = inside.rpartition(":")[2]
        playlist = (
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
            f"http://127.0.0.2:{port}/steal.ts\n#EXT-X-ENDLIST\n"
        ).encode()
        with web_server(lambda h: answer(h, playlist)) as where:
            allow = replace(AllowList.lan(), hosts=("127.0.0.1",))
            source = open_source(f"http://{where}/live.m3u8", "c", replace(QUICK, allow=allow))
            reading = wait_for(
                source, CameraState.NOT_ALLOWED, CameraState.NO_VIDEO, CameraState.BAD_DATA
            )
            source.close()
    assert reading.frame is None
    assert heard == []
