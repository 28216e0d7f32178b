"""Heads and number plates made unreadable, before anyone but a reviewer sees a picture."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from detector.types import Box, Detection, Image

PERSON = "person"
VEHICLES = ("car", "truck")
TWO_WHEELER = "two_wheeler"

_BLOCKS = 6  # a masked part keeps at most this many blocks along its longer side
_SMALLEST_BLOCK_PX = 4

Area = tuple[int, int, int, int]


def masked(image: Image, detections: Iterable[Detection]) -> Image:
    """A copy of ``image`` with every head and plate area made unreadable; see ``hide``."""
    result = image.copy()
    hide(result, detections)
    return result


def hide(image: Image, detections: Iterable[Detection]) -> None:
    """Make every head and plate area of ``image`` (uint8 HxWx3 BGR) unreadable, in place.

    The areas are guessed from the boxes: the head part of a person, the lower middle of a
    vehicle, where plates sit in front and rear views. What the model did not see is not masked.
    """
    for detection in detections:
        area = hidden_area(detection)
        if area is not None:
            _hide(image, area)


def hidden_area(detection: Detection) -> Box | None:
    """The part of a detection to be hidden, xyxy in pixels of the frame; None for other classes."""
    left, top, right, bottom = detection.box
    width, height = right - left, bottom - top
    if detection.label == PERSON:
        # 22 % of a standing person; crouching or cut-off ones are wider, their heads lower.
        head = min(height, max(0.22 * height, 0.5 * width))
        return (left - 0.1 * width, top - 0.06 * height, right + 0.1 * width, top + head)
    if detection.label in VEHICLES:
        return (
            left + 0.18 * width,
            top + 0.55 * height,
            right - 0.18 * width,
            bottom + 0.02 * height,
        )
    if detection.label == TWO_WHEELER:
        return (left + 0.1 * width, top + 0.4 * height, right - 0.1 * width, bottom)
    return None


def _hide(image: Image, box: Box) -> None:
    area = _inside(image, box)
    if area is None:
        return
    left, top, right, bottom = area
    part = image[top:bottom, left:right]
    height, width = part.shape[:2]
    # By the whole area, also where the picture shows only a part of it.
    whole = max(box[2] - box[0], box[3] - box[1])
    scale = min(_BLOCKS / whole, 1 / _SMALLEST_BLOCK_PX)
    small = cv2.resize(
        part,
        (max(1, round(width * scale)), max(1, round(height * scale))),
        interpolation=cv2.INTER_AREA,
    )
    # Few averaged blocks, then smooth between them: nothing sharper than a block is left.
    image[top:bottom, left:right] = cv2.resize(
        small, (width, height), interpolation=cv2.INTER_LINEAR
    )


def _inside(image: Image, box: Box) -> Area | None:
    height, width = image.shape[:2]
    left, top = max(0, int(np.floor(box[0]))), max(0, int(np.floor(box[1])))
    right, bottom = min(width, int(np.ceil(box[2]))), min(height, int(np.ceil(box[3])))
    return (left, top, right, bottom) if right > left and bottom > top else None
