"""Decides what stands where in a scene, from a seed alone and without Blender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, pi, radians, sin, tan
from random import Random

from datasets.classes import ISSUE_CLASSES
from datasets.render.things import KINDS, OF_CLASS

LIGHTS = ("sunny", "overcast", "dusk", "wet")
CAMERAS = ("phone", "walk", "pole")


@dataclass(frozen=True)
class Item:
    """One thing: place in metres (x along the road, y across it, z up), turn in degrees."""

    kind: str
    x: float
    y: float
    z: float
    rz: float
    seed: int
    label: str | None


@dataclass(frozen=True)
class Camera:
    """Where the picture is taken from (metres), what is in its middle, and its width of view."""

    kind: str
    x: float
    y: float
    z: float
    target: tuple[float, float, float]
    fov: float


@dataclass(frozen=True)
class Street:
    """The road along the x axis, its middle at y = 0, and the pavements beside it (metres)."""

    seed: int
    road: float
    pavement: float
    kerb: float
    marking: str
    crossing: float | None


@dataclass(frozen=True)
class Scene:
    """Everything needed to draw one picture."""

    seed: int
    light: str
    street: Street
    camera: Camera
    items: tuple[Item, ...]


class _Planner:
    def __init__(self, seed: int, light: str, camera: str) -> None:
        self.rng = Random(seed)
        self.seed = seed
        self.light = light
        r = self.rng
        self.street = Street(
            r.randrange(1 << 30),
            r.choice((6.5, 7.0, 8.0, 9.0)) + (1.5 if camera == "pole" else 0.0),
            r.uniform(3.6, 5.2),
            0.14,
            r.choice(("dashed", "dashed", "solid", "none")),
            r.choice((None, None, -11.0, 12.0)),
        )
        self.items: list[Item] = []
        self.kind_of_camera = camera
        self.camera = Camera(camera, 0, -5, 1.5, (0, 0, 0), 65)

    # -- geometry -------------------------------------------------------------------------------
    def half(self, kind: str, rz: float) -> tuple[float, float]:
        hx, hy = KINDS[kind].half
        c, s = abs(cos(radians(rz))), abs(sin(radians(rz)))
        return hx * c + hy * s, hx * s + hy * c

    def height_at(self, y: float) -> float:
        return self.street.kerb if abs(y) > self.street.road / 2 else 0.0

    def free(self, kind: str, x: float, y: float, rz: float, gap: float = 0.12) -> bool:
        hx, hy = self.half(kind, rz)
        for other in self.items:
            if KINDS[other.kind].zone in ("flat", "gutter"):
                continue
            ox, oy = self.half(other.kind, other.rz)
            if abs(other.x - x) < hx + ox + gap and abs(other.y - y) < hy + oy + gap:
                return False
        return True

    def clear_of_view(self, kind: str, x: float, y: float, rz: float) -> bool:
        """Does it leave the camera, and the line from it to the middle of the picture, free?"""
        cam = self.camera
        size = max(self.half(kind, rz))
        tall = KINDS[kind].height
        reach = hypot(cam.target[0] - cam.x, cam.target[1] - cam.y)
        dx, dy = (cam.target[0] - cam.x) / reach, (cam.target[1] - cam.y) / reach
        along = (x - cam.x) * dx + (y - cam.y) * dy
        across = abs((x - cam.x) * dy - (y - cam.y) * dx)
        spread = 1.9 if kind == "tree" else size
        if tall <= 0.35 and KINDS[kind].zone in ("lane", "litter"):
            return hypot(x - cam.x, y - cam.y) > size + 0.9
        if cam.kind == "pole":
            if tall < 2.0:
                return True
            return not (-1.0 < along < reach - 0.5 and across < spread + 0.25 * along + 0.8)
        if hypot(x - cam.x, y - cam.y) < size + 1.7:
            return False
        slack = 0.25 * max(along, 0) + 0.3
        return not (0 < along < reach - 0.3 and across < size + slack)

    def in_view(self, x: float, y: float, share: float = 0.42) -> bool:
        cam = self.camera
        a = atan2(y - cam.y, x - cam.x) - atan2(cam.target[1] - cam.y, cam.target[0] - cam.x)
        a = (a + pi) % (2 * pi) - pi
        return abs(degrees(a)) < cam.fov * share

    # -- placing --------------------------------------------------------------------------------
    def put(self, kind: str, x: float, y: float, rz: float) -> Item:
        item = Item(
            kind,
            round(x, 3),
            round(y, 3),
            self.height_at(y),
            round(rz, 1),
            self.rng.randrange(1 << 30),
            KINDS[kind].label,
        )
        self.items.append(item)
        return item

    def spot(self, kind: str, side: int, x: float) -> tuple[float, float, float]:
        """A likely place on one side of the road: x, y and turn (front towards the road)."""
        r, s = self.rng, self.street
        hy = KINDS[kind].half[1]
        edge, wide = s.road / 2, s.pavement
        front = 0.0 if side > 0 else 180.0
        zone = KINDS[kind].zone
        turn = front + r.uniform(-8, 8)
        if zone == "lane":
            d = -r.uniform(1.5, max(1.6, edge - 0.4))
            turn = r.uniform(-20, 20)
        elif zone == "goods":
            d = wide - hy - 0.12 if r.random() < 0.55 else r.uniform(hy + 0.3, wide - hy - 0.2)
        elif zone == "stall":
            d = r.uniform(min(hy + 0.35, wide - hy), max(wide - hy - 0.4, hy + 0.36))
        elif zone == "stall_road":
            d = -hy - 0.25
            turn = front + r.uniform(-5, 5) + r.choice((0, 180))
        elif zone == "litter":
            d = r.choice((-0.75, 0.75, 0.9, wide - 0.8, r.uniform(0.8, wide - 0.8)))
            turn = r.uniform(-15, 15)
        elif zone == "bin":
            d = hy + 0.15 if r.random() < 0.65 else wide - hy - 0.1
        elif zone == "walk":
            d = r.uniform(1.2, wide - 0.6) if r.random() < 0.85 else -r.uniform(0.8, edge)
            turn = r.choice((90, -90)) + r.uniform(-25, 25)
        elif zone == "kerb":
            d = 0.95 if r.random() < 0.7 else wide - 1.1
            turn = 90 + r.uniform(-14, 14) + r.choice((0, 180))
        elif zone == "parking":
            d = -hy - 0.2
            turn = 0.0 if side < 0 else 180.0
        elif zone == "strip":
            d = 0.5
        elif zone == "front":
            d = wide - hy - 0.12
        else:
            d = -r.uniform(0.9, edge) if zone == "flat" else -0.22
            turn = r.uniform(-4, 4) if kind != "stain" else r.uniform(0, 360)
        return x, side * (edge + d), turn

    def try_put(
        self,
        kind: str,
        side: int,
        xs: tuple[float, float],
        *,
        tries: int = 12,
        seen: bool = False,
        gap: float = 0.12,
    ) -> Item | None:
        flat = KINDS[kind].zone in ("flat", "gutter")
        for _ in range(tries):
            x, y, rz = self.spot(kind, side, self.rng.uniform(*xs))
            if seen and not self.in_view(x, y):
                continue
            if flat or (self.free(kind, x, y, rz, gap) and self.clear_of_view(kind, x, y, rz)):
                return self.put(kind, x, y, rz)
        return None

    def aim(self, item: Item | None) -> None:
        """Place the camera so that ``item`` (or the empty street) is near the picture's middle."""
        r, s = self.rng, self.street
        edge = s.road / 2
        if item is None:
            x, y, z, big = r.uniform(-1, 1), edge + r.uniform(-1, 1), 0.4, 1.6
        else:
            x, y = item.x, item.y
            big = max(KINDS[item.kind].half[0], KINDS[item.kind].height * 0.7)
            z = item.z + min(KINDS[item.kind].height * 0.5, 0.9)
        sign = r.choice((-1, 1))
        if self.kind_of_camera == "pole":
            reach, azimuth = r.uniform(8.5, 14), sign * r.uniform(25, 80)
            high, fov = r.uniform(4.3, 7.2), r.uniform(52, 72)
        elif self.kind_of_camera == "walk":
            reach, azimuth = r.uniform(3.2, 5.0) + big, sign * r.uniform(68, 86)
            high, fov = r.uniform(1.5, 1.68), r.uniform(62, 70)
        else:
            reach, azimuth = r.uniform(2.9, 5.0) + big, sign * r.uniform(5, 60)
            high, fov = r.uniform(1.5, 1.68), r.uniform(62, 70)
        cx = x + reach * sin(radians(azimuth))
        cy = y - reach * cos(radians(azimuth))
        low = -edge - s.pavement + 0.7
        cy = max(cy, low)
        if self.kind_of_camera == "walk":
            cy = min(cy, edge + s.pavement - 0.7)
        off = reach * tan(radians(fov / 2)) * r.uniform(-0.25, 0.25)
        aimed = (x + off * cos(radians(azimuth)), y + off * sin(radians(azimuth)), z)
        self.camera = Camera(
            self.kind_of_camera,
            round(cx, 3),
            round(cy, 3),
            round(high + self.height_at(cy), 3),
            (round(aimed[0], 3), round(aimed[1], 3), round(aimed[2], 3)),
            round(fov, 1),
        )

    # -- the whole ------------------------------------------------------------------------------
    def fill(self, kinds: Sequence[str]) -> None:
        r = self.rng
        first = None
        if kinds:
            x, y, rz = self.spot(kinds[0], 1, r.uniform(-1.0, 1.0))
            first = self.put(kinds[0], x, y, rz)
        self.aim(first)
        for kind in kinds[1:]:
            self.try_put(kind, 1, (-7, 7), tries=80, seen=True)
        for item in list(self.items):
            if item.label == "stall":
                self._people_at(item)
        self._furniture()
        self._traffic()

    def _people_at(self, stall: Item) -> None:
        r = self.rng
        hx, hy = KINDS[stall.kind].half
        away = 1.0 if cos(radians(stall.rz)) > 0 else -1.0
        x = stall.x + r.uniform(-0.4, 0.4) * hx
        low = stall.kind == "ground_cloth"
        y = stall.y + away * (hy + (0.15 if low else 0.3))
        if stall.kind == "tricycle":
            x, y = stall.x + r.uniform(-0.5, 0.5), stall.y + away * (hy + 0.4)
        if abs(y) < self.street.road / 2 + self.street.pavement - 0.3:
            self.put("person", x, y, (-90 if away > 0 else 90) + r.uniform(-30, 30))
        for _ in range(r.randint(0, 2)):
            x, y = stall.x + r.uniform(-1.2, 1.2), stall.y - away * (hy + r.uniform(0.4, 0.9))
            if self.free("person", x, y, 0, 0.0) and self.clear_of_view("person", x, y, 0):
                self.put("person", x, y, (90 if away > 0 else -90) + r.uniform(-40, 40))

    def _furniture(self) -> None:
        r, s = self.rng, self.street
        for side in (1, -1):
            start, step = r.uniform(-4, 0), r.uniform(6.0, 9.0)
            for k in range(-5, 9):
                x = start + k * step
                kind = "lamp" if k % 4 == 1 else "tree"
                _, y, rz = self.spot(kind, side, x)
                if self.free(kind, x, y, rz) and self.clear_of_view(kind, x, y, rz):
                    self.put(kind, x, y, rz)
            self.try_put("pole", side, (-16, 16))
            for _ in range(r.randint(1, 2)):
                self.try_put(
                    r.choice(("street_bin", "bin240", "street_bin", "container")),
                    side,
                    (-14, 14),
                    seen=side > 0,
                )
            if r.random() < 0.7:
                x = r.uniform(-10, 8)
                for k in range(r.randint(3, 9)):
                    kind = "bicycle" if r.random() < 0.2 else "moped"
                    y = side * (s.road / 2 + 1.05)
                    rz = 90 * side + r.uniform(-6, 6) + 12
                    px = x + 0.78 * k
                    if self.free(kind, px, y, rz, -0.12) and self.clear_of_view(kind, px, y, rz):
                        self.put(kind, px, y, rz)
            for kind, most in (("planter", 3), ("shop_things", 4), ("board", 2)):
                for _ in range(r.randint(0, most)):
                    self.try_put(kind, side, (-15, 15))
        for kind, most in (("manhole", 3), ("patch", 1), ("stain", 4), ("leaves", 4)):
            for _ in range(r.randint(1, most)):
                self.try_put(kind, r.choice((-1, 1)), (-12, 12))

    def _traffic(self) -> None:
        r, s = self.rng, self.street
        for side in (1, -1):
            for _ in range(r.randint(1, 4)):
                kind = "truck" if r.random() < 0.15 else "car"
                self.try_put(kind, side, (-22, 22), gap=0.5)
            for _ in range(r.randint(2, 6)):
                self.try_put("person", side, (-12, 12), seen=r.random() < 0.7, gap=0.25)
            for _ in range(r.randint(0, 2)):
                self.try_put(r.choice(("moped", "bicycle", "moped")), side, (-9, 9), seen=True)
        for _ in range(r.randint(0, 2)):
            side = r.choice((-1, 1))
            x, y = r.uniform(-26, 26), side * s.road * 0.22 * -1
            kind, rz = r.choice(("car", "car", "truck")), 0.0 if side > 0 else 180.0
            if self.free(kind, x, y, rz, 0.5) and self.clear_of_view(kind, x, y, rz):
                self.put(kind, x, y, rz)


def plan_scene(
    seed: int,
    *,
    light: str | None = None,
    camera: str | None = None,
    things: Sequence[str] | None = None,
) -> Scene:
    """Lay out one scene; the same arguments give the same scene on every machine.

    ``things``: issue classes or kinds to show, the first in the middle; empty for a clean street;
    None to choose by the seed. Raises ValueError for a name that is neither.
    """
    rng = Random(seed * 7919 + 13)
    light = light or rng.choice(LIGHTS)
    camera = camera or rng.choice(CAMERAS)
    if light not in LIGHTS:
        raise ValueError(f"light: {light!r} is none of {', '.join(LIGHTS)}")
    if camera not in CAMERAS:
        raise ValueError(f"camera: {camera!r} is none of {', '.join(CAMERAS)}")
    if things is None:
        things = rng.sample(ISSUE_CLASSES, rng.choice((0, 1, 1, 1, 2, 2)))
    kinds = []
    for thing in things:
        if thing in OF_CLASS:
            kinds.append(rng.choice(OF_CLASS[thing]))
        elif thing in KINDS:
            kinds.append(thing)
        else:
            raise ValueError(f"things: {thing!r} is neither an issue class nor a kind of thing")
    planner = _Planner(seed, light, camera)
    planner.fill(kinds)
    return Scene(seed, light, planner.street, planner.camera, tuple(planner.items))
