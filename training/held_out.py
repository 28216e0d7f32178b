"""The pictures a model is measured on, and looking at them, apart from how the figures are made."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import yaml

from datasets.classes import CLASSES, ISSUE_CLASSES
from datasets.yolo import DatasetError, Label, read_labels
from detector.types import Detection, Image
from training.metrics import Sample

Predict = Callable[[Sequence[Image]], Sequence[tuple[Detection, ...]]]
"""Pictures (uint8 HxWx3 BGR) to detections in pixels of each picture, down to low confidences."""

PICTURE_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class HeldPicture:
    """One picture to measure on; ``group`` is its site or camera view, labels are fractions.

    ``measure_only`` pictures may be measured on, but nothing that is released is fitted to them.
    """

    file: str
    source: str
    group: str
    image: Path
    labels: tuple[Label, ...]
    measure_only: bool = False


@dataclass(frozen=True)
class HeldOut:
    """Pictures to measure on.

    ``labelled`` says for each source which class ids its labels cover; ``clean`` are the sources
    that show nothing to report, in which every issue detection is a false alarm.
    """

    root: Path
    pictures: tuple[HeldPicture, ...]
    labelled: Mapping[str, frozenset[int]]
    clean: frozenset[str]

    def sha256(self) -> str:
        """Hash over names and labels of the pictures, to tell two test sets apart."""
        total = hashlib.sha256()
        for picture in sorted(self.pictures, key=lambda one: one.file):
            lines = [f"{one.class_id} {one.box}" for one in picture.labels]
            total.update(f"{picture.file}|{'|'.join(lines)}\n".encode())
        return total.hexdigest()


def read_held_out(
    root: Path,
    *,
    split: str = "val",
    sources: Collection[str] = (),
    labelled: Mapping[str, Collection[str]] | None = None,
) -> HeldOut:
    """Read a folder with ``manifest.csv``, or a YOLO folder with ``images/`` and ``labels/``.

    ``split`` is a split of the manifest or ``all`` (a YOLO folder has no splits and is always read
    whole); ``sources`` keeps these alone. The classes a source labels are those that occur
    anywhere in its labels, in any split; ``labelled`` (source -> class names) overrules that. A
    source without any box counts as clean: its pictures show no issue at all.

    Raises:
        DatasetError: nothing to read there, an unknown source or class name, or a broken file.
    """
    if (root / "manifest.csv").is_file():
        pictures, occurring = _from_manifest(root, split)
    elif (root / "images").is_dir():
        pictures, occurring = _from_yolo(root)
    else:
        raise DatasetError(f"{root}: expected manifest.csv, or folders images/ and labels/")
    known = {picture.source for picture in pictures}
    for name in (*sources, *(labelled or {})):
        if name not in known:
            raise DatasetError(f"{root}: no source {name!r}; there are {', '.join(sorted(known))}")
    kept = tuple(one for one in pictures if not sources or one.source in sources)
    issues = frozenset(range(len(ISSUE_CLASSES)))
    chosen = {source: occurring[source] or issues for source in {one.source for one in kept}}
    for source, names in (labelled or {}).items():
        if source in chosen:
            chosen[source] = frozenset(_class_id(name, f"labelled[{source}]") for name in names)
    clean = frozenset(source for source in chosen if not occurring[source])
    return HeldOut(root=root, pictures=kept, labelled=chosen, clean=clean)


def look_at(
    predict: Predict,
    held: HeldOut,
    *,
    batch: int = 8,
    progress: Callable[[int], None] | None = None,
) -> list[Sample]:
    """Let ``predict`` look at every picture; ``progress`` is told how many more are done.

    Raises:
        DatasetError: a picture cannot be decoded, or the detector names an unknown class.
    """
    samples: list[Sample] = []
    for start in range(0, len(held.pictures), batch):
        part = held.pictures[start : start + batch]
        images = [read_image(picture.image) for picture in part]
        found = predict(images)
        if len(found) != len(images):
            raise DatasetError(f"the detector answered {len(found)} of {len(images)} pictures")
        for picture, image, detections in zip(part, images, found, strict=True):
            samples.append(
                sample_of(picture, held.labelled[picture.source], image.shape, detections)
            )
        if progress:
            progress(len(part))
    return samples


def sample_of(
    picture: HeldPicture,
    labelled: frozenset[int],
    shape: tuple[int, ...],
    detections: Sequence[Detection],
) -> Sample:
    """Truth and detections of one picture of ``shape`` (height, width, ...) side by side."""
    scale = np.array([shape[1], shape[0], shape[1], shape[0]], dtype=np.float64)
    corners = np.array([one.corners() for one in picture.labels], dtype=np.float64)
    return Sample(
        key=picture.file,
        source=picture.source,
        group=picture.group,
        truth_boxes=corners.reshape(-1, 4) * scale,
        truth_classes=np.array([one.class_id for one in picture.labels], dtype=np.int64),
        found_boxes=np.array([one.box for one in detections], dtype=np.float64).reshape(-1, 4),
        found_scores=np.array([one.confidence for one in detections], dtype=np.float64),
        found_classes=np.array(
            [_class_id(one.label, picture.file) for one in detections], dtype=np.int64
        ),
        labelled=labelled,
    )


def read_image(path: Path) -> Image:
    """Decode one picture upright: uint8 HxWx3 BGR; DatasetError when it is none."""
    image = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise DatasetError(f"{path}: not a picture that can be decoded")
    return image.astype(np.uint8, copy=False)


def write_found(path: Path, samples: Iterable[Sample], about: Mapping[str, object]) -> None:
    """Keep what was found as JSON lines, first ``about``, so figures can be remade without looking.

    Each line: ``{"file", "boxes": [[x1, y1, x2, y2]..], "scores": [..], "classes": [names]}``.
    """
    with path.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps({"about": dict(about)}) + "\n")
        for sample in samples:
            line = {
                "file": sample.key,
                "truth": [[round(v, 3) for v in box] for box in sample.truth_boxes.tolist()],
                "boxes": [[round(v, 3) for v in box] for box in sample.found_boxes.tolist()],
                "scores": sample.found_scores.tolist(),
                "classes": [CLASSES[index] for index in sample.found_classes],
            }
            stream.write(json.dumps(line) + "\n")


def read_found(path: Path, held: HeldOut) -> tuple[list[Sample], dict[str, object]]:
    """Read ``write_found``'s file back for the same pictures; also what was said ``about`` it.

    Raises:
        DatasetError: a picture of ``held`` is not in the file, or its labels have changed.
    """
    with path.open(encoding="utf-8") as stream:
        first = json.loads(stream.readline() or "{}")
        lines = {line["file"]: line for line in map(json.loads, stream)}
    if "about" not in first:
        raise DatasetError(f"{path}: the first line must be what `patrol eval --found` writes")
    samples = []
    for picture in held.pictures:
        line = lines.get(picture.file)
        if line is None:
            raise DatasetError(f"{path}: holds nothing about {picture.file}")
        if len(line["truth"]) != len(picture.labels):
            raise DatasetError(f"{path}: {picture.file} has other labels now; look at it again")
        samples.append(
            Sample(
                key=picture.file,
                source=picture.source,
                group=picture.group,
                truth_boxes=np.array(line["truth"], dtype=np.float64).reshape(-1, 4),
                truth_classes=np.array([one.class_id for one in picture.labels], dtype=np.int64),
                found_boxes=np.array(line["boxes"], dtype=np.float64).reshape(-1, 4),
                found_scores=np.array(line["scores"], dtype=np.float64),
                found_classes=np.array(
                    [_class_id(name, picture.file) for name in line["classes"]], dtype=np.int64
                ),
                labelled=held.labelled[picture.source],
            )
        )
    return samples, first["about"]


def _from_manifest(root: Path, split: str) -> tuple[list[HeldPicture], dict[str, frozenset[int]]]:
    """Only ``source`` and ``file`` must be there: test sets of others rarely say more.

    A file listed by several rows counts once. Without a column ``split`` all rows are held out.
    """
    path = root / "manifest.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        for name in ("source", "file"):
            if name not in (reader.fieldnames or ()):
                raise DatasetError(f"{path}: column {name!r} is missing")
        rows = {row["file"]: row for row in reader}
    occurring: dict[str, frozenset[int]] = {}
    pictures, splits = [], set()
    for file, row in rows.items():
        image = root / file
        if not file or Path(file).is_absolute() or ".." in Path(file).parts:
            raise DatasetError(f"{path}: file {file!r} leads outside the folder")
        if not image.is_file():
            raise DatasetError(f"{path}: picture {file!r} does not exist")
        if image.parent.name != "images":
            raise DatasetError(f"{path}: file {file!r} is not in a folder called `images`")
        label = image.parent.parent / "labels" / f"{image.stem}.txt"
        labels = () if row.get("boxes") == "0" and not label.exists() else read_labels(label)
        classes = frozenset(one.class_id for one in labels)
        source = row["source"]
        occurring[source] = occurring.get(source, frozenset()) | classes
        splits.add(row.get("split") or split)
        if split in ("all", row.get("split") or split):
            pictures.append(
                HeldPicture(
                    file=file,
                    source=source,
                    group=row.get("site") or file,
                    image=image,
                    labels=labels,
                    measure_only=row.get("use") == "measure_only",
                )
            )
    if not pictures:
        known = ", ".join(sorted(splits)) or "none"
        raise DatasetError(f"{path}: no picture in split {split!r}; there are {known}")
    return pictures, occurring


def _from_yolo(root: Path) -> tuple[list[HeldPicture], dict[str, frozenset[int]]]:
    """YOLO's own rule holds: a picture without a label file shows nothing."""
    images = root / "images"
    source = root.resolve().name
    names = _yolo_names(root)
    pictures = []
    for path in sorted(images.rglob("*")):
        if path.suffix.lower() not in PICTURE_SUFFIXES:
            continue
        file = path.relative_to(images)
        label = (root / "labels" / file).with_suffix(".txt")
        labels = read_labels(label, classes=len(names)) if label.is_file() else ()
        ours = tuple(Label(CLASSES.index(names[one.class_id]), one.box) for one in labels)
        pictures.append(HeldPicture(file.as_posix(), source, file.as_posix(), path, ours))
    if not pictures:
        raise DatasetError(f"{images}: holds no picture")
    classes = frozenset(one.class_id for picture in pictures for one in picture.labels)
    return pictures, {source: classes}


def _yolo_names(root: Path) -> tuple[str, ...]:
    """The classes of a YOLO folder by id: those of its ``data.yaml``, else the product's own."""
    path = root / "data.yaml"
    if not path.is_file():
        return CLASSES
    try:
        names = yaml.safe_load(path.read_text(encoding="utf-8"))["names"]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: expected YAML with `names`") from error
    listed = [names[key] for key in sorted(names)] if isinstance(names, dict) else list(names)
    for name in listed:
        _class_id(str(name), str(path))
    return tuple(str(name) for name in listed)


def _class_id(name: str, where: str) -> int:
    try:
        return CLASSES.index(name)
    except ValueError:
        raise DatasetError(
            f"{where}: {name!r} is not a class; the classes are {', '.join(CLASSES)}"
        ) from None
