"""Made-up street views for the gate, the sentry and the background, and what happens to them."""

from __future__ import annotations

import functools

import cv2
import numpy as np

from detector.types import Image

HEIGHT, WIDTH = 360, 640


def street(seed: int = 1) -> Image:
    """A view with a sky, houses with windows, a road with marks; the same for the same seed."""
    rng = np.random.default_rng(seed)
    image = np.full((HEIGHT, WIDTH, 3), 170, np.uint8)
    image[200:] = 100
    for _ in range(40):
        x, y = int(rng.integers(0, WIDTH - 60)), int(rng.integers(20, 180))
        colour = tuple(int(c) for c in rng.integers(30, 230, 3))
        size = rng.integers(10, 60, 2)
        cv2.rectangle(image, (x, y), (x + int(size[0]), y + int(size[1])), colour, -1)
    for x in range(0, WIDTH, 80):
        cv2.line(image, (x, 300), (x + 40, 300), (220, 220, 220), 3)
    texture = cv2.resize(
        rng.normal(0, 10, (HEIGHT // 4, WIDTH // 4, 3)).astype(np.float32), (WIDTH, HEIGHT)
    )
    return clipped(image + texture)


def clipped(values: np.ndarray) -> Image:
    return np.clip(values, 0, 255, dtype=values.dtype).astype(np.uint8)


@functools.cache
def _noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32)


def noisy(image: Image, seed: int, sigma: float = 5.0) -> Image:
    """The image with camera noise: one of 16 patterns, by seed."""
    if image.shape != (HEIGHT, WIDTH, 3):
        noise = np.random.default_rng(seed).normal(0, 1, image.shape)
        return clipped(image + sigma * noise)
    return clipped(image + np.float32(sigma) * _noise(seed % 16))


def lit(image: Image, gain: float, offset: float = 0.0) -> Image:
    return clipped(image.astype(np.float32) * gain + offset)


def rained(image: Image, seed: int, drops: int = 250) -> Image:
    rng = np.random.default_rng(seed)
    layer = image.copy()
    for x, y in zip(rng.integers(0, WIDTH, drops), rng.integers(0, HEIGHT, drops), strict=True):
        cv2.line(layer, (int(x), int(y)), (int(x) + 2, int(y) + 10), (200, 200, 200), 1)
    return cv2.addWeighted(image, 0.6, layer, 0.4, 0)


def moved(image: Image, right: int, down: int) -> Image:
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return cv2.warpAffine(image, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)


def with_thing(
    image: Image, x: int, y: int, size: int = 20, colour: tuple[int, int, int] = (230, 230, 230)
) -> Image:
    changed = image.copy()
    cv2.rectangle(changed, (x, y), (x + size, y + size), colour, -1)
    return changed
