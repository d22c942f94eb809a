"""Markdown (CommonMark, with tables as GitHub writes them)."""

from __future__ import annotations

import re

from unscrawl.export.structure import Block, Kind, find_blocks
from unscrawl.result import Document, Page

__all__ = ["write"]

# What has a meaning anywhere in a line.
_INLINE = re.compile(r"([\\`*_\[\]<>|~&$])")
# What has one at a line's beginning: headings, lists, quotes, rules, set-off titles.
_LEADING = re.compile(r"^(\s*)([#+=-])")
_LEADING_NUMBER = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
_TICKS = re.compile("`+")

_HARD_BREAK = "  \n"
"""Two blanks at the end of a line: the only form that every Markdown knows."""


def write(document: Document) -> str:
    """Headings, lists, tables and paragraphs; a rule stands between pages."""
    return "\n\n---\n\n".join(_page(page) for page in document.pages) + "\n"


def _page(page: Page) -> str:
    return "\n\n".join(_block(block) for block in find_blocks(page))


def _block(block: Block) -> str:
    if block.kind is Kind.HEADING:
        return "#" * block.level + " " + " ".join(_escape(line.text) for line in block.lines)
    if block.kind is Kind.LIST:
        return _list(block)
    if block.kind is Kind.TABLE:
        return _table(block)
    if block.kind is Kind.CODE:
        # A fence longer than any in the program.
        fence = "`" * max(3, 1 + max(len(run) for line in block.lines for run in ["", *_TICKS.findall(line.text)]))
        return "\n".join((fence, *(line.text for line in block.lines), fence))
    parts = []
    for line, broken in zip(block.lines, block.breaks, strict=True):
        parts.append(_escape(line.text) + (_HARD_BREAK if broken else "\n"))
    return "".join(parts).rstrip()


def _list(block: Block) -> str:
    lines = []
    indents = [0]
    for item in block.items:
        # A nested list is indented by the width of the mark above it.
        del indents[item.level + 1 :]
        mark = "-" if item.number is None else _number(item.number)
        pad = " " * indents[item.level]
        indents.append(indents[item.level] + len(mark) + 1)
        first, *more = item.lines
        lines.append(f"{pad}{mark} {_escape(first)}")
        lines.extend(f"{' ' * indents[-1]}{_escape(text)}" for text in more)
    return "\n".join(lines)


def _number(mark: str) -> str:
    """The mark of a numbered item as Markdown knows it: letters become numbers."""
    letters = mark.strip("().")
    return f"{int(letters) if letters.isdigit() else ord(letters.lower()) - ord('a') + 1}."


def _table(block: Block) -> str:
    head, *rows = [[_escape(cell) for cell in row] for row in block.rows]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _escape(text: str) -> str:
    text = _INLINE.sub(r"\\\1", text)
    text = _LEADING.sub(r"\1\\\2", text)
    return _LEADING_NUMBER.sub(r"\1\\\2", text)
