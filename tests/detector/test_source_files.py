from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.sources import CameraState, SourceError, open_source
from detector.sources.keyframe import Coded
from detector.sources.pace import Pace
from detector.sources.stream import StreamSource
from tests.detector.cameras import QUICK, film, wait_for

START = datetime(2026, 5, 1, 8, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_a_film_is_played_at_the_pace_of_the_clock(tmp_path: Path) -> None:
    clock = Clock()
    path = film(tmp_path / "film.mp4", 4, gop=10)
    source = open_source(str(path), "film", replace(QUICK, clock=clock))
    levels = []
    for _ in range(4):
        frame = source.read().frame
        assert frame is not None
        assert frame.captured_at == clock.now
        levels.append(round(float(frame.image.mean())))
        clock.forward(1)
    assert source.read().status.state is CameraState.ENDED
    source.close()
    # frame n has the level 20 + 4 n and there are ten a second: one key frame a second
    assert levels == pytest.approx([20, 60, 100, 140], abs=6)


def test_a_film_with_distant_key_frames_is_decoded_to_the_moment(tmp_path: Path) -> None:
    clock = Clock()
    path = film(tmp_path / "film.mp4", 5, gop=250)
    source = open_source(str(path), "film", replace(QUICK, clock=clock))
    source.read()
    clock.forward(4)
    frame = source.read().frame
    source.close()
    assert frame is not None
    assert frame.image.mean() == pytest.approx(180, abs=6)


def test_a_looped_film_begins_again_and_time_goes_on(tmp_path: Path) -> None:
    clock = Clock()
    path = film(tmp_path / "film.mp4", 2)
    source = open_source(str(path), "film", replace(QUICK, clock=clock, loop=True, speed=2.0))
    source.read()
    clock.forward(60)
    reading = source.read()
    source.close()
    assert reading.status.state is CameraState.LIVE
    assert reading.frame is not None
    assert reading.frame.captured_at == START + timedelta(seconds=120)


def test_a_film_with_a_known_beginning_goes_on_where_it_would_be_by_now(tmp_path: Path) -> None:
    clock = Clock()
    clock.forward(3)
    path = film(tmp_path / "film.mp4", 4, gop=10)
    source = open_source(str(path), "film", replace(QUICK, clock=clock, began=START))
    frame = source.read().frame
    source.close()
    assert frame is not None
    assert frame.captured_at == clock.now
    assert frame.image.mean() == pytest.approx(140, abs=6)


@pytest.mark.parametrize(
    ("content", "state"),
    [(None, CameraState.NOT_FOUND), (b"no video" * 100, CameraState.BAD_DATA)],
)
def test_files_that_are_no_film(tmp_path: Path, content: bytes | None, state: CameraState) -> None:
    path = tmp_path / "film.mp4"
    if content is not None:
        path.write_bytes(content)
    source = open_source(str(path), "film", QUICK)
    assert source.read().status.state is state
    source.close()


def test_files_need_leave() -> None:
    with pytest.raises(SourceError, match="not allowed"):
        open_source("/etc/passwd", "c", replace(QUICK, allow_files=False))
    with pytest.raises(SourceError, match="unsupported"):
        open_source("gopher://x/", "c", QUICK)


def test_pictures_of_a_folder_come_in_order_and_new_ones_follow(tmp_path: Path) -> None:
    def put(name: str, level: int) -> None:
        cv2.imwrite(str(tmp_path / name), np.full((32, 48, 3), level, np.uint8))

    put("b.jpg", 80)
    put("a.jpg", 40)
    (tmp_path / "notes.txt").write_text("not a picture")
    source = open_source(str(tmp_path), "folder", QUICK)
    frames = [source.read().frame for _ in range(2)]
    assert [round(float(f.image.mean())) for f in frames if f is not None] == [40, 80]
    assert source.read().status.state is CameraState.STALLED
    put("c.jpg", 120)
    frame = source.read().frame
    assert frame is not None
    assert frame.image.mean() == pytest.approx(120, abs=2)
    (tmp_path / "d.jpg").write_bytes(b"broken")
    assert source.read().status.state is CameraState.BAD_DATA


@given(st.floats(0.9, 1.1), st.integers(1, 10))
@settings(max_examples=30)
def test_a_normal_clock_is_never_blamed(rate: float, per_second: int) -> None:
    pace = Pace()
    for tick in range(120 * per_second):
        now = tick / per_second
        pace = pace.step(now * rate, now)
        assert pace.wrong == ""


def test_crawling_and_jumping_clocks_are_named() -> None:
    crawling, jumping = Pace(), Pace()
    for second in range(120):
        crawling = crawling.step(second * 0.5, second)
        jumping = jumping.step(second + (3600 if second > 100 else 0), second)
    assert "0.50" in crawling.wrong
    assert "+3600" in jumping.wrong
    for second in range(120, 200):
        jumping = jumping.step(second + 3600, second)
    assert jumping.wrong == ""


def test_a_changed_picture_size_and_unexpected_errors_are_shown(tmp_path: Path) -> None:
    small, large = film(tmp_path / "a.mp4", 1), film(tmp_path / "b.mp4", 1, size=(320, 192))

    def packets():  # type: ignore[no-untyped-def]
        import time

        import av

        for path in (small, large):
            with av.open(str(path)) as container:
                stream = container.streams.video[0]
                context = stream.codec_context
                for packet in container.demux(stream):
                    if packet.is_keyframe and packet.size:
                        data = bytes(packet)
                        extra = bytes(context.extradata)
                        yield Coded(lambda data=data: data, True, None, "h264", extra)
                        time.sleep(0.3)
        raise RuntimeError("something nobody thought of")

    source = StreamSource("rtsp://unused", "c", "rtsp", QUICK, connect=packets)
    first = wait_for(source, CameraState.LIVE)
    changed = wait_for(source, CameraState.SHAPE_CHANGED)
    broken = wait_for(source, CameraState.BAD_DATA)
    wait_for(source, CameraState.LIVE)
    source.close()
    assert first.frame is not None
    assert first.frame.image.shape == (96, 160, 3)
    assert changed.frame is not None
    assert changed.frame.image.shape == (192, 320, 3)
    assert "RuntimeError" in broken.status.detail
