"""Where things are on the earth, and when two places are one."""

from __future__ import annotations

import math

from cases.errors import InvalidError

_EARTH_RADIUS_M = 6_371_008.8  # mean radius of WGS-84
_NULL_ISLAND_DEG = 0.01


def check_position(lat: float | None, lon: float | None) -> None:
    """Raise InvalidError naming the field unless both are None or both WGS-84 degrees."""
    if (lat is None) != (lon is None):
        field = "lat" if lat is None else "lon"
        raise InvalidError(f"{field}: lat and lon must be given together", field=field)
    for field, value, most in (("lat", lat, 90.0), ("lon", lon, 180.0)):
        if value is not None and not (math.isfinite(value) and abs(value) <= most):
            raise InvalidError(
                f"{field}: expected degrees between -{most:g} and {most:g}, got {value}",
                field=field,
            )


def trustworthy(lat: float | None, lon: float | None) -> bool:
    """Whether a position may decide that two things are one.

    Not when unknown or out of range, and not near 0/0, which devices write for "no fix".
    """
    if lat is None or lon is None:
        return False
    try:
        check_position(lat, lon)
    except InvalidError:
        return False
    return abs(lat) > _NULL_ISLAND_DEG or abs(lon) > _NULL_ISLAND_DEG


def distance_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance in metres between two WGS-84 positions in degrees (haversine)."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_lat = (phi_b - phi_a) / 2
    half_lon = math.radians(lon_b - lon_a) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lon) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def lat_margin_deg(metres: float) -> float:
    """Degrees of latitude that span ``metres``, a little rounded up."""
    return math.degrees(metres / _EARTH_RADIUS_M) * 1.001
