"""Where a pattern stands in what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from unscrawl.result import Document, Page, Word

__all__ = ["Match", "Matcher", "PageText", "find_matches"]


@dataclass(frozen=True, slots=True)
class Match:
    """A place where something was found.

    Attributes:
        page: Number of the page, from 1.
        line: Number of the line on it, from 1; of a match that runs on into the next line, the first one.
        text: What was found, as it was read.
        context: The line.
        words: The words that it is in or touches, as (line, word), both counted from 0 on the page.
        bbox: Around these words: left, top, right, bottom, in pixels of the picture as stored.
    """

    page: int
    line: int
    text: str
    context: str
    words: tuple[tuple[int, int], ...]
    bbox: tuple[float, float, float, float]


class PageText:
    """A page's text as one string, which knows where its words are in it.

    Attributes:
        text: Words with a space between them, lines with a line break.
        words: Every word with its start and end in ``text`` and its place as (line, word), both counted from 0.
    """

    def __init__(self, page: Page) -> None:
        self.words: list[tuple[int, int, tuple[int, int]]] = []
        parts: list[str] = []
        at = 0
        for line_number, line in enumerate(page.lines):
            for word_number, word in enumerate(line.words):
                if parts:
                    parts.append(" " if word_number else "\n")
                    at += 1
                parts.append(word.text)
                self.words.append((at, at + len(word.text), (line_number, word_number)))
                at += len(word.text)
        self.text = "".join(parts)

    def between(self, start: int, end: int) -> list[tuple[int, int]]:
        """The places of the words that a part of the text is in or touches."""
        return [place for first, last, place in self.words if first < end and start < last]


class Matcher(Protocol):
    """Something to look for."""

    def spans(self, text: PageText) -> Iterable[tuple[int, int]]:
        """Start and end of every place in the text."""
        ...


def find_matches(document: Document, matchers: Sequence[Matcher]) -> Iterator[Match]:
    """Find what any of the matchers looks for, in reading order; a place that several find is given once for each."""
    for page in document.pages:
        text = PageText(page)
        spans = sorted({span for matcher in matchers for span in matcher.spans(text)})
        for start, end in spans:
            places = text.between(start, end)
            if places:
                first = places[0][0]
                words = [page.lines[line].words[word] for line, word in places]
                found = text.text[start:end]
                yield Match(page.number, first + 1, found, page.lines[first].text, tuple(places), _around(words))


def _around(words: Sequence[Word]) -> tuple[float, float, float, float]:
    lefts, tops, rights, bottoms = zip(*(word.bbox for word in words), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
