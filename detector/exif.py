"""When and where a photo was taken and which way up it is, from its EXIF block.

Tags after CIPA DC-008 (Exif 2.32). A damaged or missing value is None: many photos have none, and
the picture is worth looking at all the same.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from PIL import Image as PillowImage

_ORIENTATION, _EXIF_IFD, _GPS_IFD = 0x0112, 0x8769, 0x8825
_TIME_ORIGINAL, _OFFSET_ORIGINAL, _OFFSET = 0x9003, 0x9011, 0x9010
_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4
_OFFSET_FORM = re.compile(r"^([+-])(\d\d):(\d\d)$")
_DAMAGE = (ValueError, TypeError, KeyError, IndexError, SyntaxError, OSError, struct.error)


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """Orientation 1..8, capture time in UTC, position in WGS-84 degrees (both set or both None)."""

    orientation: int = 1
    captured_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None


def read_exif(block: bytes | None, zone: tzinfo) -> ExifFacts:
    """The facts in an EXIF block (with or without its ``Exif`` prefix).

    Args:
        block: the raw block, None when the file has none.
        zone: time zone of a capture time that states no offset.
    """
    if not block:
        return ExifFacts()
    exif = PillowImage.Exif()
    try:
        exif.load(block)
    except _DAMAGE:
        return ExifFacts()
    return exif_facts(exif, zone)


def exif_facts(exif: PillowImage.Exif, zone: tzinfo) -> ExifFacts:
    """The facts in a loaded EXIF block; ``zone`` as in ``read_exif``."""
    orientation = _value(exif, _ORIENTATION)
    lat, lon = _position(_ifd(exif, _GPS_IFD))
    return ExifFacts(
        orientation=orientation if orientation in range(1, 9) else 1,
        captured_at=_capture_time(_ifd(exif, _EXIF_IFD), zone),
        lat=lat,
        lon=lon,
    )


def _value(exif: PillowImage.Exif, tag: int) -> Any:
    try:
        return exif.get(tag)
    except _DAMAGE:
        return None


def _ifd(exif: PillowImage.Exif, tag: int) -> Mapping[int, Any]:
    try:
        return exif.get_ifd(tag)
    except _DAMAGE:
        return {}


def _capture_time(tags: Mapping[int, Any], zone: tzinfo) -> datetime | None:
    text = tags.get(_TIME_ORIGINAL)
    if not isinstance(text, str):
        return None
    try:
        local = datetime.strptime(text.strip("\x00 ")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    offset = _offset(tags.get(_OFFSET_ORIGINAL)) or _offset(tags.get(_OFFSET)) or zone
    try:
        return local.replace(tzinfo=offset).astimezone(UTC)
    except OverflowError:
        return None


def _offset(text: Any) -> tzinfo | None:
    match = _OFFSET_FORM.match(text.strip("\x00 ")) if isinstance(text, str) else None
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes >= 24 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def _position(tags: Mapping[int, Any]) -> tuple[float, float] | tuple[None, None]:
    lat = _degrees(tags.get(_LAT), tags.get(_LAT_REF), "N", "S", 90.0)
    lon = _degrees(tags.get(_LON), tags.get(_LON_REF), "E", "W", 180.0)
    if lat is None or lon is None or (lat == 0.0 and lon == 0.0):
        return None, None
    return lat, lon


def _degrees(parts: Any, ref: Any, positive: str, negative: str, limit: float) -> float | None:
    letter = ref.strip("\x00 ").upper() if isinstance(ref, str) else ""
    if letter not in (positive, negative):
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0.0 <= value <= limit:
        return None
    return -value if letter == negative else value
