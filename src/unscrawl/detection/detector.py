"""The text detector: where on the page there is text."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from unscrawl.detection.fragments import Fragment, find_fragments
from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import DETECTION_WEIGHTS, Network, base_model

__all__ = ["TextDetector", "overview_scale"]

# The network halves its input five times.
SIDE_MULTIPLE = 32
# Longest side of what the network sees at a time, and the side below which a page is enlarged for it. At 1280 lines of
# an A4 page are some 20 pixels high, and there are less than half the pixels that there are at 1900.
LONGEST_SIDE = 1280
SHORTEST_SIDE = 640
# Strips (screenshots of whole web pages), which are so many times as long as wide, are not shrunk below this width or
# height: they are looked at piece by piece instead. A wide page of 1900 by 650 pixels reads better in one view (3.5 %
# of its characters wrong, 5.2 in two), at half the price.
STRIP = 4.0
SHORTEST_SHRUNK_SIDE = 512
# Pieces overlap by this much: words on the seam are whole in one of them, and the network sees some surroundings.
OVERLAP = 128
# The largest map: 40 million probabilities are 160 MB, and half a minute's work.
LARGEST_MAP = 40_000_000


class TextDetector:
    """PP-OCRv6-small's detector; safe to use from several threads at once.

    Args:
        threads: How many threads one detection may use.

    Raises:
        ModelUnavailable: If the weights are missing.
    """

    def __init__(self, threads: int) -> None:
        self._network = Network(base_model(DETECTION_WEIGHTS), threads=threads, large=True)

    def detect(self, pixels: Pixels, scale: float | None = None) -> list[Fragment]:
        """Find the pieces of text on a page.

        Args:
            pixels: uint8 (height, width, 3), RGB, dark text on light paper for best results.
            scale: Size at which to look, as a share of the page's own; by default :func:`overview_scale`. What is
                larger than the network's view is looked at piece by piece.

        Returns:
            Fragments in page pixels, in no particular order.
        """
        height, width = pixels.shape[:2]
        map_width, map_height = _map_size(width, height, overview_scale(width, height) if scale is None else scale)
        shrinking = map_width * map_height < width * height
        interpolation = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
        resized: Pixels = np.asarray(cv2.resize(pixels, (map_width, map_height), interpolation=interpolation), np.uint8)
        probabilities = np.empty((map_height, map_width), dtype=np.float32)
        for top, bottom, first_row, last_row in _windows(map_height):
            for left, right, first_column, last_column in _windows(map_width):
                seen = self._look(resized[top:bottom, left:right])
                probabilities[first_row:last_row, first_column:last_column] = seen[
                    first_row - top : last_row - top, first_column - left : last_column - left
                ]
        return find_fragments(probabilities, width / map_width, height / map_height)

    def _look(self, view: NDArray[np.uint8]) -> NDArray[np.float32]:
        # The weights were trained on BGR in -1..1.
        tensor = np.ascontiguousarray(view[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)
        tensor *= 1 / 127.5
        tensor -= 1.0
        probabilities: NDArray[np.float32] = self._network(tensor)[0, 0]
        return probabilities


def overview_scale(width: int, height: int) -> float:
    """The size at which a page is looked at first, as a share of its own: in one view, but for strips."""
    longest, shortest = max(width, height), min(width, height)
    in_one_view = min(LONGEST_SIDE / longest, max(1.0, SHORTEST_SIDE / shortest))
    if longest < STRIP * shortest:
        return in_one_view
    return max(in_one_view, min(1.0, SHORTEST_SHRUNK_SIDE / shortest))


def _map_size(width: int, height: int, scale: float) -> tuple[int, int]:
    """Width and height of the map: multiples of 32, together at most ``LARGEST_MAP``."""
    scale = min(scale, (LARGEST_MAP / (width * height)) ** 0.5)
    columns, rows = (max(1, round(side * scale / SIDE_MULTIPLE)) * SIDE_MULTIPLE for side in (width, height))
    return columns, rows


def _windows(length: int) -> list[tuple[int, int, int, int]]:
    """Cut a side of the map into overlapping views.

    Returns:
        Of each view its start and end (multiples of 32), and the start and end of what is kept of it: the kept parts
        lie side by side, the seams in the middle of the overlaps.
    """
    if length <= LONGEST_SIDE:
        return [(0, length, 0, length)]
    count = -(-(length - OVERLAP) // (LONGEST_SIDE - OVERLAP))
    step = (length - LONGEST_SIDE) / (count - 1)
    starts = [round(index * step / SIDE_MULTIPLE) * SIDE_MULTIPLE for index in range(count)]
    seams = [0, *((a + LONGEST_SIDE + b) // 2 for a, b in pairwise(starts)), length]
    return [(start, start + LONGEST_SIDE, *kept) for start, kept in zip(starts, pairwise(seams), strict=True)]
