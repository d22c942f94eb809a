"""Cutting, turning, rotating and flattening a page; each gives a page whose ``to_original`` undoes it."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from unscrawl.imaging.geometry import Matrix, Points, quarter_turns, transform_points
from unscrawl.imaging.page_image import PageImage, Pixels

__all__ = ["cut_out", "flattened", "half_turn", "rotated", "turned"]


def cut_out(page: PageImage, left: float, top: float, right: float, bottom: float) -> PageImage | None:
    """A rectangle of the page, given in pixels of the stored picture; None if nothing of it is on the page."""
    stored = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)
    corners = transform_points(np.asarray(np.linalg.inv(page.to_original), dtype=np.float64), stored)
    size = page.pixels.shape[1::-1]
    (x0, y0), (x1, y1) = np.rint(corners.min(axis=0)).clip(0, size), np.rint(corners.max(axis=0)).clip(0, size)
    x, y, x_end, y_end = int(x0), int(y0), int(x1), int(y1)
    if x >= x_end or y >= y_end:
        return None
    shift = np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
    pixels = np.ascontiguousarray(page.pixels[y:y_end, x:x_end])
    return replace(page, pixels=pixels, to_original=page.to_original @ shift)


def turned(page: PageImage, quarters: int) -> PageImage:
    """The page turned by ``quarters`` times 90 degrees counter-clockwise; no pixel changes its value."""
    if quarters % 4 == 0:
        return page
    height, width = page.pixels.shape[:2]
    to_turned = quarter_turns(quarters, width, height)
    pixels = np.ascontiguousarray(np.rot90(page.pixels, quarters))
    return replace(page, pixels=pixels, to_original=page.to_original @ np.linalg.inv(to_turned))


def half_turn(pixels: Pixels) -> Pixels:
    """A picture (height, width, 3) upside down."""
    return np.ascontiguousarray(pixels[::-1, ::-1])


def rotated(page: PageImage, degrees: float) -> PageImage:
    """The page rotated counter-clockwise (as seen) about its middle, on a canvas that holds all of it."""
    height, width = page.pixels.shape[:2]
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    new_width, new_height = abs(width * cos) + abs(height * sin), abs(width * sin) + abs(height * cos)
    to_rotated = np.array(
        [
            [cos, sin, new_width / 2 - cos * width / 2 - sin * height / 2],
            [-sin, cos, new_height / 2 + sin * width / 2 - cos * height / 2],
            [0.0, 0.0, 1.0],
        ]
    )
    return _warped(page, to_rotated, math.ceil(new_width), math.ceil(new_height))


def flattened(page: PageImage, sheet: Points) -> PageImage:
    """What is inside ``sheet``, seen from straight above.

    Args:
        page: A photographed page.
        sheet: float64 (4, 2): the sheet's corners from the top left clockwise, in page pixels.
    """
    sides = np.linalg.norm(np.roll(sheet, -1, axis=0) - sheet, axis=1)
    width, height = math.ceil(max(sides[0], sides[2])), math.ceil(max(sides[1], sides[3]))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    to_flat = cv2.getPerspectiveTransform(sheet.astype(np.float32), corners)
    return _warped(page, np.asarray(to_flat, dtype=np.float64), width, height)


def _warped(page: PageImage, to_new: Matrix, width: int, height: int) -> PageImage:
    # Points count from a pixel's corner, warpPerspective from its centre: half a pixel of shift on both sides.
    half = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    pixels = cv2.warpPerspective(
        page.pixels,
        np.linalg.inv(half) @ to_new @ half,
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    to_original = page.to_original @ np.linalg.inv(to_new)
    return replace(page, pixels=np.asarray(pixels, dtype=np.uint8), to_original=to_original)
