"""A small made-up folder of labelled pictures, so that the tests need no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from datasets.manifest import write_manifest

Row = Mapping[str, str]


def drawing(seed: int, *, width: int = 160, height: int = 120) -> np.ndarray:
    """A street of sorts: uint8 HxWx3 BGR with smooth patches, different for every seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def row(source: str, name: str, /, **changes: str) -> dict[str, str]:
    """A valid line of the list of pictures, with ``changes``."""
    return {
        "source": source,
        "file": f"{source}/images/{name}.jpg",
        "split": "train",
        "use": "train",
        "licence": "CC BY 4.0",
        "site": name,
        "view": "made up",
        "width": "160",
        "height": "120",
        "boxes": "1",
    } | changes


def write_folder(
    root: Path,
    rows: Sequence[Row],
    *,
    labels: Mapping[str, str] | None = None,
    images: Mapping[str, np.ndarray] | None = None,
) -> Path:
    """Write pictures, labels (default: one litter box) and manifest.csv under ``root``."""
    for index, one in enumerate(rows):
        image = root / one["file"]
        label = image.parent.parent / "labels" / f"{image.stem}.txt"
        image.parent.mkdir(parents=True, exist_ok=True)
        label.parent.mkdir(parents=True, exist_ok=True)
        picture = (images or {}).get(one["file"])
        assert cv2.imwrite(str(image), drawing(index) if picture is None else picture)
        label.write_text((labels or {}).get(one["file"], "3 0.5 0.5 0.2 0.2\n"))
    write_manifest(root, rows)
    return root
