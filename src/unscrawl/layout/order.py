"""Reading order: columns from left to right, lines from top to bottom, pieces of a row from left to right.

A recursive X-Y cut (Nagy and Seth, "Hierarchical representation of optically scanned documents", ICPR 1984): a page
is cut where white space runs through. A cut between columns is only believed when both sides look like running text,
since the rows of a table or a receipt belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from unscrawl.languages import count_scripts

__all__ = ["Box", "mirrored", "page_order", "reading_order", "runs_right_to_left"]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, on a page whose lines lie flat."""

# A column has at least so many lines, mostly at least so many line heights wide: numbers and labels are narrower.
LEAST_COLUMN_LINES = 3
LEAST_COLUMN_WIDTH = 6.0
# The white between columns, in line heights.
LEAST_GUTTER = 0.8
# Boxes are in one row when they share this much of the lower one's height.
LEAST_ROW_OVERLAP = 0.5


def reading_order(boxes: Sequence[Box]) -> list[list[int]]:
    """Put boxes in the order in which a person reads them.

    Args:
        boxes: Lines of text.

    Returns:
        Rows of indices into ``boxes``: rows from first to last, the boxes of one row from left to right.
    """
    if not boxes:
        return []
    array = np.array(boxes, dtype=np.float64)
    return _order(array, np.arange(len(boxes)))


def page_order(boxes: Sequence[Box], turns: Sequence[int], *, right_to_left: bool) -> list[list[int]]:
    """Put all lines of a page in order; those that run down or up it stand in columns of their own.

    Args:
        boxes: Lines of text.
        turns: Of each line by how many quarters, counter-clockwise, the page must be turned for it to lie level.
        right_to_left: Whether columns and the pieces of a row are read from right to left.

    Returns:
        Rows of indices into ``boxes``: first what runs down or up left of most level lines, then the level lines, then
        what runs down or up right of them. Lines that run down follow each other from right to left, those that run up
        from left to right.
    """
    level = [index for index, turn in enumerate(turns) if turn == 0]
    flat = [boxes[index] for index in level]
    rows = _picked(level, mirrored(flat) if right_to_left else flat)
    middle = float(np.median([box[0] + box[2] for box in flat])) if flat else np.inf
    before: list[list[int]] = []
    after: list[list[int]] = []
    for turn in (1, 3):
        lying = [index for index, each in enumerate(turns) if each == turn]
        for row in _picked(lying, [_laid_level(boxes[index], turn) for index in lying]):
            left, _, right, _ = boxes[row[0]]
            (before if left + right < middle else after).append(row)
    return [*before, *rows, *after]


def _picked(indices: Sequence[int], boxes: Sequence[Box]) -> list[list[int]]:
    """The reading order of some boxes, as rows of their indices."""
    return [[indices[place] for place in row] for row in reading_order(boxes)]


def _laid_level(box: Box, turns: int) -> Box:
    """The box after the page was turned."""
    left, top, right, bottom = box
    return (top, -right, bottom, -left) if turns == 1 else (-bottom, left, -top, right)


def mirrored(boxes: Sequence[Box]) -> list[Box]:
    """The boxes as in a mirror: ``reading_order`` then takes columns and the pieces of a row from right to left."""
    return [(-right, top, -left, bottom) for left, top, right, bottom in boxes]


def runs_right_to_left(texts: Iterable[str]) -> bool:
    """Whether most letters of a page belong to a script that is written from right to left."""
    letters = count_scripts("".join(texts))
    return 2 * sum(count for script, count in letters.items() if script.right_to_left) > letters.total()


def _order(boxes: np.ndarray, indices: np.ndarray) -> list[list[int]]:
    gutter = _column_cut(boxes[indices])
    if gutter is not None:
        centres = boxes[indices, 0] + boxes[indices, 2]
        left = centres < 2 * gutter
        return _order(boxes, indices[left]) + _order(boxes, indices[~left])
    cut = _band_cut(boxes, indices)
    if cut is None:
        return _rows(boxes, indices)
    above = boxes[indices, 1] + boxes[indices, 3] < 2 * cut
    return _order(boxes, indices[above]) + _order(boxes, indices[~above])


def _gaps(starts: np.ndarray, ends: np.ndarray) -> list[tuple[float, float]]:
    """The intervals, from low to high, that no interval covers."""
    order = np.argsort(starts)
    reach = np.maximum.accumulate(ends[order])
    return [(float(low), float(high)) for low, high in zip(reach[:-1], starts[order][1:], strict=True) if high > low]


def _column_cut(boxes: np.ndarray) -> float | None:
    """The middle of the widest gutter between two columns of running text."""
    if len(boxes) < 2 * LEAST_COLUMN_LINES:
        return None
    heights = boxes[:, 3] - boxes[:, 1]
    height = float(np.median(heights))
    widths = boxes[:, 2] - boxes[:, 0]
    for low, high in sorted(_gaps(boxes[:, 0], boxes[:, 2]), key=lambda g: g[0] - g[1]):
        if high - low < LEAST_GUTTER * height:
            break
        middle = (low + high) / 2
        left = boxes[:, 2] <= middle
        sides = (widths[left], widths[~left])
        if all(len(side) >= LEAST_COLUMN_LINES and np.median(side) >= LEAST_COLUMN_WIDTH * height for side in sides):
            return middle
    return None


def _band_cut(boxes: np.ndarray, indices: np.ndarray) -> float | None:
    """A height at which a cut across leaves a part that falls into columns."""
    tops, bottoms = boxes[indices, 1], boxes[indices, 3]
    gaps = _gaps(tops, bottoms)
    for low, high in sorted(gaps, key=lambda g: g[0] - g[1]):
        middle = (low + high) / 2
        above = indices[tops + bottoms < 2 * middle]
        below = indices[tops + bottoms >= 2 * middle]
        if _column_cut(boxes[above]) is not None or _column_cut(boxes[below]) is not None:
            return middle
    return None


def _rows(boxes: np.ndarray, indices: np.ndarray) -> list[list[int]]:
    """Group boxes into rows: from top to bottom, each joins the row whose last member it is level with."""
    rows: list[list[int]] = []
    for index in indices[np.argsort(boxes[indices, 1] + boxes[indices, 3], kind="stable")]:
        row = next((row for row in reversed(rows) if _level(boxes[row[-1]], boxes[index])), None)
        if row is None or any(_overlap_along(boxes[member], boxes[index]) for member in row):
            rows.append([int(index)])
        else:
            row.append(int(index))
    return [sorted(row, key=lambda i: float(boxes[i, 0])) for row in rows]


def _level(a: np.ndarray, b: np.ndarray) -> bool:
    shared = min(a[3], b[3]) - max(a[1], b[1])
    return bool(shared >= LEAST_ROW_OVERLAP * min(a[3] - a[1], b[3] - b[1]))


def _overlap_along(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two boxes share more than a third of the narrower one's width: then they are not side by side."""
    shared = min(a[2], b[2]) - max(a[0], b[0])
    return bool(shared > min(a[2] - a[0], b[2] - b[0]) / 3)
