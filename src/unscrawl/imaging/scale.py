"""Bringing a page to a size that can be worked with."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from unscrawl.imaging.geometry import scaling
from unscrawl.imaging.page_image import PageImage

__all__ = ["LONGEST_SIDE", "within_side_limit"]

LONGEST_SIDE = 32_000
"""OpenCV addresses pixels with signed 16-bit numbers: from 32,767 pixels a side on, of the picture as of the crop,
``remap`` fails, and before OpenCV 5 ``warpPerspective`` and ``warpAffine`` too. Only long scrolls, screenshots of whole
web pages and odd files come near it."""


def within_side_limit(page: PageImage) -> PageImage:
    """The page itself, or a copy shrunk so that no side is longer than ``LONGEST_SIDE``.

    Width and height keep their proportion but for rounding, to one pixel at least. The copy's ``to_original`` undoes
    the shrinking too.
    """
    height, width = page.pixels.shape[:2]
    share = LONGEST_SIDE / max(width, height)
    if share >= 1:
        return page
    new_width, new_height = max(1, round(width * share)), max(1, round(height * share))
    pixels = cv2.resize(page.pixels, (new_width, new_height), interpolation=cv2.INTER_AREA)
    to_original = page.to_original @ scaling(width / new_width, height / new_height)
    return replace(page, pixels=np.asarray(pixels, dtype=np.uint8), to_original=to_original)
