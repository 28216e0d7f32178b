"""Films packed into RTP as cameras do it, for the tests (RFC 6184, RFC 7798)."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass

import av
import numpy as np

PAYLOAD = 96
SETS = {"h264": (7, 8), "hevc": (32, 33, 34)}
KEYS = {"h264": (5,), "hevc": tuple(range(16, 22))}


@dataclass(frozen=True)
class Unit:
    """One unit without its start code."""

    codec: str
    data: bytes

    @property
    def kind(self) -> int:
        return self.data[0] & 31 if self.codec == "h264" else self.data[0] >> 1 & 63


@functools.cache
def coded(
    codec: str, frames: int = 25, gop: int = 5, extra: str = ""
) -> tuple[tuple[Unit, ...], ...]:
    """The units of each frame of a noisy film, in coding order, parameter sets with key frames."""
    file = io.BytesIO()
    library = "libx264" if codec == "h264" else "libx265"
    parameters = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:repeat-headers=1:slices=2"
    with av.open(file, "w", format=codec) as container:
        name = library.removeprefix("lib") + "-params"
        quiet = ":log-level=none" if codec == "hevc" else ""
        options = {name: parameters + extra + quiet, "preset": "ultrafast"}
        stream = container.add_stream(library, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        rng = np.random.default_rng(3)
        for _ in range(frames):
            image = rng.integers(0, 255, (96, 160, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file, format=codec) as reader:
        packets = [bytes(packet) for packet in reader.demux(video=0) if packet.size]
    return tuple(tuple(Unit(codec, one) for one in units(packet)) for packet in packets)


def units(data: bytes) -> list[bytes]:
    """Annex B taken apart."""
    return [
        one.rstrip(b"\0") for one in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if one
    ]


class Packer:
    """Packs units into RTP packets of at most ``most`` bytes of payload."""

    def __init__(
        self,
        most: int = 300,
        *,
        sequence: int = 65500,
        timestamp: int = 2**32 - 9000,
        step: int = 3600,
    ) -> None:
        self.most = most
        self.sequence = sequence
        self.timestamp = timestamp
        self.step = step

    def frame(self, frame: tuple[Unit, ...], *, together: bool = False) -> list[bytes]:
        """The packets of one frame; small units together in one where asked for."""
        bodies: list[bytes] = []
        small = [one.data for one in frame if len(one.data) < 100] if together else []
        if len(small) > 1:
            head = b"\x78" if frame[0].codec == "h264" else b"\x60\x01"
            bodies.append(head + b"".join(len(s).to_bytes(2, "big") + s for s in small))
        for one in frame:
            if len(small) < 2 or one.data not in small:
                bodies += self._bodies(one)
        packets = [self._packet(body, last=n == len(bodies) - 1) for n, body in enumerate(bodies)]
        self.timestamp = (self.timestamp + self.step) % 2**32
        return packets

    def _bodies(self, unit: Unit) -> list[bytes]:
        if len(unit.data) <= self.most:
            return [unit.data]
        size = 1 if unit.codec == "h264" else 2
        rest = unit.data[size:]
        parts = [rest[at : at + self.most] for at in range(0, len(rest), self.most)]
        made = []
        for number, part in enumerate(parts):
            flags = (number == 0) << 7 | (number == len(parts) - 1) << 6
            if unit.codec == "h264":
                head = bytes((unit.data[0] & 0xE0 | 28, flags | unit.kind))
            else:
                head = bytes((unit.data[0] & 0x81 | 49 << 1, unit.data[1], flags | unit.kind))
            made.append(head + part)
        return made

    def _packet(self, body: bytes, *, last: bool) -> bytes:
        """With a contributing source, a header extension and padding now and then."""
        odd = self.sequence % 7 == 0
        first = 0x80 | (0x31 if odd else 0)
        head = bytes((first, last << 7 | PAYLOAD)) + self.sequence.to_bytes(2, "big")
        head += self.timestamp.to_bytes(4, "big") + b"\0\0\0\7"
        self.sequence = (self.sequence + 1) % 65536
        if not odd:
            return head + body
        return head + b"\0\0\0\x09" + b"\xbe\xde\0\1" + b"\0\0\0\0" + body + b"\0\0\3"
