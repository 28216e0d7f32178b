"""The source's own bytes of a frame, for evidence: never coded again, made only when asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

import av
import cv2

from detector.photo import PhotoError, read_photo
from detector.sources.keyframe import KeyPacket
from detector.sources.states import CameraState, SourceError
from detector.types import Image, OriginalBytes

_START: Final = b"\x00\x00\x00\x01"
_RAW_FORMATS: Final = {"h264": "h264", "hevc": "hevc"}
MP4: Final = "video/mp4"


def original_of_key(packet: KeyPacket, image: Image) -> OriginalBytes:
    """The coded key frame as it came: H.264 and H.265 in an MP4 of one frame, MJPEG as it is.

    The slices stay as they came, bit for bit; only their packing changes. Of other codecs the
    decoded ``image`` (uint8 HxWx3 BGR), as a lossless PNG.

    Raises:
        SourceError: BAD_DATA when the packet cannot be packed.
    """
    if packet.codec == "mjpeg":
        return OriginalBytes("image/jpeg", packet.data)
    raw_format = _RAW_FORMATS.get(packet.codec)
    if raw_format is None:
        return original_of_image(image)
    try:
        return OriginalBytes(MP4, _one_frame_mp4(_start_coded(packet), raw_format))
    except (av.FFmpegError, ValueError, IndexError) as error:
        detail = f"a key frame that cannot be packed ({type(error).__name__})"
        raise SourceError(CameraState.BAD_DATA, detail) from None


def original_of_image(image: Image) -> OriginalBytes:
    """A frame that has no bytes of its own (between two key frames of a film), as lossless PNG."""
    done, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise ValueError(f"expected a picture, got {image.dtype} {image.shape}")
    return OriginalBytes("image/png", data.tobytes())


def image_of(original: OriginalBytes) -> Image:
    """The picture in the bytes, uint8 HxWx3 BGR, upright: the very frame that was looked at.

    Raises:
        SourceError: BAD_DATA when there is none in them.
    """
    try:
        if original.media_type != MP4:
            return read_photo(original.data).image
        with av.open(io.BytesIO(original.data), format="mp4") as container:
            container.streams.video[0].codec_context.thread_count = 1
            for frame in container.decode(video=0):
                image: Image = frame.to_ndarray(format="bgr24")
                return image
    except (PhotoError, av.FFmpegError, IndexError) as error:
        detail = f"no picture in the original ({type(error).__name__})"
        raise SourceError(CameraState.BAD_DATA, detail) from None
    raise SourceError(CameraState.BAD_DATA, "no frame in the original")


def _one_frame_mp4(coded: bytes, raw_format: str) -> bytes:
    file = io.BytesIO()
    with (
        av.open(io.BytesIO(coded), format=raw_format) as source,
        av.open(file, "w", format="mp4") as target,
    ):
        template = source.streams.video[0]
        stream = target.add_stream_from_template(template)
        number = 0
        for packet in source.demux(template):
            if packet.size == 0:
                continue
            packet.stream = stream
            packet.pts = packet.dts = number
            packet.duration = 1
            number += 1
            target.mux(packet)
        if number == 0:
            raise ValueError("no frame")
    return file.getvalue()


def _start_coded(packet: KeyPacket) -> bytes:
    """The packet with its parameter sets, each unit behind a start code (Annex B)."""
    extra = packet.extradata or b""
    if not extra or extra[0] != 1:
        return extra + packet.data
    if packet.codec == "h264":
        size, sets = (extra[4] & 3) + 1, _avc_sets(extra)
    else:
        size, sets = (extra[21] & 3) + 1, _hevc_sets(extra)
    return b"".join(_START + unit for unit in (*sets, *_units(packet.data, size)))


def _units(data: bytes, size: int) -> Iterator[bytes]:
    """The units of a packet in which each is preceded by its length in ``size`` bytes."""
    at = 0
    while at + size <= len(data):
        length = int.from_bytes(data[at : at + size], "big")
        at += size
        if length == 0 or at + length > len(data):
            raise ValueError("a unit longer than its packet")
        yield data[at : at + length]
        at += length


def _avc_sets(extra: bytes) -> list[bytes]:
    """The parameter sets of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1)."""
    first, at = _sets(extra, 6, extra[5] & 31)
    second, _ = _sets(extra, at + 1, extra[at])
    return [*first, *second]


def _hevc_sets(extra: bytes) -> list[bytes]:
    """The parameter sets of an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, 8.3.3.1)."""
    found: list[bytes] = []
    at = 23
    for _ in range(extra[22]):
        sets, at = _sets(extra, at + 3, int.from_bytes(extra[at + 1 : at + 3], "big"))
        found += sets
    return found


def _sets(extra: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """``count`` units from ``at`` on, each behind its length in two bytes, and where they end."""
    sets = []
    for _ in range(count):
        length = int.from_bytes(extra[at : at + 2], "big")
        sets.append(extra[at + 2 : at + 2 + length])
        at += 2 + length
    return sets, at
