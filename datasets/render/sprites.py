"""Draws single things and small groups with alpha and a shadow of their own, for composites."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sin
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from datasets.render import light
from datasets.render.library import Library, Use
from datasets.render.mesh import Array, Shape
from datasets.render.picture import filmic
from datasets.render.plan import Camera, Item, Scene, Street
from datasets.render.sprite_plan import Part, SpritePlan, chosen_groups, plan_sprite
from datasets.render.sprite_things import OWN
from datasets.render.studio import Quality, build_object, set_engine
from datasets.render.surface import Surfaces
from datasets.render.things import KINDS

LONG_SIDE = 264
"""Pixels of the longer side of the largest sprites."""
FOCAL = 950
"""Focal length in pixels of the pictures that sprites are meant for; they are drawn no larger."""
GROUND = 0.2
"""Albedo of the plane the shadows fall on."""
GROUND_LIGHT = {"sunny": 0.2, "overcast": 0.2, "wet": 0.14, "dusk": 0.09}
"""Linear light the sunlit or lamplit plane is exposed to."""


@dataclass(frozen=True)
class Window:
    """The part of the view a sprite shows: middle and half size as tangents, focal length in px."""

    middle: tuple[float, float]
    half: tuple[float, float]
    focal: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return (
            max(16, round(2 * self.half[0] * self.focal)),
            max(16, round(2 * self.half[1] * self.focal)),
        )

    def pixel(self, tangents: Array) -> Array:
        """Points (n, 2) in tangents (right, up) to pixels (right, down)."""
        w, h = self.size
        return np.stack(
            [
                w / 2 + (tangents[:, 0] - self.middle[0]) * self.focal,
                h / 2 - (tangents[:, 1] - self.middle[1]) * self.focal,
            ],
            axis=1,
        )


def _axes(plan: SpritePlan) -> tuple[Array, Array]:
    """The camera's place, and its axes as rows: right, up, ahead."""
    at = np.array([0.0, -plan.distance, plan.height])
    ahead = np.array([0.0, 0.0, 0.35]) - at
    ahead /= np.linalg.norm(ahead)
    right = np.array([1.0, 0.0, 0.0])
    return at, np.stack([right, np.cross(right, ahead), ahead])


def tangents(plan: SpritePlan, points: Array) -> tuple[Array, Array]:
    """World points (n, 3) as tangents (n, 2) right and up, and their depth (n,) in metres."""
    at, axes = _axes(plan)
    seen = (points - at) @ axes.T
    return np.asarray(seen[:, :2] / seen[:, 2:], dtype=np.float64), np.asarray(seen[:, 2])


def sun_ray(plan: SpritePlan) -> Array:
    """Unit vector along which sunlight travels."""
    a, e = radians(plan.sun), radians(plan.elevation)
    return np.array([-sin(a) * cos(e), cos(a) * cos(e), -sin(e)])


def window(plan: SpritePlan, corners: Array, long_side: int | None = None) -> Window:
    """A window around things with these corner points (n, 3) and their shadow."""
    points = corners
    if plan.light == "sunny":
        ray = sun_ray(plan)
        reach = np.clip(corners[:, 2:], 0, None) / -ray[2]
        points = np.concatenate([corners, corners + np.minimum(reach, 3.5) * ray])
    xy, depth = tangents(plan, points)
    xy = xy[depth > 0.5]
    low, high = xy.min(axis=0), xy.max(axis=0)
    half = (high - low) / 2 * 1.08 + 0.15 / plan.distance
    middle = (high + low) / 2
    most = 2 * float(half.max())
    side = long_side or min(max(most * FOCAL, 72), LONG_SIDE)
    return Window(
        (float(middle[0]), float(middle[1])), (float(half[0]), float(half[1])), side / most
    )


def _part(part: Part, surfaces: Surfaces, library: Library | None) -> list[Any]:
    from mathutils import Matrix

    item = Item(part.kind, part.x, part.y, part.z, part.rz, part.seed, part.label)
    if library is not None:
        if part.model is not None:
            return library.objects(Use(part.model, 0, part.scale), item, Random(part.seed))
        if part.kind in KINDS:
            found = library.stand_in(item)
            if found:
                return found + library.beside(item)
    shape = OWN[part.kind](part.seed, surfaces).build(part.kind) if part.kind in OWN else None
    o = shape if shape is not None else build_object(item, surfaces)
    o.matrix_world = (
        Matrix.Translation((part.x, part.y, part.z))
        @ Matrix.Rotation(radians(part.rz), 4, "Z")
        @ Matrix.Scale(part.scale, 4)
    )
    beside = library.beside(item) if library is not None and part.kind in KINDS else []
    return [o, *beside]


def _corners(objects: Sequence[Any]) -> Array:
    out = []
    for o in objects:
        m = np.array(o.matrix_world, dtype=np.float64)
        box = np.array([tuple(c) for c in o.bound_box], dtype=np.float64)
        out.append(box @ m[:3, :3].T + m[:3, 3])
    return np.concatenate(out)


class Bench:
    """One light with its plane and camera, on which one sprite after another is drawn."""

    def __init__(
        self, mood: str, seed: int, assets: Path | None, samples: int, threads: int
    ) -> None:
        """Set up Blender's scene; everything in it before is dropped."""
        import bpy

        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.mood = mood
        street = Street(seed, 7.0, 4.2, 0.0, "none", None)
        scene = Scene(seed, mood, street, Camera("pole", 0, -8, 4, (0, 0, 0), 60), ())
        self.surfaces = Surfaces(Random(seed), assets, light.MOODS[mood].wet)
        self.library = Library(assets) if assets else None
        light.light_scene(scene, assets)
        self.suns = [o for o in bpy.data.objects if o.type == "LIGHT" and o.data.type == "SUN"]
        set_engine(Quality(LONG_SIDE, LONG_SIDE, samples, threads), seed)
        s = bpy.context.scene
        s.render.film_transparent = True
        s.cycles.denoising_prefilter, s.cycles.denoising_quality = "NONE", "FAST"
        s.cycles.max_bounces, s.cycles.diffuse_bounces = 2, 1
        s.view_layers[0].cycles.use_pass_shadow_catcher = True
        s.render.use_persistent_data = True
        shape = Shape()
        shape.add(
            [(-60, -60, 0), (60, -60, 0), (60, 60, 0), (-60, 60, 0)],
            [[0, 1, 2, 3]],
            self.surfaces.paint((GROUND,) * 3, 0.9, grime=0),
        )
        self.plane = shape.build("plane")
        s.collection.objects.link(self.plane)
        data = bpy.data.cameras.new("camera")
        data.sensor_fit, data.sensor_width = "HORIZONTAL", 36.0
        self.camera = bpy.data.objects.new("camera", data)
        s.collection.objects.link(self.camera)
        s.camera = self.camera
        self.sky, self.direct = self._measured()

    def _look(self, plan: SpritePlan, view: Window) -> None:
        import bpy
        from mathutils import Vector

        at, axes = _axes(plan)
        self.camera.location = tuple(at)
        self.camera.rotation_euler = Vector(tuple(axes[2])).to_track_quat("-Z", "Y").to_euler()
        data = self.camera.data
        data.lens = 36.0 / (2 * view.half[0])
        data.shift_x = view.middle[0] / (2 * view.half[0])
        data.shift_y = view.middle[1] / (2 * view.half[0])
        r = bpy.context.scene.render
        r.resolution_x, r.resolution_y = view.size
        for sun in self.suns:
            sun.rotation_euler = (radians(90 - plan.elevation), 0, radians(plan.sun))

    def _measured(self) -> tuple[float, float]:
        """Linear light of the bare plane: from the sky, and from a sun straight above."""
        found = []
        for elevation in (30.0, 60.0):
            plan = replace(plan_sprite(0, 0), elevation=elevation, sun=0.0)
            self._look(plan, Window((0.0, 0.0), (0.06, 0.06), 24 / 0.12))
            self.plane.is_shadow_catcher = False
            found.append(float(_passes()[0][..., :3].mean()))
            if not self.suns:
                return found[0], 0.0
        direct = (found[1] - found[0]) / (sin(radians(60.0)) - sin(radians(30.0)))
        return found[0] - direct * sin(radians(30.0)), direct

    def ground(self, plan: SpritePlan) -> float:
        """Linear light of the bare plane under the light of ``plan``."""
        return self.sky + self.direct * sin(radians(plan.elevation))

    def draw(
        self, plan: SpritePlan
    ) -> tuple[dict[str, Any], npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """Record, RGBA sprite, shadow (255: none) and part numbers, all (h, w) pictures."""
        import bpy

        s = bpy.context.scene
        made: list[Any] = []
        for number, part in enumerate(plan.parts, 1):
            for o in _part(part, self.surfaces, self.library):
                o.pass_index = number
                s.collection.objects.link(o)
                made.append(o)
        bpy.context.view_layer.update()
        view = window(plan, _corners(made))
        gain = GROUND_LIGHT[self.mood] / max(self.ground(plan), 1e-5)
        self.plane.is_shadow_catcher = True
        self._look(plan, view)
        combined, index, shadow = _passes()
        for o in made:
            bpy.data.objects.remove(o)
        rgba, dark = separate(combined, index, shadow, gain)
        base, depth = tangents(plan, np.zeros((1, 3)))
        anchor = view.pixel(base)[0]
        record = {
            "name": plan.name,
            "group": plan.group,
            "parts": [p.label for p in plan.parts],
            "light": plan.light,
            "view": plan.view,
            "camera_height": plan.height,
            "distance": plan.distance,
            "depression": round(plan.depression, 2),
            "pixels_per_metre": round(view.focal / float(depth[0]), 3),
            "anchor": [round(float(v), 2) for v in anchor],
            "sun": plan.sun,
            "elevation": plan.elevation,
            "ground": [int(v) for v in filmic(np.full((1, 1, 3), GROUND_LIGHT[self.mood]))[0, 0]],
            "seed": plan.seed,
            "assets": self.library is not None,
        }
        return record, rgba, dark, np.asarray(index, dtype=np.uint8)


def separate(
    combined: Array, index: npt.NDArray[np.int64], shadow: Array, gain: float
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Sprite (h, w, 4) and shadow (h, w) from the renderer's passes.

    ``combined`` (h, w, 4): premultiplied linear light with the shadow as dark alpha; ``shadow``
    (h, w, 3): by what the ground's light is multiplied.
    """
    dark = np.clip(shadow.mean(axis=2), 0.0, 1.0)
    own = index > 0
    inner = own.copy()
    outer = own.copy()
    for axis in (0, 1):
        for step in (1, -1):
            inner &= np.roll(own, step, axis)
            outer |= np.roll(own, step, axis)
    cover = np.clip(1 - (1 - combined[..., 3]) / np.maximum(dark, 0.08), 0, 1)
    alpha = np.where(inner, 1.0, np.where(outer, np.where(own, np.maximum(cover, 0.5), cover), 0.0))
    colour = combined[..., :3] / np.maximum(alpha, 0.2)[..., None]
    rgb = filmic(colour * gain)
    rgba = np.dstack([rgb, np.rint(alpha * 255).astype(np.uint8)])
    return rgba, np.rint(dark * 255).astype(np.uint8)


def _passes() -> tuple[Array, npt.NDArray[np.int64], Array]:
    """Draw; gives combined (h, w, 4), index (h, w) and shadow catcher (h, w, 3)."""
    import bpy

    s = bpy.context.scene
    with tempfile.TemporaryDirectory() as folder:
        s.use_nodes = True
        tree = s.node_tree
        for old in [n for n in tree.nodes if n.type == "OUTPUT_FILE"]:
            tree.nodes.remove(old)
        layers = next(n for n in tree.nodes if n.type == "R_LAYERS")
        out = tree.nodes.new("CompositorNodeOutputFile")
        out.base_path = folder
        out.format.file_format, out.format.color_depth = "OPEN_EXR", "32"
        out.format.color_mode = "RGBA"
        out.file_slots[0].path = "index"
        tree.links.new(layers.outputs["IndexOB"], out.inputs[0])
        for name, socket in (("light", "Image"), ("shadow", "Shadow Catcher")):
            out.file_slots.new(name)
            tree.links.new(layers.outputs[socket], out.inputs[name])
        bpy.ops.render.render(write_still=False)
        found = []
        for name in ("light", "index", "shadow"):
            image = bpy.data.images.load(str(next(Path(folder).glob(f"{name}*.exr"))))
            image.colorspace_settings.name = "Non-Color"
            image.alpha_mode = "PREMUL"
            w, h = image.size
            flat = np.empty(w * h * 4, dtype=np.float32)
            image.pixels.foreach_get(flat)
            bpy.data.images.remove(image)
            found.append(flat.reshape(h, w, 4)[::-1].astype(np.float64))
    return found[0], np.rint(found[1][..., 0]).astype(np.int64), found[2][..., :3]


def draw_sprites(
    out: Path,
    *,
    count: int,
    seed: int,
    assets: Path | None,
    samples: int,
    threads: int,
    things: Sequence[str] | None = None,
    block: int = 24,
) -> Iterator[dict[str, Any]]:
    """Draw what is missing of sprites 0..count-1 of this seed; gives each record when written.

    Files: ``out``/<name>.png (RGBA), <name>_shadow.png, <name>_parts.png; a line in sprites.jsonl
    comes last. Sprites of one light are drawn together in blocks, because a scene is dear to open.
    ``things``: only groups of these names or classes; ValueError where there are none.
    """
    groups = chosen_groups(things)
    out.mkdir(parents=True, exist_ok=True)
    listing = out / "sprites.jsonl"
    done = set()
    if listing.is_file():
        done = {json.loads(line)["name"] for line in listing.read_text("utf-8").splitlines()}
    for start in range(0, count, 4 * block):
        plans = [plan_sprite(k, seed, groups) for k in range(start, min(count, start + 4 * block))]
        for mood in light.MOODS:
            todo = [p for p in plans if p.light == mood and p.name not in done]
            if not todo:
                continue
            bench = Bench(mood, seed + start, assets, samples, threads)
            for plan in todo:
                started, cpu = time.monotonic(), time.process_time()
                record, rgba, dark, index = bench.draw(plan)
                Image.fromarray(rgba).save(out / f"{plan.name}.png")
                Image.fromarray(dark).save(out / f"{plan.name}_shadow.png")
                Image.fromarray(index).save(out / f"{plan.name}_parts.png")
                with listing.open("a", encoding="utf-8") as f:
                    f.write(json.dumps(record) + "\n")
                yield {
                    **record,
                    "seconds": round(time.monotonic() - started, 1),
                    "cpu": round(time.process_time() - cpu, 1),
                }
