"""How the text lies on a page, told from the shapes of its fragments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unscrawl.detection.fragments import Fragment, order_corners
from unscrawl.imaging.geometry import Matrix, Points, transform_points

__all__ = ["Direction", "moved", "samples", "text_direction"]


@dataclass(frozen=True, slots=True)
class Direction:
    """The direction in which most text runs, up to half a turn.

    Attributes:
        degrees: From the horizontal, clockwise as seen, above -90 to 90.
        agreement: 0 (all directions alike) to 1 (every fragment runs that way).
    """

    degrees: float
    agreement: float


def text_direction(fragments: Sequence[Fragment]) -> Direction:
    """The direction of most text; long pieces count more, and square ones not at all."""
    if not fragments:
        return Direction(0.0, 0.0)
    quads = np.array([fragment.quad for fragment in fragments])
    along, across = _sides(quads)
    lengths, heights = np.linalg.norm(along, axis=1), np.linalg.norm(across, axis=1)
    long_sides = np.where((lengths >= heights)[:, None], along, across)
    # Twice the angle: a line read backwards has the same direction.
    doubled = 2 * np.arctan2(long_sides[:, 1], long_sides[:, 0])
    weights = np.abs(lengths - heights) * np.minimum(lengths, heights)
    if not weights.any():
        return Direction(0.0, 0.0)
    mean = np.average(np.exp(1j * doubled), weights=weights)
    return Direction(float(np.rad2deg(np.angle(mean) / 2)), float(abs(mean)))


def moved(fragments: Sequence[Fragment], matrix: Matrix) -> list[Fragment]:
    """Fragments as they lie after the page was turned by ``matrix`` (3x3)."""
    return [
        Fragment(order_corners(transform_points(matrix, each.quad)), transform_points(matrix, each.outline), each.score)
        for each in fragments
    ]


def samples(fragments: Sequence[Fragment], count: int, longest: float) -> list[Points]:
    """Quads of the pieces of text that tell most about how the page is to be read.

    Args:
        fragments: On a page whose text runs horizontally, whichever side up.
        count: How many at most.
        longest: A piece longer than so many times its height is cut to that, in the middle.

    Returns:
        Quads (4, 2), the largest first; pieces shorter than twice their height are left out.
    """
    found = []
    for fragment in fragments:
        quad = fragment.quad
        along, across = _sides(quad[None])
        length, height = float(np.linalg.norm(along)), float(np.linalg.norm(across))
        if length < 2 * height or height == 0:
            continue
        share = min(1.0, longest * height / length)
        start, end = (1 - share) / 2, (1 + share) / 2
        top, bottom = quad[1] - quad[0], quad[2] - quad[3]
        piece = np.array([quad[0] + start * top, quad[0] + end * top, quad[3] + end * bottom, quad[3] + start * bottom])
        found.append((share * length * height * fragment.score, piece))
    found.sort(key=lambda each: -each[0])
    return [piece for _, piece in found[:count]]


def _sides(quads: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of quads (n, 4, 2) the vectors (n, 2) along the text and across it, each the mean of two opposite sides."""
    along = (quads[:, 1] - quads[:, 0] + quads[:, 2] - quads[:, 3]) / 2
    across = (quads[:, 3] - quads[:, 0] + quads[:, 2] - quads[:, 1]) / 2
    return along, across
