"""The pictures that prove a finding: the original untouched, all others drawn on the masked one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import cv2

from cases.masking import hide
from cases.views import EvidenceKind
from detector.types import Box, Detection, Finding, Image, Look, Photo

# The review desk uses the same colours.
CLASS_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "spill": "#e8590c",
        "stacked_goods": "#9c36b5",
        "stall": "#1971c2",
        "litter": "#e03131",
        "overflowing_bin": "#f08c00",
    }
)
_OTHER_COLOUR = "#495057"

_JPEG_QUALITY = 88
_MASKED_LONG_SIDE = 4096
_ANNOTATED_LONG_SIDE = 1920
_CLOSEUP_LONG_SIDE = 1280
_CLOSEUP_SHORT_SIDE = 320
_CLOSEUP_PADDING = 0.5  # of the box's longer side, on every side


@dataclass(frozen=True)
class Picture:
    """One encoded picture; ``width``/``height`` in pixels, upright."""

    kind: EvidenceKind
    data: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Drawn:
    """The pictures of one photo: shared by all findings, and (annotated, close-up) for each."""

    original: Picture
    masked: Picture
    findings: tuple[tuple[Picture, Picture], ...]

    def of(self, finding: int) -> tuple[Picture, Picture, Picture, Picture]:
        """Original, annotated, close-up and masked of the finding with this index."""
        annotated, closeup = self.findings[finding]
        return (self.original, annotated, closeup, self.masked)


def draw(photo: Photo, data: bytes, look: Look, findings: Sequence[Finding]) -> Drawn:
    """All evidence pictures of ``photo``, whose file is ``data``. The same input, the same bytes.

    Masked: the whole picture, the longer side at most 4096 px. Annotated: all boxes of the
    finding with a coloured tag, the longer side at most 1920 px. Close-up: the finding with room
    around it, the shorter side 320 px or more.
    """
    scale = min(1.0, _MASKED_LONG_SIDE / max(photo.image.shape[:2]))
    hidden = _resized(photo.image, scale)
    hide(hidden, (_moved(detection, 0, 0, scale) for detection in look.detections))
    return Drawn(
        original=Picture("original", data, photo.media_type, photo.width, photo.height),
        masked=_encode("masked", hidden),
        findings=tuple(
            (_annotated(hidden, finding, scale), _closeup(photo.image, look, finding))
            for finding in findings
        ),
    )


def _annotated(hidden: Image, finding: Finding, hidden_scale: float) -> Picture:
    canvas, scale = _shrunk(hidden, _ANNOTATED_LONG_SIDE)
    scale *= hidden_scale
    boxes = [_scaled(member.box, scale) for member in finding.members]
    line = max(2, round(max(canvas.shape[:2]) / 400))
    for box in boxes:
        _frame(canvas, box, _bgr(finding.label), max(1, line // 2))
    whole = _scaled(finding.box, scale)
    _frame(canvas, whole, _bgr(finding.label), line)
    _tag(canvas, whole, f"{finding.label} {finding.confidence:.2f}", _bgr(finding.label))
    return _encode("annotated", canvas)


def _closeup(image: Image, look: Look, finding: Finding) -> Picture:
    left, top, right, bottom = closeup_area(finding.box, image.shape[1], image.shape[0])
    part = image[top:bottom, left:right]
    short, long = sorted(part.shape[:2])
    scale = max(1.0, _CLOSEUP_SHORT_SIDE / short)
    if long * scale > _CLOSEUP_LONG_SIDE:
        scale = max(_CLOSEUP_LONG_SIDE / long, _CLOSEUP_SHORT_SIDE / short)
    # Made smaller before masking (less memory), larger after it (no finer blocks).
    smaller = min(1.0, scale)
    canvas = _resized(part, smaller)
    hide(canvas, (_moved(detection, left, top, smaller) for detection in look.detections))
    if scale > 1:
        canvas = _resized(canvas, scale)
    box = _moved(Detection(finding.label, finding.confidence, finding.box), left, top, scale).box
    _frame(canvas, box, _bgr(finding.label), 2)
    return _encode("closeup", canvas)


def closeup_area(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """The part of a ``width`` x ``height`` picture shown in the close-up: xyxy whole pixels.

    The box with half its longer side around it, at least 320 px each way where the picture has
    them.
    """
    padding = _CLOSEUP_PADDING * max(box[2] - box[0], box[3] - box[1])
    left, right = _span(box[0] - padding, box[2] + padding, width)
    top, bottom = _span(box[1] - padding, box[3] + padding, height)
    return left, top, right, bottom


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    missing = max(0.0, _CLOSEUP_SHORT_SIDE - (high - low)) / 2
    start, end = round(low - missing), round(high + missing)
    if start < 0:
        start, end = 0, end - start
    if end > size:
        start, end = start - (end - size), size
    start = max(0, start)
    return start, max(start + 1, min(size, end))


def _shrunk(image: Image, long_side: int) -> tuple[Image, float]:
    scale = min(1.0, long_side / max(image.shape[:2]))
    return _resized(image, scale), scale


def _resized(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return image.copy()
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    result: Image = cv2.resize(image, size, interpolation=method)  # type: ignore[assignment]
    return result


def _scaled(box: Box, scale: float) -> Box:
    return (box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale)


def _moved(detection: Detection, left: float, top: float, scale: float) -> Detection:
    """The detection in a picture cut out at ``left``, ``top`` and then resized."""
    x1, y1, x2, y2 = detection.box
    box = _scaled((x1 - left, y1 - top, x2 - left, y2 - top), scale)
    return Detection(detection.label, detection.confidence, box)


def _frame(canvas: Image, box: Box, colour: tuple[int, int, int], line: int) -> None:
    left, top, right, bottom = (round(value) for value in box)
    cv2.rectangle(canvas, (left, top), (right, bottom), colour, line, cv2.LINE_AA)


def _tag(canvas: Image, box: Box, text: str, colour: tuple[int, int, int]) -> None:
    """A filled tag with ``text`` above the box, or inside it at the picture's upper edge."""
    size = max(0.5, max(canvas.shape[:2]) / 1600)
    thick = max(1, round(size * 1.6))
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
    pad = max(3, height // 3)
    left = min(max(0, round(box[0])), max(0, canvas.shape[1] - width - 2 * pad))
    tall = height + base + 2 * pad
    top = round(box[1]) - tall
    if top < 0:
        top = max(0, round(box[1]))
    cv2.rectangle(canvas, (left, top), (left + width + 2 * pad, top + tall), colour, cv2.FILLED)
    cv2.putText(
        canvas,
        text,
        (left + pad, top + pad + height),
        cv2.FONT_HERSHEY_SIMPLEX,
        size,
        (255, 255, 255),
        thick,
        cv2.LINE_AA,
    )


def _bgr(label: str) -> tuple[int, int, int]:
    value = CLASS_COLOURS.get(label, _OTHER_COLOUR)
    return int(value[5:7], 16), int(value[3:5], 16), int(value[1:3], 16)


def _encode(kind: EvidenceKind, image: Image) -> Picture:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise RuntimeError(f"the {kind} picture of {image.shape} could not be encoded")
    return Picture(kind, data.tobytes(), "image/jpeg", image.shape[1], image.shape[0])
