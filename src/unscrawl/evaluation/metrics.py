"""Error rates: edit distance over the truth's length, in characters (CER) and in words (WER)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from unscrawl.evaluation.normalise import normalise

__all__ = ["ErrorCount", "character_errors", "total", "word_errors"]


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """Edits needed to turn a reading into its truth, and the truth's length in the same unit.

    Counts add up: the rate of a sum is the micro-average, in which every character weighs the same.

    Attributes:
        errors: Insertions, deletions and substitutions.
        length: Characters or words of the truth.
    """

    errors: int
    length: int

    @property
    def rate(self) -> float:
        """``errors / length``: 0 is perfect, and text read where there is none makes it exceed 1.

        An empty truth is taken as one unit long, so that text invented on a blank page counts and the rate
        stays finite.
        """
        return self.errors / max(self.length, 1)

    def __add__(self, other: ErrorCount) -> ErrorCount:
        return ErrorCount(self.errors + other.errors, self.length + other.length)


def total(counts: Iterable[ErrorCount]) -> ErrorCount:
    """The sum of ``counts``."""
    return sum(counts, ErrorCount(0, 0))


def character_errors(truth: str, reading: str) -> ErrorCount:
    """Compare by characters, after normalisation; a line break is a character.

    >>> character_errors("chat", "chats").rate
    0.25
    """
    truth = normalise(truth)
    return ErrorCount(Levenshtein.distance(truth, normalise(reading)), len(truth))


def word_errors(truth: str, reading: str) -> ErrorCount:
    """Compare by words, after normalisation; a word is a run without white space, its punctuation included.

    >>> word_errors("the black cat", "the block cat").errors
    1
    """
    words = normalise(truth).split()
    return ErrorCount(Levenshtein.distance(words, normalise(reading).split()), len(words))
