"""What reading gives: an immutable tree Document > Page > Line > Word.

Geometry: pixels of the original picture as it is stored (before EXIF orientation), origin at the top left corner;
of a PDF, pixels of the page as rendered. Confidences run from 0 to 1. Text is in logical order, Unicode NFC.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from unscrawl.languages import Language

__all__ = ["SCHEMA_VERSION", "Document", "Line", "Page", "Quad", "Word"]

SCHEMA_VERSION = "1.1"
"""Version of the JSON form; the first number changes when something is taken away or changes its meaning."""

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Four corners of a slanted box: start-top, end-top, end-bottom, start-bottom, as the text runs; of right-to-left text
the left end is taken as the start."""


def _bounds(quad: Quad) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    return min(xs), min(ys), max(xs), max(ys)


def _mean(values: list[tuple[float, int]]) -> float:
    """The mean of (value, weight) pairs; 0 where there is nothing."""
    total = sum(weight for _, weight in values)
    return sum(value * weight for value, weight in values) / total if total else 0.0


def _main_language(lines: Sequence[Line]) -> Language | None:
    """The language with most characters, of those that are known."""
    letters: dict[Language, int] = {}
    for line in lines:
        if line.language is not None:
            letters[line.language] = letters.get(line.language, 0) + len(line.text)
    return max(letters, key=lambda language: letters[language]) if letters else None


def _tag(language: Language | None) -> str | None:
    return None if language is None else language.tag


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without white space.

    Attributes:
        text: Its characters.
        quad: Its four corners.
        confidence: 0 to 1.
    """

    text: str
    quad: Quad
    confidence: float

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """The upright box around it: left, top, right, bottom."""
        return _bounds(self.quad)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text.

    Attributes:
        text: The words with a space between them; before a line of a program four blanks for each level of its indent.
        quad: Its four corners.
        words: Its words as the text runs.
        confidence: 0 to 1: the mean of its characters.
        language: What it is in; None where that could not be told.
    """

    text: str
    quad: Quad
    words: tuple[Word, ...]
    confidence: float
    language: Language | None = None

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """The upright box around it: left, top, right, bottom."""
        return _bounds(self.quad)


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes:
        number: Counted from 1, as in the document.
        width: Of the stored picture, in pixels.
        height: Of the stored picture, in pixels.
        lines: In reading order.
        dpi: Resolution, where the file tells.
        error: Why the page could not be read; None where it could. Only in documents of several pages: where the only
            page cannot be read, the reading raises.
        warnings: What to know about the reading, such as lines in a script that could not be read; sentences.
    """

    number: int
    width: int
    height: int
    lines: tuple[Line, ...]
    dpi: float | None = None
    error: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def language(self) -> Language | None:
        """The language of most of the text; None where that could not be told."""
        return _main_language(self.lines)

    @property
    def text(self) -> str:
        """The page's lines, joined by line breaks."""
        return "\n".join(line.text for line in self.lines)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in reading order."""
        return tuple(word for line in self.lines for word in line.words)

    @property
    def confidence(self) -> float:
        """Mean over the characters, 0 to 1; 0 for a page without text."""
        return _mean([(line.confidence, len(line.text)) for line in self.lines])


@dataclass(frozen=True, slots=True)
class Document:
    """The reading of one input.

    Attributes:
        pages: In order.
        source: The input's name: a path, or for example ``"<bytes>"``.
    """

    pages: tuple[Page, ...]
    source: str

    @property
    def text(self) -> str:
        """The pages' text; pages are kept apart by an empty line."""
        return "\n\n".join(page.text for page in self.pages)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines in reading order."""
        return tuple(line for page in self.pages for line in page.lines)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in reading order."""
        return tuple(word for page in self.pages for word in page.words)

    @property
    def confidence(self) -> float:
        """Mean over the characters, 0 to 1; 0 for a document without text."""
        return _mean([(line.confidence, len(line.text)) for line in self.lines])

    @property
    def language(self) -> Language | None:
        """The language of most of the text; None where that could not be told."""
        return _main_language(self.lines)

    def __iter__(self) -> Iterator[Page]:
        return iter(self.pages)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form as Python objects; see ``docs/json.md``."""
        return {
            "schema": SCHEMA_VERSION,
            "source": self.source,
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "language": _tag(self.language),
            "pages": [_page_dict(page) for page in self.pages],
        }

    def to_json(self, indent: int | None = 2) -> str:
        """The JSON form, versioned by its ``schema`` entry."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)


def _quad_list(quad: Quad) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in quad]


def _page_dict(page: Page) -> dict[str, Any]:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "error": page.error,
        "warnings": list(page.warnings),
        "language": _tag(page.language),
        "confidence": round(page.confidence, 4),
        "lines": [
            {
                "text": line.text,
                "confidence": round(line.confidence, 4),
                "language": _tag(line.language),
                "quad": _quad_list(line.quad),
                "words": [
                    {
                        "text": word.text,
                        "confidence": round(word.confidence, 4),
                        "quad": _quad_list(word.quad),
                    }
                    for word in line.words
                ],
            }
            for line in page.lines
        ],
    }
