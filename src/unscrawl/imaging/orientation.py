"""Turning a stored raster upright, and the way back."""

from __future__ import annotations

import numpy as np

from unscrawl.imaging.geometry import Matrix
from unscrawl.imaging.page_image import Pixels

__all__ = ["SIDEWAYS", "turn_upright", "upright_to_stored"]

SIDEWAYS = frozenset({5, 6, 7, 8})
"""The EXIF orientations whose upright picture is as wide as the stored one is high."""


def turn_upright(stored: Pixels, orientation: int) -> Pixels:
    """Apply an EXIF orientation (1 to 8) to pixels (height, width, 3); may give a view."""
    if orientation in SIDEWAYS:
        stored = stored.swapaxes(0, 1)  # now mirrored about the main diagonal: orientation 5
    if orientation in (2, 3, 6, 7):
        stored = stored[:, ::-1]
    if orientation in (3, 4, 7, 8):
        stored = stored[::-1]
    return stored


def upright_to_stored(orientation: int, width: int, height: int) -> Matrix:
    """The transform from points of the upright picture to points of the stored raster.

    Args:
        orientation: EXIF's, 1 to 8.
        width: Of the stored raster, in pixels.
        height: Of the stored raster, in pixels.
    """
    w, h = float(width), float(height)
    rows = {
        1: ((1, 0, 0), (0, 1, 0)),
        2: ((-1, 0, w), (0, 1, 0)),
        3: ((-1, 0, w), (0, -1, h)),
        4: ((1, 0, 0), (0, -1, h)),
        5: ((0, 1, 0), (1, 0, 0)),
        6: ((0, 1, 0), (-1, 0, h)),
        7: ((0, -1, w), (-1, 0, h)),
        8: ((0, -1, w), (1, 0, 0)),
    }[orientation]
    return np.array([*rows, (0, 0, 1)], dtype=np.float64)
