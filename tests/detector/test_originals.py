from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import av
import cv2
import numpy as np
import pytest

from detector.sources import CameraState, SourceError
from detector.sources.keyframe import KeyPacket, decode_key
from detector.sources.originals import image_of, original_of_image, original_of_key
from detector.types import OriginalBytes
from tests.detector import scenes

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CODERS = {"h264": "libx264", "hevc": "libx265", "mjpeg": "mjpeg", "mpeg4": "mpeg4"}


def key_packet(codec: str, container: str) -> KeyPacket:
    """The first key frame of a short film, packed as this container packs it."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(CODERS[codec], rate=10)
        stream.width, stream.height = scenes.WIDTH, scenes.HEIGHT
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for number in range(3):
            image = scenes.noisy(scenes.street(), number, 3)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode())
    with av.open(io.BytesIO(file.getvalue()), format=container) as read:
        video = read.streams.video[0]
        extra = video.codec_context.extradata
        packet = next(p for p in read.demux(video) if p.is_keyframe)
        return KeyPacket(codec, bytes(packet), bytes(extra) if extra else None, NOW)


@pytest.mark.parametrize(
    ("codec", "container", "media_type"),
    [
        ("h264", "mpegts", "video/mp4"),  # start codes, as over RTSP
        ("h264", "flv", "video/mp4"),  # lengths, as over HTTP-FLV
        ("hevc", "mpegts", "video/mp4"),
        ("hevc", "mp4", "video/mp4"),
        ("mjpeg", "avi", "image/jpeg"),
        ("mpeg4", "avi", "image/png"),
    ],
)
def test_the_original_of_a_key_frame_shows_the_very_frame(
    codec: str, container: str, media_type: str
) -> None:
    packet = key_packet(codec, container)
    image = decode_key(packet)
    original = original_of_key(packet, image)
    assert original.media_type == media_type
    shown = image_of(original)
    if media_type == "image/jpeg":  # the picture reader has another JPEG decoder than the stream
        assert np.abs(shown.astype(int) - image).mean() < 2
    else:
        assert np.array_equal(shown, image)
    if media_type == "video/mp4":
        largest = max(packet.data.split(b"\x00\x00\x01"), key=len)
        assert largest[64:-64] in original.data, "the coded slices are as they came"
        with av.open(io.BytesIO(original.data)) as container_read:
            assert container_read.streams.video[0].codec_context.name == codec


def test_a_broken_packet_is_named() -> None:
    packet = replace(key_packet("h264", "flv"), data=b"\xff" * 200)
    with pytest.raises(SourceError, match="cannot be packed") as caught:
        original_of_key(packet, scenes.street())
    assert caught.value.state is CameraState.BAD_DATA


def test_pictures_come_back_and_garbage_is_named() -> None:
    street = scenes.street()
    assert np.array_equal(image_of(original_of_image(street)), street)
    jpeg = cv2.imencode(".jpg", street)[1].tobytes()
    assert image_of(OriginalBytes("image/jpeg", jpeg)).shape == street.shape
    for media_type in ("image/jpeg", "video/mp4"):
        with pytest.raises(SourceError):
            image_of(OriginalBytes(media_type, b"garbage"))
