"""Cutting a slanted box out of a page."""

from __future__ import annotations

import cv2
import numpy as np

from unscrawl.imaging.geometry import Matrix, Points
from unscrawl.imaging.page_image import Pixels
from unscrawl.imaging.scale import LONGEST_SIDE

__all__ = ["crop_quad", "quad_size", "resize_to_height"]


def quad_size(quad: Points) -> tuple[float, float]:
    """Width and height of a quad (4, 2): the longer of each pair of opposite sides, in pixels."""
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    return float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))


def crop_quad(pixels: Pixels, quad: Points) -> tuple[Pixels, Matrix]:
    """Cut the quad out at its own size; what lies outside the page repeats the page's edge.

    A side longer than ``LONGEST_SIDE`` (on a page near that limit, or a slanted line across it) is squeezed to it.

    Args:
        pixels: uint8 (height, width, 3).
        quad: (4, 2): top left, top right, bottom right, bottom left.

    Returns:
        The crop, at least 1x1, and the 3x3 matrix that maps its points back to the page.
    """
    width, height = (min(max(1, round(side)), LONGEST_SIDE) for side in quad_size(quad))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    to_page = cv2.getPerspectiveTransform(corners, quad.astype(np.float32))
    # Points count from a pixel's corner, warpPerspective from its centre: half a pixel of shift on both sides.
    half = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    crop = cv2.warpPerspective(
        pixels,
        np.linalg.inv(half) @ to_page @ half,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, dtype=np.uint8), np.asarray(to_page, dtype=np.float64)


def resize_to_height(crop: Pixels, height: int, stretch: float = 1.0) -> Pixels:
    """Scale a crop to ``height``, keeping its shape but for ``stretch`` along the line.

    Shrinking averages over the pixels (no aliasing of thin strokes), growing is cubic.
    """
    old_height, old_width = crop.shape[:2]
    width = max(1, round(old_width * stretch * height / old_height))
    interpolation = cv2.INTER_AREA if old_height > height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(crop, (width, height), interpolation=interpolation), dtype=np.uint8)
