"""From a photo file's bytes to upright pixels, or to a plain word about why that cannot be done."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pillow_heif

from detector.exif import ExifFacts, read_exif
from detector.photo_file import (
    MEDIA_TYPES,
    Container,
    PhotoError,
    PhotoErrorCode,
    heic_is_complete,
    media_type_of,
    png_size,
    read_jpeg,
    read_png,
    read_tiff,
    read_webp,
)
from detector.types import Image, Photo

__all__ = [
    "DEFAULT_TIMEZONE",
    "MEDIA_TYPES",
    "Photo",
    "PhotoError",
    "PhotoErrorCode",
    "PhotoInfo",
    "PhotoLimits",
    "decode_photo",
    "probe_photo",
    "read_photo",
]

DEFAULT_TIMEZONE = ZoneInfo("Asia/Shanghai")

_HEIC_DAMAGE = (OSError, ValueError, EOFError, RuntimeError, SyntaxError, IndexError, MemoryError)
_TURNED = (5, 6, 7, 8)
_TURNED_BY_DECODER = ("image/tiff", "image/heic")
"""OpenCV's TIFF decoder and libheif turn the picture themselves, whatever they are told."""

cv2.utils.logging.setLogLevel(
    cv2.utils.logging.LOG_LEVEL_SILENT
)  # a damaged photo is reported by its PhotoError, not by lines on the terminal


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What a photo may ask of this machine; larger values let larger files through."""

    max_bytes: int = 64 * 1024 * 1024
    max_pixels: int = 64_000_000


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """What a photo file says about its picture before it is decoded.

    ``width`` and ``height`` are of the upright picture, ``orientation`` is the EXIF value still to
    be applied (1..8), ``captured_at`` is UTC, ``lat``/``lon`` are WGS-84 degrees.
    """

    sha256: str
    media_type: str
    width: int
    height: int
    orientation: int
    captured_at: datetime | None
    lat: float | None
    lon: float | None


def read_photo(
    data: bytes,
    *,
    limits: PhotoLimits | None = None,
    timezone: tzinfo = DEFAULT_TIMEZONE,
) -> Photo:
    """Decode a JPEG, PNG, WebP, TIFF or HEIC file, upright, with capture time and position.

    Args:
        data: the file's bytes; the format is taken from them, never from a name.
        limits: size limits; the pixel limit is checked before anything is decoded.
        timezone: zone of a capture time that states no offset.

    Raises:
        PhotoError: with one of the codes in ``PhotoErrorCode``. A file that ends early is an error
            even where a lenient decoder would fill in the rest with grey.
    """
    return decode_photo(data, probe_photo(data, limits=limits, timezone=timezone))


def decode_photo(data: bytes, info: PhotoInfo) -> Photo:
    """The upright pixels of a probed photo; ``info`` is what ``probe_photo`` said of ``data``.

    Raises:
        PhotoError: the picture is damaged, or not as large as its header says.
    """
    image = _upright(_decode(data, info), info.orientation)
    if image.shape[:2] != (info.height, info.width):
        raise PhotoError(
            "decode_failed",
            f"the header says {info.width}x{info.height}, "
            f"the picture is {image.shape[1]}x{image.shape[0]}",
        )
    return Photo(
        image=image,
        width=info.width,
        height=info.height,
        sha256=info.sha256,
        media_type=info.media_type,
        captured_at=info.captured_at,
        lat=info.lat,
        lon=info.lon,
    )


def probe_photo(
    data: bytes,
    *,
    limits: PhotoLimits | None = None,
    timezone: tzinfo = DEFAULT_TIMEZONE,
) -> PhotoInfo:
    """Everything ``read_photo`` finds out except the pixels; arguments and errors as there."""
    limits = limits or PhotoLimits()
    if len(data) > limits.max_bytes:
        raise PhotoError(
            "too_large_bytes", f"{len(data)} bytes; at most {limits.max_bytes} are read"
        )
    media_type = media_type_of(data)
    if media_type == "image/heic":
        width, height, facts = _probe_heic(data, timezone)
        _check_pixels(width, height, limits)
    else:
        container = _container(data, media_type, limits)
        _check_pixels(container.width, container.height, limits)
        if not container.complete:
            raise _truncated()
        if container.width == 0 or container.height == 0:
            raise PhotoError("decode_failed", "the file names no picture size")
        width, height = container.width, container.height
        facts = read_exif(container.exif, timezone)
    turned = facts.orientation in _TURNED
    return PhotoInfo(
        sha256=hashlib.sha256(data).hexdigest(),
        media_type=media_type,
        width=height if turned else width,
        height=width if turned else height,
        orientation=1 if media_type in _TURNED_BY_DECODER else facts.orientation,
        captured_at=facts.captured_at,
        lat=facts.lat,
        lon=facts.lon,
    )


def _container(data: bytes, media_type: str, limits: PhotoLimits) -> Container:
    if media_type == "image/jpeg":
        return read_jpeg(data)
    if media_type == "image/png":
        _check_pixels(*png_size(data), limits)
        return read_png(data)
    if media_type == "image/tiff":
        return read_tiff(data)
    return read_webp(data)


def _check_pixels(width: int, height: int, limits: PhotoLimits) -> None:
    if width * height > limits.max_pixels:
        raise PhotoError(
            "too_many_pixels",
            f"{width}x{height} is {width * height} pixels; at most {limits.max_pixels} are decoded",
        )


def _truncated() -> PhotoError:
    return PhotoError("truncated", "the file ends before the picture does")


def _probe_heic(data: bytes, zone: tzinfo) -> tuple[int, int, ExifFacts]:
    image = _open_heic(data)
    facts = read_exif(image.info.get("exif"), zone)
    width, height = image.size
    # This size is upright already, and EXIF only repeats the turn.
    return width, height, replace(facts, orientation=1)


def _open_heic(data: bytes) -> Any:
    if not heic_is_complete(data):
        raise _truncated()
    try:
        opened = pillow_heif.open_heif(data, convert_hdr_to_8bit=True, bgr_mode=True)
        opened[opened.primary_index]  # IndexError for a file without any picture
    except _HEIC_DAMAGE as error:
        raise PhotoError("decode_failed", f"damaged HEIC: {error}") from error
    return opened


def _decode(data: bytes, info: PhotoInfo) -> Image:
    if info.media_type == "image/heic":
        return _decode_heic(data)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise PhotoError("decode_failed", f"the picture cannot be decoded: {error.err}") from error
    if image is None:
        raise PhotoError("decode_failed", "the picture cannot be decoded")
    return image  # type: ignore[return-value]


def _decode_heic(data: bytes) -> Image:
    opened = _open_heic(data)
    try:
        pixels = np.asarray(opened)
    except _HEIC_DAMAGE as error:
        raise PhotoError("decode_failed", f"damaged HEIC: {error}") from error
    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)  # type: ignore[return-value]
    return np.ascontiguousarray(pixels[:, :, :3])


def _upright(image: Image, orientation: int) -> Image:
    turned: Any = image
    if orientation in (2, 5, 7):
        turned = cv2.flip(turned, 1)
    elif orientation == 4:
        turned = cv2.flip(turned, 0)
    if orientation == 3:
        turned = cv2.rotate(turned, cv2.ROTATE_180)
    elif orientation in (6, 7):
        turned = cv2.rotate(turned, cv2.ROTATE_90_CLOCKWISE)
    elif orientation in (5, 8):
        turned = cv2.rotate(turned, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return turned  # type: ignore[no-any-return]
