"""From fragments to lines of text.

The idea: turn the page's coordinates by the angle at which most of the text runs, so that lines lie flat; then link
each fragment with the one that follows it on the same line. Fragments that are a word gap apart are read in one
piece, as the recogniser reads better with the neighbours in view; what stands further off (a price at the right
edge, the next column) is a line of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from unscrawl.detection.fragments import Fragment, order_corners
from unscrawl.detection.strips import fit_strip
from unscrawl.imaging.geometry import Matrix, Points, transform_points
from unscrawl.imaging.strip import Strip

__all__ = ["LineRegion", "find_lines", "flat_box", "flattening"]

# Chosen by reasoning and looking, not yet tuned. Gaps are measured in heights of the lower of two fragments; words of
# wide hands stand more than one height apart, columns of receipts and tables about two.
LARGEST_WORD_GAP = 1.6
# Fragments of neighbouring lines overlap, as the detector's boxes have a margin.
LEAST_VERTICAL_OVERLAP = 0.5
# A capital beside small letters is up to twice as high; more is another size of text.
LARGEST_HEIGHT_RATIO = 2.5
# Two fragments on one line may overlap along it by this much of the shorter one: the margins again.
LARGEST_HORIZONTAL_OVERLAP = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class LineRegion:
    """A line before it is read.

    Attributes:
        strip: What it fills of the page.
        outlines: float64 (n, 2) each, in page pixels: what the detector marked of it.
        flat_box: Left, top, right, bottom in the page's flattened coordinates: what reading order works with.
        turns: By how many quarters, counter-clockwise, the page must be turned for the line to lie level: 1 where it
            runs down the page, 3 where it runs up.
        faint: Whether its ink is much lighter than that of most of the page.
    """

    strip: Strip
    outlines: tuple[Points, ...]
    flat_box: tuple[float, float, float, float]
    turns: int = 0
    faint: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    fragment: Fragment
    left: float
    right: float
    middle: float
    height: float


def find_lines(fragments: Sequence[Fragment]) -> list[LineRegion]:
    """Join fragments into lines, in no particular order."""
    if not fragments:
        return []
    flatten = flattening(fragments)
    pieces = sorted((_piece(fragment, flatten) for fragment in fragments), key=lambda p: p.left)
    return [_region(chain, flatten) for chain in _chains(pieces)]


def text_angle(fragments: Sequence[Fragment]) -> float:
    """The angle of most of the text in radians, clockwise as seen; long fragments count more."""
    directions = np.array([f.quad[1] - f.quad[0] + f.quad[2] - f.quad[3] for f in fragments])
    angles = np.arctan2(directions[:, 1], directions[:, 0])
    weights = np.hypot(directions[:, 0], directions[:, 1]) ** 2
    order = np.argsort(angles)
    return float(angles[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)])


def flattening(fragments: Sequence[Fragment]) -> Matrix:
    """The rotation (3x3) to coordinates in which most of the text lies level."""
    angle = -text_angle(fragments) if fragments else 0.0
    sin, cos = np.sin(angle), np.cos(angle)
    return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])


def _piece(fragment: Fragment, flatten: Matrix) -> _Piece:
    flat = transform_points(flatten, fragment.quad)
    left, right = flat[:, 0].min(), flat[:, 0].max()
    height = float(np.linalg.norm(fragment.quad[3] - fragment.quad[0]))
    return _Piece(fragment, float(left), float(right), float(flat[:, 1].mean()), height)


def _follows(left: _Piece, right: _Piece) -> float | None:
    """How far ``right`` stands behind ``left`` in heights, or None where they are not on one line."""
    low, high = sorted((left.height, right.height))
    if high > LARGEST_HEIGHT_RATIO * low:
        return None
    shared = (low + high) / 2 - abs(left.middle - right.middle)
    if min(shared, low) < LEAST_VERTICAL_OVERLAP * low:
        return None
    overlap = left.right - right.left
    if overlap > LARGEST_HORIZONTAL_OVERLAP * min(left.right - left.left, right.right - right.left):
        return None
    gap = -overlap / low
    return gap if gap <= LARGEST_WORD_GAP else None


def _chains(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Link every piece (sorted by left edge) with its nearest follower; each has one follower and one leader."""
    links = []
    for i, piece in enumerate(pieces):
        for j in range(i + 1, len(pieces)):
            if pieces[j].left - piece.right > LARGEST_WORD_GAP * piece.height:
                break
            gap = _follows(piece, pieces[j])
            if gap is not None:
                # Level neighbours first: a piece between two lines belongs to the one it is level with.
                slope = abs(pieces[j].middle - piece.middle) / min(pieces[j].height, piece.height)
                links.append((max(gap, 0.0) + 2 * slope, i, j))
    follower: dict[int, int] = {}
    leaders: set[int] = set()
    for _, i, j in sorted(links):
        if i not in follower and j not in leaders:
            follower[i] = j
            leaders.add(j)
    chains = []
    for start in range(len(pieces)):
        if start in leaders:
            continue
        chain = [start]
        while chain[-1] in follower:
            chain.append(follower[chain[-1]])
        chains.append([pieces[i] for i in chain])
    return chains


def _region(chain: list[_Piece], flatten: Matrix) -> LineRegion:
    fragments = [piece.fragment for piece in chain]
    if len(fragments) == 1:
        quad = fragments[0].quad
    else:
        corners = np.concatenate([fragment.quad for fragment in fragments]).astype(np.float32)
        quad = order_corners(cv2.boxPoints(cv2.minAreaRect(corners)).astype(np.float64))
    strip = fit_strip(fragments, quad)
    return LineRegion(strip, tuple(fragment.outline for fragment in fragments), flat_box(strip, flatten, 0))


def flat_box(strip: Strip, flatten: Matrix, turns: int) -> tuple[float, float, float, float]:
    """The box of a line for :class:`LineRegion`."""
    flat = transform_points(flatten, np.concatenate([strip.upper, strip.lower]))
    along, across = (flat[:, 1], flat[:, 0]) if turns else (flat[:, 0], flat[:, 1])
    start, end = float(along.min()), float(along.max())
    # As thick as the line is, at its middle: the box of a long line that slants would reach into its neighbours.
    middle = float(across.mean())
    half = float(np.linalg.norm(strip.lower - strip.upper, axis=1).mean()) / 2
    return (middle - half, start, middle + half, end) if turns else (start, middle - half, end, middle + half)
