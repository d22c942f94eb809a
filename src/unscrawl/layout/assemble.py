"""From decoded lines to the lines and words of a result, with boxes in the original picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from unscrawl.imaging.geometry import Matrix, Points, transform_points
from unscrawl.imaging.strip import Strip
from unscrawl.languages import EAST_ASIAN_LETTER, Language
from unscrawl.reading import Symbol
from unscrawl.result import Line, Quad, Word

__all__ = ["assemble_line", "join_row", "tidy_text"]

# Full-width forms of ASCII (U+FF01 to U+FF5E) lie this far from it.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def tidy_text(text: str) -> str:
    """Compose accents (NFC); in lines without East Asian writing turn full-width punctuation into ASCII."""
    text = unicodedata.normalize("NFC", text)
    return text if EAST_ASIAN_LETTER.search(text) else text.translate(_FULL_WIDTH)


def assemble_line(
    symbols: Sequence[Symbol], strip: Strip, to_original: Matrix, language: Language | None = None
) -> Line | None:
    """Make a line of words from characters.

    Args:
        symbols: The line's characters in logical order, white space among them.
        strip: What the line fills of the page that was read.
        to_original: 3x3 matrix from that page to the original picture.
        language: What it is in, if that is known.

    Returns:
        The line, or None if there is nothing but white space.
    """
    words: list[Word] = []
    group: list[Symbol] = []
    for symbol in [*symbols, Symbol(" ", 1.0, 1.0, 1.0)]:
        if not symbol.text.isspace():
            group.append(symbol)
        elif group:
            words.append(_word(group, strip, to_original))
            group = []
    if not words:
        return None
    text = tidy_text(" ".join(word.text for word in words))
    inked = [symbol.confidence for symbol in symbols if not symbol.text.isspace()]
    confidence = sum(inked) / len(inked)
    return Line(text, _quad(transform_points(to_original, strip.quad)), tuple(words), confidence, language)


def join_row(lines: Sequence[Line]) -> Line:
    """Join lines that stand beside each other in one row into one; its language is that of the longest.

    Args:
        lines: In the order in which they are read.
    """
    if len(lines) == 1:
        return lines[0]
    quads = np.array(sorted((line.quad for line in lines), key=lambda quad: quad[0][0]))
    corners = np.array([quads[0, 0], quads[-1, 1], quads[-1, 2], quads[0, 3]])
    weights = [len(line.text) for line in lines]
    confidence = float(np.average([line.confidence for line in lines], weights=weights))
    words = tuple(word for line in lines for word in line.words)
    language = max(lines, key=lambda line: len(line.text)).language
    return Line(" ".join(line.text for line in lines), _quad(corners), words, confidence, language)


def _word(group: Sequence[Symbol], strip: Strip, to_original: Matrix) -> Word:
    # Of right-to-left text the last character stands on the left.
    corners = strip.part(min(symbol.start for symbol in group), max(symbol.end for symbol in group))
    return Word(
        tidy_text("".join(symbol.text for symbol in group)),
        _quad(transform_points(to_original, corners)),
        min(symbol.confidence for symbol in group),
    )


def _quad(points: Points) -> Quad:
    (a, b), (c, d), (e, f), (g, h) = points.tolist()
    return (a, b), (c, d), (e, f), (g, h)
