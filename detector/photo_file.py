"""What a photo file is, how large its picture is and whether all of it is there, without decoding.

Layouts after ITU-T T.81 (JPEG), the W3C PNG specification, Google's WebP container specification,
TIFF 6.0 and ISO/IEC 14496-12 (the boxes of HEIC).
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from typing import Literal

from detector.exif import Tags, read_tags

PhotoErrorCode = Literal[
    "empty",
    "not_an_image",
    "truncated",
    "too_large_bytes",
    "too_many_pixels",
    "unsupported",
    "decode_failed",
]

MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/tiff", "image/heic")
"""The formats that are read."""

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_JPEG_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DNG_VERSION, _TIFF_KIND, _TIFF_WIDTH, _TIFF_HEIGHT = 0xC612, 254, 256, 257
_TIFF_STARTS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


class PhotoError(Exception):
    """A photo cannot be read: ``code`` for programs, ``message`` for people."""

    def __init__(self, code: PhotoErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: PhotoErrorCode = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Container:
    """What the container says: the stored picture's size in pixels, its EXIF block, completeness.

    ``complete`` is False when the file ends before its format's end mark.
    """

    width: int
    height: int
    exif: bytes | None
    complete: bool


def media_type_of(data: bytes) -> str:
    """The media type by the file's first bytes, one of ``MEDIA_TYPES``.

    Raises:
        PhotoError: ``empty``; ``unsupported`` for a known format that is not read;
            ``not_an_image`` for anything else.
    """
    if not data:
        raise PhotoError("empty", "the file is empty")
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(_PNG_SIGNATURE):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith(_TIFF_STARTS):
        return "image/tiff"
    if data[4:8] == b"ftyp" and _brands(data) & _HEIC_BRANDS and b"avif" not in _brands(data):
        return "image/heic"
    raise _refusal(data)


def read_jpeg(data: bytes) -> Container:
    """Walk the markers of a JPEG file up to the end mark of its (first) picture."""
    width = height = 0
    exif: bytes | None = None
    position, complete = 2, False
    while match := _JPEG_MARKER.search(data, position):
        position = match.end()
        marker = data[position - 1]
        if marker == 0xD9:
            complete = True
            break
        if marker in (0x01, 0xD8):
            continue
        if position + 2 > len(data):
            break
        length = int.from_bytes(data[position : position + 2], "big")
        body = data[position + 2 : position + length]
        if len(body) < length - 2:
            break
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and len(body) >= 5:
            height, width = struct.unpack(">HH", body[1:5])
        elif marker == 0xE1 and exif is None and body.startswith(b"Exif\x00\x00"):
            exif = body
        position += max(length, 2)
    return Container(width, height, exif, complete)


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels from the header of a PNG file; (0, 0) when it is cut short."""
    if len(data) < 24 or data[12:16] != b"IHDR":
        return 0, 0
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def read_png(data: bytes) -> Container:
    """Walk the chunks of a PNG file and check each one's checksum.

    Raises:
        PhotoError: ``decode_failed`` when a chunk does not match its checksum.
    """
    view = memoryview(data)
    exif: bytes | None = None
    position, complete = len(_PNG_SIGNATURE), False
    while not complete and position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            break
        kind = bytes(view[position + 4 : position + 8])
        if zlib.crc32(view[position + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise PhotoError("decode_failed", f"damaged PNG: the checksum of {kind!r} is wrong")
        if kind == b"eXIf":
            exif = bytes(view[position + 8 : end])
        complete = kind == b"IEND"
        position = end + 4
    width, height = png_size(data)
    return Container(width, height, exif, complete)


def read_webp(data: bytes) -> Container:
    """Walk the chunks of a WebP file.

    Raises:
        PhotoError: ``unsupported`` for an animation.
    """
    width = height = 0
    exif: bytes | None = None
    (riff,) = struct.unpack_from("<I", data, 4)
    end = min(riff + 8, len(data))
    position = 12
    while position + 8 <= end:
        kind = data[position : position + 4]
        (length,) = struct.unpack_from("<I", data, position + 4)
        body = data[position + 8 : position + 8 + length]
        if kind == b"VP8X" and len(body) >= 10:
            if body[0] & 0x02:
                raise PhotoError("unsupported", "an animated WebP is not a photo")
            width = 1 + int.from_bytes(body[4:7], "little")
            height = 1 + int.from_bytes(body[7:10], "little")
        elif kind == b"VP8L" and len(body) >= 5 and not width:
            bits = int.from_bytes(body[1:5], "little")
            width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        elif kind == b"VP8 " and len(body) >= 10 and not width:
            width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", body, 6))
        elif kind == b"EXIF":
            exif = body
        position += 8 + length + (length & 1)
    return Container(width, height, exif, complete=riff + 8 <= len(data) and position >= end)


def read_tiff(data: bytes) -> Container:
    """Read the first directory of a TIFF file, which is also its EXIF block.

    Raises:
        PhotoError: ``unsupported`` for camera raw files and BigTIFF; ``decode_failed`` when the
            directory is damaged.
    """
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[:4])
    if order is None or data[8:10] == b"CR":
        raise PhotoError("unsupported", "this kind of TIFF is not read; export a JPEG")
    if len(data) < 8:
        return Container(0, 0, None, complete=False)
    (offset,) = struct.unpack_from(f"{order}I", data, 4)
    if offset + 2 > len(data):
        return Container(0, 0, None, complete=False)
    tags = read_tags(data, order, offset, most_values=1 << 20)
    if _DNG_VERSION in tags or _reduced(tags):
        raise PhotoError("unsupported", "camera raw files are not read; export a JPEG")
    width, height = tags.get(_TIFF_WIDTH), tags.get(_TIFF_HEIGHT)
    if not isinstance(width, int) or not isinstance(height, int):
        raise PhotoError("decode_failed", "damaged TIFF: it names no picture size")
    return Container(width, height, data, complete=_strips_end(tags) <= len(data))


def heic_is_complete(data: bytes) -> bool:
    """Whether the top boxes of an ISO media file end where the file ends or before."""
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        if length == 1:
            length = int.from_bytes(data[position + 8 : position + 16], "big")
        if length == 0:
            return True
        if length < 8:
            return False
        position += length
    return position == len(data)


def _reduced(tags: Tags) -> bool:
    kind = tags.get(_TIFF_KIND, 0)
    return isinstance(kind, int) and bool(kind & 1)


def _strips_end(tags: Tags) -> int:
    """Where the last strip or tile ends, bytes from the file's start; 0 when nothing says so."""
    end = 0
    for where, how_long in ((273, 279), (324, 325)):
        starts, lengths = tags.get(where, ()), tags.get(how_long, ())
        starts = starts if isinstance(starts, tuple) else (starts,)
        lengths = lengths if isinstance(lengths, tuple) else (lengths,)
        sums = (a + b for a, b in zip(starts, lengths, strict=False) if isinstance(a + b, int))
        end = max(end, *sums, 0)
    return end


def _brands(data: bytes) -> set[bytes]:
    length = min(int.from_bytes(data[:4], "big"), 256, len(data))
    return {data[8:12]} | {data[start : start + 4] for start in range(16, length - 3, 4)}


def _refusal(data: bytes) -> PhotoError:
    wanted = "expected JPEG, PNG, WebP, TIFF or HEIC"
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, name in ((b"gif8", "GIF"), (b"bm", "BMP"), (b"%pdf", "PDF"), (b"8bps", "Photoshop")):
        if start.startswith(magic) and (name != "BMP" or data[6:10] == b"\x00\x00\x00\x00"):
            return PhotoError("unsupported", f"{name} is not read; {wanted}")
    if b"<svg" in start:
        return PhotoError("unsupported", f"SVG is not read; {wanted}")
    if data[4:8] == b"ftyp":
        return PhotoError("unsupported", f"AVIF and video files are not read; {wanted}")
    return PhotoError("not_an_image", f"the content is not a picture; {wanted}")
