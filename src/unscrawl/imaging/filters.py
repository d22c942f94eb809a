"""The classic helpers for pictures that read badly: enlarging, contrast, median, binarising.

The engine prepares pages by itself, and mostly better: these are for those who know their pictures. Each is a function
of pixels that gives new pixels; no file is ever touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import cv2
import numpy as np

from unscrawl.imaging.geometry import scaling
from unscrawl.imaging.light import even_light, ink_darkness
from unscrawl.imaging.page_image import PageImage, Pixels
from unscrawl.options import Filter

__all__ = ["binarise", "double", "filtered", "median", "raise_contrast", "upscale"]

# A side as short as this or shorter is doubled: the tutorial's rule for small pictures.
SMALL_SIDE = 600
# Share of the pixels that become all black and all white.
CLIPPED = 0.01
# Pixels a side over which the median is taken: specks of one pixel go, strokes of two stay.
MEDIAN_SIDE = 3


def upscale(pixels: Pixels) -> Pixels:
    """Double a picture's sides if the shorter one has fewer than ``SMALL_SIDE`` pixels (Lanczos).

    Args:
        pixels: uint8 (height, width, 3), RGB; so for all functions here.
    """
    return pixels if min(pixels.shape[:2]) >= SMALL_SIDE else double(pixels)


def double(pixels: Pixels) -> Pixels:
    """Double a picture's sides (Lanczos)."""
    height, width = pixels.shape[:2]
    return np.asarray(cv2.resize(pixels, (2 * width, 2 * height), interpolation=cv2.INTER_LANCZOS4), dtype=np.uint8)


def raise_contrast(pixels: Pixels) -> Pixels:
    """Stretch the brightness so that the darkest parts become black and the lightest white."""
    dark, light = np.quantile(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (CLIPPED, 1 - CLIPPED))
    if light <= dark:
        return pixels
    levels = np.clip((np.arange(256) - dark) * (255 / (light - dark)), 0, 255).astype(np.uint8)
    return np.asarray(levels[pixels])


def median(pixels: Pixels) -> Pixels:
    """Take specks of a pixel away."""
    return np.asarray(cv2.medianBlur(np.ascontiguousarray(pixels), MEDIAN_SIDE), dtype=np.uint8)


def binarise(pixels: Pixels) -> Pixels:
    """Black ink on white paper, nothing between: Otsu's threshold once the light is even."""
    even = cv2.cvtColor(even_light(pixels, ink_darkness(pixels)), cv2.COLOR_RGB2GRAY)
    _, black_and_white = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(cv2.cvtColor(black_and_white, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


_FUNCTIONS: dict[Filter, Callable[[Pixels], Pixels]] = {
    Filter.UPSCALE: upscale,
    Filter.CONTRAST: raise_contrast,
    Filter.MEDIAN: median,
    Filter.BINARISE: binarise,
}


def filtered(page: PageImage, filters: Iterable[Filter]) -> PageImage:
    """The page after these filters, in this order; its ``to_original`` undoes enlarging."""
    for each in filters:
        height, width = page.pixels.shape[:2]
        pixels = _FUNCTIONS[each](page.pixels)
        back = scaling(width / pixels.shape[1], height / pixels.shape[0])
        page = replace(page, pixels=pixels, to_original=page.to_original @ back)
    return page
