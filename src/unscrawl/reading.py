"""A line as it was read: characters along it, before they have a place on the page."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LineReading", "Symbol"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A decoded character.

    Attributes:
        text: The character.
        start: Where it begins along the line, 0 (left end) to 1 (right end).
        end: Where it ends, likewise.
        confidence: 0 to 1.
    """

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class LineReading:
    """The text of a line, character by character.

    Attributes:
        symbols: The characters in a row.
        score: Log-probability of the text given the picture and, where one was used, the language: comparable
            between readings of one line with different languages.
    """

    symbols: tuple[Symbol, ...]
    score: float = 0.0

    @property
    def text(self) -> str:
        """The characters in a row."""
        return "".join(symbol.text for symbol in self.symbols)

    @property
    def confidence(self) -> float:
        """The mean of the characters, 0 to 1; 0 for no characters."""
        return sum(s.confidence for s in self.symbols) / len(self.symbols) if self.symbols else 0.0
