"""Builds a planned scene in Blender and draws it, with labels from the renderer's index pass."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import atan2, hypot, pi, radians
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.render import (
    facade,
    figures,
    goods,
    greens,
    light,
    spills,
    stalls,
    street,
    vehicles,
    waste,
)
from datasets.render.labels import Label, labels_from_index, outline_area
from datasets.render.library import Library
from datasets.render.mesh import Array, Shape
from datasets.render.picture import expose
from datasets.render.plan import Item, Scene
from datasets.render.surface import Surfaces
from datasets.render.things import KINDS

Builder = Callable[[int, Surfaces], Shape]
ONE_OF_A_KIND: dict[str, Builder] = {
    "person": figures.build_person,
    "moped": figures.build_moped,
    "bicycle": figures.build_bicycle,
    "car": vehicles.build_car,
    "truck": vehicles.build_truck,
    "box_lorry": vehicles.build_box_lorry,
}
OF_LABEL: dict[str, Callable[[str, int, Surfaces], Shape]] = {
    "spill": spills.build_spill,
    "stacked_goods": goods.build_goods,
    "stall": stalls.build_stall,
    "litter": waste.build_litter,
    "overflowing_bin": waste.build_bin,
    "bin": waste.build_bin,
}


@dataclass(frozen=True)
class Quality:
    """How much work goes into a picture; pixels, Cycles samples, processor threads (0: all)."""

    width: int = 960
    height: int = 600
    samples: int = 16
    threads: int = 0


@dataclass(frozen=True)
class Drawn:
    """A finished render: pixels (h, w, 3) uint8 sRGB, its labels, and the index picture (h, w)."""

    pixels: npt.NDArray[np.uint8]
    labels: tuple[Label, ...]
    index: npt.NDArray[np.int64]


def _shape(item: Item, surfaces: Surfaces) -> Shape:
    if item.kind in ONE_OF_A_KIND:
        return ONE_OF_A_KIND[item.kind](item.seed, surfaces)
    if item.label is not None:
        return OF_LABEL[item.label](item.kind, item.seed, surfaces)
    if KINDS[item.kind].zone in ("flat", "gutter"):
        return street.build_flat(item.kind, item.seed, surfaces)
    return greens.build_furniture(item.kind, item.seed, surfaces)


def build_object(item: Item, surfaces: Surfaces) -> Any:
    """The built-in model; trees, lamps and poles share a few meshes, which saves much memory."""
    import bpy

    if KINDS[item.kind].zone != "strip":
        return _shape(item, surfaces).build(item.kind)
    key = ("mesh", item.kind, item.seed % 3)
    if key not in surfaces.made:
        surfaces.made[key] = _shape(item, surfaces).build(item.kind).data
    return bpy.data.objects.new(item.kind, surfaces.made[key])


def _place(item: Item, surfaces: Surfaces, library: Library | None, number: int) -> list[Any]:
    import bpy

    objects = library.stand_in(item) if library else []
    if not objects:
        o = build_object(item, surfaces)
        o.location = (item.x, item.y, item.z)
        o.rotation_euler = (0, 0, radians(item.rz))
        objects = [o]
    if library:
        objects += library.beside(item)
    for o in objects:
        o.pass_index = number
        bpy.context.scene.collection.objects.link(o)
    return objects


def _houses(scene: Scene, surfaces: Surfaces, lit: float) -> None:
    import bpy

    back = scene.street.road / 2 + scene.street.pavement
    rows = [
        (0.0, back, 0.0, 1),
        (0.0, -back, 180.0, 2),
        (66.0, 0.0, -90.0, 3),
        (-66.0, 0.0, 90.0, 4),
    ]
    for x, y, turned, number in rows:
        low = scene.light == "sunny" and number == 2
        middle = scene.camera.x if number == 1 else -scene.camera.x
        near = (middle - 21, middle + 21) if number < 3 else (99.0, 99.0)
        if number == 2 and not any(_seen(scene, float(k), -back, 2.0) for k in range(-24, 25, 4)):
            near = (99.0, 99.0)
        o = facade.build_row(
            surfaces, scene.street.seed + number, lit, most=2 if low else 5, near=near
        ).build("houses")
        o.location = (x, y, scene.street.kerb if number < 3 else 0.0)
        o.rotation_euler = (0, 0, radians(turned))
        bpy.context.scene.collection.objects.link(o)


def _seen(scene: Scene, x: float, y: float, spare: float) -> bool:
    """May something at x, y (within ``spare`` metres) be in the picture?"""
    c = scene.camera
    away = hypot(x - c.x, y - c.y)
    if away < spare:
        return True
    a = atan2(y - c.y, x - c.x) - atan2(c.target[1] - c.y, c.target[0] - c.x)
    a = abs((a + pi) % (2 * pi) - pi)
    return a < radians(c.fov / 2) + atan2(spare, away)


def _camera(scene: Scene) -> Any:
    import bpy
    from mathutils import Vector

    data = bpy.data.cameras.new("camera")
    data.sensor_fit = "HORIZONTAL"
    data.angle = radians(scene.camera.fov)
    o = bpy.data.objects.new("camera", data)
    c = scene.camera
    o.location = (c.x, c.y, c.z)
    roll = Random(scene.seed + 3).uniform(-2.0, 2.0) if c.kind != "pole" else 0.0
    look = (Vector(c.target) - o.location).to_track_quat("-Z", "Y").to_euler()
    o.rotation_euler = look
    o.rotation_euler.rotate_axis("Z", radians(roll))
    bpy.context.scene.collection.objects.link(o)
    bpy.context.scene.camera = o
    return o


def set_engine(quality: Quality, seed: int) -> None:
    """Set Blender's current scene to be drawn with Cycles on the processor."""
    import bpy

    s = bpy.context.scene
    s.render.engine = "CYCLES"
    s.cycles.device = "CPU"
    s.cycles.samples = quality.samples
    s.cycles.seed = seed % (1 << 30)
    s.cycles.use_adaptive_sampling = True
    s.cycles.adaptive_threshold = 0.08
    s.cycles.adaptive_min_samples = max(1, quality.samples // 3)
    s.cycles.use_denoising = True
    s.cycles.denoising_prefilter = "FAST"
    s.cycles.denoising_quality = "BALANCED"
    s.cycles.max_bounces, s.cycles.diffuse_bounces, s.cycles.glossy_bounces = 4, 2, 2
    s.cycles.transparent_max_bounces = 8
    s.cycles.sample_clamp_indirect = 6
    s.cycles.caustics_reflective = s.cycles.caustics_refractive = False
    s.cycles.pixel_filter_type = "BLACKMAN_HARRIS"
    s.render.resolution_x, s.render.resolution_y = quality.width, quality.height
    s.render.resolution_percentage = 100
    if quality.threads:
        s.render.threads_mode, s.render.threads = "FIXED", quality.threads
    s.view_layers[0].use_pass_object_index = True


def _triangles(objects: list[Any]) -> Array:
    out = []
    for o in objects:
        mesh = o.data
        mesh.calc_loop_triangles()
        n = len(mesh.loop_triangles)
        idx, co = (
            np.empty(3 * n, dtype=np.int32),
            np.empty(3 * len(mesh.vertices), dtype=np.float32),
        )
        mesh.loop_triangles.foreach_get("vertices", idx)
        mesh.vertices.foreach_get("co", co)
        m = np.array(o.matrix_world, dtype=np.float64)
        pts = co.reshape(-1, 3).astype(np.float64) @ m[:3, :3].T + m[:3, 3]
        out.append(pts[idx].reshape(-1, 3, 3))
    tri: Array = np.concatenate(out)
    above: npt.NDArray[np.bool_] = tri[:, :, 2].max(axis=1) > 0.0
    return np.asarray(tri[above], dtype=np.float64)


@dataclass(frozen=True)
class Stage:
    """A scene built in Blender, to which things can be added, and which can be drawn again."""

    scene: Scene
    quality: Quality
    surfaces: Surfaces
    library: Library | None
    camera: Any

    @classmethod
    def open(cls, scene: Scene, quality: Quality, assets: Path | None) -> Stage:
        """Street, houses, light and camera; nothing of ``scene.items`` yet."""
        import bpy

        bpy.ops.wm.read_factory_settings(use_empty=True)
        mood = light.MOODS[scene.light]
        surfaces = Surfaces(Random(scene.seed), assets, mood.wet)
        ground = street.build_ground(scene.street, surfaces).build("ground")
        bpy.context.scene.collection.objects.link(ground)
        _houses(scene, surfaces, mood.lit)
        light.light_scene(scene, assets)
        stage = cls(scene, quality, surfaces, Library(assets) if assets else None, _camera(scene))
        set_engine(quality, scene.seed)
        return stage

    def add(self, item: Item, number: int) -> list[Any]:
        """Put one thing in; its pixels carry ``number`` in the index picture."""
        return _place(item, self.surfaces, self.library, number)

    @staticmethod
    def show(objects: list[Any], seen: bool) -> None:
        """Let things be drawn or not."""
        for o in objects:
            o.hide_render = not seen

    def draw(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """The picture as linear light (h, w, 3), and the index picture (h, w)."""
        return _render(self.quality)

    def outlines(self, groups: Mapping[int, list[Any]]) -> dict[int, int]:
        """Pixels each group would cover if nothing hid it."""
        import bpy

        q = self.quality
        graph = bpy.context.evaluated_depsgraph_get()
        view = np.array(self.camera.matrix_world.inverted(), dtype=np.float64)
        lens = self.camera.calc_matrix_camera(graph, x=q.width, y=q.height)
        matrix = np.array(lens, dtype=np.float64) @ view
        return {
            n: outline_area(_triangles(o), matrix, q.width, q.height) for n, o in groups.items()
        }


def draw_scene(scene: Scene, quality: Quality, assets: Path | None = None) -> Drawn:
    """Draw one planned scene with Cycles on the processor; ``assets``: the optional library."""
    stage = Stage.open(scene, quality, assets)
    groups: dict[int, list[Any]] = {}
    names: dict[int, str] = {}
    for item in scene.items:
        if not _seen(scene, item.x, item.y, 8.0 if KINDS[item.kind].height > 3 else 4.0):
            continue
        number = len(names) + 1 if item.label else 0
        objects = stage.add(item, number)
        if item.label:
            groups[number], names[number] = objects, item.label
    linear, index = stage.draw()
    whole = stage.outlines({n: groups[n] for n in groups if (index == n).any()})
    pixels = expose(linear, light.MOODS[scene.light].key)
    return Drawn(pixels, labels_from_index(index, names, whole), index)


def _render(quality: Quality) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """The denoised picture as linear light (h, w, 3), and the index picture (h, w)."""
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
        out.format.file_format = "OPEN_EXR"
        out.format.color_depth = "32"
        out.file_slots[0].path = "index"
        out.file_slots.new("light")
        tree.links.new(layers.outputs["IndexOB"], out.inputs[0])
        tree.links.new(layers.outputs["Image"], out.inputs[1])
        bpy.ops.render.render(write_still=False)
        found = []
        for name in ("light", "index"):
            image = bpy.data.images.load(str(next(Path(folder).glob(f"{name}*.exr"))))
            image.colorspace_settings.name = "Non-Color"
            flat = np.empty(quality.width * quality.height * 4, dtype=np.float32)
            image.pixels.foreach_get(flat)
            bpy.data.images.remove(image)
            found.append(flat.reshape(quality.height, quality.width, 4)[::-1].astype(np.float64))
    return found[0][..., :3], np.rint(found[1][..., 0]).astype(np.int64)
