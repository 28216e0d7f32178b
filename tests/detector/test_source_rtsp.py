from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from detector.sources import CameraState, open_source
from detector.sources.stream import StreamSource
from tests.detector.cameras import QUICK, film, require_rtsp, rtsp_server, talker, wait_for

pytestmark = pytest.mark.rtsp


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_key_frames_come_over_tcp_and_udp(transport: str) -> None:
    require_rtsp()
    with rtsp_server() as (port, _):
        options = replace(QUICK, transport=transport)
        source = open_source(f"rtsp://127.0.0.1:{port}/street", "gate", options)
        first = wait_for(source, CameraState.LIVE).frame
        second = wait_for(source, CameraState.LIVE).frame
        source.close()
    assert first is not None
    assert second is not None
    assert first.image.shape == (240, 320, 3)
    assert first.source == "gate"
    assert first.captured_at is not None
    assert second.captured_at is not None
    assert second.captured_at > first.captured_at
    assert first.image[100, 10].min() > 150  # the first of the colour bars is light grey
    blue, green, red = first.image[100, 310]  # the last is blue
    assert blue > 150 > 60 > max(green, red)


def test_h265_and_motion_jpeg_come_too(tmp_path: Path) -> None:
    require_rtsp()
    hevc = film(tmp_path / "film.mp4", 5, coder="libx265")
    with rtsp_server("--hevc", str(hevc)) as (port, _):
        for path, shape in (("hevc", (96, 160, 3)), ("jpeg", (240, 320, 3))):
            source = open_source(f"rtsp://127.0.0.1:{port}/{path}", "c", QUICK)
            frame = wait_for(source, CameraState.LIVE).frame
            source.close()
            assert frame is not None
            assert frame.image.shape == shape


def test_a_killed_server_is_noticed_and_the_stream_comes_back() -> None:
    require_rtsp()
    with rtsp_server() as (port, process):
        sources = [
            StreamSource(f"rtsp://127.0.0.1:{port}/street", f"c{n}", "rtsp", QUICK)
            for n in range(8)
        ]
        for source in sources:
            wait_for(source, CameraState.LIVE)
        process.kill()
        process.wait()
        gone = [CameraState.REFUSED, CameraState.STALLED, CameraState.ENDED]
        for source in sources:
            wait_for(source, *gone)
        killed_at = time.time()
        with rtsp_server("--port", str(port)):
            for source in sources:
                frame = wait_for(source, CameraState.LIVE, seconds=20).frame
                assert frame is not None
                assert frame.captured_at is not None
                assert frame.captured_at.timestamp() > killed_at
            for source in sources:
                source.close()
            assert all(source.join(5) for source in sources)


def test_each_trouble_has_its_own_state() -> None:
    require_rtsp()
    with rtsp_server("--user", "me", "--password", "geheim77") as (port, _):
        where = f"127.0.0.1:{port}"
        expected = {
            f"rtsp://{where}/street": CameraState.AUTH_FAILED,
            f"rtsp://me:wrong88@{where}/street": CameraState.AUTH_FAILED,
            f"rtsp://me:geheim77@{where}/street": CameraState.LIVE,
            f"rtsp://me:geheim77@{where}/nothere": CameraState.NOT_FOUND,
            f"rtsp://me:geheim77@{where}/sound": CameraState.NO_VIDEO,
            "rtsp://127.0.0.1:1/street": CameraState.REFUSED,
            "rtsp://203.0.113.9/street": CameraState.NOT_ALLOWED,
        }
        sources = {url: open_source(url, "c", QUICK) for url in expected}
        for url, source in sources.items():
            reading = wait_for(source, expected[url])
            assert "geheim77" not in reading.status.detail
            assert "wrong88" not in reading.status.detail
            source.close()


def test_a_stream_without_key_frames_is_named() -> None:
    require_rtsp()
    with rtsp_server() as (port, _):
        options = replace(QUICK, key_wait_s=1.0)
        source = open_source(f"rtsp://127.0.0.1:{port}/endless", "c", options)
        reading = wait_for(source, CameraState.ENDLESS_GOP)
        source.close()
    assert "no key frame" in reading.status.detail


def test_a_film_served_once_ends_and_begins_again(tmp_path: Path) -> None:
    require_rtsp()
    with rtsp_server("--file", str(film(tmp_path / "film.mp4", 2))) as (port, _):
        source = open_source(f"rtsp://127.0.0.1:{port}/file", "c", QUICK)
        wait_for(source, CameraState.LIVE)
        wait_for(source, CameraState.ENDED, CameraState.STALLED)
        wait_for(source, CameraState.LIVE)
        source.close()


def test_a_redirect_to_another_host_is_refused_and_not_followed() -> None:
    with talker(lambda _: b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n") as (victim, heard):
        location = f"rtsp://localhost:{victim}/inside"
        moved = f"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: {location}\r\n\r\n".encode()
        with talker(lambda _: moved) as (port, _):
            source = open_source(f"rtsp://127.0.0.1:{port}/a", "c", QUICK)
            wait_for(source, CameraState.REDIRECTED)
            source.close()
    assert heard == []


def test_garbage_and_silence_are_named() -> None:
    with talker(lambda _: b"\x00\x01 garbage" * 40) as (port, _):
        source = open_source(f"rtsp://127.0.0.1:{port}/a", "c", QUICK)
        wait_for(source, CameraState.BAD_DATA)
        source.close()
    with talker(lambda _: time.sleep(3) or b"") as (port, _):
        source = open_source(f"rtsp://127.0.0.1:{port}/a", "c", replace(QUICK, connect_s=0.5))
        wait_for(source, CameraState.STALLED)
        source.close()
