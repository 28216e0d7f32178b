"""The pictures of an incident from a camera: the view before it, the best look, and a close-up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import cv2

from cases.masking import masked
from detector.camera import CameraMemory, Looked
from detector.incidents import Incident, Stage
from detector.types import Box, Detection, Frame, Image

QUALITY = 90
CLOSE = 1.6  # a close-up shows this many times the thing's width and height


@dataclass(slots=True)
class _Kept:
    """JPEGs of one candidate or open incident, masked."""

    before: bytes | None
    best: bytes = b""
    close: bytes = b""
    best_at: datetime | None = None


class EvidenceKit:
    """Keeps the pictures of what may become an incident; writes them when it does.

    ``<folder>/<incident>/before.jpg, best.jpg, closeup.jpg``: heads of people and plate areas of
    vehicles are blurred in all of them, as far as the network saw those. Pictures are coded only
    for looks that are the best so far of something.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, _Kept] = {}
        self._last: tuple[Frame, tuple[Detection, ...]] | None = None

    def see(self, frame: Frame, looked: Looked, memory: CameraMemory) -> list[Path]:
        """Take in a look after it was judged; the folders written, if any."""
        at = looked.observation.at
        hidden: Image | None = None
        for incident in memory.book.incidents:
            kept = self._kept.get(incident.id)
            if kept is None:
                kept = self._kept[incident.id] = _Kept(self._before(incident))
            if incident.evidence.at == at and kept.best_at != at:
                hidden = masked(frame.image, looked.detections) if hidden is None else hidden
                kept.best = _jpeg(_framed(hidden, incident.evidence.box))
                kept.close = _jpeg(_close_up(hidden, incident.evidence.box))
                kept.best_at = at
        written = [self._write(incident) for incident in looked.incidents]
        alive = {incident.id for incident in memory.book.incidents}
        self._kept = {name: kept for name, kept in self._kept.items() if name in alive}
        if looked.observation.inspected:
            self._last = (frame, looked.detections)
        return [path for path in written if path is not None]

    def _before(self, incident: Incident) -> bytes | None:
        if self._last is None:
            return None
        frame, detections = self._last
        if frame.captured_at != incident.evidence.before_at:
            return None
        return _jpeg(masked(frame.image, detections))

    def _write(self, incident: Incident) -> Path | None:
        """At the opening, and once more at the end, as a better look may have come."""
        kept = self._kept.get(incident.id)
        if kept is None or incident.stage is Stage.CANDIDATE:
            return None
        folder = self._folder / re.sub(r"[^\w.-]", "_", incident.id)
        folder.mkdir(parents=True, exist_ok=True)
        pictures = {"before.jpg": kept.before, "best.jpg": kept.best, "closeup.jpg": kept.close}
        for name, data in pictures.items():
            if data:
                (folder / name).write_bytes(data)
        return folder


def _jpeg(image: Image) -> bytes:
    good, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not good:
        raise ValueError(f"expected a picture, got {image.dtype} {image.shape}")
    return data.tobytes()


def _pixels(box: Box, image: Image) -> tuple[int, int, int, int]:
    height, width = image.shape[:2]
    left, top = int(box[0] * width), int(box[1] * height)
    return left, top, max(left + 1, int(box[2] * width)), max(top + 1, int(box[3] * height))


def _framed(image: Image, box: Box) -> Image:
    left, top, right, bottom = _pixels(box, image)
    line = max(2, image.shape[1] // 400)
    drawn = image.copy()
    cv2.rectangle(drawn, (left, top), (right, bottom), (0, 0, 230), line)
    return drawn


def _close_up(image: Image, box: Box) -> Image:
    left, top, right, bottom = _pixels(box, image)
    more_x = int((right - left) * (CLOSE - 1) / 2)
    more_y = int((bottom - top) * (CLOSE - 1) / 2)
    height, width = image.shape[:2]
    return image[
        max(0, top - more_y) : min(height, bottom + more_y),
        max(0, left - more_x) : min(width, right + more_x),
    ]
