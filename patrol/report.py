"""The page a scan leaves behind: thumbnails and findings, to look through without a server."""

from __future__ import annotations

import html
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

import cv2

from cases.evidence import CLASS_COLOURS
from cases.masking import masked
from detector.types import Box, Finding, Image, Look, Photo
from patrol.report_page import SCRIPT, STYLE

THUMBNAILS = "thumbs"
_LONG_SIDE = 480
_QUALITY = 82
_OTHER_COLOUR = "#495057"

LABELS: dict[str, tuple[str, str]] = {
    "spill": ("道路遗撒", "Spill"),
    "stacked_goods": ("乱堆物料", "Stacked goods"),
    "stall": ("占道经营", "Stall"),
    "litter": ("暴露垃圾", "Litter"),
    "overflowing_bin": ("垃圾箱满溢", "Overflowing bin"),
}
"""Issue classes as the page names them: Chinese, English."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One photo on the page; ``error`` is set for one that could not be read."""

    shown: str
    sha256: str | None
    width: int | None
    height: int | None
    captured_at: datetime | None
    findings: tuple[tuple[str, float], ...]
    error: str | None


class ReportFolder:
    """A folder with ``index.html`` and one thumbnail per photo, named by the photo's SHA-256."""

    def __init__(self, folder: Path, model: str, zone: tzinfo) -> None:
        self.folder = folder
        self._model = model
        self._zone = zone
        (folder / THUMBNAILS).mkdir(parents=True, exist_ok=True)

    def is_drawn(self, sha256: str) -> bool:
        """Whether this photo's thumbnail is there from this or an earlier run."""
        return self._thumbnail(sha256).is_file()

    def draw(self, photo: Photo, look: Look, findings: tuple[Finding, ...]) -> None:
        """Write the thumbnail: heads and plates masked, one coloured box per detection found."""
        image = thumbnail(photo.image, look, findings)
        done, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not done:
            raise OSError(f"the thumbnail of {photo.sha256} cannot be encoded")
        _write(self._thumbnail(photo.sha256), encoded.tobytes())

    def finish(self, entries: Iterable[Entry]) -> Path:
        """Write the page and return its path."""
        path = self.folder / "index.html"
        _write(path, page(list(entries), self._model, datetime.now(self._zone)).encode("utf-8"))
        return path

    def _thumbnail(self, sha256: str) -> Path:
        return self.folder / THUMBNAILS / f"{sha256[:32]}.jpg"


def thumbnail(image: Image, look: Look, findings: tuple[Finding, ...]) -> Image:
    """A masked small copy with the findings' boxes, uint8 BGR, longest side at most 480 px."""
    height, width = image.shape[:2]
    scale = min(_LONG_SIDE / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    canvas = masked(
        small,  # type: ignore[arg-type]
        (replace(one, box=_scaled(one.box, scale)) for one in look.detections),
    )
    for finding in findings:
        colour = _bgr(CLASS_COLOURS.get(finding.label, _OTHER_COLOUR))
        for member in finding.members:
            left, top, right, bottom = (round(value) for value in _scaled(member.box, scale))
            cv2.rectangle(canvas, (left, top), (right, bottom), colour, 2)
    return canvas


def page(entries: list[Entry], model: str, made_at: datetime) -> str:
    """The whole page as HTML; every text from outside is escaped.

    Times are shown in the zone of ``made_at`` (aware).
    """
    zone = made_at.tzinfo
    counts = Counter(label for entry in entries for label, _ in entry.findings)
    labels = [label for label in LABELS if counts[label]]
    labels += sorted(label for label in counts if label not in LABELS)
    chips = [_chip("all", ("全部", "All"), len(entries), None)]
    chips += [
        _chip(
            label,
            LABELS.get(label, (label, label)),
            sum(any(label == found for found, _ in entry.findings) for entry in entries),
            CLASS_COLOURS.get(label, _OTHER_COLOUR),
        )
        for label in labels
    ]
    clean = sum(not entry.findings and entry.error is None for entry in entries)
    wrong = sum(entry.error is not None for entry in entries)
    chips.append(_chip("clean", ("未发现问题", "Nothing found"), clean, None))
    if wrong:
        chips.append(_chip("error", ("无法读取", "Not readable"), wrong, None))
    cards = "\n".join(_card(entry, zone) for entry in entries)
    when = made_at.strftime("%Y-%m-%d %H:%M %Z")
    return f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>巡查照片报告 · Photo patrol report</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>{_both("巡查照片报告", "Photo patrol report")}</h1>
<p>{_both(f"{len(entries)} 张照片", f"{len(entries)} photos")} · {html.escape(model)} · {when}</p>
<p>{_both("疑似线索，须经人工复核。", "Suspected findings, to be reviewed by a person.")}</p>
<button type="button" id="language">中文 / English</button>
<nav>{"".join(chips)}</nav>
</header>
<main>
{cards}
</main>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _card(entry: Entry, zone: tzinfo | None) -> str:
    name = html.escape(entry.shown)
    kinds = sorted({label for label, _ in entry.findings})
    group = "error" if entry.error is not None else " ".join(kinds) or "clean"
    if entry.error is not None or entry.sha256 is None:
        picture = f'<div class="none">{html.escape(entry.error or "")}</div>'
    else:
        source = f"{THUMBNAILS}/{entry.sha256[:32]}.jpg"
        picture = f'<img loading="lazy" src="{source}" alt="{name}">'
    tags = "".join(
        f'<li style="--c:{CLASS_COLOURS.get(label, _OTHER_COLOUR)}">'
        f"{_both(*LABELS.get(label, (label, label)))} {confidence:.0%}</li>"
        for label, confidence in entry.findings
    )
    facts = [f"{entry.width}×{entry.height}"] if entry.width else []
    if entry.captured_at is not None:
        facts.append(entry.captured_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"))
    return (
        f'<figure data-group="{html.escape(group)}">{picture}<figcaption>'
        f'<b title="{name}">{name}</b><ul>{tags}</ul><small>{" · ".join(facts)}</small>'
        "</figcaption></figure>"
    )


def _chip(group: str, names: tuple[str, str], count: int, colour: str | None) -> str:
    style = f' style="--c:{colour}"' if colour else ""
    pressed = "true" if group == "all" else "false"
    return (
        f'<button type="button" data-show="{html.escape(group)}" aria-pressed="{pressed}"{style}>'
        f"{_both(*names)} <span>{count}</span></button>"
    )


def _both(chinese: str, english: str) -> str:
    return (
        f'<span lang="zh-CN">{html.escape(chinese)}</span>'
        f'<span lang="en">{html.escape(english)}</span>'
    )


def _scaled(box: Box, scale: float) -> Box:
    left, top, right, bottom = box
    return (left * scale, top * scale, right * scale, bottom * scale)


def _bgr(colour: str) -> tuple[int, int, int]:
    return int(colour[5:7], 16), int(colour[3:5], 16), int(colour[1:3], 16)


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)
