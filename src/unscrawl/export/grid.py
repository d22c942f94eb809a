"""A whole page as one table: rows and columns told from how words line up.

Where ``structure`` takes only what surely is a table for one, here somebody has said that the page is: a receipt, a
form, a price list. What stands level is a row; columns are parted where most rows that have several cells are white.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from unscrawl.export.structure import Frame
from unscrawl.result import Page, Word

__all__ = ["grid_of"]

CELL_GAP = 1.0
"""So much white between two words, in heights of the page's usual line, parts cells. On the receipts of the dev set 0.8
parts one cell in ten, 1.5 joins one in five neighbours that stand further apart than their height, and this does one of
the two with one in fifteen and one in nine (``benchmarks.tables``)."""
LEAST_ROWS = 2
"""What is white in one row only is chance, but where there is only one."""
LEAST_CHARACTERS = 4
"""Shorter words tell little about how wide characters are."""
LARGE = 1.4
"""Rows so much higher than the usual line are in larger writing; by less they differ by their ascenders."""
MEETING = 0.05
"""Boxes that are no further apart meet."""
LEVEL = 0.5
"""Lines are in one row that share so much of the lower one's height."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """Words of one row that stand together, and where they begin and end."""

    words: tuple[Word, ...]
    left: float
    right: float


def grid_of(page: Page) -> list[list[tuple[Word, ...]]]:
    """The page's words in rows and columns.

    Returns:
        Rows from top to bottom, all of the same length, of cells from left to right; cells may be without words.
    """
    if not page.lines:
        return []
    frame = Frame(page.lines)
    pitches = [_pitch(word, frame) for word in page.words if len(word.text) >= LEAST_CHARACTERS]
    pitch = median(pitches) if pitches else 0.0
    rows = [_cells(row, frame, pitch) for row in _rows(page, frame)]
    borders = _borders([row for row in rows if len(row) > 1])
    grid = []
    for row in rows:
        columns: list[tuple[Word, ...]] = [()] * (len(borders) + 1)
        for cell in row:
            columns[_column(cell, borders)] += cell.words
        grid.append(columns)
    return grid


def _pitch(word: Word, frame: Frame) -> float:
    """How wide a word's characters are."""
    left, _, right, _ = frame.box(word.quad)
    return (right - left) / len(word.text)


def _rows(page: Page, frame: Frame) -> list[list[Word]]:
    """The words of lines that stand level, from left to right; a reading order may have had them in columns."""
    rows: list[list[tuple[float, float, float, Sequence[Word]]]] = []
    pieces = [(*frame.box(line.quad), line.words) for line in page.lines]
    for left, top, _, bottom, words in sorted(pieces, key=lambda piece: piece[1] + piece[3]):
        for row in reversed(rows):
            _, other_top, other_bottom, _ = row[-1]
            shared = min(bottom, other_bottom) - max(top, other_top)
            if shared >= LEVEL * min(bottom - top, other_bottom - other_top):
                row.append((left, top, bottom, words))
                break
        else:
            rows.append([(left, top, bottom, words)])
    return [[word for _, _, _, words in sorted(row, key=lambda piece: piece[0]) for word in words] for row in rows]


def _cells(words: Sequence[Word], frame: Frame, pitch: float) -> list[_Cell]:
    """A row's words, joined where they stand near each other.

    Args:
        words: From left to right.
        frame: The page's coordinates.
        pitch: How wide characters of the page are.
    """
    if not words:
        return []
    boxes = [frame.box(word.quad) for word in words]
    height = median(bottom - top for _, top, _, bottom in boxes)
    size = height if height > LARGE else 1.0
    lefts, rights = _inked(words, boxes, pitch * size)
    cells: list[_Cell] = []
    for word, left, right in zip(words, lefts, rights, strict=True):
        if cells and left - cells[-1].right < CELL_GAP * size:
            last = cells.pop()
            cells.append(_Cell((*last.words, word), last.left, max(last.right, right)))
        else:
            cells.append(_Cell((word,), left, right))
    return cells


def _inked(
    words: Sequence[Word], boxes: Sequence[tuple[float, float, float, float]], pitch: float
) -> tuple[list[float], list[float]]:
    """Where words begin and end without the white between them.

    Boxes of words that were read in one piece meet in the middle of the white. How wide it is can be told from how much
    wider the boxes are than their characters: each has half the white on either side of it.
    """
    lefts, rights = [box[0] for box in boxes], [box[2] for box in boxes]
    start = 0
    while start < len(words):
        end = start
        while end + 1 < len(words) and abs(lefts[end + 1] - rights[end]) < MEETING:
            end += 1
        count = end - start
        if count:
            # Of each box: half the white before it and half the white behind it are what it has too much.
            halves = np.zeros((count + 1, count))
            halves[np.arange(count), np.arange(count)] = 0.5
            halves[np.arange(count) + 1, np.arange(count)] = 0.5
            excess = [rights[i] - lefts[i] - pitch * len(words[i].text) for i in range(start, end + 1)]
            white = np.linalg.lstsq(halves, np.array(excess), rcond=None)[0].clip(0)
            for number, gap in enumerate(white.tolist()):
                rights[start + number] -= gap / 2
                lefts[start + number + 1] += gap / 2
        start = end + 1
    return lefts, rights


def _borders(rows: Sequence[Sequence[_Cell]]) -> list[float]:
    """Where columns are parted: in the middle of each stretch that is white in more rows than those around it."""
    edges = sorted({edge for row in rows for cell in row for edge in (cell.left, cell.right)})
    scores = []
    for left, right in pairwise(edges):
        middle = (left + right) / 2
        white = sum(first.right < middle < second.left for row in rows for first, second in pairwise(row))
        inked = sum(cell.left < middle < cell.right for row in rows for cell in row)
        scores.append(white - inked)
    borders = []
    least = min(LEAST_ROWS, len(rows))
    start = 0
    while start < len(scores):
        end = start
        while end + 1 < len(scores) and scores[end + 1] == scores[start]:
            end += 1
        before = scores[start - 1] if start else 0
        after = scores[end + 1] if end + 1 < len(scores) else 0
        if scores[start] >= least and scores[start] > max(before, after):
            borders.append((edges[start] + edges[end + 1]) / 2)
        start = end + 1
    return borders


def _column(cell: _Cell, borders: Sequence[float]) -> int:
    """The column that holds most of a cell; of one that spans several the first of those that it fills alike."""
    first, last = bisect(borders, cell.left), bisect(borders, cell.right)
    limits = [cell.left, *borders[first:last], cell.right]
    widths = [right - left for left, right in pairwise(limits)]
    return first + widths.index(max(widths))
