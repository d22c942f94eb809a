"""PAGE XML of 2019: the form of those who transcribe manuscripts (Transkribus, eScriptorium, OCR-D)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from lxml import etree

from unscrawl.export.structure import Block, Kind, find_blocks, is_right_to_left
from unscrawl.export.xml import clean, pixel_box, polygon, serialise
from unscrawl.result import Document, Line, Page

__all__ = ["NAMESPACE", "write"]

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
_SCHEMA = f"{NAMESPACE}/pagecontent.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

# The standard wants a date of making; a result knows none, and the same result should give the same bytes.
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

_TYPES = {
    Kind.PARAGRAPH: "paragraph",
    Kind.HEADING: "heading",
    Kind.LIST: "paragraph",
    Kind.TABLE: "other",
    Kind.CODE: "other",
}


def write(document: Document) -> bytes:
    """The document's only page: regions, lines and words with polygons in pixels and confidences from 0 to 1."""
    (page,) = document.pages
    root = etree.Element(_tag("PcGts"), nsmap={None: NAMESPACE, "xsi": _XSI})
    root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {_SCHEMA}")
    metadata = etree.SubElement(root, _tag("Metadata"))
    etree.SubElement(metadata, _tag("Creator")).text = "unscrawl"
    etree.SubElement(metadata, _tag("Created")).text = _NO_DATE
    etree.SubElement(metadata, _tag("LastChange")).text = _NO_DATE
    element = etree.SubElement(
        root,
        _tag("Page"),
        imageFilename=clean(PurePath(document.source).name),
        imageWidth=str(page.width),
        imageHeight=str(page.height),
    )
    blocks = find_blocks(page)
    if blocks:
        order = etree.SubElement(element, _tag("ReadingOrder"))
        group = etree.SubElement(order, _tag("OrderedGroup"), id="order")
        for number in range(1, len(blocks) + 1):
            etree.SubElement(group, _tag("RegionRefIndexed"), index=str(number - 1), regionRef=f"region_{number}")
    for number, block in enumerate(blocks, 1):
        _region(element, number, block, page)
    return serialise(root)


def _region(parent: Any, number: int, block: Block, page: Page) -> None:
    region = etree.SubElement(parent, _tag("TextRegion"), id=f"region_{number}", type=_TYPES[block.kind])
    if is_right_to_left(" ".join(line.text for line in block.lines)):
        region.set("readingDirection", "right-to-left")
    boxes = [line.bbox for line in block.lines]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    left, top, right, bottom = pixel_box((min(lefts), min(tops), max(rights), max(bottoms)), page)
    points = f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"
    etree.SubElement(region, _tag("Coords"), points=points)
    for line_number, line in enumerate(block.lines, 1):
        _line(region, f"{number}_{line_number}", line, page)
    _text(region, "\n".join(line.text for line in block.lines), None)


def _line(region: Any, name: str, line: Line, page: Page) -> None:
    element = etree.SubElement(region, _tag("TextLine"), id=f"line_{name}")
    etree.SubElement(element, _tag("Coords"), points=polygon(line.quad, page))
    for number, word in enumerate(line.words, 1):
        written = etree.SubElement(element, _tag("Word"), id=f"word_{name}_{number}")
        etree.SubElement(written, _tag("Coords"), points=polygon(word.quad, page))
        _text(written, word.text, word.confidence)
    _text(element, line.text, line.confidence)


def _text(parent: Any, text: str, confidence: float | None) -> None:
    attributes = {} if confidence is None else {"conf": f"{confidence:.4f}"}
    equivalent = etree.SubElement(parent, _tag("TextEquiv"), attributes)
    etree.SubElement(equivalent, _tag("Unicode")).text = clean(text)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
