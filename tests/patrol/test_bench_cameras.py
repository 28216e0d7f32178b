from __future__ import annotations

import threading
import time
from itertools import islice

import pytest

from detector.camera import CameraConfig
from detector.counting import Policy
from detector.sources.keyframe import KeyPacket, decode_key
from detector.sources.source import utc_now
from detector.types import Detection, Image
from patrol.bench_cameras import from_memory
from patrol.bench_load import Held, Load
from patrol.bench_peers import _decode_all, largest, served
from patrol.bench_streams import Clip, coded_clip, replayed

CONFIG = CameraConfig(Policy({"stall": 0.4}))


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    return [coded_clip(1, cars=0, scale=0.125), coded_clip(2, cars=6, scale=0.125)]


def nothing(_: Image) -> tuple[Detection, ...]:
    return ()


def test_a_clip_is_replayed_in_real_time_and_its_key_frames_decode(clips: list[Clip]) -> None:
    begin = time.monotonic()
    packets = list(islice(replayed(clips[1], 3, threading.Event())(), 26))
    assert time.monotonic() - begin == pytest.approx(1.0, abs=0.3)
    key = next(data for data, key in clips[1].packets if key)
    image = decode_key(KeyPacket("h264", key, clips[1].extradata, utc_now()))
    assert image.shape == (134, 240, 3)
    assert [p.key for p in packets].count(True) == 0  # the next key frame is the fiftieth
    assert clips[1].seconds == 4.0


def test_a_load_is_measured_and_the_gate_spares_the_quiet_streams(clips: list[Clip]) -> None:
    stop = threading.Event()
    opened = from_memory([(clips[0], True), (clips[1], False)], stop)
    load = Load(nothing, CONFIG, opened, every_s=1.0)
    try:
        load.grow_to(6)
        load.measure(4.0)
        held = load.measure(5.0)
        load.shrink_to(2)
        assert load.cameras == 2
    finally:
        stop.set()
        load.close()
    assert held.cameras == 6
    assert 0.4 <= held.inferred_share <= 0.7
    assert held.lateness_p95_s < 2.0
    assert held.done_share > 0.4  # key frames come every 2 s: every second look has a new one


def test_held_needs_punctuality_completeness_and_memory() -> None:
    good = Held(10, 60.0, 0.1, 1.9, 1.0, 0.5, 900.0, 1.0, 0)
    assert good.held
    from dataclasses import replace

    for worse in ({"lateness_p95_s": 2.0}, {"done_share": 0.9}, {"rss_mb": 2048.0}):
        assert not replace(good, **worse).held


@pytest.mark.parametrize("limit", [0, 1, 5, 8, 37, 100])
def test_the_largest_number_is_found_to_within_a_tenth(limit: int) -> None:
    found = largest(lambda count: count <= limit, start=8)
    assert found <= limit
    assert limit - found <= max(1, found // 10)


def test_full_decoding_is_measured_against_a_live_server(clips: list[Clip]) -> None:
    with served(clips[1]) as address:
        assert _decode_all(address, 2, nothing, 1.0, 3.0)
