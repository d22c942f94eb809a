"""Writing that shows through from the other side of the paper, told by its ink.

The idea: a page is mostly written with one ink, and what shines through, or was printed off from the page that lay on
it, is less than half as dark. But so may be a pencil beside print. So faint pieces are not thrown away: they are
lines of their own, joined with nothing darker, of which the pipeline asks whether a mirror makes them easier to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np

from unscrawl.detection.fragments import Fragment
from unscrawl.detection.lines import LineRegion, flat_box, flattening
from unscrawl.detection.sideways import find_all_lines
from unscrawl.imaging.geometry import Points
from unscrawl.imaging.page_image import Pixels

__all__ = ["find_lines_by_ink"]

# On the handwritten dev pages what shines through is 0.28 to 0.5 times as dark as the middle piece of its page.
FAINT = 0.5
# Of a piece's pixels, how many are darker than its ink is taken to be, and lighter than its paper: a thin pen covers
# about a tenth of what the detector marks.
INK_QUANTILE, PAPER_QUANTILE = 0.05, 0.9


def find_lines_by_ink(pixels: Pixels, fragments: Sequence[Fragment]) -> list[LineRegion]:
    """Join fragments into lines as :func:`find_all_lines` does, faint ones among themselves.

    Args:
        pixels: uint8 (height, width, 3), RGB, dark ink on lighter paper.
        fragments: What the detector found on it.
    """
    dark, faint = _part(pixels, fragments)
    lines = find_all_lines(dark)
    if faint:
        flatten = flattening(dark)
        lines += [
            replace(line, faint=True, flat_box=flat_box(line.strip, flatten, line.turns))
            for line in find_all_lines(faint)
        ]
    return lines


def _part(pixels: Pixels, fragments: Sequence[Fragment]) -> tuple[list[Fragment], list[Fragment]]:
    """Part what the page is written with from what is less than half as dark."""
    darkness = [_darkness(pixels, fragment.outline) for fragment in fragments]
    parts: tuple[list[Fragment], list[Fragment]] = ([], [])
    if fragments:
        least = FAINT * median(darkness)
        for fragment, own in zip(fragments, darkness, strict=True):
            parts[own < least].append(fragment)
    return parts


def _darkness(pixels: Pixels, outline: Points) -> float:
    """How much darker than its paper the ink within an outline is: 0 not at all, 1 black on white."""
    height, width = pixels.shape[:2]
    left, top = np.clip(np.floor(outline.min(axis=0)).astype(int), 0, [width - 1, height - 1]).tolist()
    right, bottom = np.clip(np.ceil(outline.max(axis=0)).astype(int) + 1, [left + 1, top + 1], [width, height]).tolist()
    mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(mask, [np.rint(outline - [left, top]).astype(np.int32)], 1)
    grey = cv2.cvtColor(pixels[top:bottom, left:right], cv2.COLOR_RGB2GRAY)[mask > 0]
    if grey.size == 0:
        return 0.0
    ink, paper = np.quantile(grey, (INK_QUANTILE, PAPER_QUANTILE)).tolist()
    return float(1.0 - (ink + 1.0) / (paper + 1.0))
