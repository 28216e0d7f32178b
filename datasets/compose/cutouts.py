"""Reads a folder of rendered sprites and scales one to the place where it shall stand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.yolo import DatasetError

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Sprite:
    """One rendered thing or group; see the renderer's sprites.jsonl for what the fields mean."""

    name: str
    group: str
    labels: tuple[str | None, ...]
    light: str
    depression: float
    pixels_per_metre: float
    anchor: tuple[float, float]
    sun: float
    ground: float
    folder: Path

    @property
    def label(self) -> str | None:
        """The class of its first part."""
        return self.labels[0]


@dataclass(frozen=True)
class Cutout:
    """A sprite at its final size: colour (h, w, 3) BGR and alpha, shadow (h, w) in 0..1, part
    numbers (h, w), and the pixel of it that stands on the ground point."""

    colour: NDArray[np.float32]
    alpha: NDArray[np.float32]
    shadow: NDArray[np.float32]
    parts: NDArray[np.uint8]
    anchor: tuple[float, float]


def read_sprites(folder: Path) -> tuple[Sprite, ...]:
    """The finished sprites of a folder, by name.

    Raises DatasetError where there is no list or it is empty.
    """
    listing = folder / "sprites.jsonl"
    if not listing.is_file():
        raise DatasetError(f"{listing}: no list of sprites; draw some with `datasets sprites`")
    found = {}
    for line in listing.read_text(encoding="utf-8").splitlines():
        r: dict[str, Any] = json.loads(line)
        found[r["name"]] = Sprite(
            name=r["name"],
            group=r["group"],
            labels=tuple(r["parts"]),
            light=r["light"],
            depression=r["depression"],
            pixels_per_metre=r["pixels_per_metre"],
            anchor=(r["anchor"][0], r["anchor"][1]),
            sun=r["sun"],
            ground=float(np.mean(r["ground"])),
            folder=folder,
        )
    if not found:
        raise DatasetError(f"{listing}: lists no sprite")
    return tuple(found[name] for name in sorted(found))


def cut(sprite: Sprite, scale: float, *, mirrored: bool, widen: float = 1.0) -> Cutout:
    """Scale a sprite's pictures by ``scale`` (and its width by ``widen`` more).

    Raises DatasetError where a picture is missing.
    """
    rgba = _read(sprite.folder / f"{sprite.name}.png", cv2.IMREAD_UNCHANGED)
    shadow = _read(sprite.folder / f"{sprite.name}_shadow.png", cv2.IMREAD_GRAYSCALE)
    parts = _read(sprite.folder / f"{sprite.name}_parts.png", cv2.IMREAD_GRAYSCALE)
    alpha = rgba[..., 3].astype(np.float32) / 255
    soft = cv2.GaussianBlur(rgba[..., :3].astype(np.float32) * alpha[..., None], (0, 0), 0.55)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.55), dtype=np.float32)
    h, w = alpha.shape
    size = (max(2, round(w * scale * widen)), max(2, round(h * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(alpha, size, interpolation=way).clip(0, 1)
    colour = cv2.resize(soft, size, interpolation=way) / np.maximum(small, 1e-3)[..., None]
    dark = cv2.resize(shadow.astype(np.float32) / 255, size, interpolation=way).clip(0, 1)
    own = cv2.resize(parts, size, interpolation=cv2.INTER_NEAREST)
    ax, ay = sprite.anchor[0] * size[0] / w, sprite.anchor[1] * size[1] / h
    if mirrored:
        small, colour, dark, own = (np.fliplr(v).copy() for v in (small, colour, dark, own))
        ax = size[0] - ax
    return Cutout(
        colour.clip(0, 255).astype(np.float32),
        small.astype(np.float32),
        dark.astype(np.float32),
        np.asarray(own, dtype=np.uint8),
        (ax, ay),
    )


@lru_cache(maxsize=2048)
def extent(sprite: Sprite) -> tuple[float, float, float, float]:
    """Box of the sprite's opaque pixels from its anchor: left, top, right, bottom; its own scale.

    Raises DatasetError where its picture is missing.
    """
    alpha = _read(sprite.folder / f"{sprite.name}.png", cv2.IMREAD_UNCHANGED)[..., 3]
    ys, xs = np.nonzero(alpha > 115)
    ax, ay = sprite.anchor
    if not len(xs):
        return (0.0, 0.0, 0.0, 0.0)
    return xs.min() - ax, ys.min() - ay, xs.max() + 1 - ax, ys.max() + 1 - ay


@lru_cache(maxsize=2048)
def _read(path: Path, how: int) -> Pixels:
    image = cv2.imread(str(path), how)
    if image is None:
        raise DatasetError(f"{path}: not a picture that can be read")
    return np.asarray(image, dtype=np.uint8)
