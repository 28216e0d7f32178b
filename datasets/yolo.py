"""Labels in YOLO text form, read strictly, so that one bad line is found before a training run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from datasets.classes import CLASSES


class DatasetError(ValueError):
    """Labelled data is not what was expected; the message names the file and the fault."""


@dataclass(frozen=True)
class Label:
    """One labelled box.

    ``class_id`` indexes ``datasets.classes.CLASSES``; ``box`` is (centre x, centre y, width,
    height) as fractions 0..1 of the upright picture.
    """

    class_id: int
    box: tuple[float, float, float, float]

    def corners(self) -> tuple[float, float, float, float]:
        """Corners (x1, y1, x2, y2) as fractions of the picture."""
        x, y, w, h = self.box
        return x - w / 2, y - h / 2, x + w / 2, y + h / 2

    @staticmethod
    def from_corners(class_id: int, corners: tuple[float, float, float, float]) -> Label:
        """Build a label from corners (x1, y1, x2, y2) given as fractions of the picture."""
        x1, y1, x2, y2 = corners
        return Label(class_id, ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1))


def read_labels(path: Path, *, classes: int = len(CLASSES)) -> tuple[Label, ...]:
    """Read one label file; an empty file means a picture with nothing in it.

    Raises:
        DatasetError: the file is missing or a line is malformed, of an unknown class, or
            outside 0..1.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{path}: label file cannot be read ({error.strerror})") from error
    labels = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        labels.append(_parse(line, classes, f"{path}:{number}"))
    return tuple(labels)


def write_labels(path: Path, labels: Iterable[Label]) -> None:
    """Write one label file, six decimals a number."""
    lines = [f"{one.class_id} " + " ".join(f"{v:.6f}" for v in one.box) for one in labels]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _parse(line: str, classes: int, where: str) -> Label:
    fields = line.split()
    if len(fields) != 5:
        raise DatasetError(f"{where}: expected `class x y w h`, found {len(fields)} fields")
    try:
        class_id = int(fields[0])
        x, y, w, h = (float(field) for field in fields[1:])
    except ValueError as error:
        raise DatasetError(f"{where}: not a number ({error})") from error
    if not 0 <= class_id < classes:
        raise DatasetError(f"{where}: class {class_id} is not one of 0..{classes - 1}")
    if not (0 <= x <= 1 and 0 <= y <= 1 and 0 < w <= 1 and 0 < h <= 1):
        raise DatasetError(f"{where}: box {(x, y, w, h)} lies outside 0..1")
    return Label(class_id, (x, y, w, h))
