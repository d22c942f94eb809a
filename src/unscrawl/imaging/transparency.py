"""Laying a picture with transparent parts on a background that its ink stands out from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unscrawl.imaging.page_image import Pixels

__all__ = ["compose"]

BLACK, WHITE = 0, 255
MIDDLE = 128
"""The grey between dark and light."""

SAMPLE = 1_000_000
"""Pixels looked at to tell the ink's tone; more would not change it."""

OWN_PAPER_CONTRAST = 64
"""Spread of grey levels (5th to 95th percentile) from which the visible part may carry paper as well as
ink."""

OWN_PAPER_COVER = 0.5
"""Share of the picture from which such a visible part is a page of its own, e.g. a scan with cut-off
corners."""


def compose(pixels: NDArray[np.uint8]) -> Pixels:
    """Lay RGBA pixels (height, width, 4) on black or white; the result is (height, width, 3).

    Dark ink is laid on white and light ink on black. Where the visible part is itself a page with paper and
    ink, the background continues its paper.
    """
    alpha = pixels[..., 3]
    if alpha.min() == 255:
        return np.ascontiguousarray(pixels[..., :3])
    background = _background(pixels)
    result = np.empty((*pixels.shape[:2], 3), dtype=np.uint8)
    for channel in range(3):  # one at a time: less memory beside the picture
        ink = pixels[..., channel].astype(np.uint16) * alpha
        paper = np.uint16(background) * (255 - alpha).astype(np.uint16)
        result[..., channel] = (ink + paper + 127) // 255
    return result


def _background(pixels: NDArray[np.uint8]) -> int:
    step = max(1, int((pixels.shape[0] * pixels.shape[1] / SAMPLE) ** 0.5))
    sample = pixels[::step, ::step]
    weights = sample[..., 3].ravel().astype(np.float64)
    if not weights.any():
        return WHITE  # nothing in the sample can be seen
    grey = sample[..., :3].reshape(-1, 3) @ np.array([0.299, 0.587, 0.114])
    visible = grey[weights >= MIDDLE]
    if visible.size and weights.mean() >= 255 * OWN_PAPER_COVER:
        low, middle, high = np.percentile(visible, [5, 50, 95])
        if high - low >= OWN_PAPER_CONTRAST:
            return WHITE if middle >= MIDDLE else BLACK
    return WHITE if np.average(grey, weights=weights) < MIDDLE else BLACK
