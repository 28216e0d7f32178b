"""The newest key frame of a stream, kept as a packet and decoded only when someone looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import av

from detector.sources.states import CameraState, SourceError
from detector.types import Image


@dataclass(frozen=True, slots=True)
class Coded:
    """One packet of a stream; ``seconds`` is its stream time (None when it has none).

    ``data`` gives the bytes when they are wanted: those of packets between key frames never are.
    """

    data: Callable[[], bytes]
    key: bool
    seconds: float | None
    codec: str
    extradata: bytes | None


@dataclass(frozen=True, slots=True)
class KeyPacket:
    """A whole coded key frame with what a fresh decoder needs to open it.

    ``data`` is the packet as it came; ``extradata`` the parameter sets announced by the stream
    (None when they travel inside ``data``); ``arrived_at`` is aware.
    """

    codec: str
    data: bytes
    extradata: bytes | None
    arrived_at: datetime


def decode_key(packet: KeyPacket) -> Image:
    """Decode one key frame with a fresh decoder on one thread: uint8 HxWx3 BGR.

    Raises:
        SourceError: BAD_DATA when the packet gives no picture, UNSUPPORTED for unknown codecs.
    """
    try:
        decoder = av.CodecContext.create(packet.codec, "r")
    except ValueError:
        raise SourceError(CameraState.UNSUPPORTED, f"no decoder for {packet.codec}") from None
    decoder.thread_count = 1
    decoder.skip_frame = "NONKEY"
    if packet.extradata:
        decoder.extradata = packet.extradata
    try:
        frames = [*decoder.decode(av.Packet(packet.data)), *decoder.decode(None)]
    except av.FFmpegError as error:
        detail = f"a broken key frame ({type(error).__name__})"
        raise SourceError(CameraState.BAD_DATA, detail) from None
    if not frames:
        raise SourceError(CameraState.BAD_DATA, "a key frame without a picture")
    image: Image = frames[-1].to_ndarray(format="bgr24")
    return image
