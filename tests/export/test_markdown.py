"""Structure, and Markdown that shows what was read and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.export.samples import HEBREW, document, line, right_to_left
from unscrawl.export import write
from unscrawl.export.structure import Kind, find_blocks, is_right_to_left
from unscrawl.result import Document, Line, Page

RENDERER = MarkdownIt("commonmark").enable("table")


def joined(*lines: Line) -> Line:
    """Lines beside each other as one, as layout joins them."""
    first, last = lines[0].quad, lines[-1].quad
    words = tuple(word for each in lines for word in each.words)
    return Line(" ".join(each.text for each in lines), (first[0], last[1], last[2], first[3]), words, 0.9)


def markdown(*lines: Line) -> str:
    return write(document(*lines), "markdown").decode()


def kinds(*lines: Line) -> list[Kind]:
    return [block.kind for block in find_blocks(document(*lines).pages[0])]


def shown(text: str) -> str:
    """What a reader of the rendered Markdown sees."""
    tokens = RENDERER.parse(text)
    parts: list[str] = []
    for token in tokens:
        for child in token.children or []:
            parts.append("\n" if child.type in ("softbreak", "hardbreak") else child.content)
        if token.children:
            parts.append("\n")
    return "".join(parts)


def test_a_high_line_that_goes_on_from_the_one_above_is_no_heading() -> None:
    text = line("We met on Monday and talked", 200, height=40), line("about all of the plans here", 240, height=40)
    assert kinds(line("shopping", 20, height=120), *text) == [Kind.HEADING, Kind.PARAGRAPH]
    assert kinds(*text, line("which we saw", 280, height=70)) == [Kind.PARAGRAPH]
    assert kinds(*text, line("Which we saw", 280, height=70)) == [Kind.PARAGRAPH, Kind.HEADING]


def test_a_note() -> None:
    lines = (
        line("Meeting", 20, height=120),
        line("We met on Monday and talked", 200, height=40),
        line("about the plan.", 240, height=40),
        line("- one thing", 320, height=40),
        line("to do first", 360, left=90, height=40),
        line("- another", 400, height=40),
        line("1. nested", 440, left=120, height=40),
        line("2. twice", 480, left=120, height=40),
        line("The end", 560, height=40),
    )
    assert markdown(*lines) == (
        "# Meeting\n\nWe met on Monday and talked\nabout the plan.\n\n- one thing\n  to do first\n- another\n"
        "  1. nested\n  2. twice\n\nThe end\n"
    )


def test_short_lines_stay_lines_and_full_lines_flow() -> None:
    assert markdown(line("Buy milk", 20), line("Call Alice at five", 80)) == "Buy milk  \nCall Alice at five\n"
    assert markdown(line("Call Alice at", 20), line("five o'clock", 80)) == "Call Alice at\nfive o'clock\n"


def test_a_table_has_its_cells() -> None:
    rows = [joined(line(f"item {n}", 20 + 70 * n), line(f"{n},50", 20 + 70 * n, left=700)) for n in range(4)]
    assert kinds(*rows) == [Kind.TABLE]
    html = RENDERER.render(markdown(*rows))
    assert re.findall(r"<t[hd]>(.*?)</t[hd]>", html)[:4] == ["item 0", "0,50", "item 1", "1,50"]


def test_a_table_may_have_empty_cells_and_text_around() -> None:
    rows = [
        joined(line("a", 100 + 70 * n), line("b", 100 + 70 * n, left=400), line("c", 100 + 70 * n, left=700))
        for n in range(3)
    ]
    rows.insert(1, joined(line("a", 165), line("c", 165, left=700)))
    lines = (line("words before the table", 30), *rows, line("words after", 330))
    page = document(*lines).pages[0]
    blocks = find_blocks(page)
    assert [block.kind for block in blocks] == [Kind.PARAGRAPH, Kind.TABLE, Kind.PARAGRAPH]
    assert blocks[1].rows[1] == ("a", "", "c")


def test_one_wide_gap_makes_no_table() -> None:
    rows = [joined(line("left", 20), line("right", 20, left=700)), line("words between them", 90)]
    assert Kind.TABLE not in kinds(*rows, *rows)


@pytest.mark.parametrize("text", ["1. Introduction", "A. Smith", "3) only"])
def test_one_numbered_line_is_no_list(text: str) -> None:
    assert kinds(line(text)) == [Kind.PARAGRAPH]


def test_every_line_is_in_one_block() -> None:
    lines = [line("- a", 20), line("b", 100), line("Big", 180, height=120), line("c d", 320), line("1. x", 400)]
    page = document(*lines).pages[0]
    assert [each for block in find_blocks(page) for each in block.lines] == lines


def test_pages_are_parted_by_a_rule() -> None:
    page = document(line("text")).pages[0]
    assert write(Document((page, Page(2, 1000, 700, page.lines)), "x"), "markdown") == b"text\n\n---\n\ntext\n"


def test_direction() -> None:
    assert is_right_to_left(HEBREW) and not is_right_to_left("abc " + HEBREW[:2]) and not is_right_to_left("12")
    assert kinds(right_to_left(HEBREW, 20), right_to_left(HEBREW, 90)) == [Kind.PARAGRAPH]


VISIBLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cn"])
LINE = st.text(VISIBLE, min_size=1, max_size=12)


@given(st.lists(st.lists(LINE, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=4))
def test_nothing_that_is_written_becomes_markup(texts: list[str]) -> None:
    lines = [line(text, 20 + 60 * number) for number, text in enumerate(texts)]
    if any(block.kind is not Kind.PARAGRAPH for block in find_blocks(document(*lines).pages[0])):
        return
    assert shown(markdown(*lines)).split() == " ".join(texts).split()


SIGNS = [
    *("# no heading", "> no quote", "* star *", "_x_ **y** `z`", "[a](b) ![c](d)", "<b>&amp;</b>", "1. a", "- b"),
    *("+ c", "---", "===", "| a | b |", "~~~", "    code", "\\", "https://x.y", "$a$", "12) b", "- [ ] task"),
]


@pytest.mark.parametrize("text", SIGNS)
def test_signs_with_a_meaning_are_shown_as_they_are(text: str) -> None:
    page = document(line("before", 20), line(text, 80)).pages[0]
    rendered = shown(write(Document((page,), "x"), "markdown").decode())
    if any(block.kind is Kind.LIST for block in find_blocks(page)):
        text = re.sub(r"^([-+*] |\d+[.)] )", "", text)
    assert rendered.split()[1:] == text.split()
