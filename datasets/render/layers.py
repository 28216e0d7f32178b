"""Puts separately drawn things into one picture with their shadows, so a clip needs few renders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datasets.render.mesh import Array

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Layer:
    """The scene with one thing in it: linear light (h, w, 3) and the thing's pixels (h, w)."""

    light: Array
    mask: Mask

    def box(self) -> tuple[int, int, int, int] | None:
        """Box of the thing's pixels: x1, y1, x2, y2, the last two exclusive."""
        ys, xs = np.nonzero(self.mask)
        if not len(xs):
            return None
        return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def _soft(values: Array, radius: float) -> Array:
    scaled = Image.fromarray(np.clip(values * 100, 0, 255).astype(np.uint8))
    return np.asarray(scaled.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float64) / 100


def effect(empty: Array, layer: Layer) -> Array:
    """What a thing does to the light around it: factors (h, w), 1 where it does nothing.

    Small differences count as the renderer's noise.
    """
    grey, with_it = empty.mean(axis=2), layer.light.mean(axis=2)
    ratio = np.clip((with_it + 1e-3) / (grey + 1e-3), 0.1, 2.0)
    ratio = _soft(np.where(layer.mask, 1.0, ratio), 0.8)
    return np.where(np.abs(ratio - 1) < 0.05, 1.0, ratio)


def compose(empty: Array, layers: Sequence[Layer], effects: Sequence[Array] | None = None) -> Array:
    """Lay things over the empty scene, far ones first; linear light (h, w, 3).

    Around a thing the picture is darkened or brightened by what the thing did to the empty scene
    (its shadow and reflection): ``effects``, which are worked out here when they are not given.
    """
    out = empty.copy()
    effects = [effect(empty, layer) for layer in layers] if effects is None else effects
    for layer, around in zip(layers, effects, strict=True):
        out *= around[..., None]
        out[layer.mask] = layer.light[layer.mask]
    return out


def shifted(
    picture: npt.NDArray[np.uint8], margin: float, right: float, down: float
) -> Image.Image:
    """Cut the middle of a picture, the window moved by shares of its width (a knocked camera)."""
    h, w = picture.shape[:2]
    mx, my = round(w * margin), round(h * margin)
    x, y = mx + round(w * right), my + round(w * down)
    if not (0 <= x <= 2 * mx and 0 <= y <= 2 * my):
        raise ValueError(f"shift ({right}, {down}): more than the margin {margin}")
    cut = Image.fromarray(picture).crop((x, y, x + w - 2 * mx, y + h - 2 * my))
    return cut.resize((w, h), Image.Resampling.BICUBIC)
