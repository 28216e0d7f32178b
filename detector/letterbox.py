"""Fit a picture into the network's input keeping its shape, and bring boxes back out of it.

The geometry is that of the pictures the network was trained on: bilinear resize, grey border of
114, the longer side scaled to the input size, both sides padded to a multiple of the stride.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.types import Image

BORDER = 114
"""Grey level of the border, 0..255."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture lies in the input of the network.

    The picture of ``width`` x ``height`` is scaled to ``inner_width`` x ``inner_height`` and placed
    at ``left``, ``top`` of the input of ``input_width`` x ``input_height``; all in pixels.
    """

    width: int
    height: int
    inner_width: int
    inner_height: int
    left: int
    top: int
    input_width: int
    input_height: int

    @classmethod
    def fit(cls, width: int, height: int, size: int, stride: int) -> Letterbox:
        """The placement of a picture in the smallest input that holds it.

        Args:
            width, height: the picture, pixels.
            size: longest side of the input, pixels.
            stride: both input sides are multiples of it.

        Raises:
            ValueError: a picture without pixels.
        """
        if width < 1 or height < 1:
            raise ValueError(f"expected a picture with pixels, got {width}x{height}")
        scale = min(size / width, size / height)
        inner_width, inner_height = max(round(width * scale), 1), max(round(height * scale), 1)
        pad_x, pad_y = (size - inner_width) % stride, (size - inner_height) % stride
        return cls(
            width=width,
            height=height,
            inner_width=inner_width,
            inner_height=inner_height,
            left=pad_x // 2,
            top=pad_y // 2,
            input_width=inner_width + pad_x,
            input_height=inner_height + pad_y,
        )

    def place(self, image: Image, canvas: Image) -> None:
        """Write the scaled picture with its border into ``canvas``.

        Args:
            image: uint8 height x width x 3.
            canvas: uint8 input_height x input_width x 3; every pixel of it is written.
        """
        top, left = self.top, self.left
        bottom, right = top + self.inner_height, left + self.inner_width
        canvas[:top] = BORDER
        canvas[bottom:] = BORDER
        canvas[top:bottom, :left] = BORDER
        canvas[top:bottom, right:] = BORDER
        inner = canvas[top:bottom, left:right]
        if (self.inner_width, self.inner_height) == (self.width, self.height):
            inner[:] = image
        else:
            inner[:] = cv2.resize(
                image, (self.inner_width, self.inner_height), interpolation=cv2.INTER_LINEAR
            )

    def boxes_back(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes Nx4 xyxy in pixels of the input -> pixels of the picture, clipped to it."""
        scale_x, scale_y = self.inner_width / self.width, self.inner_height / self.height
        offset = np.array([self.left, self.top, self.left, self.top], np.float32)
        scale = np.array([scale_x, scale_y, scale_x, scale_y], np.float32)
        limit = np.array([self.width, self.height, self.width, self.height], np.float32)
        return np.clip((boxes - offset) / scale, 0, limit)  # type: ignore[no-any-return]
