"""A simulated street: labelled pictures whose labels only a simulated reviewer may see."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select

from cases.actors import Actor, Role
from cases.database import Database
from cases.filing import file_photo
from cases.policy import FilingPolicy
from cases.review import decide
from cases.store import EvidenceStore
from cases.tables import LeadRow, PhotoRow, SightingRow
from datasets.classes import CLASSES, ISSUE_CLASSES
from datasets.manifest import COLUMNS, Picture
from datasets.reviews import ReviewedBox, ReviewedPicture
from datasets.yolo import Label, read_labels
from detector.detect import Detector
from detector.inspect import inspect_photo
from detector.photo import read_photo
from detector.types import Box, Look, Photo
from patrol.review_samples import overlap

REVIEWER: Final = Actor(name="simulated reviewer", role=Role.REVIEWER)
SAME: Final = 0.4
"""Overlap from which a reviewer takes a box for the thing that is labelled there."""

BEGIN: Final = datetime(2026, 5, 4, tzinfo=UTC)
WEEKS: Final = 8


@dataclass(frozen=True)
class Shares:
    """Training pictures parted in two: what the first model learns from, and the street."""

    start: tuple[Picture, ...]
    street: tuple[Picture, ...]


def part(pictures: Sequence[Picture], weak: str, *, keep: int, share: float, seed: int) -> Shares:
    """Part training pictures: ``keep`` pictures with the weak class and a ``share`` of the rest.

    What the first model does not get is the street.
    """
    number = CLASSES.index(weak)
    order = list(pictures)
    random.Random(seed).shuffle(order)  # noqa: S311 - repeatable, not secret
    shows = {one.file: _shows(one, number) for one in order}
    with_weak = [one for one in order if shows[one.file]]
    others = [one for one in order if not shows[one.file]]
    count = round(share * len(others))
    street = with_weak[keep:] + others[count:]
    random.Random(seed + 1).shuffle(street)  # noqa: S311
    return Shares((*with_weak[:keep], *others[:count]), tuple(street))


def write_data(root: Path, source: Path, pictures: Sequence[Picture]) -> Path:
    """A data folder with these pictures alone: a list of its own, the files those of ``source``."""
    root.mkdir(parents=True, exist_ok=True)
    for name in sorted({one.source for one in pictures}):
        link = root / name
        if not link.exists():
            link.symlink_to((source / name).resolve(), target_is_directory=True)
    with (root / "manifest.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(
            (
                one.source, one.file, one.split, one.use, one.licence, one.site, one.view,
                one.width, one.height, one.boxes,
            )
            for one in pictures
        )  # fmt: skip
    return root


def patrol_street(
    db: Database,
    store: EvidenceStore,
    detector: Detector,
    street: Sequence[Picture],
    *,
    leads: int,
    threads: int = 2,
) -> dict[str, Picture]:
    """Let the model find leads on the street, as `patrol scan` does, until there are enough.

    Returns the pictures looked at by the SHA-256 of their bytes.
    """
    policy = FilingPolicy(detector.card.review_thresholds)
    step = timedelta(weeks=WEEKS) / max(len(street), 1)
    looked: dict[str, Picture] = {}
    found = 0

    def inspect(picture: Picture) -> tuple[Picture, bytes, Photo, Look]:
        data = picture.image.read_bytes()
        photo = read_photo(data)
        return picture, data, photo, inspect_photo(detector, photo, source=picture.file)

    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(street), 16):
            if found >= leads:
                break
            for picture, data, photo, look in pool.map(inspect, street[start : start + 16]):
                looked[photo.sha256] = picture
                filed = file_photo(
                    db,
                    store,
                    photo=photo,
                    data=data,
                    look=look,
                    policy=policy,
                    filename=picture.file,
                    channel="scan",
                    captured_at=BEGIN + len(looked) * step,
                    place_text=f"{picture.source}/{picture.site}",
                )
                found += 0 if filed.duplicate else len(filed.lead_ids)
    return looked


@dataclass(frozen=True)
class Reviewed:
    """What the simulated reviewer did; ``wrong`` decisions are its own mistakes."""

    confirmed: int = 0
    corrected: int = 0
    rejected: int = 0
    wrong: int = 0


def review_leads(
    db: Database, hidden: dict[str, Picture], *, most: int, error: float, seed: int
) -> Reviewed:
    """Decide the leads in their order, by the hidden labels; ``error`` (0..1) are decided wrongly.

    A lead is right where at least half of its boxes lie on labelled things of its class, and
    corrected where they lie on things of another class. A mistake confirms what is not there, or
    rejects what is. Only whole pictures are decided: no lead of one is left over.
    """
    rng = random.Random(seed)  # noqa: S311
    confirmed = corrected = rejected = wrong = 0
    for photo_id, lead_ids in _leads_by_photo(db):
        if confirmed + corrected + rejected + len(lead_ids) > most:
            break
        for lead_id in lead_ids:
            label, real = _truth_of(db, photo_id, lead_id, hidden)
            mistaken = rng.random() < error
            wrong += mistaken
            if (real is None) != mistaken and real in (None, label):
                decide(db, lead_id, verdict="reject", actor=REVIEWER)
                rejected += 1
                continue
            given = label if mistaken or real is None else real
            decide(db, lead_id, verdict="confirm", label=given, actor=REVIEWER)
            corrected += given != label
            confirmed += given == label
    return Reviewed(confirmed, corrected, rejected, wrong)


def look_through(
    street: Sequence[Picture], *, count: int, error: float, seed: int
) -> list[ReviewedPicture]:
    """Pictures drawn at random whatever the model said, with all a person marks in them.

    ``error`` of the labelled boxes are overlooked.
    """
    rng = random.Random(seed)  # noqa: S311
    drawn = rng.sample(list(street), min(count, len(street)))
    result = []
    for picture in drawn:
        photo = read_photo(picture.image.read_bytes())
        boxes = tuple(
            ReviewedBox(
                box=_box_of(one, photo.width, photo.height),
                model_label=None,
                label=CLASSES[one.class_id],
                verdict="confirm",
            )
            for one in read_labels(picture.label)
            if rng.random() >= error
        )
        result.append(
            ReviewedPicture(
                sha256=photo.sha256,
                image=picture.image,
                width=photo.width,
                height=photo.height,
                site=f"{picture.source}/{picture.site}",
                captured_at=BEGIN,
                boxes=boxes,
                kind="sample",
                looked_through=True,
            )
        )
    return result


def _shows(picture: Picture, number: int) -> bool:
    return any(one.class_id == number for one in read_labels(picture.label))


def _leads_by_photo(db: Database) -> list[tuple[int, list[int]]]:
    with db.session() as session:
        rows = session.execute(
            select(SightingRow.photo_id, SightingRow.lead_id)
            .join(LeadRow, LeadRow.id == SightingRow.lead_id)
            .where(LeadRow.decision.is_(None))
            .order_by(SightingRow.photo_id, SightingRow.finding)
        ).all()
    photos: dict[int, list[int]] = {}
    for photo_id, lead_id in rows:
        photos.setdefault(photo_id, []).append(lead_id)
    return list(photos.items())


def _truth_of(
    db: Database, photo_id: int, lead_id: int, hidden: dict[str, Picture]
) -> tuple[str, str | None]:
    """The lead's class, and what is really there: that class, another one, or nothing."""
    with db.session() as session:
        photo = session.get_one(PhotoRow, photo_id)
        sighting = session.scalars(
            select(SightingRow).where(
                SightingRow.photo_id == photo_id, SightingRow.lead_id == lead_id
            )
        ).one()
        picture = hidden[photo.sha256]
        boxes = [tuple(box) for box in sighting.boxes]
        size, label = (photo.width, photo.height), sighting.label
    things = [(CLASSES[one.class_id], _box_of(one, *size)) for one in read_labels(picture.label)]
    votes = [_real(box, label, things) for box in boxes]
    for name in (label, *ISSUE_CLASSES):
        if 2 * votes.count(name) >= len(votes):
            return label, name
    return label, None


def _real(box: tuple[float, ...], label: str, things: Sequence[tuple[str, Box]]) -> str | None:
    left, top, right, bottom = box
    near = [
        name
        for name, other in things
        if name in ISSUE_CLASSES and overlap((left, top, right, bottom), other) >= SAME
    ]
    return label if label in near else next(iter(near), None)


def _box_of(label: Label, width: int, height: int) -> Box:
    x1, y1, x2, y2 = label.corners()
    return (
        max(x1, 0.0) * width,
        max(y1, 0.0) * height,
        min(x2, 1.0) * width,
        min(y2, 1.0) * height,
    )
