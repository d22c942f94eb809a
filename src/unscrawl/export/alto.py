"""ALTO 4: the form of libraries and archives."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from lxml import etree

from unscrawl.export.structure import Kind, find_blocks
from unscrawl.export.xml import clean, polygon, serialise
from unscrawl.result import Document, Line, Page, Quad

__all__ = ["NAMESPACE", "write"]

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

_SLANT = 1.0
"""A quad whose corners are no further than this from its upright box, in pixels, needs no polygon."""


def write(document: Document) -> bytes:
    """Pages, blocks, lines and words in pixels; words with confidences from 0 to 1; slanted ones with polygons."""
    root = etree.Element(_tag("alto"), nsmap={None: NAMESPACE, "xsi": _XSI})
    root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {_SCHEMA}")
    description = etree.SubElement(root, _tag("Description"))
    etree.SubElement(description, _tag("MeasurementUnit")).text = "pixel"
    source = etree.SubElement(description, _tag("sourceImageInformation"))
    etree.SubElement(source, _tag("fileName")).text = clean(PurePath(document.source).name)
    processing = etree.SubElement(description, _tag("Processing"), ID="reading")
    etree.SubElement(processing, _tag("processingCategory")).text = "contentGeneration"
    software = etree.SubElement(processing, _tag("processingSoftware"))
    etree.SubElement(software, _tag("softwareName")).text = "unscrawl"
    tags = etree.SubElement(root, _tag("Tags"))
    for kind in Kind:
        etree.SubElement(tags, _tag("StructureTag"), ID=f"tag_{kind.value}", LABEL=kind.value)
    layout = etree.SubElement(root, _tag("Layout"))
    for page in document.pages:
        _page(layout, page)
    return serialise(root)


def _page(layout: Any, page: Page) -> None:
    size = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
    element = etree.SubElement(layout, _tag("Page"), ID=f"page_{page.number}", PHYSICAL_IMG_NR=str(page.number), **size)
    space = etree.SubElement(element, _tag("PrintSpace"), HPOS="0", VPOS="0", **size)
    for number, block in enumerate(find_blocks(page), 1):
        name = f"{page.number}_{number}"
        corners = tuple(corner for line in block.lines for corner in line.quad)
        attributes = _place(corners)
        text_block = etree.SubElement(
            space, _tag("TextBlock"), ID=f"block_{name}", TAGREFS=f"tag_{block.kind.value}", **attributes
        )
        for line_number, line in enumerate(block.lines, 1):
            _line(text_block, f"{name}_{line_number}", line, page)


def _line(text_block: Any, name: str, line: Line, page: Page) -> None:
    element = etree.SubElement(text_block, _tag("TextLine"), ID=f"line_{name}", **_place(line.quad))
    _shape(element, line.quad, page)
    for number, word in enumerate(line.words, 1):
        if number > 1:
            etree.SubElement(element, _tag("SP"))
        string = etree.SubElement(
            element,
            _tag("String"),
            ID=f"word_{name}_{number}",
            CONTENT=clean(word.text),
            WC=f"{word.confidence:.4f}",
            **_place(word.quad),
        )
        _shape(string, word.quad, page)


def _place(corners: tuple[tuple[float, float], ...]) -> dict[str, str]:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    values = {"HPOS": min(xs), "VPOS": min(ys), "WIDTH": max(xs) - min(xs), "HEIGHT": max(ys) - min(ys)}
    return {name: f"{value:.1f}" for name, value in values.items()}


def _shape(element: Any, quad: Quad, page: Page) -> None:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    if max(abs(ay - by), abs(cy - dy), abs(ax - dx), abs(bx - cx)) > _SLANT:
        etree.SubElement(etree.SubElement(element, _tag("Shape")), _tag("Polygon"), POINTS=polygon(quad, page))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
