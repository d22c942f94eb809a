"""Cutting lines out of a page: along their strips, and without what the lines above and below reach in.

The idea: what the detector marked as another line's is never this line's. Ink that hangs together belongs to the line
whose marks it touches; ink that touches both (a descender in the ascender below) is parted half way; ink that touches
none (dots, accents) belongs to the nearer one. What belongs to others is painted over with paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from unscrawl.detection.lines import LineRegion
from unscrawl.imaging.page_image import Pixels

__all__ = ["cut_lines"]

# The marks are looked at on a smaller page: the detector's own map is not finer.
MARK_SIDE = 1280
# How far around the strip other lines' marks are looked for, in its heights.
LOOK_AROUND = 0.5
# Ink is darker than the paper around it by this many grey levels; the paper around is as wide as the line is high.
INK_CONTRAST = 12
LEAST_BLOCK = 15
# Of every component of ink, so much must lie nearer to another line to be painted over.
MOSTLY = 0.5


def cut_lines(pixels: Pixels, regions: Sequence[LineRegion]) -> Iterator[Pixels]:
    """Cut lines out, upright and straight.

    Args:
        pixels: uint8 (height, width, 3), RGB, dark ink on lighter paper.
        regions: The page's lines, all of them: each tells what is not the others'.

    Yields:
        uint8 (height, width, 3): the picture of each strip; what lies outside the page repeats the page's edge.
    """
    marks, scale = _marks(regions, pixels.shape[1], pixels.shape[0])
    for number, region in enumerate(regions, 1):
        crop = np.asarray(
            cv2.remap(pixels, *region.strip.sampling(), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
            dtype=np.uint8,
        )
        nearer = _nearer_to_others(region, number, marks, scale, crop.shape[:2])
        yield crop if nearer is None else _paint_over(crop, *nearer)


def _marks(regions: Sequence[LineRegion], width: int, height: int) -> tuple[NDArray[np.int16], float]:
    """A small page on which each line's number stands where the detector marked it, and how small it is."""
    scale = min(1.0, MARK_SIDE / max(width, height))
    marks = np.zeros((max(1, round(height * scale)), max(1, round(width * scale))), dtype=np.int16)
    for number, region in enumerate(regions, 1):
        for outline in region.outlines:
            cv2.fillPoly(marks, [np.rint(outline * scale - 0.5).astype(np.int32)], number)
    return marks, scale


def _nearer_to_others(
    region: LineRegion, number: int, marks: NDArray[np.int16], scale: float, size: tuple[int, int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Of a line's picture: what lies nearer to another line's marks, this line's marks, and others' marks.

    None where no other line is near.
    """
    height, width = size
    shrink = max(1, round(scale * height / 24))  # a picture of some 24 rows is fine enough to tell near from far
    x, y = ((side[::shrink, ::shrink] + 0.5) * scale - 0.5 for side in region.strip.grown(LOOK_AROUND).sampling())
    seen = cv2.remap(marks, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    own, others = seen == number, (seen != number) & (seen != 0)
    if not others.any() or not own.any():
        return None
    nearer = _distance(others) < _distance(own)
    border = round(seen.shape[0] * LOOK_AROUND / (1 + 2 * LOOK_AROUND))

    def inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        part = mask[border : max(border + 1, mask.shape[0] - border)].astype(np.uint8)
        return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_NEAREST), dtype=bool)

    return inner(nearer), inner(own), inner(others)


def _distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3), dtype=np.float32)


def _paint_over(crop: Pixels, nearer: NDArray[np.bool_], own: NDArray[np.bool_], others: NDArray[np.bool_]) -> Pixels:
    """Paint over the ink that belongs to other lines."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    block = max(LEAST_BLOCK, grey.shape[0] // 2 * 2 + 1)
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, INK_CONTRAST)
    if not (ink[nearer]).any():
        return crop
    count, component, statistics, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    touching_own, touching_others = np.zeros((2, count), dtype=bool)
    touching_own[component[own]] = True
    touching_others[component[others]] = True
    far = np.bincount(component[nearer], minlength=count) > MOSTLY * statistics[:, cv2.CC_STAT_AREA]
    theirs, parted = far & ~touching_own, touching_own & touching_others
    theirs[0] = parted[0] = False  # component 0 is the paper
    gone = theirs[component] | (parted[component] & nearer)
    if not gone.any():
        return crop
    # Strokes have soft edges: a pixel around what goes, but nothing of what stays.
    edges = cv2.dilate(gone.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ((ink == 0) | gone)
    painted = crop.copy()
    painted[edges] = np.median(crop[ink == 0], axis=0) if (ink == 0).any() else 255
    return painted
