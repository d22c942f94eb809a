"""A table of words with the columns that Tesseract's TSV has, so that what reads that reads this."""

from __future__ import annotations

import re

from unscrawl.export.structure import find_blocks
from unscrawl.export.xml import pixel_box
from unscrawl.result import Document, Page, Quad

__all__ = ["write"]

_COLUMNS = "level page_num block_num par_num line_num word_num left top width height conf text"
_BREAKS = re.compile(r"[\t\r\n]+")


def write(document: Document) -> str:
    """A row for every page, block, paragraph, line and word, levels 1 to 5; confidences of words from 0 to 100."""
    rows = ["\t".join(_COLUMNS.split())]
    for page in document.pages:
        rows.extend(_rows(page))
    return "\n".join(rows) + "\n"


def _rows(page: Page) -> list[str]:
    rows = [_row(1, page, (0, 0, 0, 0), (0, 0, page.width, page.height))]
    for number, block in enumerate(find_blocks(page), 1):
        box = _around([line.quad for line in block.lines], page)
        rows.append(_row(2, page, (number, 0, 0, 0), box))
        rows.append(_row(3, page, (number, 1, 0, 0), box))
        for line_number, line in enumerate(block.lines, 1):
            rows.append(_row(4, page, (number, 1, line_number, 0), pixel_box(line.bbox, page)))
            for word_number, word in enumerate(line.words, 1):
                place = (number, 1, line_number, word_number)
                rows.append(_row(5, page, place, pixel_box(word.bbox, page), f"{100 * word.confidence:.2f}", word.text))
    return rows


def _row(
    level: int,
    page: Page,
    place: tuple[int, int, int, int],
    box: tuple[int, int, int, int],
    confidence: str = "-1",
    text: str = "",
) -> str:
    left, top, right, bottom = box
    values = [level, page.number, *place, left, top, right - left, bottom - top, confidence, _BREAKS.sub(" ", text)]
    return "\t".join(map(str, values))


def _around(quads: list[Quad], page: Page) -> tuple[int, int, int, int]:
    xs = [x for quad in quads for x, _ in quad]
    ys = [y for quad in quads for _, y in quad]
    return pixel_box((min(xs), min(ys), max(xs), max(ys)), page)
