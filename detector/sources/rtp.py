"""Key frames out of RTP packets: what lies between two key frames is passed over, not put together.

The packing of H.264 is RFC 6184 (single units, STAP-A, FU-A), that of H.265 RFC 7798 (single units,
aggregation, fragments, without decoding order numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import Final

from detector.sources.keyframe import Coded
from detector.sources.states import CameraState, SourceError

START: Final = b"\x00\x00\x00\x01"
MAX_FRAME: Final = 16 * 1024 * 1024
_WRAP: Final = 1 << 32
_RECOVERY_POINT: Final = 6
_SETS_KEPT: Final = 32
_PLAIN: Final = 0x80  # version 2, no padding, no extension, no contributing sources


@dataclass(frozen=True, slots=True)
class Track:
    """The video of an RTSP stream as its description has it.

    ``codec``: FFmpeg's name, ``h264`` or ``hevc``; "" for others. ``rate``: ticks of its clock in a
    second. ``sets``: the parameter sets the description holds. ``control``: its own address, whole
    or relative, as written.
    """

    codec: str
    payload: int
    rate: int
    control: str
    sets: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class _Packing:
    """Where a codec's units say what they are: RFC 6184 5.2-5.8 and RFC 7798 4.4.

    ``header``: bytes of a unit's header. ``mask`` and ``shift``: of its first byte, to the type;
    types of fragments are the low bits of the byte behind the header.
    """

    header: int
    mask: int
    shift: int
    together: int
    fragment: int
    sets: tuple[int, ...]
    keys: frozenset[int]

    def kind(self, first: int) -> int:
        """Type of the unit that begins with this byte."""
        return (first & self.mask) >> self.shift

    def fragment_kind(self, flags: int) -> int:
        """Type of the unit a fragment with these flags belongs to."""
        return flags & (self.mask >> self.shift)

    def whole_header(self, body: memoryview) -> bytes:
        """The header of the unit a fragment belongs to."""
        first = body[0] & ~self.mask | self.fragment_kind(body[self.header]) << self.shift
        return bytes((first, *body[1 : self.header]))


_PACKINGS: Final = {
    "h264": _Packing(1, 0x1F, 0, 24, 28, sets=(7, 8), keys=frozenset({5})),
    "hevc": _Packing(2, 0x7E, 1, 48, 49, sets=(32, 33, 34), keys=frozenset(range(16, 22))),
}
CODECS: Final = frozenset(_PACKINGS)
_SEI: Final = 6
_SLICE: Final = 1
_HEADER: Final = Struct(">BBHI")  # RFC 3550, 5.1: flags, marker and payload, sequence, time


class KeyFrames:
    """Takes the RTP packets of one track in order and gives its frames: key frames whole.

    A key frame is an IDR picture (H.264; also a picture marked as a recovery point) or an IRAP one
    (H.265), in Annex B with the newest parameter sets in front. A frame is given when the next one
    begins, as not all cameras set the marker well. A key frame of which a packet is missing, or for
    which no parameter sets have come yet, is passed over.
    """

    def __init__(self, track: Track) -> None:
        """Raises KeyError for a codec that is not in ``CODECS``."""
        self._codec = track.codec
        self._rate = track.rate
        self._payload = track.payload
        self._packing = _PACKINGS[track.codec]
        self._sets = [one for one in track.sets if one]
        self._units: list[bytes] = []
        self._parts: list[bytes] | None = None
        self._size = 0
        self._key = self._broken = False
        self._wanted = self._packing.keys
        self._awaited: int | None = None
        self._timestamp: int | None = None
        self._ticks = 0

    def take(self, packet: memoryview) -> Coded | None:
        """One packet (not kept); gives the frame before it, when this one begins the next.

        Raises:
            SourceError: BAD_DATA for what is no RTP or no frame of a sane size.
        """
        if len(packet) < 12 or packet[0] >> 6 != 2:
            raise SourceError(CameraState.BAD_DATA, "a packet that is no RTP")
        flags, payload, sequence, timestamp = _HEADER.unpack_from(packet)
        if payload & 127 != self._payload:
            return None
        lost = sequence != self._awaited and self._awaited is not None
        self._awaited = (sequence + 1) & 0xFFFF
        self._broken |= lost
        finished = None
        if timestamp != self._timestamp:
            if self._timestamp is not None:
                finished = self._finished()
                ahead = (timestamp - self._timestamp) % _WRAP
                self._ticks += ahead if ahead < _WRAP // 2 else ahead - _WRAP
            self._timestamp = timestamp
            self._begin(broken=lost)
        body = packet[12:] if flags == _PLAIN else _body(packet)
        if len(body) > self._packing.header:
            self._unpack(body)
        return finished

    def _begin(self, *, broken: bool) -> None:
        self._units, self._parts, self._size = [], None, 0
        self._key, self._wanted = False, self._packing.keys
        self._broken = broken

    def _finished(self) -> Coded:
        key = self._key and not self._broken and self._parts is None and self._sets_known()
        data = self._annex_b() if key else b""
        return Coded(partial(bytes, data), key, self._ticks / self._rate, self._codec, None)

    def _sets_known(self) -> bool:
        return {self._packing.kind(one[0]) for one in self._sets} >= set(self._packing.sets)

    def _annex_b(self) -> bytes:
        sets = sorted(self._sets, key=lambda unit: self._packing.kind(unit[0]))
        return b"".join(START + unit for unit in (*sets, *self._units))

    def _unpack(self, body: memoryview) -> None:
        packing = self._packing
        kind = packing.kind(body[0])
        if kind == packing.fragment:
            if packing.fragment_kind(body[packing.header]) in self._wanted:
                self._fragment(body)
        elif kind == packing.together:
            at = packing.header
            while at + 2 <= len(body):
                length = body[at] << 8 | body[at + 1]
                unit = body[at + 2 : at + 2 + length]
                if unit:
                    self._unit(packing.kind(unit[0]), unit)
                at += 2 + length
        else:
            self._unit(kind, body)

    def _fragment(self, body: memoryview) -> None:
        header = self._packing.header
        flags = body[header]
        if flags & 0x80:
            self._parts = [self._packing.whole_header(body)]
        if self._parts is None:
            self._broken = True
            return
        self._parts.append(bytes(body[header + 1 :]))
        self._grown(len(body))
        if flags & 0x40:
            unit, self._parts = b"".join(self._parts), None
            self._unit(self._packing.fragment_kind(flags), memoryview(unit))

    def _unit(self, kind: int, unit: memoryview) -> None:
        if kind in self._wanted:
            self._key = True
            self._units.append(bytes(unit))
            self._grown(len(unit))
        elif kind in self._packing.sets:
            self._remember(bytes(unit))
        elif self._codec == "h264" and kind == _SEI and unit[1:2] == bytes((_RECOVERY_POINT,)):
            self._wanted = self._packing.keys | {_SLICE}
            self._units.append(bytes(unit))

    def _remember(self, parameters: bytes) -> None:
        """The newest last: of two sets with one number a decoder takes the later."""
        if parameters in self._sets:
            self._sets.remove(parameters)
        self._sets = [*self._sets, parameters][-_SETS_KEPT:]

    def _grown(self, size: int) -> None:
        self._size += size
        if self._size > 2 * MAX_FRAME:
            raise SourceError(CameraState.BAD_DATA, "a key frame of more than 16 MB")


def _body(packet: memoryview) -> memoryview:
    """The payload behind the RTP header (RFC 3550, 5.1), empty if the header lies."""
    at = 12 + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        if len(packet) < at + 4:
            return packet[:0]
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
    end = len(packet)
    if packet[0] & 0x20:
        end -= packet[-1]
    return packet[at : max(at, end)]
