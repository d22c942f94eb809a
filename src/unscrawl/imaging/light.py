"""Faint writing and uneven light, brought to dark ink on white paper."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from unscrawl.imaging.page_image import Pixels

__all__ = ["even_light", "ink_darkness"]

# The paper is estimated on a picture of about this many pixels a side: light changes slowly.
PAPER_SIDE = 384
# What is wider than this share of the page is paper (or a picture), not a stroke.
STROKE_SHARE = 1 / 16
# The darkest share of the pixels counts as ink: a short note covers about 1 % of its page.
INK_SHARE = 0.005
# Ink is brought to this darkness (0 paper, 1 black): that of ball pens on the pages Hand was trained on.
GOOD_DARKNESS = 0.6
# Beyond this gain it is the grain of the paper that turns black.
LARGEST_GAIN = 5.0


def even_light(pixels: Pixels, darkness: float) -> Pixels:
    """Divide the paper's own light out of a page, and darken its ink.

    Args:
        pixels: uint8 (height, width, 3), RGB, dark on light.
        darkness: Of its ink: what :func:`ink_darkness` says.
    """
    height, width = pixels.shape[:2]
    paper = cv2.resize(_paper(pixels), (width, height), interpolation=cv2.INTER_LINEAR)
    gain = min(max(GOOD_DARKNESS / max(darkness, 1e-3), 1.0), LARGEST_GAIN)
    result = np.empty_like(pixels)
    # In bands: the intermediate floating point picture of a whole page of 100 megapixels would take gigabytes.
    for top in range(0, height, 256):
        band = slice(top, top + 256)
        missing = 1.0 - (pixels[band].astype(np.float32) + 1.0) / paper[band, :, None]
        result[band] = np.clip(255.0 * (1.0 - gain * missing), 0, 255)
    return result


def ink_darkness(pixels: Pixels) -> float:
    """How much darker than the paper around it the darkest writing is: 0 not at all, 1 black on white."""
    paper = _paper(pixels)
    height, width = pixels.shape[:2]
    # Every so many-th pixel, not an average over them: thin strokes would pale.
    step = max(1, max(height, width) // 1600)
    sample = cv2.cvtColor(pixels[::step, ::step], cv2.COLOR_RGB2GRAY).astype(np.float32) + 1.0
    share = sample / cv2.resize(paper, sample.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return float(np.clip(1.0 - np.quantile(share, INK_SHARE), 0.0, 1.0))


def _paper(pixels: Pixels) -> NDArray[np.float32]:
    """The brightness of the paper on a small copy of the page: what is left without the strokes.

    It runs from 1 to 256, one more than pixels do, so that a black page is its own paper.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, PAPER_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    reach = max(3, round(max(size) * STROKE_SHARE) | 1)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    return np.asarray(cv2.GaussianBlur(closed.astype(np.float32) + 1.0, (0, 0), reach / 3), dtype=np.float32)
