"""Grows meshes from simple solids with plain arrays, far quicker than Blender's operators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, pi, radians, sin
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Vec = tuple[float, float, float]
Index = npt.NDArray[np.int64]


def turn(rz: float = 0.0, rx: float = 0.0, ry: float = 0.0) -> Array:
    """3x3 rotation for degrees about x, then y, then z (right-handed, z up)."""
    a, b, c = radians(rx), radians(ry), radians(rz)
    mx = np.array([[1, 0, 0], [0, cos(a), -sin(a)], [0, sin(a), cos(a)]])
    my = np.array([[cos(b), 0, sin(b)], [0, 1, 0], [-sin(b), 0, cos(b)]])
    mz = np.array([[cos(c), -sin(c), 0], [sin(c), cos(c), 0], [0, 0, 1]])
    return np.asarray(mz @ my @ mx, dtype=np.float64)


@dataclass
class _Chunk:
    faces: Index  # (faces, corners)
    uv: Array | None  # (faces, corners, 2) or None for a projection in metres
    material: int
    smooth: bool


@dataclass
class Shape:
    """A growing mesh with several materials; metres, z up. ``bpy`` is met only in `build`."""

    points: list[Array] = field(default_factory=list)
    chunks: list[_Chunk] = field(default_factory=list)
    materials: list[Any] = field(default_factory=list)
    _count: int = 0
    _frames: list[tuple[Array, Array]] = field(default_factory=list)

    @contextmanager
    def at(
        self, where: Vec = (0, 0, 0), rz: float = 0, rx: float = 0, ry: float = 0, s: float = 1
    ) -> Iterator[None]:
        """Everything added inside is scaled by ``s``, turned (degrees) and moved (metres)."""
        self._frames.append((turn(rz, rx, ry) * s, np.asarray(where, dtype=np.float64)))
        try:
            yield
        finally:
            self._frames.pop()

    def add(
        self,
        points: Any,
        faces: Any,
        material: Any,
        *,
        smooth: bool = False,
        uv: Array | None = None,
    ) -> None:
        """Add points (n, 3) and faces (m, corners); ``uv`` (m, corners, 2) maps a picture."""
        pts = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        for rotation, offset in reversed(self._frames):
            pts = pts @ rotation.T + offset
        idx = np.asarray(faces, dtype=np.int64)
        if material not in self.materials:
            self.materials.append(material)
        slot = self.materials.index(material)
        self.points.append(pts)
        self.chunks.append(_Chunk(idx + self._count, uv, slot, smooth))
        self._count += len(pts)

    # -- solids ---------------------------------------------------------------------------------
    def box(
        self,
        centre: Vec,
        size: Vec,
        material: Any,
        *,
        rz: float = 0,
        rx: float = 0,
        ry: float = 0,
        chamfer: float = 0.0,
        print_on: Any = None,
    ) -> None:
        """A box about ``centre``; ``print_on`` is a picture material for its four sides."""
        hx, hy, hz = (v / 2 for v in size)
        c = min(chamfer, 0.4 * min(size))
        signs = np.array(
            [[x, y, z] for z in (-1, 1) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))],
            dtype=np.float64,
        )
        sides = [[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
        ends = [[4, 5, 6, 7], [3, 2, 1, 0]]
        with self.at(centre, rz=rz, rx=rx, ry=ry):
            if c <= 0 or print_on is not None:
                pts = signs * (hx, hy, hz)
                if print_on is None:
                    self.add(pts, sides + ends, material)
                    return
                square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float64)
                self.add(pts, sides, print_on, uv=np.stack([square] * 4))
                self.add(pts, ends, material)
                return
            h = np.array([hx, hy, hz])
            pts3 = [signs * (h - c + c * np.eye(3)[k]) for k in range(3)]
            pts = np.concatenate(pts3)  # k * 8 + corner: face-normal axis k
            quads: list[list[int]] = []
            for quad in sides + ends:
                axis = int(np.argmax(np.abs(signs[quad].mean(axis=0))))
                quads.append([axis * 8 + i for i in quad])
            for a in range(8):
                for k in range(3):
                    b = int(
                        np.where((signs == signs[a] * (1 - 2 * np.eye(3)[k])).all(axis=1))[0][0]
                    )
                    if a < b:
                        k1, k2 = (k + 1) % 3, (k + 2) % 3
                        quads.append([k1 * 8 + a, k1 * 8 + b, k2 * 8 + b, k2 * 8 + a])
            self.add(pts, quads, material)
            self.add(pts, [[a, 8 + a, 16 + a] for a in range(8)], material)

    def tube(
        self,
        a: Vec,
        b: Vec,
        radius: float,
        material: Any,
        *,
        end: float | None = None,
        sides: int = 12,
        caps: bool = True,
    ) -> None:
        """A round bar from ``a`` to ``b``; ``end`` is the radius at ``b``."""
        pa, pb = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
        axis = pb - pa
        length = float(np.linalg.norm(axis))
        if length < 1e-9:
            return
        axis /= length
        helper = np.array([0.0, 0, 1]) if abs(axis[2]) < 0.9 else np.array([1.0, 0, 0])
        u = np.cross(axis, helper)
        u /= np.linalg.norm(u)
        v = np.cross(axis, u)
        t = np.arange(sides) * 2 * pi / sides
        ring = np.outer(np.cos(t), u) + np.outer(np.sin(t), v)
        r2 = radius if end is None else end
        pts = np.concatenate([pa + ring * radius, pb + ring * r2])
        i = np.arange(sides)
        j = (i + 1) % sides
        self.add(
            pts, np.stack([i, j, j + sides, i + sides], axis=1)[:, ::-1], material, smooth=True
        )
        if caps:
            self.add(pts[:sides], [list(range(sides))], material)
            self.add(pts[sides:], [list(range(sides))[::-1]], material)

    def rod(self, path: Sequence[Vec], radius: float, material: Any, sides: int = 8) -> None:
        """Round bars along a broken line."""
        for a, b in pairwise(path):
            self.tube(a, b, radius, material, sides=sides)

    def lathe(
        self,
        profile: Sequence[tuple[float, float]],
        material: Any,
        *,
        sides: int = 20,
        smooth: bool = True,
    ) -> None:
        """Turn (radius, height) pairs about the z axis."""
        t = np.arange(sides) * 2 * pi / sides
        rows = [np.stack([r * np.cos(t), r * np.sin(t), np.full(sides, z)], 1) for r, z in profile]
        i = np.arange(sides)
        j = (i + 1) % sides
        quads = [
            np.stack([i + k * sides, j + k * sides, j + (k + 1) * sides, i + (k + 1) * sides], 1)
            for k in range(len(profile) - 1)
        ]
        self.add(np.concatenate(rows), np.concatenate(quads), material, smooth=smooth)

    def ball(
        self,
        centre: Vec,
        radii: Vec,
        material: Any,
        *,
        segments: int = 10,
        rough: float = 0.0,
        seed: int = 0,
        smooth: bool = True,
        rz: float = 0,
        rx: float = 0,
    ) -> None:
        """An ellipsoid; ``rough`` moves its points in and out by that share of the radius."""
        rings = max(4, segments // 2 + 1)
        phi = np.linspace(0, pi, rings)
        t = np.arange(segments) * 2 * pi / segments
        pts = np.stack(
            [
                np.outer(np.sin(phi), np.cos(t)),
                np.outer(np.sin(phi), np.sin(t)),
                np.outer(np.cos(phi), np.ones(segments)),
            ],
            axis=2,
        ).reshape(-1, 3)
        if rough:
            swell = 1 + rough * (fractal3(pts * 1.7 + seed * 3.1, seed) * 2 - 1)
            pts = pts * swell[:, None]
        i = np.arange(segments)
        j = (i + 1) % segments
        quads = np.concatenate(
            [
                np.stack(
                    [
                        i + (k + 1) * segments,
                        j + (k + 1) * segments,
                        j + k * segments,
                        i + k * segments,
                    ],
                    1,
                )
                for k in range(rings - 1)
            ]
        )
        with self.at(centre, rz=rz, rx=rx):
            self.add(pts * np.asarray(radii), quads, material, smooth=smooth)

    def sheet(
        self,
        surface: Callable[[Array, Array], Array],
        material: Any,
        *,
        nu: int = 12,
        nv: int = 12,
        smooth: bool = True,
        printed: bool = False,
    ) -> None:
        """A grid over u, v in 0..1; ``surface`` gives (n, 3) points; ``printed``: 0..1 picture."""
        u, v = np.meshgrid(np.linspace(0, 1, nu), np.linspace(0, 1, nv), indexing="ij")
        pts = surface(u.ravel(), v.ravel())
        i, j = np.meshgrid(np.arange(nu - 1), np.arange(nv - 1), indexing="ij")
        k = (i * nv + j).ravel()
        quads = np.stack([k, k + nv, k + nv + 1, k + 1], axis=1)
        uv = np.stack([u.ravel(), v.ravel()], axis=1)[quads] if printed else None
        self.add(pts, quads, material, smooth=smooth, uv=uv)

    def panel(self, corners: Sequence[Vec], material: Any) -> None:
        """A four-cornered face carrying a whole picture; from bottom left, anticlockwise."""
        square = np.array([[[0, 0], [1, 0], [1, 1], [0, 1]]], dtype=np.float64)
        self.add(np.asarray(corners, dtype=np.float64), [[0, 1, 2, 3]], material, uv=square)

    def ring(
        self,
        centre: Vec,
        radius: float,
        thick: float,
        material: Any,
        *,
        rz: float = 0,
        rx: float = 0,
        sides: int = 22,
    ) -> None:
        """A torus lying in the xy plane before turning."""
        small = 8
        t = np.arange(sides) * 2 * pi / sides
        p = np.arange(small) * 2 * pi / small
        pts = np.stack(
            [
                np.outer(np.cos(t), radius + thick * np.cos(p)),
                np.outer(np.sin(t), radius + thick * np.cos(p)),
                np.outer(np.ones(sides), thick * np.sin(p)),
            ],
            axis=2,
        ).reshape(-1, 3)
        i, j = np.meshgrid(np.arange(sides), np.arange(small), indexing="ij")
        i2, j2 = (i + 1) % sides, (j + 1) % small
        quads = np.stack(
            [a.ravel() for a in (i * small + j, i2 * small + j, i2 * small + j2, i * small + j2)], 1
        )
        with self.at(centre, rz=rz, rx=rx):
            self.add(pts, quads, material, smooth=True)

    # -- out ------------------------------------------------------------------------------------
    def triangles(self) -> Array:
        """All faces as triangles (n, 3, 3), for measuring without Blender."""
        pts = np.concatenate(self.points) if self.points else np.zeros((0, 3))
        out = []
        for chunk in self.chunks:
            f = chunk.faces
            for k in range(1, f.shape[1] - 1):
                out.append(pts[f[:, [0, k, k + 1]]])
        return np.concatenate(out) if out else np.zeros((0, 3, 3))

    def build(self, name: str) -> Any:
        """The mesh as a Blender object (not yet linked to a scene)."""
        import bpy

        mesh = bpy.data.meshes.new(name)
        pts = np.concatenate(self.points)
        sizes = np.concatenate([np.full(len(c.faces), c.faces.shape[1]) for c in self.chunks])
        loops = np.concatenate([c.faces.ravel() for c in self.chunks])
        mesh.vertices.add(len(pts))
        mesh.vertices.foreach_set("co", pts.astype(np.float32).ravel())
        mesh.loops.add(len(loops))
        mesh.loops.foreach_set("vertex_index", loops.astype(np.int32))
        mesh.polygons.add(len(sizes))
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        mesh.polygons.foreach_set("loop_start", starts.astype(np.int32))
        mesh.polygons.foreach_set(
            "material_index",
            np.concatenate([np.full(len(c.faces), c.material) for c in self.chunks]).astype(
                np.int32
            ),
        )
        mesh.polygons.foreach_set(
            "use_smooth", np.concatenate([np.full(len(c.faces), c.smooth) for c in self.chunks])
        )
        for material in self.materials:
            mesh.materials.append(material)
        uv = np.empty((len(loops), 2))
        bare = np.concatenate([np.full(len(c.faces), c.uv is None) for c in self.chunks])
        for corners in np.unique(sizes):
            faces = np.nonzero(bare & (sizes == corners))[0]
            at = starts[faces][:, None] + np.arange(corners)
            uv[at] = _metres(pts, loops[at])
        at_loop = 0
        for c in self.chunks:
            if c.uv is not None:
                uv[at_loop : at_loop + c.faces.size] = c.uv.reshape(-1, 2)
            at_loop += c.faces.size
        mesh.uv_layers.new(name="uv").data.foreach_set("uv", uv.astype(np.float32).ravel())
        mesh.update(calc_edges=True)
        mesh.validate()
        return bpy.data.objects.new(name, mesh)


def _metres(pts: Array, faces: Index) -> Array:
    """Texture coordinates (faces, corners, 2) in metres, projected along each face's main axis."""
    p = pts[faces]
    normal = np.abs(np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]))
    axis = np.argmax(normal + np.array([0, 0, 1e-12]), axis=1)
    pick = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    return np.take_along_axis(p, pick[:, None, :], axis=2)


def _lattice(ix: Index, iy: Index, iz: Index, seed: int) -> Array:
    h = (ix * 374761393 + iy * 668265263 + iz * 2147483647 + seed * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    return np.asarray(((h ^ (h >> 16)) & 0xFFFFFF) / float(0xFFFFFF), dtype=np.float64)


def noise3(points: Array, seed: int = 0) -> Array:
    """Smooth value noise in 0..1 for points (n, 3); the same on every machine."""
    base = np.floor(points).astype(np.int64)
    f = points - base
    f = f * f * (3 - 2 * f)
    total = np.zeros(len(points))
    for dx in (0, 1):
        for dy in (0, 1):
            for dz in (0, 1):
                w = (
                    (f[:, 0] if dx else 1 - f[:, 0])
                    * (f[:, 1] if dy else 1 - f[:, 1])
                    * (f[:, 2] if dz else 1 - f[:, 2])
                )
                total += w * _lattice(base[:, 0] + dx, base[:, 1] + dy, base[:, 2] + dz, seed)
    return total


def fractal3(points: Array, seed: int = 0, octaves: int = 4) -> Array:
    """Summed octaves of `noise3`, in 0..1."""
    total = np.zeros(len(points))
    weight, span = 1.0, 0.0
    for k in range(octaves):
        total += weight * noise3(points * 2.0**k + 17.3 * k, seed + k)
        span += weight
        weight *= 0.5
    return total / span


def fractal2(x: Array, y: Array, seed: int = 0, octaves: int = 4) -> Array:
    """`fractal3` on a plane; x, y of any one shape."""
    flat = np.stack([x.ravel(), y.ravel(), np.full(x.size, 0.5)], axis=1)
    return fractal3(flat, seed, octaves).reshape(x.shape)
