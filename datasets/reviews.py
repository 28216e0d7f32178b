"""Turn reviewers' decisions into training pictures, so that each review helps the next model."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import cv2
import numpy as np

from datasets.classes import CLASSES
from datasets.manifest import COLUMNS, assign_split, write_manifest
from datasets.yolo import DatasetError, Label, write_labels

Verdict = Literal["confirm", "reject", "undecided"]
Kind = Literal["leads", "sample"]

SOURCE: Final = "reviews"
LICENCE: Final = "own pictures"
LONGEST: Final = 1280
SAME: Final = 0.5
"""Overlap from which a bin the model saw is the thing a reviewer confirmed under another name."""
_KEYS: Final = frozenset(
    {"sha256", "image", "width", "height", "site", "captured_at", "kind", "looked_through", "boxes"}
)
_BOX_KEYS: Final = frozenset({"box", "model_label", "label", "verdict", "confidence"})


@dataclass(frozen=True)
class ReviewedBox:
    """One box put before a reviewer, or drawn by one.

    ``box`` is xyxy in pixels of the upright picture; ``model_label`` what the model said (None for
    a thing it missed and a person drew), ``label`` what it is by the review.
    """

    box: tuple[float, float, float, float]
    model_label: str | None
    label: str
    verdict: Verdict
    confidence: float | None = None


@dataclass(frozen=True)
class ReviewedPicture:
    """One picture with all its reviewed boxes; ``image`` is a file that can be decoded.

    ``kind`` "leads": it came up because the model found something; "sample": it was drawn at random
    to learn what the model misses, and counts once ``looked_through`` by a person. ``site`` is the
    camera or place: all pictures of a site share a split. ``width``, ``height``: upright pixels.
    ``unasked`` are boxes of a class no reviewer is asked about (bins), as the model saw them:
    (class, box); without them training would take such things for background.
    """

    sha256: str
    image: Path
    width: int
    height: int
    site: str
    captured_at: datetime | None
    boxes: tuple[ReviewedBox, ...]
    kind: Kind = "leads"
    looked_through: bool = False
    unasked: tuple[tuple[str, tuple[float, float, float, float]], ...] = ()

    def __post_init__(self) -> None:
        if self.captured_at is not None and self.captured_at.utcoffset() is None:
            raise DatasetError(f"{self.image}: captured_at has no time zone")
        if not self.site:
            raise DatasetError(f"{self.image}: site is empty")
        for one in self.boxes:
            x1, y1, x2, y2 = one.box
            if not (0 <= x1 < x2 <= self.width and 0 <= y1 < y2 <= self.height):
                raise DatasetError(
                    f"{self.image}: box {one.box} is not within {self.width}x{self.height}"
                )
            for label in (one.label, one.model_label or one.label):
                if label not in CLASSES:
                    raise DatasetError(f"{self.image}: {label!r} is not a class")
        for label, (x1, y1, x2, y2) in self.unasked:
            if label not in CLASSES or not (
                0 <= x1 < x2 <= self.width and 0 <= y1 < y2 <= self.height
            ):
                raise DatasetError(f"{self.image}: {label} at {(x1, y1, x2, y2)} cannot be")


@dataclass(frozen=True)
class Exported:
    """What an export holds: pictures per split, boxes per class, and what was left out."""

    pictures: dict[str, int]
    boxes: dict[str, int]
    corrected: int
    hard_negatives: int
    undecided: int
    to_look_through: int


def export_reviews(
    pictures: Iterable[ReviewedPicture],
    folder: Path,
    *,
    source: str = SOURCE,
    val_share: float = 0.2,
    longest: int = LONGEST,
) -> Exported:
    """Write reviewed pictures as one source of training data: a folder with ``manifest.csv``.

    Confirmed boxes become labels under the class the reviewer gave; rejected boxes stay unlabelled,
    so a picture with rejected boxes alone is a hard negative (``rejected.jsonl`` lists the boxes).
    A picture with an undecided lead is left out: an unlabelled box in it would teach a lie. Sampled
    pictures join once looked through; the others are listed in ``to_look_through.csv``. Pictures
    are taken one by one and written anew as JPEG without metadata, at most ``longest`` pixels long.
    The split follows from the site (``assign_split``), so a site never changes sides from one
    export to the next.

    Raises:
        DatasetError: ``folder`` holds something already, a picture twice or one that is none.
    """
    if folder.exists() and any(folder.iterdir()):
        raise DatasetError(f"{folder}: expected a new or empty folder")
    images, labels = folder / source / "images", folder / source / "labels"
    images.mkdir(parents=True)
    labels.mkdir(parents=True)
    rows: list[dict[str, object]] = []
    waiting: list[ReviewedPicture] = []
    rejected: list[dict[str, object]] = []
    seen: set[str] = set()
    splits: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    corrected = negatives = undecided = 0
    for picture in pictures:
        if picture.sha256 in seen:
            raise DatasetError(f"{picture.image}: picture {picture.sha256[:12]} is given twice")
        seen.add(picture.sha256)
        if picture.kind == "sample" and not picture.looked_through:
            waiting.append(picture)
            continue
        if any(one.verdict == "undecided" for one in picture.boxes):
            undecided += 1
            continue
        confirmed = [one for one in picture.boxes if one.verdict == "confirm"]
        name = picture.sha256[:20]
        size = _write_picture(picture, images / f"{name}.jpg", longest)
        write_labels(labels / f"{name}.txt", _labels(picture, confirmed))
        file = f"{source}/images/{name}.jpg"
        split = assign_split(source, picture.site, val_share=val_share)
        rows.append(
            dict(zip(COLUMNS, (source, file, split, split, LICENCE, picture.site, picture.kind,
                               *size, len(confirmed)), strict=True))
        )  # fmt: skip
        for one in picture.boxes:
            if one.verdict == "reject":
                fractions = [round(v, 6) for v in _fractions(picture, one.box)]
                rejected.append({"file": file, "class": one.model_label, "box": fractions,
                                 "confidence": one.confidence})  # fmt: skip
        splits[split] += 1
        kinds.update(one.label for one in confirmed)
        corrected += sum(one.model_label not in (None, one.label) for one in confirmed)
        negatives += not confirmed
    write_manifest(folder, sorted(rows, key=lambda row: str(row["file"])))
    with (folder / "to_look_through.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(("sha256", "image", "site"))
        table.writerows((one.sha256, str(one.image), one.site) for one in waiting)
    (folder / "rejected.jsonl").write_text(
        "".join(json.dumps(one) + "\n" for one in rejected), encoding="utf-8"
    )
    return Exported(
        pictures=dict(splits),
        boxes=dict(kinds),
        corrected=corrected,
        hard_negatives=negatives,
        undecided=undecided,
        to_look_through=len(waiting),
    )


def read_reviewed(path: Path) -> tuple[ReviewedPicture, ...]:
    """Read reviewed pictures from JSON lines, one picture each, keys as in ``ReviewedPicture``.

    ``image`` is taken relative to the file's folder, ``captured_at`` is ISO 8601 with offset or
    null. Raises DatasetError naming the line and what is wrong with it.
    """
    pictures = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                pictures.append(_from_json(json.loads(line), path.parent))
            except (ValueError, TypeError, KeyError) as error:
                raise DatasetError(f"{path}:{number}: {error}") from error
    return tuple(pictures)


def _from_json(values: Mapping[str, Any], folder: Path) -> ReviewedPicture:
    _check_keys(values, _KEYS, optional={"kind", "looked_through"})
    at = values["captured_at"]
    boxes = []
    for one in values["boxes"]:
        _check_keys(one, _BOX_KEYS, optional={"confidence"})
        if one["verdict"] not in ("confirm", "reject", "undecided"):
            raise ValueError(
                f"verdict must be confirm, reject or undecided, got {one['verdict']!r}"
            )
        x1, y1, x2, y2 = (float(value) for value in one["box"])
        boxes.append(ReviewedBox(**{**one, "box": (x1, y1, x2, y2)}))
    if values.get("kind", "leads") not in ("leads", "sample"):
        raise ValueError(f"kind must be leads or sample, got {values['kind']!r}")
    return ReviewedPicture(
        **{
            **values,
            "image": folder / values["image"],
            "captured_at": None if at is None else datetime.fromisoformat(at),
            "boxes": tuple(boxes),
        }
    )


def _check_keys(values: Mapping[str, Any], known: frozenset[str], *, optional: set[str]) -> None:
    missing = sorted(known - optional - set(values))
    strange = sorted(set(values) - known)
    if missing or strange:
        raise ValueError(f"keys missing: {missing}, keys not known: {strange}")


def _write_picture(picture: ReviewedPicture, path: Path, longest: int) -> tuple[int, int]:
    """Write the picture as JPEG without metadata; its width and height in pixels."""
    try:
        data = np.fromfile(picture.image, dtype=np.uint8)
    except OSError as error:
        raise DatasetError(f"{picture.image}: cannot be read ({error.strerror})") from error
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if image is None:
        raise DatasetError(f"{picture.image}: not a picture that can be decoded")
    height, width = image.shape[:2]
    if (width, height) != (picture.width, picture.height):
        raise DatasetError(
            f"{picture.image}: is {width}x{height}, its boxes are for "
            f"{picture.width}x{picture.height}"
        )
    scale = min(1.0, longest / max(width, height))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
    path.write_bytes(encoded.tobytes())
    return image.shape[1], image.shape[0]


def _fractions(
    picture: ReviewedPicture, box: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box
    return x1 / picture.width, y1 / picture.height, x2 / picture.width, y2 / picture.height


def _labels(picture: ReviewedPicture, confirmed: Sequence[ReviewedBox]) -> list[Label]:
    """What was confirmed, and what nobody was asked about where nothing confirmed covers it."""
    labels = [
        Label.from_corners(CLASSES.index(one.label), _fractions(picture, one.box))
        for one in confirmed
    ]
    for name, box in picture.unasked:
        if all(_overlap(box, one.box) < SAME for one in confirmed):
            labels.append(Label.from_corners(CLASSES.index(name), _fractions(picture, box)))
    return labels


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)
