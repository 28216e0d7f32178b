"""Lights a scene: sunny, overcast, dusk under street lamps, or wet after rain."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians
from pathlib import Path
from random import Random
from typing import Any

from datasets.render.plan import Item, Scene


@dataclass(frozen=True)
class Mood:
    """The numbers of one kind of light; ``lit``: how far lamps and shop lights are on (0..1);
    ``key``: the middling brightness a camera would choose."""

    wet: float
    lit: float
    key: float
    sky: float
    sun: float
    sun_angle: float
    zenith: tuple[float, float, float]
    horizon: tuple[float, float, float]
    skies: tuple[str, ...]


MOODS = {
    "sunny": Mood(
        0.0,
        0.0,
        0.17,
        0.8,
        4.2,
        0.6,
        (0.2, 0.38, 0.75),
        (0.75, 0.82, 0.9),
        ("potsdamer_platz_1k.exr", "adams_place_bridge_1k.exr"),
    ),
    "overcast": Mood(0.0, 0.05, 0.21, 1.0, 0.7, 25.0, (0.72, 0.76, 0.8), (0.88, 0.89, 0.9), ()),
    "wet": Mood(1.0, 0.2, 0.17, 0.8, 0.3, 30.0, (0.6, 0.64, 0.69), (0.8, 0.81, 0.82), ()),
    "dusk": Mood(0.0, 1.0, 0.1, 0.16, 0.0, 1.0, (0.12, 0.2, 0.42), (0.6, 0.42, 0.36), ()),
}


def _world(mood: Mood, rng: Random, library: Path | None) -> None:
    import bpy

    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    nodes, link = tree.nodes, tree.links.new
    back = nodes["Background"]
    coord = nodes.new("ShaderNodeTexCoord")
    split = nodes.new("ShaderNodeSeparateXYZ")
    link(coord.outputs["Generated"], split.inputs[0])
    ramp = nodes.new("ShaderNodeValToRGB")
    link(split.outputs["Z"], ramp.inputs["Fac"])
    ramp.color_ramp.elements[0].color = (*mood.horizon, 1)
    ramp.color_ramp.elements[1].color = (*mood.zenith, 1)
    ramp.color_ramp.elements[1].position = 0.55
    link(ramp.outputs["Color"], back.inputs["Color"])
    back.inputs["Strength"].default_value = mood.sky
    files = [library / "hdri" / f for f in mood.skies] if library else []
    files = [f for f in files if f.is_file()]
    if not files:
        return
    seen = nodes.new("ShaderNodeBackground")
    link(ramp.outputs["Color"], seen.inputs["Color"])
    seen.inputs["Strength"].default_value = mood.sky * 1.1
    image = nodes.new("ShaderNodeTexEnvironment")
    image.image = bpy.data.images.load(str(rng.choice(files)))
    turned = nodes.new("ShaderNodeMapping")
    turned.inputs["Rotation"].default_value = (0, 0, rng.uniform(0, 6.28))
    link(coord.outputs["Generated"], turned.inputs["Vector"])
    link(turned.outputs["Vector"], image.inputs["Vector"])
    link(image.outputs["Color"], back.inputs["Color"])
    rays = nodes.new("ShaderNodeLightPath")
    mix = nodes.new("ShaderNodeMixShader")
    link(rays.outputs["Is Camera Ray"], mix.inputs[0])
    link(back.outputs[0], mix.inputs[1])
    link(seen.outputs[0], mix.inputs[2])
    link(mix.outputs[0], nodes["World Output"].inputs["Surface"])


def _lamp(
    kind: str, at: tuple[float, float, float], power: float, colour: tuple[float, float, float]
) -> Any:
    import bpy

    data = bpy.data.lights.new("lamp", kind)
    data.energy = power
    data.color = colour
    o = bpy.data.objects.new("lamp", data)
    o.location = at
    bpy.context.scene.collection.objects.link(o)
    return o


def light_scene(scene: Scene, library: Path | None) -> Mood:
    """Add sky, sun and lamps to Blender's current scene; gives the mood used."""
    rng = Random(scene.seed * 31 + 7)
    mood = MOODS[scene.light]
    _world(mood, rng, library)
    if mood.sun > 0:
        sun = _lamp("SUN", (0, 0, 30), mood.sun * rng.uniform(0.85, 1.15), (1.0, 0.94, 0.85))
        sun.data.angle = radians(mood.sun_angle)
        sun.rotation_euler = (radians(rng.uniform(34, 52)), 0, radians(rng.uniform(-65, 65)))
    if mood.lit > 0.5:
        warm = rng.choice(((1.0, 0.72, 0.42), (1.0, 0.86, 0.68), (0.92, 0.95, 1.0)))
        lamps = [i for i in scene.items if i.kind == "lamp"]
        for item in lamps[:10]:
            _street_light(item, warm)
        edge = scene.street.road / 2
        for side in (1, -1):
            for k in range(-2, 3):
                x = 11.0 * k + 3 * side
                if not any(abs(i.x - x) < 4 and i.y * side > 0 for i in lamps):
                    spot = _lamp("SPOT", (x, side * (edge - 0.6), 7.4), 900, warm)
                    spot.data.spot_size, spot.data.spot_blend = radians(130), 0.6
                    spot.data.shadow_soft_size = 0.18
        for k in range(-4, 5):
            area = _lamp(
                "AREA",
                (4.2 * k + rng.uniform(-1, 1), edge + scene.street.pavement - 0.35, 2.5),
                rng.uniform(15, 60),
                rng.choice(((1, 0.85, 0.65), (0.95, 0.97, 1.0))),
            )
            area.data.size, area.data.size_y, area.data.shape = 2.4, 0.3, "RECTANGLE"
            area.rotation_euler = (radians(-35), 0, 0)
    return mood


def _street_light(item: Item, warm: tuple[float, float, float]) -> None:
    side = 1.0 if item.y > 0 else -1.0
    spot = _lamp("SPOT", (item.x, item.y - side * 1.85, 7.45), 1100, warm)
    spot.data.spot_size, spot.data.spot_blend = radians(135), 0.6
    spot.data.shadow_soft_size = 0.15
