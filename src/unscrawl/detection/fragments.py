"""From the detector's probability map to fragments of text.

A fragment is what the detector sees as one piece: a word, several words or a whole line. The steps are those of
differentiable binarisation (Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI
2020): threshold, connected regions, the smallest rectangle around each, and growing it back by the margin that the
training shrank it by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from unscrawl.imaging.geometry import Points

__all__ = ["Fragment", "find_fragments", "growth"]

# RapidOCR's settings for these weights.
PIXEL_THRESHOLD = 0.3
REGION_THRESHOLD = 0.5
GROWTH = 1.6

# Regions thinner than this on the map are specks: the detector's own stride is 4.
MIN_SIDE = 3.0
# A page of fine print has about 150 lines; 3,000 regions are noise or a bomb, and would cost minutes to read.
MAX_FRAGMENTS = 3000


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """One detected piece of text.

    Attributes:
        quad: float64 (4, 2): top left, top right, bottom right, bottom left, in page pixels, as the text runs.
        outline: float64 (n, 2): the border of what the detector marked, in page pixels, every step of it: the middle of
            the text, about as high as its small letters.
        score: The mean probability inside, 0 to 1.
    """

    quad: Points
    outline: Points
    score: float


def find_fragments(
    probabilities: NDArray[np.float32],
    scale_x: float,
    scale_y: float,
    *,
    region_threshold: float = REGION_THRESHOLD,
) -> list[Fragment]:
    """Find the pieces of text on a probability map.

    Args:
        probabilities: (height, width), 0 to 1.
        scale_x: Page pixels per map pixel, across.
        scale_y: Page pixels per map pixel, down.
        region_threshold: Least mean probability of a region.

    Returns:
        The fragments in no particular order, in page pixels.
    """
    mask = (probabilities > PIXEL_THRESHOLD).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if len(contours) > MAX_FRAGMENTS:
        contours = sorted(contours, key=cv2.contourArea, reverse=True)[:MAX_FRAGMENTS]
    fragments = []
    for contour in contours:
        # +0.5: map pixels are areas, contours run through their centres.
        outline = contour[:, 0].astype(np.float32) + 0.5
        (x, y), (w, h), angle = cv2.minAreaRect(outline)
        if min(w, h) < MIN_SIDE:
            continue
        score = _mean_inside(probabilities, contour)
        if score < region_threshold:
            continue
        margin = growth(w, h)
        corners = cv2.boxPoints(((x, y), (w + 2 * margin, h + 2 * margin), angle))
        scale = np.array([scale_x, scale_y])
        quad = order_corners(corners.astype(np.float64)) * scale
        fragments.append(Fragment(quad, outline.astype(np.float64) * scale, score))
    return fragments


def growth(width: float, height: float) -> float:
    """How far text reaches beyond what is marked of it, for marks of this width and height."""
    return width * height * GROWTH / (2.0 * (width + height))


def _mean_inside(probabilities: NDArray[np.float32], contour: NDArray[Any]) -> float:
    x, y, w, h = cv2.boundingRect(contour)
    mask = np.zeros((h, w), np.uint8)
    cv2.drawContours(mask, [contour], -1, 1, cv2.FILLED, offset=(-x, -y))
    return float(cv2.mean(probabilities[y : y + h, x : x + w], mask)[0])


def order_corners(corners: Points) -> Points:
    """Sort a rectangle's corners (4, 2): top left, top right, bottom right, bottom left.

    The side nearest to the horizontal is taken as the way the text runs unless the rectangle is steeper than 45
    degrees, so an upright rectangle keeps its top at the top.
    """
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]])
