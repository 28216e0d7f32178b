"""Pictures drawn at random and looked through by a person: only they tell what the model misses."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import cv2
import yaml

from datasets.classes import CLASSES, ISSUE_CLASSES
from datasets.reviews import ReviewedBox, ReviewedPicture
from datasets.yolo import DatasetError, Label, read_labels, write_labels
from detector.detect import Detector
from detector.inspect import inspect_photo
from detector.photo import PhotoError, PhotoLimits, read_photo
from detector.types import Box, Photo
from patrol.photo_files import PhotoFile, PhotoReader, ReadError
from patrol.reviews import UNASKED, UNASKED_FROM
from training.ledger import SampledIssue

ABOUT: Final = "sample.json"
DONE: Final = "looked_through.txt"
CAMERA: Final = "random sample"
"""What stands for the camera in the ledger of recall."""

SAME: Final = 0.5
"""Overlap from which a box a person left and one the model made are the same thing."""


@dataclass(frozen=True)
class Drawn:
    """How many pictures were drawn out of how many, and how many could not be read."""

    pictures: int
    of: int
    unreadable: int


def draw_sample(
    files: Sequence[PhotoFile],
    folder: Path,
    detector: Detector,
    *,
    count: int,
    seed: int,
    limits: PhotoLimits | None = None,
) -> Drawn:
    """Draw pictures at random, whatever the model says of them, and lay them out to be looked at.

    ``folder`` becomes a YOLO folder: ``images/``, ``labels/`` with what the model would report
    (a person corrects them with any tool for such labels), ``data.yaml`` with the classes, and
    ``looked_through.txt``, into which the person writes the names of the pictures that are done,
    or ``all``.

    Raises:
        DatasetError: ``folder`` holds something already, or no picture can be read.
    """
    if folder.exists() and any(folder.iterdir()):
        raise DatasetError(f"{folder}: expected a new or empty folder")
    images, labels = folder / "images", folder / "labels"
    order = list(files)
    random.Random(seed).shuffle(order)  # noqa: S311 - repeatable, not secret
    drawn: list[dict[str, Any]] = []
    seen: set[str] = set()
    unreadable = 0
    limits = limits or PhotoLimits()
    with PhotoReader(limits) as reader:
        for file in order:
            if len(drawn) >= count:
                break
            try:
                photo = read_photo(reader.read(file), limits=limits)
            except (ReadError, PhotoError):
                unreadable += 1
                continue
            if photo.sha256 not in seen:
                seen.add(photo.sha256)
                images.mkdir(parents=True, exist_ok=True)
                labels.mkdir(exist_ok=True)
                drawn.append(_lay_out(photo, file, detector, images, labels))
    if not drawn:
        raise DatasetError("no picture to draw from")
    (folder / "data.yaml").write_text(
        yaml.safe_dump({"names": dict(enumerate(CLASSES))}, sort_keys=False), encoding="utf-8"
    )
    (folder / DONE).write_text("", encoding="utf-8")
    about = {
        "model": detector.card.name,
        "model_sha256": detector.card.look_sha256,
        "drawn_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "of": len(order),
        "pictures": drawn,
    }
    (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
    return Drawn(len(drawn), len(order), unreadable)


def read_sample(folder: Path) -> tuple[ReviewedPicture, ...]:
    """The drawn pictures as reviews: what a person left is confirmed, what was removed rejected.

    Raises:
        DatasetError: the folder is no sample, or a label is broken.
    """
    done = _done(folder)
    return tuple(_reviewed(folder, one, done) for one in _about(folder)["pictures"])


def sampled_issues(folder: Path) -> tuple[SampledIssue, ...]:
    """Every true issue in the pictures looked through, and whether the model had found it."""
    return tuple(
        SampledIssue(
            label=box.label,
            camera=CAMERA,
            seen_at=picture.captured_at or _drawn_at(folder),
            found=box.model_label == box.label,
        )
        for picture in read_sample(folder)
        if picture.looked_through
        for box in picture.boxes
        if box.verdict == "confirm" and box.label in ISSUE_CLASSES
    )


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return both / (areas - both)


def _lay_out(
    photo: Photo, file: PhotoFile, detector: Detector, images: Path, labels: Path
) -> dict[str, Any]:
    name = photo.sha256[:20]
    limits = {UNASKED: UNASKED_FROM} | detector.card.review_thresholds
    found = [
        one
        for one in inspect_photo(detector, photo).detections
        if one.confidence >= limits.get(one.label, 2.0)
    ]
    cv2.imwrite(str(images / f"{name}.jpg"), photo.image, [cv2.IMWRITE_JPEG_QUALITY, 95])
    write_labels(labels / f"{name}.txt", [_label(one.label, one.box, photo) for one in found])
    return {
        "name": name,
        "sha256": photo.sha256,
        "file": file.shown,
        "site": _site(photo),
        "captured_at": photo.captured_at.isoformat() if photo.captured_at else None,
        "width": photo.width,
        "height": photo.height,
        "found": [asdict(one) for one in found],
    }


def _label(name: str, box: Box, photo: Photo) -> Label:
    x1, y1, x2, y2 = box
    shares = (
        max(x1 / photo.width, 0.0),
        max(y1 / photo.height, 0.0),
        min(x2 / photo.width, 1.0),
        min(y2 / photo.height, 1.0),
    )
    return Label.from_corners(CLASSES.index(name), shares)


def _site(photo: Photo) -> str:
    if photo.lat is not None and photo.lon is not None:
        return f"{photo.lat:.3f},{photo.lon:.3f}"
    return photo.sha256


def _reviewed(folder: Path, one: dict[str, Any], done: frozenset[str] | None) -> ReviewedPicture:
    width, height, name = one["width"], one["height"], one["name"]
    left = [_box(label, width, height) for label in read_labels(folder / f"labels/{name}.txt")]
    found = [(item["label"], tuple(item["box"]), item["confidence"]) for item in one["found"]]
    at = one["captured_at"]
    return ReviewedPicture(
        sha256=one["sha256"],
        image=folder / f"images/{name}.jpg",
        width=width,
        height=height,
        site=one["site"],
        captured_at=datetime.fromisoformat(at) if at else None,
        boxes=tuple(_judged(left, found, width, height)),
        kind="sample",
        looked_through=done is None or name in done,
    )


def _judged(
    left: list[tuple[str, Box]], found: list[tuple[str, Box, float]], width: int, height: int
) -> Iterator[ReviewedBox]:
    """What the person left, each with the model's box of the same place where there is one."""
    free = list(found)
    for label, box in left:
        same = [one for one in free if overlap(one[1], box) >= SAME]
        same.sort(key=lambda one: (one[0] == label, overlap(one[1], box)))
        match = same[-1] if same else None
        if match is not None:
            free.remove(match)
        yield ReviewedBox(
            box=box,
            model_label=match[0] if match else None,
            label=label,
            verdict="confirm",
            confidence=match[2] if match else None,
        )
    for label, (x1, y1, x2, y2), confidence in free:
        box = (max(x1, 0.0), max(y1, 0.0), min(x2, float(width)), min(y2, float(height)))
        if box[0] < box[2] and box[1] < box[3]:
            yield ReviewedBox(box, label, label, "reject", confidence)


def _box(label: Label, width: int, height: int) -> tuple[str, Box]:
    x1, y1, x2, y2 = label.corners()
    box = (
        max(x1, 0.0) * width,
        max(y1, 0.0) * height,
        min(x2, 1.0) * width,
        min(y2, 1.0) * height,
    )
    return CLASSES[label.class_id], box


def _about(folder: Path) -> dict[str, Any]:
    path = folder / ABOUT
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: expected what `patrol reviews sample` writes") from error
    return content


def _drawn_at(folder: Path) -> datetime:
    return datetime.fromisoformat(_about(folder)["drawn_at"])


def _done(folder: Path) -> frozenset[str] | None:
    """Names of the pictures looked through; None for all of them."""
    path = folder / DONE
    try:
        lines = path.read_text(encoding="utf-8").split()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror})") from error
    known = {one["name"] for one in _about(folder)["pictures"]}
    if lines == ["all"]:
        return None
    names = {Path(line).stem for line in lines}
    if names - known:
        raise DatasetError(f"{path}: not in the sample: {', '.join(sorted(names - known))}")
    return frozenset(names)
