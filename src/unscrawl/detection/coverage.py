"""Whether a page was looked at closely enough: how large its text is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unscrawl.detection.fragments import Fragment

__all__ = ["closer_scale", "text_height"]

# Heights of fragments, with their margins, on the detector's map. Of pages that read well the lowest are 19 to 25
# pixels (typewriter, old print), most 30 to 60.
LEAST_HEIGHT = 16.0
GOOD_HEIGHT = 28.0
# The height that so many of the fragments stay below: the small print decides, not the headline.
SMALL_PRINT = 0.25
# Enlarging a page beyond this shows nothing new.
LARGEST_SCALE = 3.0


def text_height(fragments: Sequence[Fragment]) -> float | None:
    """The height of the smaller text in page pixels; None where there is none."""
    if not fragments:
        return None
    quads = np.array([fragment.quad for fragment in fragments])
    sides = np.linalg.norm(quads - np.roll(quads, -1, axis=1), axis=2)
    return float(np.quantile(sides.min(axis=1), SMALL_PRINT))


def closer_scale(fragments: Sequence[Fragment], scale: float) -> float | None:
    """At which scale to look again, or None where there is no need.

    Args:
        fragments: What was found at ``scale``.
        scale: Size of the view as a share of the page's own.
    """
    height = text_height(fragments)
    if height is None or height * scale >= LEAST_HEIGHT:
        return None
    closer = min(GOOD_HEIGHT / height, LARGEST_SCALE)
    return closer if closer > scale else None
