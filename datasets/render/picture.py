"""Makes a render look taken by a phone or a street camera, with time and place in its EXIF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from datasets.render import lettering


@dataclass(frozen=True)
class Taken:
    """When (aware), where (WGS-84 degrees) and at what place a picture is said to be taken."""

    at: datetime
    lat: float
    lon: float
    place: str


def tone(linear: npt.NDArray[np.float64], key: float) -> float:
    """The gain a camera's automatic exposure would choose: middling brightness to ``key``."""
    y = linear @ np.array([0.2126, 0.7152, 0.0722])
    h, w = y.shape
    part = y[h // 8 :, w // 10 : w - w // 10]
    middle = float(np.exp(np.mean(np.log(np.clip(part, 1e-4, 8.0)))))
    return 0.65 * key / max(middle, 1e-4) + 0.35 * key / max(float(part.mean()) * 0.8, 1e-4)


def filmic(linear: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Linear light (h, w, 3) to sRGB uint8 by a filmic curve that rolls off what is bright.

    The curve is the rational fit of the ACES tone curve by K. Narkowicz (2015).
    """
    x = np.clip(linear * (2.51 * linear + 0.03) / (linear * (2.43 * linear + 0.59) + 0.14), 0, 1)
    srgb = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(x, 1 / 2.4) - 0.055)
    return np.asarray(np.rint(srgb * 255), dtype=np.uint8)


def expose(linear: npt.NDArray[np.float64], key: float) -> npt.NDArray[np.uint8]:
    """Linear light (h, w, 3) to sRGB uint8, exposed as a camera would by itself."""
    return filmic(linear * tone(linear, key))


def develop(
    pixels: npt.NDArray[np.uint8], seed: int, camera: str, light: str, taken: Taken | None
) -> Image.Image:
    """Sensor noise, vignette, sharpening and, for a street camera, the time in a corner."""
    gen = np.random.default_rng(seed)
    h, w = pixels.shape[:2]
    a = pixels.astype(np.float64)
    y, x = np.mgrid[0:h, 0:w]
    r2 = ((x - w / 2) ** 2 + (y - h / 2) ** 2) / ((w / 2) ** 2 + (h / 2) ** 2)
    a *= (1 - (0.16 if camera != "pole" else 0.1) * r2)[..., None]
    cast = 1 + gen.normal(0, 0.012, size=3)
    a *= cast
    grain = {"dusk": 3.2, "wet": 2.6, "overcast": 2.2, "sunny": 1.8}[light]
    a += gen.normal(0, grain * 0.8, size=(h, w, 1)) + gen.normal(0, grain * 0.5, size=(h, w, 3))
    im = Image.fromarray(np.clip(a, 0, 255).astype(np.uint8))
    im = im.filter(ImageFilter.GaussianBlur(0.5 if camera == "pole" else 0.35))
    im = im.filter(ImageFilter.UnsharpMask(radius=1.4, percent=70, threshold=2))
    if camera == "pole" and taken is not None and lettering.font_file() is not None:
        _caption(im, taken)
    return im


def _caption(im: Image.Image, taken: Taken) -> None:
    path = lettering.font_file()
    if path is None:
        return
    size = max(11, im.width // 46)
    font = ImageFont.truetype(path, size, index=2 if "NotoSans" in path else 0)
    draw = ImageDraw.Draw(im)
    stroke = max(1, size // 10)
    draw.text(
        (size * 0.6, size * 0.4),
        taken.at.strftime("%Y-%m-%d %H:%M:%S"),
        font=font,
        fill=(250, 250, 250),
        stroke_width=stroke,
        stroke_fill=(20, 20, 20),
    )
    draw.text(
        (im.width - size * 0.6, im.height - size * 0.5),
        taken.place,
        font=font,
        fill=(250, 250, 250),
        anchor="rs",
        stroke_width=stroke,
        stroke_fill=(20, 20, 20),
    )


def _sexagesimal(value: float) -> tuple[float, float, float]:
    value = abs(value)
    degree = int(value)
    minute = int((value - degree) * 60)
    return float(degree), float(minute), round((value - degree - minute / 60) * 3600, 4)


def exif(taken: Taken) -> Image.Exif:
    """EXIF with DateTimeOriginal, OffsetTimeOriginal and the GPS position."""
    if taken.at.tzinfo is None:
        raise ValueError("taken.at: a time with its offset from UTC was expected")
    data = Image.Exif()
    stamp = taken.at.strftime("%Y:%m:%d %H:%M:%S")
    zone = taken.at.strftime("%z")
    data[0x0132] = stamp
    data[0x0112] = 1
    sub = data.get_ifd(0x8769)
    sub[0x9003] = stamp
    sub[0x9011] = f"{zone[:3]}:{zone[3:5]}"
    gps = data.get_ifd(0x8825)
    gps[1] = "N" if taken.lat >= 0 else "S"
    gps[2] = _sexagesimal(taken.lat)
    gps[3] = "E" if taken.lon >= 0 else "W"
    gps[4] = _sexagesimal(taken.lon)
    gps[0x12] = "WGS-84"
    return data


def save_jpeg(im: Image.Image, path: Path, quality: int, taken: Taken | None) -> None:
    """Write a JPEG, with EXIF where time and place are known."""
    path.parent.mkdir(parents=True, exist_ok=True)
    extra = {} if taken is None else {"exif": exif(taken).tobytes()}
    im.save(path, "JPEG", quality=quality, optimize=True, subsampling="4:2:0", **extra)
