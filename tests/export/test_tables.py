from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import openpyxl
from PIL import Image, ImageDraw, ImageFont

from tests.export.samples import HEIGHT, LANGUAGES, WIDTH, line
from unscrawl import Document, Line, OcrEngine, Page
from unscrawl.export import write
from unscrawl.export.grid import grid_of

RECEIPT = [
    ("Item", "Qty", "Price"),
    ("Milk", "2", "2.40"),
    ("Bread", "1", "3.10"),
    ("Butter 250 g", "12", "41.88"),
    ("Total", "", "47.38"),
]


def texts(page: Page) -> list[tuple[str, ...]]:
    return [tuple(" ".join(word.text for word in cell) for cell in row) for row in grid_of(page)]


def page_of(*lines: Line) -> Page:
    return Page(1, WIDTH, HEIGHT, lines)


def test_a_drawn_receipt_is_read_into_rows_and_columns(engine: OcrEngine) -> None:
    picture = Image.new("RGB", (760, 420), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(34)
    for number, (item, quantity, price) in enumerate(RECEIPT):
        y = 40 + 66 * number
        draw.text((40, y), item, fill="black", font=font)
        draw.text((460, y), quantity, fill="black", font=font, anchor="ra")
        draw.text((700, y), price, fill="black", font=font, anchor="ra")
    result = engine.recognize(np.asarray(picture), mode="printed")
    assert texts(result.pages[0]) == RECEIPT
    assert list(csv.reader(io.StringIO(result.write("csv").decode()))) == [list(row) for row in RECEIPT]


def test_columns_read_one_after_the_other_are_rows_again() -> None:
    page = page_of(line("Milk", 50), line("Bread", 150), line("2.40", 52, left=700), line("3.10", 149, left=700))
    assert texts(page) == [("Milk", "2.40"), ("Bread", "3.10")]


def test_white_inside_of_what_was_read_in_one_piece_is_seen() -> None:
    """Boxes of words that were read together meet in the middle of the white between them."""
    one, two = line("Butter 4.20", 50, gap=200), line("Sugar 13.50", 150, gap=220)
    usual = line("Please come again to buy something else", 350)
    page = page_of(*(meeting(each) for each in (one, two)), usual)
    assert texts(page)[:2] == [("Butter", "4.20"), ("Sugar", "13.50")]
    near = page_of(*(meeting(line(text, top, gap=25)) for text, top in (("Butter salted", 50), ("Sugar brown", 150))))
    assert texts(near) == [("Butter salted",), ("Sugar brown",)]


def meeting(line: Line) -> Line:
    """The line with its two words' boxes grown until they meet."""
    first, second = line.words
    (a, b, c, d), (e, f, g, h) = first.quad, second.quad
    middle = (b[0] + e[0]) / 2
    words = (
        replace(first, quad=(a, (middle, b[1]), (middle, c[1]), d)),
        replace(second, quad=((middle, e[1]), f, g, (middle, h[1]))),
    )
    return replace(line, words=words)


def test_a_title_does_not_part_columns() -> None:
    title = line("The corner shop of Alice and Bob", 50, gap=30)
    rows = [line("Milk", 150), line("2.40", 150, left=700), line("Bread", 250), line("3.10", 250, left=700)]
    found = texts(page_of(title, *rows))
    assert found[1:] == [("Milk", "2.40"), ("Bread", "3.10")]
    assert " ".join(found[0]).split() == title.text.split()


def test_every_word_is_in_exactly_one_cell() -> None:
    for page in LANGUAGES.pages:
        found = [word for row in grid_of(page) for cell in row for word in cell]
        assert sorted(map(id, found)) == sorted(map(id, page.words))


def test_a_workbook_has_a_sheet_for_each_page_and_no_formulas() -> None:
    first = page_of(line("=1+1 007", 50, gap=300), line("@SUM 1e5", 150, gap=300))
    second = Page(3, WIDTH, HEIGHT, ())
    document = Document((first, second), "a.pdf")
    data = write(document, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Page 1", "Page 3"]
    cells = [[(cell.value, cell.data_type) for cell in row] for row in book["Page 1"].iter_rows()]
    assert cells == [[("=1+1", "s"), ("007", "s")], [("@SUM", "s"), ("1e5", "s")]]
    assert write(document, "csv").decode() == "=1+1,007\n@SUM,1e5\n\n\n"
    assert write(Document((), "none"), "csv") == b""
    assert openpyxl.load_workbook(io.BytesIO(write(Document((), "none"), "xlsx"))).sheetnames == ["Sheet1"]
