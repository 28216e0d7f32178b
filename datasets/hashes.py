"""Finds the same picture twice, so that none is both learnt from and measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.yolo import DatasetError

NEAR: Final = 16
"""Pictures whose 256-bit hashes differ in at most this many bits are taken for the same one.

Re-encoding and resizing change 0-11 bits in the street pictures this was set on, where no other
two pictures of different sources come nearer than 40.
"""

_SIDE: Final = 16


@dataclass(frozen=True)
class Twin:
    """Two pictures that look the same; ``distance`` in bits of 256."""

    first: str
    second: str
    distance: int
    mirrored: bool = False


def difference_hash(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """256-bit difference hash (dHash) of HxWx3 BGR or HxW grey uint8, packed into 32 bytes.

    The picture is shrunk to 17x16 grey pixels; each bit says whether a pixel is brighter than its
    left neighbour. Blind to size, colour, exposure and JPEG quality; not to cropping.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image
    small = cv2.resize(grey, (_SIDE + 1, _SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    return np.packbits(small[:, 1:] > small[:, :-1])


def hash_file(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The hashes of a picture file and of its mirror image.

    Raises:
        DatasetError: the file is not a picture.
    """
    image = cv2.imread(str(path), cv2.IMREAD_REDUCED_GRAYSCALE_2)
    if image is None:
        raise DatasetError(f"{path}: not a picture that can be read")
    grey = np.asarray(image, dtype=np.uint8)
    return difference_hash(grey), difference_hash(np.ascontiguousarray(grey[:, ::-1]))


def twins(first: Mapping[str, Path], second: Mapping[str, Path], *, near: int = NEAR) -> list[Twin]:
    """Pairs of one picture of ``first`` and one of ``second`` at most ``near`` bits apart.

    Both map a name to a picture file. A mirrored copy counts too. Closest pairs come first.
    """
    if not first or not second:
        return []
    left, mirrored = _hashes(list(first.values()))
    right, _ = _hashes(list(second.values()))
    found: dict[tuple[str, str], Twin] = {}
    names, others = list(first), list(second)
    for table, flipped in ((left, False), (mirrored, True)):
        for row, name in zip(table, names, strict=True):
            distances = np.bitwise_count(right ^ row).sum(axis=1)
            for index in np.flatnonzero(distances <= near):
                twin = Twin(name, others[index], int(distances[index]), flipped)
                known = found.get((twin.first, twin.second))
                if known is None or twin.distance < known.distance:
                    found[(twin.first, twin.second)] = twin
    return sorted(found.values(), key=lambda one: (one.distance, one.first, one.second))


def _hashes(paths: Sequence[Path]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    pairs = [hash_file(path) for path in paths]
    return np.stack([one for one, _ in pairs]), np.stack([two for _, two in pairs])
