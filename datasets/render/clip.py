"""Draws the layers of the scripted camera clip; `frames` composes the clip from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from datasets.render import studio
from datasets.render.frames import Sets
from datasets.render.layers import Layer, Mask
from datasets.render.plan import Camera, Item, Scene, Street, plan_scene
from datasets.render.story import ACTS, PARTS, RAIN
from datasets.render.things import KINDS

STREET = Street(4711, 8.0, 4.6, 0.14, "dashed", None)
CAMERA = Camera("pole", -6.5, -5.6, 4.5, (1.0, 4.6, 0.4), 66.0)


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
