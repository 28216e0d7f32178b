"""Composes the scripted camera clip from its layers: frames two seconds apart, and the truth."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from math import sin
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from datasets.render.layers import Layer, Mask, compose, effect, shifted
from datasets.render.light import MOODS
from datasets.render.mesh import Array
from datasets.render.picture import Taken, develop, filmic, tone
from datasets.render.story import (
    ACTS,
    BUMP,
    EVENTS,
    LENGTH_S,
    PARTS,
    RAIN,
    RULES,
    STEP_S,
    Event,
    passers,
    present,
    times_of,
)

LAYERS = Path(__file__).resolve().parent / "clip_layers"
"""The committed layers."""
START = datetime(2026, 11, 18, 9, 0, 0, tzinfo=timezone(timedelta(hours=8)))
PLACE = "浙江省嵊州市剡湖街道越秀路12号"
MARGIN = 0.04
WHITE = 6.0
"""Linear light, in the exposed scale, that the stored layers' brightest value stands for."""


@dataclass(frozen=True)
class Sets:
    """All that was drawn: by weather, the empty street, the parts, and groups of passers-by."""

    empty: dict[str, Array]
    parts: dict[tuple[str, str], Layer]
    groups: dict[str, list[Layer]]


class LayersError(ValueError):
    """A folder does not hold the clip's layers; the text names what is wrong."""


def _encode(linear: Array, gain: float) -> Image.Image:
    shown = np.clip(linear * gain / WHITE, 0, 1) ** (1 / 2.4)
    return Image.fromarray(np.rint(shown * 255).astype(np.uint8))


def _decode(path: Path, gain: float) -> Array:
    with Image.open(path) as im:
        shown = np.asarray(im.convert("RGB"), dtype=np.float64) / 255
    return np.asarray(shown**2.4 * WHITE / gain, dtype=np.float64)


def save_sets(sets: Sets, folder: Path) -> None:
    """Keep the layers as JPEGs with masks (PNG) and a list, ``layers.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    listed: dict[str, Any] = {}
    for light, empty in sets.empty.items():
        gain = tone(empty, MOODS[light].key)
        names = {name: layer for (weather, name), layer in sets.parts.items() if weather == light}
        groups = {f"group_{k}": layer for k, layer in enumerate(sets.groups[light])}
        listed[light] = {"gain": gain, "parts": sorted(names), "groups": len(groups)}
        _encode(empty, gain).save(folder / f"{light}.jpg", quality=93, subsampling=0)
        for name, layer in {**names, **groups}.items():
            _encode(layer.light, gain).save(folder / f"{light}_{name}.jpg", quality=91)
            Image.fromarray(layer.mask).save(folder / f"{light}_{name}.png", optimize=True)
    (folder / "layers.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def load_sets(folder: Path = LAYERS) -> Sets:
    """Read what `save_sets` wrote; raises LayersError, naming the file, where it is incomplete."""
    index = folder / "layers.json"
    if not index.is_file():
        raise LayersError(f"{index}: expected the list of the clip's layers, there is none")
    listed = json.loads(index.read_text(encoding="utf-8"))
    sets = Sets({}, {}, {})
    try:
        for light, row in listed.items():
            gain = float(row["gain"])
            sets.empty[light] = _decode(folder / f"{light}.jpg", gain)
            sets.groups[light] = []
            for name in [*row["parts"], *(f"group_{k}" for k in range(row["groups"]))]:
                with Image.open(folder / f"{light}_{name}.png") as im:
                    mask = np.asarray(im.convert("1"), dtype=bool)
                layer = Layer(_decode(folder / f"{light}_{name}.jpg", gain), mask)
                if name in row["parts"]:
                    sets.parts[light, name] = layer
                else:
                    sets.groups[light].append(layer)
    except FileNotFoundError as e:
        raise LayersError(f"{e.filename}: a layer that {index} lists is missing") from e
    except (KeyError, TypeError) as e:
        raise LayersError(f"{index}: expected gain, parts and groups: {e!r}") from e
    missing = {p.name for p in PARTS} - {
        name for weather, name in sets.parts if weather == "overcast"
    }
    if missing:
        raise LayersError(f"{index}: lacks {', '.join(sorted(missing))}")
    return sets


@dataclass(frozen=True)
class Shot:
    """One frame to be composed: its time (seconds), weather, and layers by name, far ones first."""

    at_s: float
    light: str
    layers: tuple[str, ...]


def shots_of(sets: Sets, seed: int = 1) -> tuple[Shot, ...]:
    """What is in each frame; passers-by walk behind the van."""
    frames = round(LENGTH_S / STEP_S)
    walking = {
        light: passers(seed + n, len(g), frames) for n, (light, g) in enumerate(sets.groups.items())
    }
    shots = []
    for k in range(frames):
        at = k * STEP_S
        light = "wet" if RAIN[0] <= at < RAIN[1] else "overcast"
        names = present(at)
        group = walking[light][k]
        if group is not None and "van" not in names:
            names = (*names, f"group_{group}")
        shots.append(Shot(at, light, names))
    return tuple(shots)


def _layer(sets: Sets, light: str, name: str) -> Layer:
    if name.startswith("group_"):
        return sets.groups[light][int(name.removeprefix("group_"))]
    return sets.parts[light, name]


def write_clip(sets: Sets, out: Path, seed: int = 1) -> dict[str, Any]:
    """Compose and write ``out``/frames/NNNNNN.jpg and ``out``/truth.json; gives the truth."""
    gain = {light: tone(picture, MOODS[light].key) for light, picture in sets.empty.items()}
    effects: dict[tuple[str, str], Array] = {}
    folder = out / "frames"
    folder.mkdir(parents=True, exist_ok=True)
    for k, shot in enumerate(shots_of(sets, seed)):
        light, empty = shot.light, sets.empty[shot.light]
        layers = [_layer(sets, light, name) for name in shot.layers]
        for name, layer in zip(shot.layers, layers, strict=True):
            if (light, name) not in effects:
                effects[light, name] = effect(empty, layer)
        around = [effects[light, name] for name in shot.layers]
        linear = compose(empty, layers, around) * (1 + 0.03 * sin(shot.at_s / 97.0))
        knocked = BUMP[0] <= shot.at_s < BUMP[1]
        right, down = (BUMP[2], BUMP[3]) if knocked else (0.0, 0.0)
        view = shifted(filmic(linear * gain[light]), MARGIN, right, down)
        taken = Taken(START + timedelta(seconds=shot.at_s), 29.5932, 120.8247, PLACE)
        im = develop(np.asarray(view, dtype=np.uint8), seed * 100_000 + k, "pole", light, taken)
        im.save(folder / f"{k:06d}.jpg", "JPEG", quality=86)
    truth = truth_of(sets, seed)
    (out / "truth.json").write_text(
        json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    return truth


def seen_times(sets: Sets, event: Event, shots: tuple[Shot, ...]) -> list[float]:
    """The times (seconds) at which at least half of what an event shows then is not covered."""
    times = []
    for shot in shots:
        own = [n for n in shot.layers if n in event.parts]
        if not own:
            continue
        mine: Mask = np.zeros(sets.empty[shot.light].shape[:2], dtype=bool)
        whole = 0
        for name in shot.layers:
            mask = _layer(sets, shot.light, name).mask
            mine = mine | mask if name in event.parts else mine & ~mask
            whole += int(mask.sum()) if name in event.parts else 0
        if whole and mine.sum() >= 0.5 * whole:
            times.append(shot.at_s)
    return times


def truth_of(sets: Sets, seed: int = 1) -> dict[str, Any]:
    """The clip's truth: events with time, class and box (pixels), disturbances, and rules.

    ``seen_s``: when an event can first and last be seen for at least half, as a lorry or passers-by
    may stand before it.
    """
    h, w = sets.empty["overcast"].shape[:2]
    shots = shots_of(sets, seed)
    rows = []
    for event in EVENTS:
        start, end = times_of(event)
        seen = seen_times(sets, event, shots)
        boxes = [b for p in event.parts if (b := sets.parts["overcast", p].box()) is not None]
        rows.append(
            {
                "name": event.name,
                "label": event.label,
                "start_s": start,
                "end_s": end,
                "seen_s": [min(seen), max(seen)] if seen else None,
                "box": _in_frame(_union(boxes), w, h),
                "incident": event.incident,
                "why": event.why,
            }
        )
    return {
        "step_s": STEP_S,
        "length_s": LENGTH_S,
        "start": START.isoformat(),
        "width": w,
        "height": h,
        "rules": RULES,
        "events": rows,
        "disturbances": [
            {"kind": "rain", "start_s": RAIN[0], "end_s": RAIN[1]},
            {"kind": "camera_moved", "start_s": BUMP[0], "end_s": BUMP[1]},
            *(
                {"kind": "hidden_by_van", "start_s": a.start_s, "end_s": a.end_s}
                for a in ACTS
                if a.part == "van"
            ),
        ],
    }


def _union(boxes: list[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    if not boxes:
        raise ValueError("an event's parts cannot be seen in the clip's view")
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def _in_frame(box: tuple[int, int, int, int], w: int, h: int) -> list[float]:
    """A box of the render in pixels of the frames, which show its middle enlarged."""
    mx, my = round(w * MARGIN), round(h * MARGIN)
    sx, sy = w / (w - 2 * mx), h / (h - 2 * my)
    x1, y1, x2, y2 = (box[0] - mx) * sx, (box[1] - my) * sy, (box[2] - mx) * sx, (box[3] - my) * sy
    return [
        round(max(0.0, x1), 1),
        round(max(0.0, y1), 1),
        round(min(float(w), x2), 1),
        round(min(float(h), y2), 1),
    ]
