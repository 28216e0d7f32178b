"""Boxes and polygons on a view: overlap, cover and whether a thing stands on an area."""

from __future__ import annotations

from functools import lru_cache

from shapely.geometry import Polygon
from shapely.geometry import box as shapely_box
from shapely.validation import explain_validity

from detector.types import Box

Point = tuple[float, float]
Points = tuple[Point, ...]
"""Corners of a polygon in shares of the view: x by width, y by height, both 0..1, y down."""


def check_points(name: str, points: Points) -> None:
    """Raise ValueError unless ``points`` are a simple polygon with an area, within the view."""
    if len(points) < 3:
        raise ValueError(f"{name}: expected 3 or more points, got {len(points)}")
    for point in points:
        if not all(0.0 <= value <= 1.0 for value in point):
            raise ValueError(f"{name}: expected points within 0..1, got {point}")
    polygon = Polygon(points)
    if not polygon.is_valid:
        raise ValueError(f"{name}: expected a simple polygon, but: {explain_validity(polygon)}")
    if polygon.area <= 0:
        raise ValueError(f"{name}: the polygon has no area")


def check_box(name: str, value: Box) -> None:
    """Raise ValueError unless ``value`` is left, top, right, bottom with a positive area."""
    left, top, right, bottom = value
    if not (left < right and top < bottom):
        raise ValueError(f"{name}: expected left < right and top < bottom, got {value}")


@lru_cache(maxsize=4096)
def _polygon(points: Points) -> Polygon:
    return Polygon(points)


def area(a: Box) -> float:
    """Area of a box, 0 for an empty one."""
    return max(0.0, a[2] - a[0]) * max(0.0, a[3] - a[1])


def overlap(a: Box, b: Box) -> float:
    """Area two boxes share."""
    return area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])))


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    shared = overlap(a, b)
    union = area(a) + area(b) - shared
    return shared / union if union > 0 else 0.0


def held(a: Box, b: Box) -> float:
    """The shared area over that of the smaller box, 0..1."""
    smaller = min(area(a), area(b))
    return overlap(a, b) / smaller if smaller > 0 else 0.0


def union(a: Box, b: Box) -> Box:
    """The smallest box around two boxes."""
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))


_GRID = tuple((i + 0.5) / 8 for i in range(8))


def covered(place: Box, covers: tuple[Box, ...]) -> float:
    """Share of ``place`` that lies under any of ``covers``, by 64 sample points, 0..1."""
    near = [cover for cover in covers if overlap(place, cover) > 0]
    if not near:
        return 0.0
    left, top, right, bottom = place
    points = [(left + x * (right - left), top + y * (bottom - top)) for x in _GRID for y in _GRID]
    under = sum(any(c[0] <= x <= c[2] and c[1] <= y <= c[3] for c in near) for x, y in points)
    return under / len(points)


FOOT = 0.3


def stands_in(thing: Box, points: Points) -> float:
    """Share of a thing's foot, the lowest 30 % of its box, that lies within the polygon, 0..1.

    A street camera looks down at a slant: where a thing's foot is, there it stands.
    """
    left, top, right, bottom = thing
    return lies_in((left, bottom - FOOT * (bottom - top), right, bottom), points)


@lru_cache(maxsize=8192)
def lies_in(thing: Box, points: Points) -> float:
    """Share of a box that lies within the polygon, 0..1; the same again is not worked out again."""
    whole = shapely_box(*thing)
    return float(_polygon(points).intersection(whole).area / whole.area) if whole.area > 0 else 0.0


def shifted(thing: Box, right: float, down: float) -> Box:
    """The box moved by shares of width and height, cut to the view."""
    left, top, far, bottom = thing
    moved = (left + right, top + down, far + right, bottom + down)
    return (max(0.0, moved[0]), max(0.0, moved[1]), min(1.0, moved[2]), min(1.0, moved[3]))
