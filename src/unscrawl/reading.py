"""A line as it was read: characters along it, before they have a place on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from unscrawl.languages import Language

__all__ = ["Calibration", "LineReading", "PageReading", "Symbol"]

# Certainty has no log-odds: confidences are kept this far from 0 and 1.
LEAST_DOUBT = 1e-6


@dataclass(frozen=True, slots=True)
class Symbol:
    """A decoded character.

    Attributes:
        text: The character.
        start: Where its left side lies along the line, 0 (left end) to 1 (right end).
        end: Where its right side lies, likewise.
        confidence: 0 to 1.
    """

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a network's confidences are worth: log-odds of being right = offset + slope * log-odds of the network.

    Platt, "Probabilistic Outputs for Support Vector Machines", 1999. Monotone, so that a word, which is as sure as its
    least sure character, may be calibrated character by character.
    """

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, confidence: float) -> float:
        """How likely what a network gives this confidence (0 to 1) is right, 0 to 1."""
        kept = min(1 - LEAST_DOUBT, max(LEAST_DOUBT, confidence))
        return 1 / (1 + math.exp(-self.offset - self.slope * math.log(kept / (1 - kept))))


@dataclass(frozen=True, slots=True)
class LineReading:
    """The text of a line, character by character.

    Attributes:
        symbols: The characters in logical order: the order in which they are spoken, also of right-to-left text.
        calibration: What its symbols' confidences are worth.
        language: The language that it is in, if that is known.
        by_itself: How sure the network was of the line without any language, where one has chosen the text: it may
            choose what the picture shows less clearly, and the line is no less a line for it.
    """

    symbols: tuple[Symbol, ...]
    calibration: Calibration = Calibration()
    language: Language | None = None
    by_itself: float | None = None

    @property
    def text(self) -> str:
        """The characters in a row."""
        return "".join(symbol.text for symbol in self.symbols)

    @property
    def calibrated(self) -> tuple[Symbol, ...]:
        """The characters with confidences that say how often such a word is right."""
        return tuple(replace(symbol, confidence=self.calibration(symbol.confidence)) for symbol in self.symbols)

    @property
    def confidence(self) -> float:
        """How sure the network is of the line: the mean of its characters, 0 to 1; 0 for no characters."""
        if self.by_itself is not None:
            return self.by_itself
        return sum(s.confidence for s in self.symbols) / len(self.symbols) if self.symbols else 0.0


@dataclass(frozen=True, slots=True)
class PageReading:
    """The lines of a page.

    Attributes:
        lines: In the order in which they were given.
        warnings: What the reader of the result should know, such as a script that could not be read, in sentences.
    """

    lines: tuple[LineReading, ...]
    warnings: tuple[str, ...] = ()
