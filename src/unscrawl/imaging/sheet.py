"""Finding a photographed sheet of paper by its outline."""

from __future__ import annotations

import cv2
import numpy as np

from unscrawl.imaging.geometry import Points
from unscrawl.imaging.page_image import Pixels

__all__ = ["find_tilted_sheet"]

# The outline is looked for on a picture of this many pixels a side: details of the writing vanish, edges stay.
VIEW_SIDE = 512
# A sheet covers so much of its photo; what is smaller may be a label or a picture on the page.
LEAST_AREA, LARGEST_AREA = 0.25, 0.95
# A corner nearer to the edge of the photo than this share of its side may be where the photo cuts the sheet off, and
# then the lines between corners are not the sheet's own edges.
LEAST_MARGIN = 0.008
# Share of the outline's area that its four corners must hold: a torn or folded sheet has less.
LEAST_FILL = 0.94
# From this difference of opposite sides on, flattening pays: below it lines are cut out along their own slant anyway,
# and resampling costs sharpness.
LEAST_TAPER = 0.08


def find_tilted_sheet(pixels: Pixels) -> Points | None:
    """The corners of a sheet that was photographed at an angle.

    Args:
        pixels: uint8 (height, width, 3), RGB, dark on light.

    Returns:
        float64 (4, 2), from the top left clockwise, in page pixels; None where there is no outline of four corners
        inside the picture, or its opposite sides are of nearly the same length.
    """
    height, width = pixels.shape[:2]
    scale = VIEW_SIDE / max(height, width)
    if scale >= 1:
        return None
    size = max(1, round(width * scale)), max(1, round(height * scale))
    view = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    # Writing disappears in the paper, then the paper stands out from what it lies on.
    closed = cv2.morphologyEx(view, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15)))
    _, bright = cv2.threshold(cv2.GaussianBlur(closed, (5, 5), 0), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
    area = cv2.contourArea(hull)
    if not LEAST_AREA <= area / (size[0] * size[1]) <= LARGEST_AREA:
        return None
    corners = _four_corners(hull)
    if corners is None or cv2.contourArea(corners.astype(np.float32)) < LEAST_FILL * area:
        return None
    shares = (corners + 0.5) / size
    if shares.min() < LEAST_MARGIN or shares.max() > 1 - LEAST_MARGIN:
        return None
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    taper = 1 - min(
        min(sides[0], sides[2]) / max(sides[0], sides[2]), min(sides[1], sides[3]) / max(sides[1], sides[3])
    )
    return shares * (width, height) if taper >= LEAST_TAPER else None


def _four_corners(hull: np.ndarray) -> Points | None:
    """A convex outline reduced to four corners, from the top left clockwise; None where it has not four."""
    length = cv2.arcLength(hull, True)
    for tolerance in (0.01, 0.02, 0.03, 0.04):
        corners = cv2.approxPolyDP(hull, tolerance * length, True)
        if len(corners) == 4:
            break
    else:
        return None
    points = corners.reshape(4, 2).astype(np.float64)
    # Clockwise as seen (y points down), beginning with the corner nearest to the top left.
    centre = points.mean(axis=0)
    points = points[np.argsort(np.arctan2(points[:, 1] - centre[1], points[:, 0] - centre[0]))]
    return np.roll(points, -int(points.sum(axis=1).argmin()), axis=0)
