"""The list of labelled pictures with source, licence, site and split, so nothing enters unnamed."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from datasets.yolo import DatasetError, read_labels

Split = Literal["train", "val"]
Use = Literal["train", "val", "measure_only"]
LicenceState = Literal["stated", "uploader_claim", "doubtful", "none_stated"]

COLUMNS: Final = (
    "source",
    "file",
    "split",
    "use",
    "licence",
    "site",
    "view",
    "width",
    "height",
    "boxes",
)


@dataclass(frozen=True)
class Picture:
    """One labelled picture: where it comes from, what may be done with it, and its two files.

    ``width`` and ``height`` are pixels of the stored picture; ``boxes`` is how many are
    labelled; ``site`` names the place: pictures of one source and site always share a split.
    """

    source: str
    file: str
    split: Split
    use: Use
    licence: str
    site: str
    view: str
    width: int
    height: int
    boxes: int
    image: Path
    label: Path

    @property
    def trainable(self) -> bool:
        """True where a released model may be trained on this picture."""
        return self.split == "train" and self.use == "train"

    @property
    def licence_state(self) -> LicenceState:
        """How far the licence can be relied on."""
        return licence_state(self.licence)


def licence_state(licence: str) -> LicenceState:
    """Sort a licence note: stated, claimed by an uploader, doubtful, or none stated."""
    text = licence.lower()
    if not text.strip() or "none stated" in text:
        return "none_stated"
    if "doubtful" in text or "see clips" in text or "stock" in text:
        return "doubtful"
    if "as stated" in text:
        return "uploader_claim"
    return "stated"


def read_manifest(root: Path) -> tuple[Picture, ...]:
    """Read ``root/manifest.csv``; the label of ``a/images/b.jpg`` is ``a/labels/b.txt``.

    A file listed by several rows counts once (see ``repeated_rows``), provided the rows agree on
    source, split, use, licence and site; its box count is that of the label file.

    Raises:
        DatasetError: the list is missing, lacks a column, holds a bad value, names a file outside
            ``root`` or one that does not exist, has rows that contradict one another, or puts one
            source and site into two splits.
    """
    pictures: dict[str, Picture] = {}
    for picture in _rows(root):
        first = pictures.setdefault(picture.file, picture)
        if _identity(first) != _identity(picture):
            raise DatasetError(f"{root / 'manifest.csv'}: rows of {picture.file} disagree")
    torn = split_sites(pictures.values())
    if torn:
        names = ", ".join("/".join(one) for one in torn)
        raise DatasetError(f"{root / 'manifest.csv'}: in both splits: {names}")
    return tuple(pictures.values())


def write_manifest(root: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write ``root/manifest.csv``; each row has the keys ``COLUMNS``."""
    with (root / "manifest.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def repeated_rows(root: Path) -> dict[str, int]:
    """Files that several rows of ``root/manifest.csv`` list, with their number of rows."""
    counts = Counter(picture.file for picture in _rows(root))
    return {file: count for file, count in counts.items() if count > 1}


def _identity(picture: Picture) -> tuple[str, ...]:
    return picture.source, picture.split, picture.use, picture.licence, picture.site


def _rows(root: Path) -> tuple[Picture, ...]:
    path = root / "manifest.csv"
    if not path.is_file():
        raise DatasetError(f"{path}: expected the list of pictures here")
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise DatasetError(f"{path}: columns missing: {', '.join(missing)}")
        pictures = tuple(
            _picture(root, row, f"{path}:{number}") for number, row in enumerate(reader, 2)
        )
    if not pictures:
        raise DatasetError(f"{path}: lists no picture")
    return pictures


def split_sites(pictures: Iterable[Picture]) -> list[tuple[str, str]]:
    """The (source, site) pairs that have pictures in more than one split."""
    seen: dict[tuple[str, str], set[str]] = {}
    for picture in pictures:
        seen.setdefault((picture.source, picture.site), set()).add(picture.split)
    return sorted(key for key, splits in seen.items() if len(splits) > 1)


def assign_split(source: str, site: str, *, val_share: float = 0.2) -> Split:
    """Choose the split of a new site: the same for every picture of it, on every machine.

    The first 32 bits of sha256("source/site") as a fraction of 2**32, compared with ``val_share``.
    """
    if not 0 <= val_share <= 1:
        raise DatasetError(f"val_share must be within 0..1, got {val_share}")
    digest = hashlib.sha256(f"{source}/{site}".encode()).digest()
    return "val" if int.from_bytes(digest[:4], "big") / 2**32 < val_share else "train"


def data_hash(pictures: Sequence[Picture]) -> str:
    """sha256 over names, splits and label bytes, to tell two states of the data apart."""
    total = hashlib.sha256()
    for picture in sorted(pictures, key=lambda one: (one.file, str(one.image))):
        total.update(f"{picture.file}|{picture.split}|{picture.use}|".encode())
        total.update(hashlib.sha256(picture.label.read_bytes()).digest())
        total.update(hashlib.sha256(picture.image.read_bytes()).digest())
    return total.hexdigest()


def _picture(root: Path, row: dict[str, str], where: str) -> Picture:
    file = row["file"]
    image = root / file
    if ".." in Path(file).parts or Path(file).is_absolute():
        raise DatasetError(f"{where}: file {file!r} leads outside the folder")
    if not image.is_file():
        raise DatasetError(f"{where}: picture {file!r} does not exist")
    if image.parent.name != "images":
        raise DatasetError(f"{where}: file {file!r} is not in a folder called `images`")
    label = image.parent.parent / "labels" / f"{image.stem}.txt"
    if not label.is_file():
        raise DatasetError(f"{where}: label file {label.relative_to(root)} does not exist")
    split, use = row["split"], row["use"]
    if split not in ("train", "val"):
        raise DatasetError(f"{where}: split must be train or val, found {split!r}")
    if use not in ("train", "val", "measure_only"):
        raise DatasetError(f"{where}: use must be train, val or measure_only, found {use!r}")
    if not row["source"]:
        raise DatasetError(f"{where}: source is empty")
    try:
        width, height = int(row["width"]), int(row["height"])
    except ValueError as error:
        raise DatasetError(f"{where}: width and height must be whole numbers ({error})") from error
    return Picture(
        source=row["source"],
        file=file,
        split=split,  # type: ignore[arg-type]
        use=use,  # type: ignore[arg-type]
        licence=row["licence"],
        site=row["site"],
        view=row["view"],
        width=width,
        height=height,
        boxes=len(read_labels(label)),
        image=image,
        label=label,
    )
