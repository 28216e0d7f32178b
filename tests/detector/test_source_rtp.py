from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.sources.keyframe import Coded, KeyPacket, decode_key
from detector.sources.rtp import START, KeyFrames, Track
from detector.sources.sdp import video_of
from detector.sources.states import SourceError
from detector.types import Image
from tests.detector.rtp_packets import KEYS, PAYLOAD, SETS, Packer, Unit, coded

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CODECS = ("h264", "hevc")


def taken(frames: KeyFrames, packets: list[bytes]) -> list[Coded]:
    return [one for packet in packets if (one := frames.take(memoryview(packet))) is not None]


def joined(frames: Iterable[list[bytes]]) -> list[bytes]:
    return [packet for packets in frames for packet in packets]


def picture(codec: str, data: bytes) -> Image:
    return decode_key(KeyPacket(codec, data, None, NOW))


def pictures(codec: str, film: tuple[tuple[Unit, ...], ...]) -> list[Image]:
    """The key frames of a film, decoded from the coder's own bytes."""
    keys = [frame for frame in film if any(unit.kind in KEYS[codec] for unit in frame)]
    return [picture(codec, b"".join(START + unit.data for unit in frame)) for frame in keys]


@pytest.mark.parametrize("codec", CODECS)
@given(most=st.integers(40, 2000), together=st.booleans(), sequence=st.integers(0, 65535))
@settings(max_examples=25, deadline=None)
def test_key_frames_come_out_as_they_went_in(
    codec: str, most: int, together: bool, sequence: int
) -> None:
    film = coded(codec)
    packer, frames = Packer(most, sequence=sequence), KeyFrames(Track(codec, PAYLOAD, 90000, ""))
    packets = [p for frame in film for p in packer.frame(frame, together=together)]
    given_out = taken(frames, packets)
    assert len(given_out) == len(film) - 1  # the last is given when another begins
    assert [round(one.seconds or 0, 6) for one in given_out] == [
        round(n * 0.04, 6) for n in range(len(film) - 1)
    ]
    keys = [one for one in given_out if one.key]
    assert all(one.data() == b"" for one in given_out if not one.key)
    for mine, theirs in zip(keys, pictures(codec, film), strict=True):
        assert np.array_equal(picture(codec, mine.data()), theirs)


@pytest.mark.parametrize("codec", CODECS)
@given(lost=st.sets(st.integers(0, 200), max_size=12), swapped=st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_lost_packets_leave_is_never_given_as_a_key_frame(
    codec: str, lost: set[int], swapped: bool
) -> None:
    film = coded(codec)
    packer, frames = Packer(900), KeyFrames(Track(codec, PAYLOAD, 90000, ""))
    packets = [p for frame in film for p in packer.frame(frame)]
    if swapped:
        packets[5], packets[6] = packets[6], packets[5]
    kept = [packet for number, packet in enumerate(packets) if number not in lost]
    whole = pictures(codec, film)
    for one in taken(frames, kept):
        if one.key:
            found = picture(codec, one.data())
            assert any(np.array_equal(found, each) for each in whole)


@pytest.mark.parametrize("codec", CODECS)
def test_after_a_loss_the_next_key_frame_is_given(codec: str) -> None:
    film = coded(codec)
    packer, frames = Packer(), KeyFrames(Track(codec, PAYLOAD, 90000, ""))
    packets = [packer.frame(frame) for frame in film]
    del packets[0][-1], packets[3][0]
    keys = [one for one in taken(frames, joined(packets)) if one.key]
    assert len(keys) == len(pictures(codec, film)) - 1


@pytest.mark.parametrize("codec", CODECS)
def test_parameter_sets_of_the_description_serve_a_stream_without(codec: str) -> None:
    film = coded(codec)
    sets = tuple(unit.data for unit in film[0] if unit.kind in SETS[codec])
    bare = [tuple(unit for unit in frame if unit.kind not in SETS[codec]) for frame in film]
    for known, expected in ((sets, len(pictures(codec, film))), ((), 0)):
        packer, frames = Packer(), KeyFrames(Track(codec, PAYLOAD, 90000, "", known))
        keys = [one for one in taken(frames, joined(map(packer.frame, bare))) if one.key]
        assert len(keys) == expected
        assert all(picture(codec, key.data()).shape == (96, 160, 3) for key in keys)


def test_new_parameter_sets_replace_old_ones_and_come_back() -> None:
    small, other = coded("h264"), coded("h264", extra=":cabac=0:ref=3")
    packer, frames = Packer(), KeyFrames(Track("h264", PAYLOAD, 90000, ""))
    film = (*small, *other, *small, *other[:1])
    keys = [one for one in taken(frames, joined(map(packer.frame, film))) if one.key]
    expected = pictures("h264", (*small, *other, *small))
    for mine, theirs in zip(keys, expected, strict=True):
        assert np.array_equal(picture("h264", mine.data()), theirs)


def test_pictures_marked_as_recovery_points_are_key_frames() -> None:
    film = coded("h264", extra=":open-gop=1:bframes=2")
    later = [n for n, f in enumerate(film) if n and any(unit.kind == 6 for unit in f)]
    assert later
    packer, frames = Packer(), KeyFrames(Track("h264", PAYLOAD, 90000, ""))
    given_out = taken(frames, joined(map(packer.frame, film)))
    for number in later[:-1]:
        assert given_out[number].key
        assert picture("h264", given_out[number].data()).shape == (96, 160, 3)


@given(packets=st.lists(st.binary(max_size=80), max_size=30), codec=st.sampled_from(CODECS))
@settings(max_examples=200)
def test_garbage_raises_nothing_but_the_named_error(packets: list[bytes], codec: str) -> None:
    frames = KeyFrames(Track(codec, PAYLOAD, 90000, ""))
    for packet in packets:
        for one in (packet, b"\x80\x60" + packet.ljust(10, b"\0")):
            if len(one) < 12 or one[0] >> 6 != 2:
                with pytest.raises(SourceError, match="no RTP"):
                    frames.take(memoryview(one))
            else:
                frames.take(memoryview(one))


def test_a_description_is_read_as_servers_write_it() -> None:
    sets = base64.b64encode(b"\x67abc").decode() + "," + base64.b64encode(b"\x68d").decode()
    text = (
        "v=0\r\ns=street\r\na=control:rtsp://10.0.0.9/live/\r\nm=audio 0 RTP/AVP 8\r\n"
        "a=control:track2\r\nm=video 0 RTP/AVP 97 98\r\na=rtpmap:98 H265/90000\r\n"
        f"a=rtpmap:97 H264/45000\r\na=fmtp:97 packetization-mode=1;sprop-parameter-sets={sets};x=1"
        "\r\na=control:track1\r\nm=video 0 RTP/AVP 99\r\na=control:track3\r\n"
    )
    track, control = video_of(text.encode())
    assert track == Track("h264", 97, 45000, "track1", (b"\x67abc", b"\x68d"))
    assert control == "rtsp://10.0.0.9/live/"
    hevc = (
        "m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\na=fmtp:96 sprop-vps=QAE=; sprop-sps=QgE=;"
        " sprop-pps=RAE=,broken!"
    )
    track, control = video_of(hevc.encode())
    assert track == Track("hevc", 96, 90000, "", (b"\x40\x01", b"\x42\x01", b"\x44\x01"))
    assert control == ""


@pytest.mark.parametrize(
    "lines",
    [
        "m=video 0 RTP/AVP 26",
        "m=video 0 RTP/AVP 96\na=rtpmap:96 MP4V-ES/90000",
        "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=2",
        "m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\na=fmtp:96 sprop-max-don-diff=1",
    ],
)
def test_other_codecs_and_packings_are_left_to_others(lines: str) -> None:
    track, _ = video_of(lines.encode())
    assert track is not None
    assert track.codec == ""


@given(st.binary(max_size=300))
def test_any_bytes_are_a_description_or_none(data: bytes) -> None:
    track, _ = video_of(b"m=video 0 RTP/AVP 96\n" + data)
    assert track is None or track.payload == PAYLOAD
    video_of(data)
