"""Builds the houses along the street: shops with signs, shutters and goods, flats above."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from datasets.render import lettering
from datasets.render.mesh import Shape
from datasets.render.surface import Surfaces

GROUND = 3.5
STOREY = 3.0
BRIGHT = (
    (0.5, 0.06, 0.05),
    (0.05, 0.15, 0.4),
    (0.05, 0.3, 0.14),
    (0.55, 0.38, 0.05),
    (0.6, 0.58, 0.52),
    (0.5, 0.2, 0.05),
    (0.2, 0.2, 0.22),
    (0.35, 0.05, 0.2),
)


@dataclass
class Row:
    """One side's houses being built; ``lit``: shop lights and signs are on."""

    out: Shape
    surfaces: Surfaces
    rng: Random
    lit: float
    most: int = 5
    near: tuple[float, float] = (-22.0, 24.0)

    def houses(self, start: float, stop: float) -> None:
        """Houses from x = start to stop; fronts lie in the plane y = 0 and face -y, from z = 0."""
        x = start
        while x < stop:
            shops = self.rng.randint(2, 4)
            width = shops * self.rng.uniform(3.4, 4.4)
            self._house(x, width, shops)
            x += width + self.rng.choice((0.285, 0.285, 0.4))

    def _house(self, x0: float, width: float, shops: int) -> None:
        rng, s = self.rng, self.surfaces
        storeys = min(self.most, rng.randint(1, 5))
        kind = rng.choice(("plaster", "wall_tile", "wall_tile", "plaster", "brick", "concrete"))
        tint = rng.choice(
            (
                (0.62, 0.58, 0.5),
                (0.7, 0.68, 0.64),
                (0.55, 0.45, 0.36),
                (0.6, 0.6, 0.58),
                (0.66, 0.55, 0.42),
            )
        )
        wall = s.stuff(kind, variant=rng.randrange(4), tint=None if kind == "brick" else tint)
        high = GROUND + storeys * STOREY
        near = self.near[0] < x0 + width / 2 < self.near[1]
        step = width / shops
        pier = 0.28
        for k in range(shops):
            self._shop(x0 + k * step + pier / 2, step - pier, wall, near)
        for k in range(shops + 1):
            self.out.box((x0 + k * step, 0.2, GROUND / 2), (pier, 0.5, GROUND), wall)
        left, whole = x0 - pier / 2, width + pier
        self.out.box((x0 + width / 2, 0.23, GROUND + 0.05), (whole, 0.58, 0.35), wall)
        self._flats(left, whole, storeys, wall)
        self.out.box((x0 + width / 2, 4.17, high + 0.35), (whole, 8.44, 0.5), wall)
        for end in (left + 0.05, left + whole - 0.05):
            self.out.box((end, 4.2, high / 2), (0.1, 8.0, high), wall)
        if rng.random() < 0.35 and near:
            banner = s.printed(lettering.banner(rng), rough=0.9)
            z = GROUND + 0.75
            self.out.panel(
                (
                    (x0 + 0.4, -0.06, z),
                    (x0 + width - 0.4, -0.06, z),
                    (x0 + width - 0.4, -0.06, z + 0.7),
                    (x0 + 0.4, -0.06, z + 0.7),
                ),
                banner,
            )

    # -- above ----------------------------------------------------------------------------------
    def _flats(self, x0: float, width: float, storeys: int, wall: Any) -> None:
        rng, s = self.rng, self.surfaces
        frame = s.paint(rng.choice(((0.6, 0.6, 0.6), (0.1, 0.12, 0.12), (0.3, 0.2, 0.15))), 0.4)
        pane = s.glass((0.03, 0.04, 0.05), 0.12)
        white = s.paint((0.66, 0.65, 0.62), 0.5, grime=0.45)
        dark = s.paint((0.05, 0.05, 0.05), 0.6)
        steel = s.paint((0.5, 0.5, 0.5), 0.35, metal=0.8)
        inside = s.paint((0.06, 0.055, 0.05), 0.9, grime=0)
        count = max(2, int(width / 2.6))
        gap = width / count
        ww, wh = min(1.7, gap * 0.66), 1.5
        self.out.box(
            (x0 + width / 2, 0.9, GROUND + storeys * STOREY / 2),
            (width - 0.1, 0.1, storeys * STOREY),
            inside,
        )
        for floor in range(storeys):
            z = GROUND + 0.2 + floor * STOREY
            sill, top = z + 0.85, z + 0.85 + wh
            self.out.box((x0 + width / 2, 0.15, (z + sill) / 2), (width, 0.3, sill - z), wall)
            self.out.box(
                (x0 + width / 2, 0.15, (top + z + STOREY) / 2), (width, 0.3, z + STOREY - top), wall
            )
            for k in range(count + 1):
                xa = x0 + max(0.0, k * gap - (gap - ww) / 2)
                xb = x0 + min(width, k * gap + (gap - ww) / 2)
                self.out.box(((xa + xb) / 2, 0.15, (sill + top) / 2), (xb - xa, 0.3, wh), wall)
            for k in range(count):
                xc = x0 + (k + 0.5) * gap
                if self.lit > 0.3 and rng.random() < 0.3:
                    glow = s.glow(rng.choice(((1, 0.8, 0.5), (0.9, 0.95, 1.0))), 1.2 * self.lit)
                    self.out.box((xc, 0.8, (sill + top) / 2), (ww, 0.02, wh), glow)
                self.out.box((xc, 0.2, (sill + top) / 2), (ww, 0.02, wh), pane)
                for xx in (xc - ww / 2 + 0.03, xc, xc + ww / 2 - 0.03):
                    self.out.box((xx, 0.18, (sill + top) / 2), (0.05, 0.06, wh), frame)
                for zz in (sill + 0.03, top - 0.03):
                    self.out.box((xc, 0.18, zz), (ww, 0.06, 0.05), frame)
                self.out.box((xc, -0.04, sill - 0.05), (ww + 0.2, 0.16, 0.07), wall)
                if rng.random() < 0.45:
                    self._cooler(xc + ww * 0.5 + 0.25, sill - 0.55, white, dark)
                if rng.random() < 0.35:
                    self._cage(xc, ww, sill, wh, steel)
        if rng.random() < 0.7:
            xp = x0 + rng.uniform(0.2, width - 0.2)
            self.out.tube(
                (xp, -0.07, 0.2), (xp, -0.07, GROUND + storeys * STOREY), 0.055, white, sides=8
            )

    def _cooler(self, x: float, z: float, white: Any, dark: Any) -> None:
        self.out.box((x, -0.25, z), (0.8, 0.3, 0.55), white, chamfer=0.02)
        with self.out.at((x - 0.12, -0.405, z), rx=90):
            self.out.lathe([(0.0, 0.0), (0.2, 0.0), (0.22, -0.01)], dark, sides=18)
        for dx in (-0.3, 0.3):
            self.out.box((x + dx, -0.2, z - 0.3), (0.03, 0.4, 0.03), dark)

    def _cage(self, xc: float, ww: float, sill: float, wh: float, steel: Any) -> None:
        z0, z1, y = sill - 0.05, sill + wh, -0.45
        for k in range(9):
            x = xc - ww / 2 + ww * k / 8
            self.out.tube((x, y, z0), (x, y, z1), 0.011, steel, sides=5, caps=False)
        for z in (z0, (z0 + z1) / 2, z1):
            self.out.rod(
                (
                    (xc - ww / 2, 0, z),
                    (xc - ww / 2, y, z),
                    (xc + ww / 2, y, z),
                    (xc + ww / 2, 0, z),
                ),
                0.014,
                steel,
                5,
            )

    def _bill(self) -> Any:
        """One of a few posters shared by the whole street."""
        key = ("poster", self.rng.randrange(7))
        if key not in self.surfaces.made:
            self.surfaces.made[key] = self.surfaces.printed(lettering.poster(self.rng), grime=0.3)
        return self.surfaces.made[key]

    # -- shops ----------------------------------------------------------------------------------
    def _shop(self, x0: float, width: float, wall: Any, near: bool) -> None:
        rng = self.rng
        x1, door = x0 + width, GROUND - 0.95
        self._sign(x0, x1, near)
        kind = rng.choice(("shutter", "glass", "glass", "open", "open", "half"))
        if not near:
            kind = rng.choice(("shutter", "glass"))
        self.out.box(
            ((x0 + x1) / 2, -0.1, 0.04),
            (width, 0.5, 0.08),
            self.surfaces.stuff("concrete", variant=1),
        )
        if kind == "shutter":
            self._shutter(x0, x1, 0.06, door)
            return
        self._inside(x0, x1, door, near, wall)
        if kind == "half":
            self._shutter(x0, x1, door * rng.uniform(0.45, 0.75), door)
        if kind == "glass":
            self._glass_front(x0, x1, door, near)
        if near and rng.random() < 0.35:
            self._awning(x0, x1)

    def _sign(self, x0: float, x1: float, near: bool) -> None:
        z0, z1, y = GROUND - 0.95, GROUND + 0.1, -0.22
        s = self.surfaces
        edge = s.paint(self.rng.choice(BRIGHT), 0.5)
        w = x1 - x0 + 0.2
        self.out.box(((x0 + x1) / 2, y + 0.12, (z0 + z1) / 2), (w, 0.24, z1 - z0), edge)
        if near:
            light = self.rng.uniform(0.6, 1.8) * self.lit if self.rng.random() < 0.8 else 0.0
            face = s.printed(lettering.shop_sign(self.rng, w / (z1 - z0)), light=light, rough=0.4)
            a, b = x0 - 0.08, x1 + 0.08
            self.out.panel(
                (
                    (a, y - 0.004, z0 + 0.02),
                    (b, y - 0.004, z0 + 0.02),
                    (b, y - 0.004, z1 - 0.02),
                    (a, y - 0.004, z1 - 0.02),
                ),
                face,
            )

    def _shutter(self, x0: float, x1: float, z0: float, z1: float) -> None:
        rng, s = self.rng, self.surfaces
        metal = s.stuff(
            "shutter",
            variant=0,
            tint=rng.choice(
                ((0.4, 0.43, 0.46), (0.5, 0.5, 0.48), (0.2, 0.32, 0.45), (0.45, 0.4, 0.34))
            ),
        )
        rows = max(2, int((z1 - z0) / 0.1))
        h = (z1 - z0) / rows
        for k in range(rows):
            self.out.box(((x0 + x1) / 2, 0.1, z0 + (k + 0.5) * h), (x1 - x0, 0.03, h * 0.86), metal)
        self.out.box(
            ((x0 + x1) / 2, 0.125, (z0 + z1) / 2),
            (x1 - x0, 0.01, z1 - z0),
            s.paint((0.16, 0.17, 0.18), 0.6),
        )
        for _ in range(rng.randint(0, 3)):
            xa, za = rng.uniform(x0 + 0.2, x1 - 0.5), rng.uniform(0.7, 1.9)
            if za + 0.3 < z1 and za > z0:
                bill = self._bill()
                w = rng.uniform(0.15, 0.3)
                self.out.panel(
                    (
                        (xa, 0.082, za),
                        (xa + w, 0.082, za),
                        (xa + w, 0.082, za + w * 1.3),
                        (xa, 0.082, za + w * 1.3),
                    ),
                    bill,
                )

    def _glass_front(self, x0: float, x1: float, top: float, near: bool) -> None:
        rng, s = self.rng, self.surfaces
        frame = s.paint(
            rng.choice(((0.55, 0.56, 0.57), (0.05, 0.05, 0.05), (0.3, 0.18, 0.1))), 0.3, metal=0.3
        )
        pane = s.glass((0.02, 0.03, 0.03), 0.72)
        self.out.box(((x0 + x1) / 2, 0.1, (top + 0.05) / 2), (x1 - x0, 0.012, top - 0.05), pane)
        n = 4
        for k in range(n + 1):
            self.out.box((x0 + (x1 - x0) * k / n, 0.1, top / 2), (0.06, 0.084, top), frame)
        for z in (0.1, 2.15, top):
            self.out.box(((x0 + x1) / 2, 0.1, z), (x1 - x0, 0.07, 0.07), frame)
        if near:
            for k in range(n):
                if rng.random() < 0.35:
                    w = (x1 - x0) / n - 0.2
                    xa, za = x0 + (x1 - x0) * k / n + 0.1, rng.uniform(0.6, 1.1)
                    bill = self._bill()
                    self.out.panel(
                        (
                            (xa, 0.09, za),
                            (xa + w, 0.09, za),
                            (xa + w, 0.09, za + w * 1.2),
                            (xa, 0.09, za + w * 1.2),
                        ),
                        bill,
                    )

    def _inside(self, x0: float, x1: float, top: float, near: bool, wall: Any) -> None:
        rng, s = self.rng, self.surfaces
        xc, w, deep = (x0 + x1) / 2, x1 - x0, 3.0
        paint = s.paint(rng.choice(((0.5, 0.48, 0.44), (0.42, 0.42, 0.42), (0.45, 0.4, 0.3))), 0.8)
        self.out.box((xc, deep, top / 2), (w, 0.1, top), paint)
        for x in (x0, x1):
            self.out.box((x, deep / 2 + 0.15, top / 2), (0.06, deep, top), paint)
        self.out.box((xc, deep / 2 + 0.1, 0.042), (w, deep, 0.06), s.stuff("concrete", variant=1))
        self.out.box((xc, deep / 2 + 0.1, top + 0.02), (w, deep, 0.05), paint)
        power = rng.uniform(2.0, 5.0) * (0.6 + 1.6 * self.lit)
        for yy in (1.0, 2.2):
            self.out.box(
                (xc, yy, top - 0.03),
                (w * 0.6, 0.12, 0.03),
                s.glow(rng.choice(((1, 0.93, 0.82), (0.9, 0.96, 1))), power),
            )
        if not near:
            return
        shelf = s.paint((0.4, 0.38, 0.35), 0.5)
        boxes = [s.paint(c, 0.5, grime=0) for c in BRIGHT]
        for z in (0.35, 0.8, 1.25, 1.7):
            self.out.box((xc, deep - 0.3, z), (w - 0.3, 0.4, 0.03), shelf)
            key = ("shelf", rng.randrange(8))
            if key not in s.made:
                s.made[key] = s.printed(lettering.shelf(rng), grime=0.1)
            a, b, y = x0 + 0.17, x1 - 0.17, deep - 0.42
            self.out.panel(
                ((a, y, z + 0.015), (b, y, z + 0.015), (b, y, z + 0.41), (a, y, z + 0.41)),
                s.made[key],
            )
        if rng.random() < 0.6:
            self.out.box(
                (xc - w * 0.2, 1.1, 0.45), (w * 0.4, 0.5, 0.9), rng.choice(boxes), chamfer=0.02
            )

    def _awning(self, x0: float, x1: float) -> None:
        rng, s = self.rng, self.surfaces
        a = s.paint(rng.choice(BRIGHT), 0.8)
        b = s.paint((0.6, 0.58, 0.54), 0.8) if rng.random() < 0.5 else a
        z, reach, n = GROUND - 0.92, rng.uniform(0.9, 1.4), 12
        for k in range(n):
            xa, xb = x0 + (x1 - x0) * k / n, x0 + (x1 - x0) * (k + 1) / n
            self.out.add(
                [
                    (xa, -0.24, z),
                    (xb, -0.24, z),
                    (xb, -0.24 - reach, z - 0.35),
                    (xa, -0.24 - reach, z - 0.35),
                    (xb, -0.24 - reach, z - 0.53),
                    (xa, -0.24 - reach, z - 0.53),
                ],
                [[0, 1, 2, 3], [3, 2, 4, 5]],
                (a, b)[k % 2],
            )


def build_row(
    surfaces: Surfaces,
    seed: int,
    lit: float,
    *,
    most: int = 5,
    near: tuple[float, float] = (-22.0, 24.0),
) -> Shape:
    """A whole side of houses, fronts on y = 0 facing -y, standing on z = 0; metres.

    ``most``: upper storeys at most; ``near``: the stretch of x where shops get signs and goods.
    """
    row = Row(Shape(), surfaces, Random(seed), lit, most, near)
    row.houses(-46 + Random(seed + 1).uniform(-4, 4), 50)
    return row.out
