"""Large pictures made of small labelled ones, to measure what cutting into tiles gains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.manifest import Picture, write_manifest
from datasets.yolo import DatasetError, Label, read_labels, write_labels


def write_mosaics(pictures: Sequence[Picture], out: Path, *, side: int, cell: int) -> int:
    """Write squares of ``side`` x ``side`` pictures, each scaled to fit ``cell`` pixels.

    A mosaic holds pictures of one source alone, in the order given, so that it is labelled for the
    same classes; those left over at the end of a source are left out. Returns how many were
    written to ``out`` (images/, labels/ and manifest.csv).

    Raises:
        DatasetError: a picture cannot be read, or no source has enough of them.
    """
    by_source: dict[str, list[Picture]] = {}
    for one in pictures:
        by_source.setdefault(one.source, []).append(one)
    rows: list[dict[str, object]] = []
    for source, mine in by_source.items():
        (out / source / "images").mkdir(parents=True, exist_ok=True)
        (out / source / "labels").mkdir(parents=True, exist_ok=True)
        count = side * side
        for start in range(0, len(mine) - count + 1, count):
            part = mine[start : start + count]
            canvas, labels = _mosaic(part, side, cell)
            name = f"{start // count:04d}"
            image = out / source / "images" / f"{name}.jpg"
            cv2.imwrite(str(image), canvas, [cv2.IMWRITE_JPEG_QUALITY, 92])
            write_labels(out / source / "labels" / f"{name}.txt", labels)
            rows.append(
                {
                    "source": source,
                    "file": f"{source}/images/{name}.jpg",
                    "split": part[0].split,
                    "use": "measure_only",
                    "licence": "; ".join(sorted({one.licence for one in part})),
                    "site": f"{source}-{name}",
                    "view": f"mosaic of {count}",
                    "width": side * cell,
                    "height": side * cell,
                    "boxes": len(labels),
                }
            )
    if not rows:
        raise DatasetError(f"expected a source of {side * side} pictures or more, there is none")
    write_manifest(out, rows)
    return len(rows)


def _mosaic(
    pictures: Sequence[Picture], side: int, cell: int
) -> tuple[NDArray[np.uint8], list[Label]]:
    whole = side * cell
    canvas = np.full((whole, whole, 3), 114, np.uint8)
    labels = []
    for number, picture in enumerate(pictures):
        image = cv2.imread(str(picture.image))
        if image is None:
            raise DatasetError(f"{picture.image}: cannot be read as a picture")
        scale = cell / max(image.shape[:2])
        width, height = (round(v * scale) for v in (image.shape[1], image.shape[0]))
        left, top = (number % side) * cell, (number // side) * cell
        canvas[top : top + height, left : left + width] = cv2.resize(
            image, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        )
        for one in read_labels(picture.label):
            x, y, w, h = one.box
            labels.append(
                Label(
                    one.class_id,
                    (
                        (left + x * width) / whole,
                        (top + y * height) / whole,
                        w * width / whole,
                        h * height / whole,
                    ),
                )
            )
    return canvas, labels
