"""Short ways to build a material's node tree."""

from __future__ import annotations

from typing import Any


class Nodes:
    """A material's node tree with short ways to add and join nodes."""

    def __init__(self, name: str) -> None:
        import bpy

        self.material: Any = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree: Any = self.material.node_tree
        self.shader: Any = self.tree.nodes["Principled BSDF"]

    def add(self, kind: str, **inputs: Any) -> Any:
        """A new node with some of its inputs set (underscores stand for spaces)."""
        node = self.tree.nodes.new(kind)
        for key, value in inputs.items():
            node.inputs[key.replace("_", " ")].default_value = value
        return node

    def join(self, source: Any, target: Any) -> None:
        """Link two sockets."""
        self.tree.links.new(source, target)

    def noise(self, scale: float, detail: float = 4, where: Any = None) -> Any:
        """Noise in object space; its 0..1 output socket."""
        if where is None:
            where = self.add("ShaderNodeTexCoord").outputs["Object"]
        node = self.add("ShaderNodeTexNoise", Scale=scale, Detail=detail)
        self.join(where, node.inputs["Vector"])
        return node.outputs["Fac"]

    def ramp(self, fac: Any, low: float, high: float, a: float = 0.0, b: float = 1.0) -> Any:
        """Map ``fac`` from low..high to a..b, clamped."""
        node = self.add("ShaderNodeMapRange", From_Min=low, From_Max=high, To_Min=a, To_Max=b)
        self.join(fac, node.inputs["Value"])
        return node.outputs["Result"]

    def mix(self, fac: Any, a: Any, b: Any, mode: str = "MIX") -> Any:
        """Mix two colours (sockets or values); the colour socket."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        node.blend_type = mode
        for value, socket in ((fac, node.inputs[0]), (a, node.inputs[6]), (b, node.inputs[7])):
            if hasattr(value, "is_linked"):
                self.join(value, socket)
            else:
                socket.default_value = (*value, 1) if isinstance(value, tuple) else value
        return node.outputs[2]

    def math(self, kind: str, a: Any, b: Any) -> Any:
        """One arithmetic step on two values or sockets."""
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = kind
        for value, socket in ((a, node.inputs[0]), (b, node.inputs[1])):
            if hasattr(value, "is_linked"):
                self.join(value, socket)
            else:
                socket.default_value = value
        return node.outputs[0]

    def bump(self, height: Any, strength: float, distance: float = 0.02) -> None:
        """Raise the surface's normals by a height socket."""
        node = self.add("ShaderNodeBump", Strength=strength, Distance=distance)
        self.join(height, node.inputs["Height"])
        self.join(node.outputs["Normal"], self.shader.inputs["Normal"])
