"""Draws the scripted camera clip: a few renders, composed into one key frame every two seconds."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from math import sin
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from datasets.render import studio
from datasets.render.layers import Layer, Mask, compose, shifted
from datasets.render.light import MOODS
from datasets.render.mesh import Array
from datasets.render.picture import Taken, develop, filmic, tone
from datasets.render.plan import Camera, Item, Scene, Street, plan_scene
from datasets.render.story import (
    ACTS,
    BUMP,
    EVENTS,
    LENGTH_S,
    PARTS,
    RAIN,
    STEP_S,
    passers,
    present,
    times_of,
)
from datasets.render.things import KINDS

START = datetime(2026, 11, 18, 9, 0, 0, tzinfo=timezone(timedelta(hours=8)))
PLACE = "浙江省嵊州市剡湖街道越秀路12号"
MARGIN = 0.04
STREET = Street(4711, 8.0, 4.6, 0.14, "dashed", None)
CAMERA = Camera("pole", -6.5, -5.6, 6.4, (1.2, 4.2, 0.3), 66.0)


@dataclass(frozen=True)
class Sets:
    """All that was drawn: by weather, the empty street, the parts, and groups of passers-by."""

    empty: dict[str, Array]
    parts: dict[tuple[str, str], Layer]
    groups: dict[str, list[Layer]]


def clip_scene(light: str) -> Scene:
    """The clip's street with its lasting furniture and nothing to report."""
    kinds = ("tree", "lamp", "pole", "planter", "shop_things", "board", "manhole", "stain")
    lasting = tuple(
        i
        for i in plan_scene(4711, light=light, camera="pole", things=()).items
        if i.kind in kinds and not (i.kind == "tree" and -4 < i.x < 9)
    )
    on_this_street = tuple(_moved(i) for i in lasting)
    parked = Item("car", 13.5, STREET.road / 2 - 1.2, 0.0, 180.0, 5, "car")
    return Scene(4711, light, STREET, CAMERA, (*on_this_street, parked))


def _moved(item: Item) -> Item:
    """Keep an item's distance from the kerb on the clip's own street."""
    planned = plan_scene(4711, light="overcast", camera="pole", things=()).street
    side = 1.0 if item.y > 0 else -1.0
    return replace(item, y=side * (abs(item.y) - planned.road / 2 + STREET.road / 2))


def _passing(seed: int) -> list[Item]:
    rng = Random(seed)
    out = []
    for k in range(rng.randint(1, 3)):
        y = rng.uniform(STREET.road / 2 + 1.0, STREET.road / 2 + 2.2)
        out.append(
            Item(
                "person",
                rng.uniform(-6, 9),
                y,
                STREET.kerb,
                rng.choice((0.0, 180.0)),
                seed * 10 + k,
                "person",
            )
        )
    if rng.random() < 0.5:
        y, rz = rng.choice(((-1.9, 0.0), (1.4, 180.0)))
        kind = rng.choice(("car", "moped", "car"))
        out.append(Item(kind, rng.uniform(-2, 9), y, 0.0, rz, seed * 10 + 9, KINDS[kind].label))
    return out


def draw_sets(quality: studio.Quality, assets: Path | None, groups: int) -> Sets:
    """Draw every state once, for dry and for wet weather; needs bpy."""
    sets = Sets({}, {}, {})
    for light in ("overcast", "wet"):
        _draw_weather(
            light, quality, assets, groups if light == "overcast" else max(1, groups // 3), sets
        )
    return sets


def _draw_weather(
    light: str, quality: studio.Quality, assets: Path | None, groups: int, sets: Sets
) -> None:
    scene = clip_scene(light)
    stage = studio.Stage.open(scene, quality, assets)
    for item in scene.items:
        stage.add(item, 0)
    hidden: dict[str, list[Any]] = {}
    wet = [a.part for a in ACTS if a.start_s < RAIN[1] and a.end_s > RAIN[0]]
    for part in PARTS:
        if light == "wet" and part.name not in wet:
            continue
        item = Item(
            part.kind,
            part.x,
            part.y,
            0.0 if abs(part.y) < STREET.road / 2 else STREET.kerb,
            part.rz,
            part.seed,
            KINDS[part.kind].label,
        )
        hidden[part.name] = stage.add(item, 1)
    for k in range(groups):
        hidden[f"group {k}"] = [o for item in _passing(900 + k) for o in stage.add(item, 1)]
    for objects in hidden.values():
        stage.show(objects, False)
    sets.empty[light] = stage.draw()[0]
    sets.groups[light] = []
    for name, objects in hidden.items():
        stage.show(objects, True)
        linear, index = stage.draw()
        stage.show(objects, False)
        mask: Mask = index == 1
        layer = Layer(linear, mask)
        if name.startswith("group "):
            sets.groups[light].append(layer)
        else:
            sets.parts[light, name] = layer


def write_clip(sets: Sets, out: Path, seed: int = 1) -> dict[str, Any]:
    """Compose and write ``out``/frames/NNNNNN.jpg and ``out``/truth.json; gives the truth."""
    frames = round(LENGTH_S / STEP_S)
    walking = {
        light: passers(seed + n, len(g), frames) for n, (light, g) in enumerate(sets.groups.items())
    }
    gain = {light: tone(picture, MOODS[light].key) for light, picture in sets.empty.items()}
    folder = out / "frames"
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(frames):
        at = k * STEP_S
        light = "wet" if RAIN[0] <= at < RAIN[1] else "overcast"
        layers = [sets.parts[light, name] for name in present(at)]
        group = walking[light][k]
        if group is not None:
            layers.append(sets.groups[light][group])
        linear = compose(sets.empty[light], layers) * (1 + 0.03 * sin(at / 97.0))
        knocked = BUMP[0] <= at < BUMP[1]
        right, down = (BUMP[2], BUMP[3]) if knocked else (0.0, 0.0)
        view = shifted(filmic(linear * gain[light]), MARGIN, right, down)
        taken = Taken(START + timedelta(seconds=at), 29.5932, 120.8247, PLACE)
        im = develop(np.asarray(view, dtype=np.uint8), seed * 100_000 + k, "pole", light, taken)
        im.save(folder / f"{k:06d}.jpg", "JPEG", quality=86)
    truth = truth_of(sets)
    (out / "truth.json").write_text(
        json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    return truth


def truth_of(sets: Sets) -> dict[str, Any]:
    """The clip's truth: events with time, class and box (pixels), and disturbances."""
    h, w = sets.empty["overcast"].shape[:2]
    rows = []
    for event in EVENTS:
        start, end = times_of(event)
        boxes = [b for p in event.parts if (b := sets.parts["overcast", p].box()) is not None]
        rows.append(
            {
                "name": event.name,
                "label": event.label,
                "start_s": start,
                "end_s": end,
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
