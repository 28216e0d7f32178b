"""Photo files made by hand, whole and damaged, for the tests of everything that reads photos."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image


def scene(width: int = 320, height: int = 200, seed: int = 1) -> NDArray[np.uint8]:
    """A picture (BGR) whose corners all differ, so that a wrong turn shows."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), 90, np.uint8)
    image[: height // 2, : width // 2] = (200, 40, 30)
    image[: height // 2, width // 2 :] = (30, 190, 60)
    image[height // 2 :, : width // 2] = (40, 60, 210)
    noise = rng.integers(0, 24, (height // 8 + 1, width // 8 + 1, 3), np.uint8)
    return cv2.add(image, cv2.resize(noise, (width, height)))  # type: ignore[return-value]


def encode(
    image: NDArray[np.uint8],
    kind: str = "JPEG",
    *,
    orientation: int | None = None,
    taken: str | None = None,
    offset: str | None = None,
    lat: float | None = None,
    lon: float | None = None,
    **options: object,
) -> bytes:
    """The picture as a file of the given Pillow format, with the EXIF asked for."""
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken
    if offset is not None:
        exif.get_ifd(0x8769)[0x9011] = offset
    if lat is not None and lon is not None:
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2] = "S" if lat < 0 else "N", _dms(abs(lat))
        gps[3], gps[4] = "W" if lon < 0 else "E", _dms(abs(lon))
    if kind == "JPEG":
        options.setdefault("quality", 95)
    target = io.BytesIO()
    if len(exif) or exif.get_ifd(0x8769) or exif.get_ifd(0x8825):
        options["exif"] = exif.tobytes()
    Image.fromarray(image[:, :, ::-1]).save(target, kind, **options)
    return target.getvalue()


def huge_png(width: int = 20_000, height: int = 20_000) -> bytes:
    """A valid PNG of one bit per pixel: 50 MB of zeros in about 50 kB."""
    line = b"\x00" + bytes((width + 7) // 8)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + png_chunk(b"IDAT", body)
        + png_chunk(b"IEND", b"")
    )


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _dms(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    return float(whole), float(minutes), round((degrees - whole - minutes / 60) * 3600, 4)
