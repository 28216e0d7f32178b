"""Brings models of an optional folder into the scene, for more realism than the built-in ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, radians, sin
from pathlib import Path
from random import Random
from typing import Any

from datasets.render.plan import Item


@dataclass(frozen=True)
class Use:
    """A library model standing for a thing: its turn in degrees, scale, and shift in metres."""

    model: str
    turn: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)


WHOLE: dict[str, tuple[tuple[float, tuple[Use, ...]], ...]] = {
    # kind -> (chance weight, models that together stand for it)
    "car": (
        (3, (Use("hatchback", 90),)),
        (2, (Use("hatchback_blue", 90),)),
        (1, (Use("hatchback_red", 90),)),
        (1, (Use("suv", 90, 0.88),)),
        (4, ()),
    ),
    "truck": ((1, (Use("pickup", 90, 0.95),)), (4, ())),
    "person": (
        (1, (Use("man_walk_1"),)),
        (1, (Use("man_walk_2"),)),
        (1, (Use("man_walk_3"),)),
        (1, (Use("man_walk_4"),)),
        (7, ()),
    ),
    "bicycle": ((2, (Use("mk_bike"),)), (1, ())),
    "cartons": (
        (2, (Use("aws_ClutteringA_01", 20, 0.8),)),
        (5, ()),
        (1, (Use("aws_ClutteringC_01", 0, 0.75),)),
    ),
    "crates": ((1, (Use("aws_Bucket_01", 90, 1.0),)), (4, ())),
    "furniture": (
        (
            2,
            (
                Use("sofa_03", 0, 1.0, (0.3, 0.1, 0)),
                Use("painted_wooden_cabinet", 0, 1.0, (-0.9, 0.35, 0)),
                Use("painted_wooden_stool", 30, 1.0, (-0.3, -0.45, 0)),
            ),
        ),
        (
            2,
            (
                Use("painted_wooden_cabinet", 4, 1.0, (-0.7, 0.2, 0)),
                Use("wooden_bookshelf_worn", -3, 1.0, (0.35, 0.3, 0)),
                Use("wooden_table_02", 15, 1.0, (0.3, -0.4, 0)),
            ),
        ),
        (
            1,
            (
                Use("aws_SofaB_01", 0, 1.0, (0.6, 0, 0)),
                Use("aws_Wardrobe_01", 0, 0.9, (-0.6, 0.2, 0)),
                Use("painted_wooden_stool", 50, 1.0, (0.1, -0.4, 0)),
            ),
        ),
    ),
}
BAGS_WITH: dict[str, tuple[int, int]] = {
    "bag_heap": (3, 5),
    "mixed_heap": (1, 3),
    "bin240_full": (1, 2),
    "street_bin_full": (1, 2),
    "container_full": (2, 4),
}
CLOTHES = (
    (0.5, 0.05, 0.05),
    (0.05, 0.08, 0.2),
    (0.6, 0.6, 0.58),
    (0.03, 0.03, 0.035),
    (0.12, 0.22, 0.32),
    (0.4, 0.36, 0.28),
    (0.18, 0.25, 0.15),
    (0.28, 0.28, 0.3),
)


@dataclass
class Library:
    """A folder with ``models/<name>/<name>.glb``; models are read once per scene."""

    folder: Path
    read: dict[str, list[Any]] = field(default_factory=dict)

    def _parts(self, name: str) -> list[Any]:
        import bpy

        if name not in self.read:
            path = self.folder / "models" / name / f"{name}.glb"
            if not path.is_file():
                raise FileNotFoundError(f"{path}: the assets folder lacks this model")
            before = set(bpy.data.objects)
            bpy.ops.import_scene.gltf(filepath=str(path))
            bpy.context.view_layer.update()
            new = [o for o in bpy.data.objects if o not in before]
            self.read[name] = []
            for o in new:
                if o.type == "MESH":
                    self.read[name].append((o.data, o.matrix_world.copy()))
            for o in new:
                bpy.data.objects.remove(o)
        return self.read[name]

    def objects(self, use: Use, item: Item, rng: Random) -> list[Any]:
        """Copies of a model's meshes at the item's place, not yet linked to the scene."""
        import bpy
        from mathutils import Matrix

        a = radians(item.rz)
        x = item.x + cos(a) * use.shift[0] - sin(a) * use.shift[1]
        y = item.y + sin(a) * use.shift[0] + cos(a) * use.shift[1]
        to = (
            Matrix.Translation((x, y, item.z + use.shift[2]))
            @ Matrix.Rotation(radians(item.rz + use.turn), 4, "Z")
            @ Matrix.Scale(use.scale, 4)
        )
        out = []
        for mesh, matrix in self._parts(use.model):
            o = bpy.data.objects.new(use.model, mesh)
            o.matrix_world = to @ matrix
            if use.model.startswith("man_walk"):
                _dress(o, rng)
            out.append(o)
        return out

    def stand_in(self, item: Item) -> list[Any]:
        """The models for a whole thing; empty when the built-in model shall be used."""
        if item.kind not in WHOLE:
            return []
        rng = Random(item.seed + 5)
        sets = WHOLE[item.kind]
        uses = rng.choices([s[1] for s in sets], [s[0] for s in sets])[0]
        state = rng.randrange(1 << 30)
        return [o for use in uses for o in self.objects(use, item, Random(state))]

    def beside(self, item: Item) -> list[Any]:
        """Rubbish bags that join a heap or a full bin."""
        if item.kind not in BAGS_WITH:
            return []
        rng = Random(item.seed + 6)
        low, high = BAGS_WITH[item.kind]
        bin_like = item.kind.endswith("_full")
        out = []
        for _ in range(rng.randint(low, high)):
            if bin_like:
                wide = 0.95 if item.kind == "container_full" else 0.62
                shift = (
                    rng.choice((-1, 1)) * wide * rng.uniform(0.85, 1.05),
                    rng.uniform(-0.3, 0.05),
                    0.0,
                )
            else:
                shift = (rng.uniform(-0.7, 0.7), rng.uniform(-0.4, 0.4), 0.0)
            out += self.objects(
                Use("ph_trashbag", rng.uniform(0, 360), rng.uniform(0.75, 1.15), shift), item, rng
            )
        return out


def _dress(o: Any, rng: Random) -> None:
    """Give a copy of a person its own clothes' colours."""
    o.data = o.data.copy()
    colours: dict[str, tuple[float, float, float]] = {
        "sweater": rng.choice(CLOTHES),
        "jeans": rng.choice(((0.02, 0.025, 0.05), (0.02, 0.02, 0.022), (0.2, 0.19, 0.16))),
        "hair": (0.012, 0.01, 0.009),
    }
    for k, material in enumerate(o.data.materials):
        for word, colour in colours.items():
            if material is not None and word in material.name.lower():
                copy = material.copy()
                copy.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (
                    *colour,
                    1,
                )
                copy.node_tree.nodes["Principled BSDF"].inputs["Roughness"].default_value = 0.85
                o.data.materials[k] = copy
