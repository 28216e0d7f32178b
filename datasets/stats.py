"""Counts of pictures and boxes by source, class, split and licence, to see what the data is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from datasets.classes import CLASSES
from datasets.manifest import Picture
from datasets.yolo import read_labels


@dataclass(frozen=True)
class SourceStats:
    """One source and split: counts, boxes by class, and how large its boxes are.

    ``median_side`` is the median of sqrt(w*h) of the boxes as a fraction of the picture's side
    (so 0.05 is 32 px at 640 px); None without boxes.
    """

    source: str
    split: str
    use: str
    licence: str
    pictures: int
    sites: int
    empty: int
    boxes: dict[str, int]
    median_side: float | None


def source_stats(pictures: Sequence[Picture]) -> list[SourceStats]:
    """One row for each source, split and use, in the order met."""
    groups: dict[tuple[str, str, str], list[Picture]] = {}
    for picture in pictures:
        groups.setdefault((picture.source, picture.split, picture.use), []).append(picture)
    return [_row(group) for group in groups.values()]


def _row(group: Sequence[Picture]) -> SourceStats:
    boxes: Counter[str] = Counter()
    sides = []
    empty = 0
    for picture in group:
        labels = read_labels(picture.label)
        empty += not labels
        for label in labels:
            boxes[CLASSES[label.class_id]] += 1
            sides.append((label.box[2] * label.box[3]) ** 0.5)
    return SourceStats(
        source=group[0].source,
        split=group[0].split,
        use=group[0].use,
        licence=group[0].licence,
        pictures=len(group),
        sites=len({one.site for one in group}),
        empty=empty,
        boxes={name: boxes[name] for name in CLASSES if boxes[name]},
        median_side=round(median(sides), 4) if sides else None,
    )
