"""Cameras for the soak: real coded streams that fail by a script, on a clock that runs fast."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

import av
import cv2
import numpy as np

from detector.sources.keyframe import Coded
from detector.sources.states import CameraState, SourceError
from patrol.bench_streams import street

KINDS = ("drop", "stall", "garbage", "freeze", "shape")
NOTICE_OF = {
    "drop": ("outage", "refused"),
    "stall": ("outage", "stalled"),
    "garbage": ("outage", "bad_data"),
    "freeze": ("fault", "frozen"),
    "shape": ("fault", "moved"),
}
"""Kind and name of the notice an outage must give rise to."""
_SHORTEST_S, _LONGEST_S = 420.0, 1200.0
_QUIET_S = 900.0  # between two outages of a camera at least: a notice closes after five minutes


@dataclass(frozen=True, slots=True)
class Outage:
    """A camera's trouble, in seconds from the beginning of the soak."""

    camera: int
    kind: str
    start_s: float
    end_s: float


def script(cameras: int, seconds: float, seed: int) -> tuple[Outage, ...]:
    """Outages of every kind for all cameras; none begins too near to the end to be noticed."""
    rng = Random(seed)  # noqa: S311  (a reproducible script)
    outages = []
    for camera in range(cameras):
        at = _QUIET_S + rng.uniform(0, 3600.0)
        while True:
            length = rng.uniform(_SHORTEST_S, _LONGEST_S)
            if at + length > seconds - _QUIET_S:
                break
            outages.append(Outage(camera, rng.choice(KINDS), at, at + length))
            at += length + _QUIET_S + rng.uniform(0, 4800.0)
    return tuple(outages)


@dataclass(frozen=True, slots=True)
class Film:
    """Key frames of one view, coded; they differ in noise alone."""

    packets: tuple[bytes, ...]
    extradata: bytes


def film(seed: int, width: int = 320, height: int = 180, count: int = 9) -> Film:
    """A street as key frames of H.264."""
    rng = np.random.default_rng(seed)
    picture = cv2.resize(street(seed), (width, height), interpolation=cv2.INTER_AREA)
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as container:
        options = {"g": "1", "crf": "20", "preset": "ultrafast"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(count):
            noisy = picture + rng.normal(0, 2.5, (height, width, 1))
            image = np.clip(noisy, 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file, format="mpegts") as reader:
        video = reader.streams.video[0]
        packets = tuple(bytes(p) for p in reader.demux(video) if p.size)
        extradata = bytes(video.codec_context.extradata or b"")
    return Film(packets, extradata)


class ScriptedCamera:
    """Gives key packets every ``key_s`` seconds of the soak's clock, or does what the script says.

    ``connect`` is what a StreamSource calls, again after every failure.
    """

    def __init__(
        self,
        usual: Film,
        other: Film,
        outages: tuple[Outage, ...],
        passed: Callable[[], float],
        *,
        speed: float,
        key_s: float,
        stop: threading.Event,
    ) -> None:
        """Args: the usual view, one of another shape, the script, the soak's clock (s)."""
        self._usual, self._other = usual, other
        self._outages = outages
        self._passed = passed
        self._pause = key_s / speed
        self._speed = speed
        self._stop = stop
        self._number = 0
        self._rng = np.random.default_rng(outages[0].camera if outages else 0)

    def connect(self) -> Iterator[Coded]:
        """Packets until the script breaks the connection; raises SourceError as a network does."""
        while not self._stop.wait(self._pause):
            now = self._passed()
            outage = next((o for o in self._outages if o.start_s <= now < o.end_s), None)
            kind = outage.kind if outage is not None else ""
            if kind == "drop":
                raise SourceError(CameraState.REFUSED, "scripted")
            if kind == "stall":
                raise SourceError(CameraState.STALLED, "scripted")
            yield self._coded(kind, now / self._speed)

    def _coded(self, kind: str, seconds: float) -> Coded:
        film = self._other if kind == "shape" else self._usual
        self._number += 0 if kind == "freeze" else 1
        data = film.packets[self._number % len(film.packets)]
        if kind == "garbage":
            data = self._rng.bytes(900)
        return Coded(partial(bytes, data), True, seconds, "h264", film.extradata)
