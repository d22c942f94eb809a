"""The text detector: where on the page there is text."""

from __future__ import annotations

import cv2
import numpy as np

from unscrawl.detection.fragments import Fragment, find_fragments
from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import DETECTION_WEIGHTS, base_model, open_session

__all__ = ["TextDetector"]

# The network halves its input five times.
SIDE_MULTIPLE = 32
# Longest side of what the network sees, and the side below which a page is enlarged for it. At 1280 lines of an A4 page
# are some 20 pixels high, and there are less than half the pixels that there are at 1900.
LONGEST_SIDE = 1280
SHORTEST_SIDE = 640


class TextDetector:
    """PP-OCRv6-small's detector; safe to use from several threads at once.

    Args:
        threads: How many threads one detection may use.

    Raises:
        ModelUnavailable: If the weights are missing.
    """

    def __init__(self, threads: int) -> None:
        self._session = open_session(base_model(DETECTION_WEIGHTS), threads)
        self._input = self._session.get_inputs()[0].name

    def detect(self, pixels: Pixels) -> list[Fragment]:
        """Find the pieces of text on a page.

        Args:
            pixels: uint8 (height, width, 3), RGB, dark text on light paper for best results.

        Returns:
            Fragments in page pixels, in no particular order.
        """
        height, width = pixels.shape[:2]
        map_width, map_height = network_size(width, height)
        shrinking = map_width * map_height < width * height
        resized = cv2.resize(
            pixels, (map_width, map_height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
        )
        # The weights were trained on BGR in -1..1.
        tensor = np.ascontiguousarray(resized[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)
        tensor *= 1 / 127.5
        tensor -= 1.0
        probabilities = self._session.run(None, {self._input: tensor})[0][0, 0]
        return find_fragments(probabilities, width / map_width, height / map_height)


def network_size(width: int, height: int) -> tuple[int, int]:
    """The size at which the network looks at a page: both sides multiples of 32, at most ``LONGEST_SIDE``."""
    scale = min(LONGEST_SIDE / max(width, height), max(1.0, SHORTEST_SIDE / min(width, height)))
    return tuple(max(SIDE_MULTIPLE, round(side * scale / SIDE_MULTIPLE) * SIDE_MULTIPLE) for side in (width, height))  # type: ignore[return-value]
