"""Lays a cut-out into a picture: shadow, light and colour of the place, blur, noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets.compose.cutouts import Cutout

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Match:
    """How a background's pictures look: gain of light at a place is found apart.

    ``black`` and ``white``: its darkest and brightest usual values (0..255); ``cast``: BGR factors;
    ``blur``: sigma in pixels; ``noise``: standard deviation of its grain.
    """

    black: float
    white: float
    cast: tuple[float, float, float]
    blur: float
    noise: float
    colourfulness: float


def match_of(pixels: NDArray[np.uint8]) -> Match:
    """Measure a background (h, w, 3) BGR."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
    means = pixels.reshape(-1, 3).mean(axis=0) + 1e-3
    cast = np.clip((means / means.mean()) ** 0.5, 0.88, 1.14)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 1.0)
    noise = float(np.median(np.abs(fine)) * 1.2)
    coarse = cv2.GaussianBlur(grey, (0, 0), 1.0) - cv2.GaussianBlur(grey, (0, 0), 2.5)
    sharp = float(np.percentile(np.abs(fine), 98) / (np.percentile(np.abs(coarse), 98) + 1e-3))
    return Match(
        black=float(np.percentile(grey, 0.7)),
        white=float(np.percentile(grey, 99.5)),
        cast=(float(cast[0]), float(cast[1]), float(cast[2])),
        blur=float(np.clip(1.25 - sharp, 0.35, 1.1)),
        noise=float(np.clip(noise, 0.6, 5.0)),
        colourfulness=float(cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV)[..., 1].mean()),
    )


def lit(cutout: Cutout, match: Match, here: float, lit_ground: float) -> Floats:
    """The cut-out's colour as this place's light and this camera would show it.

    ``here``: brightness of the ground where it stands, ``lit_ground``: of the ground it was drawn
    on (0..255). Grounds differ in paleness as well as in light, so only part of it is followed.
    """
    gain = float(np.clip((here / max(lit_ground, 1.0)) ** 0.55, 0.45, 1.25))
    out = cutout.colour * gain
    grey = out.mean(axis=2, keepdims=True)
    keep = float(np.clip(0.55 + match.colourfulness / 220, 0.6, 0.88))
    out = grey + (out - grey) * keep
    out *= np.asarray(match.cast, dtype=np.float32)
    lift = 0.75 * match.black
    top = max(match.white, 150.0)
    out = lift + out * (top - lift) / 255
    return np.asarray(out.clip(0, 255), dtype=np.float32)


def _blurred(values: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), dtype=np.float32)


def softened(colour: Floats, alpha: Floats, blur: float) -> tuple[Floats, Floats]:
    """Colour (h, w, 3) and alpha (h, w) as blurred as the background is."""
    if blur <= 0.4:
        return colour, alpha
    spread = _blurred(alpha, blur * 0.8)
    soft = _blurred(np.asarray(colour * alpha[..., None], dtype=np.float32), blur * 0.8)
    return np.asarray(soft / np.maximum(spread, 1e-3)[..., None], dtype=np.float32), spread


def paste(
    canvas: Floats,
    owners: NDArray[np.int32],
    cutout: Cutout,
    at: tuple[float, float],
    match: Match,
    *,
    first: int,
    lit_ground: float,
    shade: float,
    rng: np.random.Generator,
) -> None:
    """Put the cut-out's ground point at pixel ``at`` of ``canvas`` (h, w, 3), in place.

    In ``owners`` (h, w) the pixels of its part n become ``first`` + n. ``shade`` is the strength of
    its shadow (1: as drawn).
    """
    h, w = canvas.shape[:2]
    x0, y0 = round(at[0] - cutout.anchor[0]), round(at[1] - cutout.anchor[1])
    ch, cw = cutout.alpha.shape
    left, top = max(x0, 0), max(y0, 0)
    right, low = min(x0 + cw, w), min(y0 + ch, h)
    if left >= right or top >= low:
        return
    part = (slice(top - y0, low - y0), slice(left - x0, right - x0))
    place = (slice(top, low), slice(left, right))
    foot = min(max(round(at[1]), 0), h - 1)
    around = canvas[max(foot - 6, 0) : foot + 10, max(left, 0) : right]
    here = float(np.median(around.mean(axis=2))) if around.size else float(canvas.mean())
    colour, alpha = softened(lit(cutout, match, here, lit_ground), cutout.alpha, match.blur)
    dark = _blurred(np.asarray(1 - (1 - cutout.shadow) * shade, dtype=np.float32), 0.8)
    speckle = rng.normal(0, match.noise, size=alpha.shape).astype(np.float32)
    colour = np.asarray(colour + _blurred(speckle, 0.6)[..., None] * 1.6, dtype=np.float32)
    ground = canvas[place] * dark[part][..., None]
    a = alpha[part][..., None]
    canvas[place] = ground * (1 - a) + colour[part] * a
    owned = (cutout.alpha[part] > 0.45) & (cutout.parts[part] > 0)
    owners[place][owned] = first + cutout.parts[part][owned].astype(np.int32)
