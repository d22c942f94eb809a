"""The strip that a line of writing fills: hands climb, sink and bend, and a straight box would take neighbours in.

The idea: walk along the line, note at every step how high up and how far down the detector marked text, and lay a
smooth curve through the middles. The strip follows the curve, as high as most of the line is, with the margin that
the detector's training took away.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unscrawl.detection.fragments import Fragment, growth
from unscrawl.imaging.geometry import Points
from unscrawl.imaging.strip import Strip

__all__ = ["fit_strip"]

# A step along the line, as a share of the height of what the detector marked.
STEP = 0.25
# The longer a line for its height, the more it may bend: lengths in heights of what the detector marked (about twice
# as high is the line), and the degree of the curve above them.
LENGTH_OF_PARABOLA, LENGTH_OF_CUBIC = 8.0, 14.0
# Least steps for a curve of any degree.
LEAST_STEPS = 6
# Steps further off the curve than this share of the height (a word of the next line caught, a flourish) are left out.
FARTHEST_OFF = 0.35
REFITS = 2
# The strip is as high as all but this share of the line, so that one tall stroke does not widen it.
HEIGHT_QUANTILE = 0.8
# Writing does not turn more than this against the line's own direction (rise over run): round stamps do, and keep
# their box.
STEEPEST = 0.5


def fit_strip(chain: Sequence[Fragment], quad: Points) -> Strip:
    """Fit the strip to the fragments of one line.

    Args:
        chain: The line's fragments.
        quad: (4, 2): the smallest box around them; its direction is the line's.

    Returns:
        The strip; the box itself where the fragments do not lie along a curve.
    """
    along = quad[1] - quad[0] + quad[2] - quad[3]
    along /= max(float(np.linalg.norm(along)), 1e-9)
    axes = np.array([along, [-along[1], along[0]]])
    centre = quad.mean(axis=0)
    places = (np.concatenate([fragment.outline for fragment in chain]) - centre) @ axes.T
    profile = _profile(places)
    if profile is None:
        return Strip.from_quad(quad)
    steps, upper, lower = profile
    heights = lower - upper
    curve = _fit(steps, (upper + lower) / 2, heights)
    first, last = float(places[:, 0].min()), float(places[:, 0].max())
    slope = curve.deriv()
    if np.abs(slope(steps)).max() > STEEPEST:
        return Strip.from_quad(quad)
    height = float(np.quantile(heights, HEIGHT_QUANTILE))
    margin = growth(last - first, height)
    half = height / 2 + margin
    x = np.linspace(first - margin, last + margin, max(2, round((last - first) / (2 * half)) + 2))
    inside = np.clip(x, first, last)
    y = curve(inside) + slope(inside) * (x - inside)  # beyond its ends the line goes on straight
    upper_edge, lower_edge = (centre + np.stack([x, y + side * half], axis=1) @ axes for side in (-1, 1))
    return Strip(upper_edge, lower_edge)


def _profile(places: Points) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None:
    """At each step along the line: where it is, and between which heights text was marked."""
    x, y = places[:, 0], places[:, 1]
    step = max(1.0, STEP * float(np.ptp(y)))
    bins = ((x - x.min()) / step).astype(np.int64)
    count = int(bins[np.argmax(bins)]) + 1
    upper, lower = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(upper, bins, y)
    np.maximum.at(lower, bins, y)
    marked = lower > upper
    if not marked.any():
        return None
    return (np.arange(count)[marked] + 0.5) * step + x.min(), upper[marked], lower[marked]


def _fit(
    steps: NDArray[np.float64], middles: NDArray[np.float64], heights: NDArray[np.float64]
) -> np.polynomial.Polynomial:
    height = float(np.median(heights))
    length = float(np.ptp(steps)) / max(height, 1e-9)
    degree = 1 + (length >= LENGTH_OF_PARABOLA) + (length >= LENGTH_OF_CUBIC)
    if len(steps) < LEAST_STEPS:
        degree = min(1, len(steps) - 1)
    kept = np.ones(len(steps), dtype=bool)
    curve = np.polynomial.Polynomial.fit(steps, middles, degree, w=np.sqrt(heights))
    for _ in range(REFITS):
        off = np.abs(curve(steps) - middles)
        kept = off <= max(FARTHEST_OFF * height, 1.5 * float(np.median(off)))
        if kept.sum() <= degree + 3:
            break
        curve = np.polynomial.Polynomial.fit(steps[kept], middles[kept], degree, w=np.sqrt(heights[kept]))
    return curve
