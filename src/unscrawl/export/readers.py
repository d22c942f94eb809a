"""Reading hOCR, ALTO, PAGE XML and our own JSON back, whoever wrote them.

The files come from other programs and from strangers: entities are not resolved, nothing is fetched.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from lxml import etree

from unscrawl.exceptions import DamagedInput, UnsupportedFormat
from unscrawl.languages import Language, resolve_languages
from unscrawl.result import SCHEMA_VERSION, Document, Line, Page, Quad, Word

__all__ = ["read_document", "read_result"]

_Box = tuple[float, float, float, float]

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_BBOX = re.compile(rf"\bbbox\s+{_NUMBER}\s+{_NUMBER}\s+{_NUMBER}\s+{_NUMBER}")
_CONFIDENCE = re.compile(rf"\bx_wconf\s+{_NUMBER}")
_PAGE_NUMBER = re.compile(r"\bppageno\s+(\d+)")
_RESOLUTION = re.compile(rf"\bscan_res\s+{_NUMBER}")
_IMAGE = re.compile(r"\bimage\s+(?:\"([^\"]*)\"|'([^']*)'|(\S+?)(?:;|$))")

# hOCR's classes of lines; ABBYY's and Tesseract's differ.
_HOCR_LINES = {"ocr_line", "ocr_header", "ocr_textfloat", "ocr_caption", "ocrx_line"}


def read_document(path: str | os.PathLike[str]) -> Document:
    """Read a file of a result, told by its content.

    Args:
        path: A file in hOCR, ALTO (2 to 4), PAGE XML (2013 to 2019) or our JSON.

    Raises:
        DamagedInput: If it is broken.
        OSError: If it cannot be read.
        UnsupportedFormat: If it is in none of these forms.
    """
    return read_result(Path(path).read_bytes(), str(path))


def read_result(data: bytes, name: str) -> Document:
    """Read the content of a file of a result; raises as :func:`read_document` does."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return _json(data, name)
    if not start.startswith(b"<"):
        raise UnsupportedFormat(f"{name} is no hOCR, ALTO, PAGE XML or JSON of a result.", remedy="")
    root = _parse_xml(data)
    kind = etree.QName(root).localname if root is not None else "html"
    readers: dict[str, Callable[[Any, str], Document]] = {"alto": _alto, "PcGts": _page_xml}
    try:
        if kind in readers:
            return readers[kind](root, name)
        return _hocr(data, root, name)
    except (ValueError, TypeError) as error:
        raise DamagedInput(f"{name} is damaged: {error}.", remedy="") from error


def _parse_xml(data: bytes) -> Any:
    """The root of an XML file; None if it is none, as hOCR may be."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


def _hocr(data: bytes, root: Any, name: str) -> Document:
    # Entities such as &nbsp; are known to the HTML parser only.
    if root is None or b"&" in data:
        try:
            root = etree.fromstring(data, etree.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8"))
        except etree.LxmlError as error:
            raise DamagedInput(f"{name} is damaged: {error}.", remedy="") from error
    elements = [] if root is None else list(_of_class(root, {"ocr_page"}))
    if not elements:
        raise UnsupportedFormat(f"{name} is no hOCR: it has no element of the class ocr_page.", remedy="")
    image = _IMAGE.search(elements[0].get("title", ""))
    source = next((part for part in image.groups() if part), name) if image else name
    return Document(tuple(_hocr_page(element, number) for number, element in enumerate(elements, 1)), source)


def _hocr_page(element: Any, position: int) -> Page:
    title = element.get("title", "")
    box = _title_box(title) or (0.0, 0.0, 0.0, 0.0)
    number = _PAGE_NUMBER.search(title)
    resolution = _RESOLUTION.search(title)
    lines = []
    for line in _of_class(element, _HOCR_LINES):
        words = []
        for word in _of_class(line, {"ocrx_word", "ocr_word"}):
            text = _inner_text(word)
            if text:
                found = _CONFIDENCE.search(word.get("title", ""))
                confidence = float(found[1]) / 100 if found else 1.0
                words.append(_word(text, _title_box(word.get("title", "")), confidence))
        lines.append(_line(words, _inner_text(line), _title_box(line.get("title", ""))))
    return Page(
        int(number[1]) + 1 if number else position,
        math.ceil(box[2]),
        math.ceil(box[3]),
        _not_empty(lines),
        float(resolution[1]) if resolution else None,
    )


def _of_class(element: Any, names: set[str]) -> Iterator[Any]:
    for each in element.iter():
        if isinstance(each.tag, str) and names & set(each.get("class", "").split()):
            yield each


def _inner_text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _title_box(title: str) -> _Box | None:
    found = _BBOX.search(title)
    return (float(found[1]), float(found[2]), float(found[3]), float(found[4])) if found else None


def _alto(root: Any, name: str) -> Document:
    names = [text for text in (each.text for each in _children(root, "fileName", deep=True)) if text]
    pages = []
    for position, element in enumerate(_children(root, "Page", deep=True), 1):
        lines = []
        for line in _children(element, "TextLine", deep=True):
            words: list[Word] = []
            for part in line:
                kind = etree.QName(part).localname if isinstance(part.tag, str) else ""
                text = part.get("CONTENT", "").strip()
                if kind == "String" and text:
                    words.append(_word(text, _alto_box(part), float(part.get("WC", 1))))
                elif kind == "HYP" and words:  # the hyphen at a line's end is kept apart from its word
                    last = words.pop()
                    words.append(replace(last, text=last.text + text))
            lines.append(_line(words, "", _alto_box(line)))
        number = element.get("PHYSICAL_IMG_NR", "")
        pages.append(
            Page(
                int(number) if number.isdigit() and int(number) > 0 else position,
                math.ceil(float(element.get("WIDTH", 0))),
                math.ceil(float(element.get("HEIGHT", 0))),
                _not_empty(lines),
            )
        )
    return Document(tuple(pages), names[0] if names else name)


def _alto_box(element: Any) -> _Box | None:
    values = [element.get(key) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
    if None in values:
        return None
    left, top, width, height = (float(value) for value in values)
    return left, top, left + width, top + height


def _page_xml(root: Any, name: str) -> Document:
    pages = []
    for position, element in enumerate(_children(root, "Page"), 1):
        lines = []
        for region in _in_reading_order(element):
            for line in _children(region, "TextLine"):
                words = [
                    _word(text, _points_box(word), confidence)
                    for word in _children(line, "Word")
                    for text, confidence in [_text_equivalent(word)]
                    if text
                ]
                text, confidence = _text_equivalent(line)
                lines.append(_line(words, text, _points_box(line), confidence))
        size = int(element.get("imageWidth", 0)), int(element.get("imageHeight", 0))
        pages.append((element.get("imageFilename"), Page(position, *size, _not_empty(lines))))
    return Document(tuple(page for _, page in pages), (pages[0][0] if pages else None) or name)


def _in_reading_order(page: Any) -> list[Any]:
    """The text regions as the reading order says; those that it does not name stand last."""
    regions = list(_children(page, "TextRegion", deep=True))
    named: list[str] = []
    for order in _children(page, "ReadingOrder"):
        named = [each.get("regionRef") for each in order.iter() if isinstance(each.tag, str) and each.get("regionRef")]
    places = {identity: place for place, identity in enumerate(named)}
    return sorted(regions, key=lambda region: places.get(region.get("id"), len(places)))


def _text_equivalent(element: Any) -> tuple[str, float]:
    """The best of an element's own readings: the one of the lowest index."""
    equivalents = list(_children(element, "TextEquiv"))
    if not equivalents:
        return "", 1.0
    best = min(equivalents, key=lambda each: int(each.get("index", 0)))
    texts = [each.text or "" for each in _children(best, "Unicode")]
    return " ".join("".join(texts).split()), float(best.get("conf", 1))


def _points_box(element: Any) -> _Box | None:
    for coordinates in _children(element, "Coords"):
        points = [tuple(map(float, point.split(","))) for point in coordinates.get("points", "").split()]
        if points:
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            return min(xs), min(ys), max(xs), max(ys)
    return None


def _children(element: Any, name: str, *, deep: bool = False) -> Iterator[Any]:
    """Elements of this name in any namespace: the standards give each of their versions another."""
    for each in element.iter() if deep else element:
        if isinstance(each.tag, str) and etree.QName(each).localname == name:
            yield each


def _word(text: str, box: _Box | None, confidence: float) -> Word:
    return Word(text, _quad(box or (0.0, 0.0, 0.0, 0.0)), min(max(confidence, 0.0), 1.0))


def _line(words: list[Word], text: str, box: _Box | None, confidence: float = 1.0) -> Line:
    """A line; where it has no words of its own, its text is parted into words that stand where it stands."""
    if not words:
        words = [_word(part, box, confidence) for part in text.split()]
    text = " ".join(word.text for word in words)
    if box is None and words:
        boxes = [word.bbox for word in words]
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        box = min(lefts), min(tops), max(rights), max(bottoms)
    letters = sum(len(word.text) for word in words)
    mean = sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0
    return Line(text, _quad(box or (0.0, 0.0, 0.0, 0.0)), tuple(words), mean)


def _not_empty(lines: list[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.text)


def _quad(box: _Box) -> Quad:
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _json(data: bytes, name: str) -> Document:
    try:
        values = json.loads(data.decode("utf-8-sig"))
        if values["schema"].split(".")[0] != SCHEMA_VERSION.split(".")[0]:
            raise UnsupportedFormat(
                f"{name} has version {values['schema']} of the JSON form, which this Unscrawl does not know.",
                remedy=f"It knows {SCHEMA_VERSION}.",
            )
        return Document(tuple(_json_page(page) for page in values["pages"]), values["source"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedInput(f"{name} is no JSON of a result: {type(error).__name__}: {error}.", remedy="") from error


def _json_page(page: Any) -> Page:
    lines = tuple(
        Line(
            line["text"],
            _json_quad(line["quad"]),
            tuple(Word(word["text"], _json_quad(word["quad"]), word["confidence"]) for word in line["words"]),
            line["confidence"],
            _json_language(line),
        )
        for line in page["lines"]
    )
    return Page(
        page["number"],
        page["width"],
        page["height"],
        lines,
        page["dpi"],
        page["error"],
        # Version 1.0 had neither warnings nor languages.
        tuple(page.get("warnings", ())),
    )


def _json_language(line: Any) -> Language | None:
    tag = line.get("language")
    return None if tag is None else resolve_languages(tag)[0]


def _json_quad(corners: Any) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d
