"""Lines that run down or up the page beside others that lie level: notes in the margin of a letter.

The idea: the detector marks them as long pieces that stand upright. Seen with the page turned by a quarter they are
lines like all others, so they are found there, and their strips are carried back. Whether they run down or up, only
reading tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np

from unscrawl.detection.direction import moved
from unscrawl.detection.fragments import Fragment
from unscrawl.detection.lines import LineRegion, find_lines, flat_box, flattening
from unscrawl.imaging.geometry import Points, quarter_turns, transform_points
from unscrawl.imaging.strip import Strip

__all__ = ["find_all_lines", "running_up"]

# So many times as high as wide is a piece that must be such a line: a word at least. Numbers one below the other in a
# list are pieces of their own, at most twice as high as wide.
LEAST_SHAPE = 2.5
# And so many times as long as most lines of the page are high: a tall letter or a bracket is not.
LEAST_LENGTH = 2.5
# Pieces as high as this for their width belong to the line if they stand in its way.
LEAST_SHAPE_BESIDE = 1.2
# Pieces this much wider than high are level lines, also where they cross it.
LEVEL_SHAPE = 1.5

_COUNTER_CLOCKWISE = quarter_turns(1, 0.0, 0.0)
_BACK = quarter_turns(3, 0.0, 0.0)


def find_all_lines(fragments: Sequence[Fragment]) -> list[LineRegion]:
    """Join fragments into lines, in no particular order; those that run down or up the page have ``turns`` 1."""
    shapes = [_shape(fragment) for fragment in fragments]
    if max(shapes, default=0.0) < LEAST_SHAPE:
        return find_lines(fragments)
    long = LEAST_LENGTH * median(min(_sides(fragment)) for fragment in fragments)
    seeds = [
        each for each, shape in zip(fragments, shapes, strict=True) if shape >= LEAST_SHAPE and _sides(each)[1] >= long
    ]
    upright = [each for each, shape in zip(fragments, shapes, strict=True) if shape >= LEAST_SHAPE_BESIDE]
    sideways = []
    for line in find_lines(moved(upright, _COUNTER_CLOCKWISE)):
        strip = Strip(transform_points(_BACK, line.strip.upper), transform_points(_BACK, line.strip.lower))
        if any(_inside(strip, seed) for seed in seeds):
            sideways.append((strip, tuple(transform_points(_BACK, outline) for outline in line.outlines)))
    level = [
        each
        for each, shape in zip(fragments, shapes, strict=True)
        if shape < 1 / LEVEL_SHAPE or not any(_inside(strip, each) for strip, _ in sideways)
    ]
    flatten = flattening(level)
    return [
        *find_lines(level),
        *(LineRegion(strip, outlines, flat_box(strip, flatten, 1), turns=1) for strip, outlines in sideways),
    ]


def running_up(line: LineRegion) -> LineRegion:
    """A line that runs down the page, taken to run up."""
    upper, lower = line.strip.upper[::-1], line.strip.lower[::-1]
    return replace(line, strip=Strip(lower, upper), turns=3)


def _sides(fragment: Fragment) -> tuple[float, float]:
    """Width and height as it stands on the page."""
    quad = fragment.quad
    return float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0]))


def _shape(fragment: Fragment) -> float:
    """How many times as high as wide it is."""
    width, height = _sides(fragment)
    return height / max(width, 1e-9)


def _inside(strip: Strip, fragment: Fragment) -> bool:
    outline: Points = np.concatenate([strip.upper, strip.lower[::-1]])
    x, y = fragment.quad.mean(axis=0).tolist()
    return cv2.pointPolygonTest(outline.astype(np.float32), (x, y), measureDist=False) >= 0
