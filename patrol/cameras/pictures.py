"""The pictures that are made of looks: masked views, pieces of them, and the time-lapse strip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Final

import cv2
import numpy as np

from cases.masking import hide
from detector.types import Box, Detection, Image

VIEW_LONG_SIDE: Final = 1280
STRIP_SIZE: Final = (480, 270)
STRIP_COLUMNS: Final = 3
_QUALITY: Final = 82
_AROUND: Final = 3.0  # a strip shows this many times the thing's width and height
_LEAST_SHARE: Final = 0.25  # and at least this share of the view's width


def jpeg(image: Image, quality: int = _QUALITY) -> bytes:
    """The picture (uint8 HxWx3 BGR) as JPEG."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"expected a picture, got {image.dtype} {image.shape}")
    return data.tobytes()


def smaller(image: Image, long_side: int = VIEW_LONG_SIDE) -> tuple[Image, float]:
    """The picture with its longer side at most ``long_side``, and its scale; may be the same."""
    scale = min(1.0, long_side / max(image.shape[:2]))
    if scale == 1.0:
        return image, 1.0
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return small, scale


def masked_view(image: Image, detections: Iterable[Detection]) -> Image:
    """A copy at most 1280 px wide or high, heads and plate areas hidden as far as they were seen.

    ``detections`` must be of this very picture.
    """
    small, scale = smaller(image)
    view = small if small is not image else image.copy()
    hide(view, (_scaled(detection, scale) for detection in detections))
    return view


def _scaled(detection: Detection, scale: float) -> Detection:
    left, top, right, bottom = (value * scale for value in detection.box)
    return Detection(detection.label, detection.confidence, (left, top, right, bottom))


def around(box: Box) -> Box:
    """The part of a view that a strip shows of a thing (shares), of the view's own shape."""
    left, top, right, bottom = box
    size = min(1.0, max(_LEAST_SHARE, _AROUND * (right - left), _AROUND * (bottom - top)))
    x = min(max((left + right - size) / 2, 0.0), 1.0 - size)
    y = min(max((top + bottom - size) / 2, 0.0), 1.0 - size)
    return (x, y, x + size, y + size)


def piece(view: Image, part: Box) -> Image:
    """The part (shares) of a masked view in the size of a strip's pictures."""
    height, width = view.shape[:2]
    left, top = int(part[0] * width), int(part[1] * height)
    right, bottom = max(left + 1, int(part[2] * width)), max(top + 1, int(part[3] * height))
    cut = view[top:bottom, left:right]
    method = cv2.INTER_AREA if cut.shape[1] > STRIP_SIZE[0] else cv2.INTER_LINEAR
    sized: Image = cv2.resize(cut, STRIP_SIZE, interpolation=method)  # type: ignore[assignment]
    return sized


def strip(pieces: Sequence[tuple[datetime, Image]], zone: tzinfo) -> Image:
    """The pieces in order of time in one picture, three in a row, each with its local time."""
    columns = min(STRIP_COLUMNS, len(pieces))
    rows = -(-len(pieces) // columns)
    width, height = STRIP_SIZE
    sheet: Image = np.full((rows * height, columns * width, 3), 32, np.uint8)
    for number, (at, picture) in enumerate(pieces):
        top, left = (number // columns) * height, (number % columns) * width
        shown = picture.copy()
        text = f"{at.astimezone(zone):%m-%d %H:%M:%S}"
        cv2.rectangle(shown, (0, height - 24), (152, height), (0, 0, 0), cv2.FILLED)
        cv2.putText(
            shown,
            text,
            (6, height - 7),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.5,
            (255, 255, 255),
            1,
            cv2.LINE_AA,
        )
        sheet[top : top + height, left : left + width] = shown
    return sheet


def decoded(data: bytes) -> Image | None:
    """A JPEG's picture, uint8 HxWx3 BGR; None when it is none."""
    image: Image | None = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)  # type: ignore[assignment]
    return image
