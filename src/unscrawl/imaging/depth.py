"""From deeper samples to eight bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["float_to_bytes", "integers_to_bytes"]

USUAL_DEPTHS = (8, 10, 12, 14, 16)
"""Bits that cameras, medical devices and scanners really deliver in 16-bit files. Values are taken to fill
the least of these that holds the largest: a 12-bit scan in a 16-bit file would otherwise come out at a
sixteenth of its brightness. A stretch from minimum to maximum or between percentiles would do that too, but
would also blow the noise of an empty page up into ink, and would move the black point."""


def integers_to_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale integers of any depth, any shape, to uint8 by the depth that they use."""
    if values.size == 0:
        return values.astype(np.uint8)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        # Heights, counts and other data that are no light: all there is to go by is their own range.
        return _stretched(values, float(low), float(high))
    full = 2 ** next(bits for bits in USUAL_DEPTHS if high < 2**bits) - 1
    if full == 255:
        return values.astype(np.uint8)
    # A table of at most 64 Ki entries instead of a floating-point copy of the picture.
    table = np.round(np.arange(full + 1) * (255.0 / full)).astype(np.uint8)
    scaled: NDArray[np.uint8] = table[values]
    return scaled


def float_to_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale floating-point values to uint8: from 0..1 or 0..255 if they lie there, else from their range."""
    values = np.nan_to_num(values.astype(np.float32), copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    if values.size == 0:
        return values.astype(np.uint8)
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 255:
        return _stretched(values, low, high)
    return np.round(values * (255.0 if high <= 1.0 else 1.0)).astype(np.uint8)


def _stretched(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    span = (high - low) or 1.0
    scaled = (values.astype(np.float64) - low) * (255.0 / span)
    return np.clip(np.round(scaled), 0, 255).astype(np.uint8)
