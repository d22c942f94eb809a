"""Tables for spreadsheets: each page taken as one table, as CSV or as an Excel workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from unscrawl.export.grid import grid_of
from unscrawl.result import Document, Page

__all__ = ["write_csv", "write_xlsx"]

# A date in the file would make the same document give other bytes each time.
CREATED = datetime(2000, 1, 1)
WIDEST_COLUMN = 60
"""In characters; longer texts run over into empty cells beside them."""


def write_csv(document: Document) -> str:
    """Rows with commas between the cells (RFC 4180, but for line ends); pages are kept apart by an empty line."""
    return "\n".join(_csv(page) for page in document.pages)


def _csv(page: Page) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_texts(page))
    return text.getvalue() or "\n"


def write_xlsx(document: Document) -> bytes:
    """A workbook with a sheet for each page; every cell is text, so that no reading becomes a formula or a date."""
    from xlsxwriter import Workbook  # only where it is needed

    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        for page in document.pages:
            sheet = book.add_worksheet(f"Page {page.number}")
            widths: dict[int, int] = {}
            for row, cells in enumerate(_texts(page)):
                for column, text in enumerate(cells):
                    if text:
                        sheet.write_string(row, column, text)
                        widths[column] = max(widths.get(column, 0), min(len(text) + 1, WIDEST_COLUMN))
            for column, width in widths.items():
                sheet.set_column(column, column, width)
        if not document.pages:
            book.add_worksheet()
    return file.getvalue()


def _texts(page: Page) -> Iterator[list[str]]:
    for row in grid_of(page):
        yield [" ".join(word.text for word in cell) for cell in row]
