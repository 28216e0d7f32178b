"""When and where a photo was taken and which way up it is, from its EXIF block.

Tags after CIPA DC-008 (Exif 2.32). A damaged or missing value is None: many photos have none, and
the picture is worth looking at all the same.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

_ORIENTATION, _EXIF_IFD, _GPS_IFD = 0x0112, 0x8769, 0x8825
_TIME_ORIGINAL, _OFFSET_ORIGINAL, _OFFSET = 0x9003, 0x9011, 0x9010
_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4
_OFFSET_FORM = re.compile(r"^([+-])(\d\d):(\d\d)$")

_SIZES = {2: 1, 3: 2, 4: 4, 5: 8}
"""Bytes per value of the TIFF types that are read: text, short, long, rational."""
_MOST_TAGS, _MOST_VALUES = 512, 64

Tags = dict[int, Any]


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """Orientation 1..8, capture time in UTC, position in WGS-84 degrees (both set or both None)."""

    orientation: int = 1
    captured_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None


def read_exif(block: bytes | None, zone: tzinfo) -> ExifFacts:
    """The facts in an EXIF block, with or without its ``Exif`` prefix, or at a TIFF file's start.

    Args:
        block: the raw block, None when the file has none.
        zone: time zone of a capture time that states no offset.
    """
    if not block:
        return ExifFacts()
    block = block.removeprefix(b"Exif\x00\x00")
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return ExifFacts()
    top = read_tags(block, order, struct.unpack_from(f"{order}I", block, 4)[0])
    orientation: Any = top.get(_ORIENTATION)
    lat, lon = _position(_below(block, order, top.get(_GPS_IFD)))
    return ExifFacts(
        orientation=orientation if orientation in range(1, 9) else 1,
        captured_at=_capture_time(_below(block, order, top.get(_EXIF_IFD)), zone),
        lat=lat,
        lon=lon,
    )


def read_tags(block: bytes, order: str, offset: int, most_values: int = _MOST_VALUES) -> Tags:
    """The text, whole-number and rational tags of one directory (TIFF 6.0, section 2).

    ``order`` is ``<`` or ``>``, ``offset`` where the directory begins; tags of more than
    ``most_values`` values are left out. Text is str, one number is int, several are a tuple,
    rationals are a tuple of floats (NaN for a division by zero). What lies outside the block or is
    of another type is left out.
    """
    if offset + 2 > len(block):
        return {}
    (count,) = struct.unpack_from(f"{order}H", block, offset)
    tags: Tags = {}
    for entry in range(offset + 2, offset + 2 + 12 * min(count, _MOST_TAGS), 12):
        if entry + 12 > len(block):
            break
        tag, kind, number = struct.unpack_from(f"{order}HHI", block, entry)
        size = _SIZES.get(kind, 0) * number
        if not 0 < number <= most_values or size == 0:
            continue
        start = entry + 8
        if size > 4:
            (start,) = struct.unpack_from(f"{order}I", block, start)
        if start + size <= len(block):
            tags[tag] = _values(block[start : start + size], order, kind, number)
    return tags


def _values(raw: bytes, order: str, kind: int, number: int) -> Any:
    if kind == 2:
        return raw.split(b"\x00", 1)[0].decode("ascii", "replace").strip()
    if kind == 5:
        parts = struct.unpack(f"{order}{2 * number}I", raw)
        return tuple(a / b if b else math.nan for a, b in zip(parts[::2], parts[1::2], strict=True))
    values = struct.unpack(f"{order}{number}{'H' if kind == 3 else 'I'}", raw)
    return values[0] if number == 1 else values


def _below(block: bytes, order: str, offset: Any) -> Tags:
    return read_tags(block, order, offset) if isinstance(offset, int) else {}


def _capture_time(tags: Tags, zone: tzinfo) -> datetime | None:
    text = tags.get(_TIME_ORIGINAL)
    if not isinstance(text, str):
        return None
    try:
        local = datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    offset = _offset(tags.get(_OFFSET_ORIGINAL)) or _offset(tags.get(_OFFSET)) or zone
    try:
        return local.replace(tzinfo=offset).astimezone(UTC)
    except OverflowError:
        return None


def _offset(text: Any) -> tzinfo | None:
    match = _OFFSET_FORM.match(text) if isinstance(text, str) else None
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes >= 24 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def _position(tags: Tags) -> tuple[float, float] | tuple[None, None]:
    lat = _degrees(tags.get(_LAT), tags.get(_LAT_REF), "N", "S", 90.0)
    lon = _degrees(tags.get(_LON), tags.get(_LON_REF), "E", "W", 180.0)
    if lat is None or lon is None or (lat == 0.0 and lon == 0.0):
        return None, None
    return lat, lon


def _degrees(parts: Any, ref: Any, positive: str, negative: str, limit: float) -> float | None:
    letter = ref.upper() if isinstance(ref, str) else ""
    if letter not in (positive, negative):
        return None
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    degrees, minutes, seconds = parts
    value: float = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0.0 <= value <= limit:
        return None
    return -value if letter == negative else value
