"""Light writing on a dark ground, turned into dark on light: what the networks know best."""

from __future__ import annotations

import cv2
import numpy as np

from unscrawl.imaging.page_image import Pixels

__all__ = ["dark_on_light"]

# Half of the page darker than this (of 255) is a blackboard or a dark-mode screen; shadowed paper stays above it.
DARK_MEDIAN = 90
# The median is taken over a thumbnail of about this many pixels a side.
THUMBNAIL = 256


def dark_on_light(pixels: Pixels) -> Pixels:
    """Return the picture itself, or its negative when its ground is dark.

    Args:
        pixels: uint8 (height, width, 3), RGB.
    """
    height, width = pixels.shape[:2]
    step = max(1, min(height, width) // THUMBNAIL)
    thumbnail = cv2.cvtColor(pixels[::step, ::step], cv2.COLOR_RGB2GRAY)
    return 255 - pixels if np.median(thumbnail) < DARK_MEDIAN else pixels
