"""From a photo file's bytes to upright pixels, or to a plain word about why that cannot be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from detector.types import Photo

__all__ = ["DEFAULT_TIMEZONE", "Photo", "PhotoError", "PhotoLimits", "read_photo"]

DEFAULT_TIMEZONE = ZoneInfo("Asia/Shanghai")

PhotoErrorCode = Literal[
    "empty",
    "not_an_image",
    "truncated",
    "too_large_bytes",
    "too_many_pixels",
    "unsupported",
    "decode_failed",
]


class PhotoError(Exception):
    """A photo cannot be read: ``code`` for programs, ``message`` for people."""

    def __init__(self, code: PhotoErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: PhotoErrorCode = code
        self.message = message


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What a photo may ask of this machine; larger values let larger files through."""

    max_bytes: int = 64 * 1024 * 1024
    max_pixels: int = 64_000_000


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
        PhotoError: with one of the codes in ``PhotoErrorCode``.
    """
    raise NotImplementedError
