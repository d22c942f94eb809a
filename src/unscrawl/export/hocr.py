"""hOCR 1.2: HTML whose classes and titles tell what was read where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from unscrawl.export.structure import find_blocks, is_right_to_left
from unscrawl.export.xml import clean, pixel_box, serialise
from unscrawl.result import Document, Line, Page, Word

__all__ = ["write"]

_XHTML = "http://www.w3.org/1999/xhtml"
_DOCTYPE = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">'
_CAPABILITIES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf ocrp_dir"


def write(document: Document) -> bytes:
    """Pages, areas, paragraphs, lines and words with boxes; words with confidences from 0 to 100."""
    html = etree.Element(_tag("html"), nsmap={None: _XHTML})
    head = etree.SubElement(html, _tag("head"))
    etree.SubElement(head, _tag("title")).text = clean(document.source)
    etree.SubElement(head, _tag("meta"), {"http-equiv": "Content-Type", "content": "text/html; charset=utf-8"})
    for name, content in (
        ("ocr-system", "unscrawl"),
        ("ocr-capabilities", _CAPABILITIES),
        ("ocr-number-of-pages", str(len(document.pages))),
    ):
        etree.SubElement(head, _tag("meta"), {"name": name, "content": content})
    body = etree.SubElement(html, _tag("body"))
    for page in document.pages:
        _page(body, document.source, page)
    return serialise(html, _DOCTYPE)


def _page(body: Any, source: str, page: Page) -> None:
    properties = [f"image {_quoted(source)}", f"bbox 0 0 {page.width} {page.height}", f"ppageno {page.number - 1}"]
    if page.dpi is not None:
        properties.append(f"scan_res {page.dpi:.0f} {page.dpi:.0f}")
    element = _element(body, "div", "ocr_page", f"page_{page.number}", properties)
    for number, block in enumerate(find_blocks(page), 1):
        name = f"{page.number}_{number}"
        box = _box(_around(block.lines), page)
        area = _element(element, "div", "ocr_carea", f"block_{name}", [box])
        paragraph = _element(area, "p", "ocr_par", f"par_{name}", [box])
        if is_right_to_left(" ".join(line.text for line in block.lines)):
            paragraph.set("dir", "rtl")
        for line_number, line in enumerate(block.lines, 1):
            _line(paragraph, f"{name}_{line_number}", line, page)


def _line(paragraph: Any, name: str, line: Line, page: Page) -> None:
    element = _element(paragraph, "span", "ocr_line", f"line_{name}", [_box(line.bbox, page)])
    for number, word in enumerate(line.words, 1):
        written = _element(element, "span", "ocrx_word", f"word_{name}_{number}", _word_properties(word, page))
        written.text = clean(word.text)
        # White space between words is part of the text in HTML.
        written.tail = " " if number < len(line.words) else None


def _word_properties(word: Word, page: Page) -> list[str]:
    return [_box(word.bbox, page), f"x_wconf {round(100 * word.confidence)}"]


def _element(parent: Any, tag: str, name: str, identity: str, properties: Iterable[str]) -> Any:
    attributes = {"class": name, "id": identity, "title": clean("; ".join(properties))}
    return etree.SubElement(parent, _tag(tag), attributes)


def _tag(name: str) -> str:
    return f"{{{_XHTML}}}{name}"


def _box(box: tuple[float, float, float, float], page: Page) -> str:
    return "bbox " + " ".join(map(str, pixel_box(box, page)))


def _around(lines: Iterable[Line]) -> tuple[float, float, float, float]:
    boxes = [line.bbox for line in lines]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _quoted(name: str) -> str:
    """A name as a property's value: quotes and backslashes would end it or hide its end."""
    return '"' + name.replace("\\", "/").replace('"', "'") + '"'
