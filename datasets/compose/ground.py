"""The camera above a flat ground, which decides how big a thing is at a row of the picture."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, atan2, cos, degrees, hypot, radians, sin, tan

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GroundView:
    """A pinhole camera without roll; the ground is flat.

    ``pitch`` in degrees below the horizon, ``camera_height`` in metres, ``focal`` in pixels. On the
    ground X points right and Z ahead of the camera, from the point below it.
    """

    width: int
    height: int
    focal: float
    pitch: float
    camera_height: float

    @staticmethod
    def from_horizon(
        width: int, height: int, *, horizon: float, focal: float, camera_height: float
    ) -> GroundView:
        """The camera whose horizon lies at this row (pixels, may be outside the picture)."""
        pitch = degrees(atan((height / 2 - horizon) / focal))
        return GroundView(width, height, focal, pitch, camera_height)

    @property
    def horizon(self) -> float:
        """Row of the horizon in pixels."""
        return self.height / 2 - self.focal * tan(radians(self.pitch))

    def pixels_per_metre(self, row: float) -> float:
        """Pixels that one metre across the view covers where the ground is seen at ``row``."""
        return (row - self.horizon) * cos(radians(self.pitch)) / self.camera_height

    def depression(self, row: float) -> float:
        """Degrees below the horizontal at which ``row`` is seen in the middle column."""
        return self.pitch + degrees(atan((row - self.height / 2) / self.focal))

    def project(self, points: Array) -> Array:
        """Ground points (n, 2) X, Z or (n, 3) X, Z, metres up, to pixels (n, 2) column, row."""
        p = radians(self.pitch)
        up = points[:, 2] if points.shape[1] == 3 else np.zeros(len(points))
        drop = self.camera_height - up
        depth = points[:, 1] * cos(p) + drop * sin(p)
        down = drop * cos(p) - points[:, 1] * sin(p)
        depth = np.maximum(depth, 1e-3)
        return np.stack(
            [
                self.width / 2 + self.focal * points[:, 0] / depth,
                self.height / 2 + self.focal * down / depth,
            ],
            axis=1,
        )

    def on_ground(self, column: float, row: float) -> tuple[float, float]:
        """Ground point X, Z (metres) seen at a pixel below the horizon.

        Raises ValueError above the horizon.
        """
        if row <= self.horizon:
            raise ValueError(f"row {row} lies above the horizon {self.horizon:.1f}")
        angle = radians(self.depression(row))
        ahead = self.camera_height / tan(angle)
        depth = hypot(self.camera_height, ahead) * cos(angle - radians(self.pitch))
        return (column - self.width / 2) / self.focal * depth, ahead


def pitch_of(at: tuple[float, float, float], target: tuple[float, float, float]) -> float:
    """Degrees below the horizon of a look from one point to another (x, y, z in metres)."""
    return degrees(atan2(at[2] - target[2], hypot(target[0] - at[0], target[1] - at[1])))
