"""Word: headings, lists, tables and paragraphs with Word's own styles."""

from __future__ import annotations

import io
from typing import Any

import docx
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.shared import Cm

from unscrawl.export.structure import Block, Kind, find_blocks, is_right_to_left
from unscrawl.export.xml import clean
from unscrawl.result import Document

__all__ = ["write"]

_INDENT = Cm(0.63)
"""What Word indents a list by, and each list inside a list."""

_AFTER_BIDI = ("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:rPr")


def write(document: Document) -> bytes:
    """The text with its structure; each page of the document begins a page."""
    file = docx.Document()
    for number, page in enumerate(document.pages):
        if number:
            file.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        for block in find_blocks(page):
            _block(file, block)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _block(file: Any, block: Block) -> None:
    if block.kind is Kind.HEADING:
        text = clean(" ".join(line.text for line in block.lines))
        _directed(file.add_heading(text, block.level))
    elif block.kind is Kind.LIST:
        for item in block.items:
            # The mark is kept as it was written: Word's own numbers would count on from the list before.
            style = "List Bullet" if item.number is None else "List Continue"
            text = " ".join(item.lines) if item.number is None else " ".join((item.number, *item.lines))
            paragraph = file.add_paragraph(clean(text), style)
            if item.level:
                paragraph.paragraph_format.left_indent = _INDENT * (item.level + 1)
            _directed(paragraph)
    elif block.kind is Kind.TABLE:
        table = file.add_table(0, len(block.rows[0]), "Table Grid")
        for row in block.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = clean(text)
                _directed(cell.paragraphs[0])
    else:
        # "macro" is Word's own style for program text: one width for all characters.
        paragraph = file.add_paragraph(style="macro" if block.kind is Kind.CODE else None)
        for number, (line, broken) in enumerate(zip(block.lines, block.breaks, strict=True), 1):
            last = number == len(block.lines)
            run = paragraph.add_run(clean(line.text) + ("" if broken or last else " "))
            if broken:
                run.add_break()
        _directed(paragraph)


def _directed(paragraph: Any) -> None:
    """Set a paragraph from right to left if its text is; python-docx has no word for that."""
    if not is_right_to_left(paragraph.text):
        return
    # Word wants a paragraph's properties in the order of the standard.
    paragraph._p.get_or_add_pPr().insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)
    for run in paragraph.runs:
        run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))
