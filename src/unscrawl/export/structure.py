"""Headings, lists, tables, programs and paragraphs, told from where lines stand and how they begin."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import takewhile
from statistics import median

from unscrawl.languages import Language
from unscrawl.result import Line, Page, Quad, Word

__all__ = ["Block", "Frame", "Kind", "ListItem", "find_blocks", "is_right_to_left"]

# All distances are in heights of the page's usual line.
HEADING_HEIGHT = 1.5
"""A line so much higher than the usual one is a heading. The ascenders and descenders that a line happens to have
change its height by up to 1.4."""
TITLE_HEIGHT = 2.0
"""And from here on it is one of the first rank."""
HEADING_WORDS = 12
"""Longer lines are text in large writing."""
PARAGRAPH_GAP = 0.8
"""So much white between two lines parts paragraphs; lines of one paragraph touch or overlap by their margins."""
COLUMN_GAP = 2.0
"""So much white between two words of a line makes columns of a table; the widest justified spaces are half of that."""
TABLE_ROWS = 3
"""Fewer rows with a gap at the same place are chance."""
INDENT = 0.8
"""A list item that begins so much further right than another one belongs below it."""
ROOM = 0.5
"""Room for the next word and so much more at a line's end: then the writer began a new line on purpose."""

_BULLET = re.compile(r"([-–—•·*▪◦‣∙●○]|\[[ xX]?\])\s+(?=\S)")
_NUMBER = re.compile(r"(\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+(?=\S)")

# Letters of scripts that run from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LETTER = re.compile(r"[^\W\d_]")


def is_right_to_left(text: str) -> bool:
    """Whether most letters of ``text`` belong to a script that runs from right to left."""
    letters = _LETTER.findall(text)
    return 2 * sum(1 for letter in letters if _RIGHT_TO_LEFT.match(letter)) > len(letters)


class Kind(Enum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    TABLE = "table"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class ListItem:
    """An item of a list.

    Attributes:
        lines: Its text, without the mark.
        number: Its mark if that counts (``"1."``), None if it is a bullet.
        level: 0 for the outermost list.
    """

    lines: tuple[str, ...]
    number: str | None
    level: int


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together.

    Attributes:
        kind: What it is.
        lines: Its lines in reading order.
        breaks: For every line of a paragraph, a heading or a program, whether the writer broke it on purpose after it.
        level: Of a heading, 1 or 2.
        items: Of a list.
        rows: Of a table: the cells' texts, as many in each row.
    """

    kind: Kind
    lines: tuple[Line, ...]
    breaks: tuple[bool, ...] = ()
    level: int = 0
    items: tuple[ListItem, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line with its upright box on a page turned so that its text is level, in heights of the usual line."""

    line: Line
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


def find_blocks(page: Page) -> list[Block]:
    """Group a page's lines to blocks, in reading order; every line is in exactly one."""
    if not page.lines:
        return []
    frame = Frame(page.lines)
    placed = [frame.place(line) for line in page.lines]
    blocks: list[Block] = []
    position = 0
    while position < len(placed):
        rest = placed[position:]
        block = (
            _code(rest) or _table(rest, frame) or _list(rest) or _heading(rest, len(placed)) or _paragraph(rest, frame)
        )
        blocks.append(block)
        position += len(block.lines)
    return blocks


class Frame:
    """Coordinates along and across the text of a page, in heights of its usual line."""

    def __init__(self, lines: Sequence[Line]) -> None:
        along = [(line.quad[1][0] - line.quad[0][0], line.quad[1][1] - line.quad[0][1]) for line in lines]
        x, y = sum(dx for dx, _ in along), sum(dy for _, dy in along)
        length = math.hypot(x, y) or 1.0
        self._x, self._y = (x / length, y / length) if length > 1e-9 else (1.0, 0.0)
        # By characters, so that the many short lines of a form do not outvote its text.
        heights = [height for line in lines for height in [_height(line.quad)] * max(len(line.text), 1)]
        self._unit = max(median(heights), 1e-6)

    def place(self, line: Line) -> _Placed:
        """The line with its box."""
        return _Placed(line, *self.box(line.quad))

    def box(self, quad: Quad) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of a quad in these coordinates."""
        along = [(x * self._x + y * self._y) / self._unit for x, y in quad]
        across = [(-x * self._y + y * self._x) / self._unit for x, y in quad]
        middle = (sum(across) / 4, _height(quad) / self._unit / 2)
        # The height is the quad's own: the box of a line that slants a little would be much too high.
        return min(along), middle[0] - middle[1], max(along), middle[0] + middle[1]


def _height(quad: Quad) -> float:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    return (math.hypot(dx - ax, dy - ay) + math.hypot(cx - bx, cy - by)) / 2


def _code(rest: Sequence[_Placed]) -> Block | None:
    lines = tuple(each.line for each in takewhile(lambda each: each.line.language is Language.SOURCE_CODE, rest))
    return Block(Kind.CODE, lines, (True,) * (len(lines) - 1) + (False,)) if lines else None


def _heading(rest: Sequence[_Placed], lines_on_page: int) -> Block | None:
    first = rest[0]
    if lines_on_page < 2 or first.height < HEADING_HEIGHT or not _can_be_heading(first):
        return None
    group = [first]
    for line in rest[1:]:
        alike = abs(line.height - first.height) < 0.2 * first.height and _can_be_heading(line)
        if not alike or line.top - group[-1].bottom > PARAGRAPH_GAP:
            break
        group.append(line)
    level = 1 if first.height >= TITLE_HEIGHT else 2
    return Block(Kind.HEADING, tuple(each.line for each in group), (False,) * len(group), level)


def _can_be_heading(line: _Placed) -> bool:
    text = line.line.text
    return len(line.line.words) <= HEADING_WORDS and bool(_LETTER.search(text)) and not text.endswith((".", ","))


def _begins_heading(line: _Placed) -> bool:
    """Whether it can be one right below other text.

    With a small letter, it goes on from there, and is only high because something else reaches into it.
    """
    first = _LETTER.search(line.line.text)
    return first is not None and not first[0].islower() and _can_be_heading(line)


def _mark(line: Line) -> tuple[str | None, str] | None:
    """A list item's number (None for a bullet) and its text; None if the line begins no item."""
    if found := _BULLET.match(line.text):
        return None, line.text[found.end() :]
    if found := _NUMBER.match(line.text):
        return found[1], line.text[found.end() :]
    return None


def _list(rest: Sequence[_Placed]) -> Block | None:
    if _mark(rest[0].line) is None:
        return None
    lines: list[_Placed] = []
    items: list[tuple[_Placed, str | None, list[str]]] = []
    for line in rest:
        if lines and line.top - lines[-1].bottom > 2 * PARAGRAPH_GAP:
            break
        mark = _mark(line.line)
        if mark is not None:
            items.append((line, mark[0], [mark[1]]))
        elif line.left >= items[-1][0].left + INDENT and line.top - lines[-1].bottom <= PARAGRAPH_GAP:
            items[-1][2].append(line.line.text)
        else:
            break
        lines.append(line)
    if len(items) == 1 and items[0][1] is not None:
        return None  # "1. Introduction", "A. Smith"
    # A stack of the left edges of the lists that are open.
    open_edges: list[float] = []
    found = []
    for line, number, texts in items:
        while len(open_edges) > 1 and line.left < open_edges[-1] - INDENT / 2:
            open_edges.pop()
        if not open_edges or line.left > open_edges[-1] + INDENT:
            open_edges.append(line.left)
        found.append(ListItem(tuple(texts), number, len(open_edges) - 1))
    return Block(Kind.LIST, tuple(each.line for each in lines), items=tuple(found))


def _table(rest: Sequence[_Placed], frame: Frame) -> Block | None:
    rows: list[tuple[_Placed, list[_Cell]]] = []
    for line in rest:
        cells = _cells(line.line.words, frame)
        if len(cells) < 2 or (rows and line.top - rows[-1][0].bottom > 2 * PARAGRAPH_GAP):
            break
        # As soon as a row does not fit into the columns of those above, the table has ended.
        if rows and _columns([*(cells for _, cells in rows), cells]) is None:
            break
        rows.append((line, cells))
    if len(rows) < TABLE_ROWS:
        return None
    columns = _columns([cells for _, cells in rows])
    assert columns is not None
    texts = []
    for _, cells in rows:
        row = [""] * len(columns)
        for cell in cells:
            row[_column_of(cell, columns)] = cell.text
        texts.append(tuple(row))
    return Block(Kind.TABLE, tuple(line.line for line, _ in rows), rows=tuple(texts))


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    left: float
    right: float


def _cells(words: Iterable[Word], frame: Frame) -> list[_Cell]:
    """Words of a line, parted at wide gaps."""
    cells: list[_Cell] = []
    for word in words:
        left, _, right, _ = frame.box(word.quad)
        if cells and left - cells[-1].right < COLUMN_GAP:
            last = cells.pop()
            cells.append(_Cell(f"{last.text} {word.text}", last.left, max(last.right, right)))
        else:
            cells.append(_Cell(word.text, left, right))
    return cells


def _columns(rows: Sequence[Sequence[_Cell]]) -> list[tuple[float, float]] | None:
    """The columns' extents, or None if two cells of a row share one: then it is no table."""
    columns: list[tuple[float, float]] = []
    for cell in sorted((cell for row in rows for cell in row), key=lambda cell: cell.left):
        if columns and cell.left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], cell.right))
        else:
            columns.append((cell.left, cell.right))
    for row in rows:
        if len({_column_of(cell, columns) for cell in row}) < len(row):
            return None
    return columns


def _column_of(cell: _Cell, columns: Sequence[tuple[float, float]]) -> int:
    return next(i for i, (left, right) in enumerate(columns) if left <= cell.left <= right)


def _paragraph(rest: Sequence[_Placed], frame: Frame) -> Block:
    group = [rest[0]]
    for line in rest[1:]:
        above = group[-1]
        # Also a line that stands higher than the one before begins something new: the next column.
        if line.top - above.bottom > PARAGRAPH_GAP or line.bottom < above.top:
            break
        if _mark(line.line) is not None or (line.height >= HEADING_HEIGHT and _begins_heading(line)):
            break
        if len(_cells(line.line.words, frame)) > 1 and _table([line, *rest[len(group) + 1 :]], frame) is not None:
            break
        group.append(line)
    right = max(each.right for each in group)
    breaks = []
    for line, after in zip(group, [*group[1:], None], strict=True):
        if after is None or is_right_to_left(line.line.text):
            breaks.append(after is not None)
            continue
        first = frame.box(after.line.words[0].quad) if after.line.words else (0.0, 0.0, 0.0, 0.0)
        breaks.append(right - line.right > first[2] - first[0] + ROOM)
    return Block(Kind.PARAGRAPH, tuple(each.line for each in group), tuple(breaks))
