"""Synthetic camera streams for the bench: coded once, replayed in real time from memory."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np

from detector.sources.keyframe import Coded
from detector.types import Image

WIDTH, HEIGHT, RATE = 1920, 1080, 25
GOP = 50
BITRATE = 4_000_000
_ASKED = 1.2  # of so short a clip the coder makes less than it is asked for


@dataclass(frozen=True, slots=True)
class Clip:
    """Coded packets of a 1080p25 H.264 clip: (bytes, is key) in order, and its parameter sets.

    ``transport`` is the same clip as an MPEG transport stream, for peers that want an address.
    """

    packets: tuple[tuple[bytes, bool], ...]
    extradata: bytes
    transport: bytes

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.packets) / RATE


def street(seed: int) -> Image:
    """A picture like a street view, uint8 1080x1920x3 BGR: sky, houses, pavement, road, texture."""
    rng = np.random.default_rng(seed)
    image = np.full((HEIGHT, WIDTH, 3), (190, 180, 165), np.uint8)
    image[520:] = (105, 108, 110)
    image[520:600] = (140, 145, 150)
    for _ in range(60):
        x, y = int(rng.integers(0, WIDTH - 200)), int(rng.integers(60, 460))
        size = (int(rng.integers(30, 190)), int(rng.integers(30, 120)))
        colour = tuple(int(value) for value in rng.integers(30, 220, 3))
        cv2.rectangle(image, (x, y), (x + size[0], y + size[1]), colour, -1)
    for x in range(0, WIDTH, 240):
        cv2.line(image, (x, 820), (x + 120, 820), (225, 225, 225), 8)
    coarse = rng.normal(0, 9, (HEIGHT // 3, WIDTH // 3, 1)).astype(np.float32)
    texture = cv2.resize(coarse, (WIDTH, HEIGHT))[..., None]
    picture: Image = np.clip(image + texture, 0, 255).astype(np.uint8)
    return picture


def coded_clip(
    seed: int, *, cars: int, seconds: float = 4.0, scale: float = 1.0, bitrate: int = BITRATE
) -> Clip:
    """Code a clip of a street with ``cars`` passing all the time (0: nothing moves but noise).

    ``scale`` under 1 gives smaller pictures; sides are cut to even numbers.
    """
    rng = np.random.default_rng(seed)
    base = street(seed).astype(np.int16)
    noise = [rng.normal(0, 2, (HEIGHT, WIDTH, 1)).astype(np.int16) for _ in range(4)]
    shape = (int(WIDTH * scale) // 2 * 2, int(HEIGHT * scale) // 2 * 2)
    lanes = [(int(rng.integers(0, WIDTH)), 640 + 70 * (n % 5), n) for n in range(cars)]
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as container:
        stream = container.add_stream(
            "libx264",
            rate=RATE,
            options={
                "preset": "veryfast",
                "g": str(GOP),
                "bf": "0",
                "sc_threshold": "0",
                # as cameras do: no huge key frames
                "maxrate": str(int(bitrate * _ASKED)),
                "bufsize": str(bitrate // 2),
            },
        )
        stream.width, stream.height = shape
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = int(bitrate * _ASKED)
        for number in range(int(seconds * RATE)):
            image = base.copy()
            for begin, y, lane in lanes:
                x = (begin + number * (9 + 3 * (lane % 4))) % WIDTH
                image[y : y + 110, x : x + 240] = (40 * (lane % 6), 90, 200 - 30 * (lane % 6))
            image += noise[number % len(noise)]
            picture = cv2.resize(np.clip(image, 0, 255).astype(np.uint8), shape)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    data = file.getvalue()
    with av.open(io.BytesIO(data), format="mpegts") as reader:
        video = reader.streams.video[0]
        packets = tuple((bytes(p), p.is_keyframe) for p in reader.demux(video) if p.size)
        extradata = bytes(video.codec_context.extradata or b"")
    return Clip(packets, extradata, data)


def long_film(clip: Clip, path: Path, seconds: float) -> Path:
    """An MP4 that repeats the clip, without coding it again, for about ``seconds``."""
    with av.open(io.BytesIO(clip.transport), format="mpegts") as reader:
        video = reader.streams.video[0]
        packets = [(bytes(p), p.is_keyframe) for p in reader.demux(video) if p.size]
        with av.open(str(path), "w") as container:
            stream = container.add_stream_from_template(video)
            step = int(1 / (RATE * video.time_base))
            for number in range(int(seconds * RATE)):
                data, key = packets[number % len(packets)]
                packet = av.Packet(data)
                packet.stream, packet.time_base = stream, video.time_base
                packet.pts = packet.dts = number * step
                packet.duration, packet.is_keyframe = step, key
                container.mux(packet)
    return path


def replayed(clip: Clip, offset: int, stop: threading.Event) -> Callable[[], Iterator[Coded]]:
    """A connection that gives the clip's packets at 25 a second, without end, from ``offset``."""

    def connect() -> Iterator[Coded]:
        begin, count = time.monotonic(), len(clip.packets)
        number = 0
        while not stop.is_set():
            data, key = clip.packets[(offset + number) % count]
            read = partial(bytes, data)
            yield Coded(read, key, number / RATE, "h264", clip.extradata)
            number += 1
            time.sleep(max(0.0, begin + number / RATE - time.monotonic()))

    return connect
