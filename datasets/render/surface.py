"""Makes materials: from photographed textures where a library is given, from noise where not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.render.nodes import Nodes
from datasets.render.stuff import STUFF, Colour, Stuff


@dataclass
class Surfaces:
    """All materials of one scene, made once each."""

    rng: Random
    library: Path | None = None
    wet: float = 0.0
    made: dict[Any, Any] = field(default_factory=dict)

    def paint(
        self,
        colour: Colour,
        rough: float = 0.5,
        *,
        metal: float = 0.0,
        grime: float = 0.2,
        clear: float = 0.0,
    ) -> Any:
        """Paint, plastic or cloth with faint dirt; ``clear``: share of light let through."""
        key = ("paint", colour, rough, metal, grime, clear)
        if key in self.made:
            return self.made[key]
        n = Nodes("paint")
        n.shader.inputs["Roughness"].default_value = rough
        n.shader.inputs["Metallic"].default_value = metal
        if clear:
            n.shader.inputs["Alpha"].default_value = 1 - clear
        if grime:
            spots = n.ramp(n.noise(5.0, 2), 0.35, 0.7)
            dirty = tuple(c * (1 - grime) * 0.9 + 0.02 * grime for c in colour)
            n.join(n.mix(spots, colour, dirty), n.shader.inputs["Base Color"])
        else:
            n.shader.inputs["Base Color"].default_value = (*colour, 1)
        self.made[key] = n.material
        return n.material

    def glow(self, colour: Colour, strength: float) -> Any:
        """A surface that gives light."""
        key = ("glow", colour, strength)
        if key not in self.made:
            n = Nodes("glow")
            n.shader.inputs["Base Color"].default_value = (*colour, 1)
            n.shader.inputs["Emission Color"].default_value = (*colour, 1)
            n.shader.inputs["Emission Strength"].default_value = strength
            self.made[key] = n.material
        return self.made[key]

    def glass(self, tint: Colour = (0.02, 0.025, 0.03), clear: float = 0.6) -> Any:
        """A pane: mirror-like and partly see-through, without refraction (quick and noise free)."""
        key = ("glass", tint, clear)
        if key not in self.made:
            n = Nodes("glass")
            n.shader.inputs["Base Color"].default_value = (*tint, 1)
            n.shader.inputs["Roughness"].default_value = 0.04
            n.shader.inputs["Specular IOR Level"].default_value = 0.8
            n.shader.inputs["Alpha"].default_value = 1 - clear
            self.made[key] = n.material
        return self.made[key]

    def printed(
        self,
        picture: npt.NDArray[np.uint8],
        *,
        rough: float = 0.6,
        light: float = 0.0,
        grime: float = 0.15,
    ) -> Any:
        """A printed picture (h, w, 3 uint8 sRGB) laid over a face's 0..1 coordinates."""
        import bpy

        h, w = picture.shape[:2]
        image = bpy.data.images.new("print", w, h)
        flat = np.ones((h, w, 4), dtype=np.float32)
        flat[..., :3] = picture[::-1] / 255.0
        image.pixels.foreach_set(flat.ravel())
        image.pack()
        n = Nodes("print")
        tex = n.tree.nodes.new("ShaderNodeTexImage")
        tex.image = image
        tex.extension = "EXTEND"
        n.join(n.add("ShaderNodeUVMap").outputs["UV"], tex.inputs["Vector"])
        colour = tex.outputs["Color"]
        if grime:
            spots = n.ramp(n.noise(4.0, 2), 0.4, 0.75, 0.0, grime)
            colour = n.mix(spots, colour, (0.12, 0.1, 0.08))
        n.join(colour, n.shader.inputs["Base Color"])
        n.shader.inputs["Roughness"].default_value = rough
        if light:
            n.join(tex.outputs["Color"], n.shader.inputs["Emission Color"])
            n.shader.inputs["Emission Strength"].default_value = light
        return n.material

    def stuff(self, kind: str, *, variant: int = 0, ground: bool = False, tint: Any = None) -> Any:
        """A natural or built material of a named kind; ``ground`` takes wear, dirt and wetness."""
        key = ("stuff", kind, variant, ground, tint)
        if key not in self.made:
            self.made[key] = self._stuff(STUFF[kind], variant, ground, tint)
        return self.made[key]

    def _stuff(self, spec: Stuff, variant: int, ground: bool, tint: Any) -> Any:
        n = Nodes("stuff")
        files = self._files(spec, variant)
        if files is not None:
            colour, height, rough = self._photographed(n, *files)
        else:
            colour, height, rough = self._noisy(n, spec)
        if files is not None and spec.gain != 1.0:
            colour = n.mix(1.0, colour, (spec.gain, spec.gain, spec.gain), "MULTIPLY")
        if tint is not None:
            colour = (
                n.mix(0.75, colour, tint, "MULTIPLY")
                if files is None
                else n.mix(spec.tint, colour, tint)
            )
        if ground:
            wide = n.ramp(n.noise(0.35, 3), 0.3, 0.7, 0.72, 1.12)
            spots = n.ramp(n.noise(2.3, 3), 0.45, 0.7, 1.0, 0.8)
            grey = n.math("MULTIPLY", wide, spots)
            colour = n.mix(1.0, colour, grey, "MULTIPLY")
        if ground and self.wet > 0:
            puddle = n.ramp(n.noise(0.55, 2), 0.5, 0.58)
            film = n.math("MULTIPLY", n.ramp(n.noise(3.0, 2), 0.2, 0.8, 0.5, 1.0), self.wet)
            colour = n.mix(film, colour, n.mix(1.0, colour, (0.42, 0.42, 0.44), "MULTIPLY"))
            soaked = n.math("MULTIPLY", puddle, self.wet)
            keep = n.math("SUBTRACT", 1.0, n.math("MULTIPLY", film, 0.55))
            rough = n.math("MULTIPLY", rough, keep)
            dry = n.math("SUBTRACT", 1.0, soaked)
            rough = n.math("ADD", n.math("MULTIPLY", rough, dry), n.math("MULTIPLY", soaked, 0.03))
            height = n.math(
                "MULTIPLY", height, n.math("SUBTRACT", 1.0, n.math("MULTIPLY", soaked, 0.97))
            )
        n.join(colour, n.shader.inputs["Base Color"])
        if hasattr(rough, "is_linked"):
            n.join(rough, n.shader.inputs["Roughness"])
        else:
            n.shader.inputs["Roughness"].default_value = rough
        n.bump(height, spec.bump if files is None else min(1.0, spec.bump * 1.6))
        return n.material

    def _files(
        self, spec: Stuff, variant: int
    ) -> tuple[Path, Path | None, Path | None, float] | None:
        if self.library is None:
            return None
        folder, size = spec.folders[variant % len(spec.folders)]
        if folder.startswith("ambientcg:"):
            group = self.library / "textures" / "ambientcg_128" / folder.split(":")[1]
            choices = sorted(group.glob("*.jpg"))
            if not choices:
                return None
            return choices[(variant * 7 + 3) % len(choices)], None, None, size
        base = self.library / "textures" / folder
        if not (base / "albedo.jpg").is_file():
            return None
        extra = [p if p.is_file() else None for p in (base / "height.jpg", base / "roughness.jpg")]
        return base / "albedo.jpg", extra[0], extra[1], size

    def _photographed(
        self, n: Nodes, albedo: Path, height: Path | None, rough: Path | None, size: float
    ) -> tuple[Any, Any, Any]:
        import bpy

        mapping = n.add("ShaderNodeMapping", Scale=(1 / size, 1 / size, 1 / size))
        n.join(n.add("ShaderNodeUVMap").outputs["UV"], mapping.inputs["Vector"])

        def texture(path: Path, plain: bool) -> Any:
            node = n.tree.nodes.new("ShaderNodeTexImage")
            node.image = bpy.data.images.load(str(path), check_existing=True)
            if plain:
                node.image.colorspace_settings.name = "Non-Color"
            n.join(mapping.outputs["Vector"], node.inputs["Vector"])
            return node.outputs["Color"]

        colour = texture(albedo, False)
        bw = n.add("ShaderNodeRGBToBW")
        n.join(texture(height, True) if height else colour, bw.inputs["Color"])
        return colour, bw.outputs["Val"], texture(rough, True) if rough else 0.82

    def _noisy(self, n: Nodes, spec: Stuff) -> tuple[Any, Any, Any]:
        fine = n.noise(spec.grain, 3)
        colour = n.mix(n.ramp(fine, 0.3, 0.7), spec.dark, spec.light)
        height = fine
        if spec.tiles:
            brick = n.add("ShaderNodeTexBrick", Scale=1.0, Mortar_Size=0.006)
            brick.inputs["Brick Width"].default_value = spec.tiles[0]
            brick.inputs["Row Height"].default_value = spec.tiles[1]
            brick.inputs["Color1"].default_value = (0.85, 0.85, 0.85, 1)
            brick.inputs["Color2"].default_value = (1, 1, 1, 1)
            brick.inputs["Mortar"].default_value = (0.35, 0.34, 0.33, 1)
            n.join(n.add("ShaderNodeUVMap").outputs["UV"], brick.inputs["Vector"])
            colour = n.mix(1.0, colour, brick.outputs["Color"], "MULTIPLY")
            joint = n.math("SUBTRACT", 1.0, brick.outputs["Fac"])
            height = n.math("ADD", n.math("MULTIPLY", fine, 0.3), joint)
        return colour, height, spec.rough
