"""What can be looked for: regular expressions, words, and things of a known form.

Readings have mistakes. Words, addresses and numbers are therefore taken generously: where they are blacked out, a word
too many costs little.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from unscrawl.exceptions import InvalidOption
from unscrawl.search.matches import PageText

__all__ = ["EMAIL", "PHONE", "Pattern", "Words", "pattern"]

_LETTERS_PER_MISTAKE = 5
"""Readings of modern handwriting have a mistake in about 13 letters; this finds nearly all of their words, and does
not yet take one short word for another."""


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""A regular expression; ``\s`` in it also matches the end of a line."""

    expression: re.Pattern[str]

    def spans(self, text: PageText) -> Iterator[tuple[int, int]]:
        """Start and end of every place that is not empty."""
        for found in self.expression.finditer(text.text):
            if found.end() > found.start():
                yield found.span()


def pattern(text: str, *, ignore_case: bool = False, fixed: bool = False) -> Pattern:
    """What a user looks for.

    Args:
        text: A regular expression, or with ``fixed`` the very text; a space in that also matches the end of a line.
        ignore_case: Whether capitals do not matter.
        fixed: Whether no sign in it has a meaning.

    Raises:
        InvalidOption: If it is no regular expression.
    """
    if fixed:
        text = r"\s+".join(re.escape(part) for part in text.split())
    try:
        return Pattern(re.compile(text, re.IGNORECASE if ignore_case else 0))
    except re.error as error:
        raise InvalidOption(f"{text!r} is not a regular expression: {error}.") from error


# Readers take blanks and line ends for parts of an address, and "(at)" is written by hand.
EMAIL = Pattern(re.compile(r"[\w.%+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?\.\s?[\w-]{2,})+", re.IGNORECASE))
"""E-mail addresses."""


class _Phone:
    """Telephone numbers: 7 to 15 digits (as ITU-T E.164 allows) with what people write between them.

    Dates, and rows of amounts of money, are left out: they stand on every bill.
    """

    # Letters that digits are mistaken for.
    _RUN = re.compile(r"(?<!\w)[+(]?[\dOoIl|](?:[\s().\-–/]{0,3}[\dOoIl|SB]){5,18}(?!\w)")
    _LEAST_DIGITS, _LEAST, _MOST = 5, 7, 15

    # With the hour that may follow; the colon after it ends the run.
    _DATE = re.compile(
        r"(?:[0-3]?\d([./–-])[0-3]?\d\1(?:19|20)\d\d|(?:19|20)\d\d([./–-])[01]?\d\2[0-3]?\d)(?:\s[0-2]?\d)?"
    )
    _AMOUNTS = re.compile(r"\d{1,4}\.\d\d(?:\s+\d{1,4}\.\d\d)+")

    def spans(self, text: PageText) -> Iterator[tuple[int, int]]:
        """Start and end of every number."""
        for found in self._RUN.finditer(text.text):
            signs = sum(1 for sign in found[0] if sign.isalnum() or sign == "|")
            digits = sum(1 for sign in found[0] if sign.isdigit())
            if not (self._LEAST <= signs <= self._MOST and digits >= self._LEAST_DIGITS):
                continue
            if not (self._DATE.fullmatch(found[0]) or self._AMOUNTS.fullmatch(found[0])):
                yield found.span()


PHONE = _Phone()
"""Telephone numbers."""


class Words:
    """A word or several in a row, in any capitals, with or without accents, and with a mistake in every five letters.

    Args:
        text: The words.

    Raises:
        InvalidOption: If there is no letter or digit in it.
    """

    def __init__(self, text: str) -> None:
        self._wanted = [bare for bare in map(_bare, text.split()) if bare]
        if not self._wanted:
            raise InvalidOption(f"There is no word in {text!r}.")

    def spans(self, text: PageText) -> Iterator[tuple[int, int]]:
        """Start and end of every place, in whole words."""
        # A reader may part a word in two or join two to one: as many letters count, however they are parted.
        wanted = "".join(self._wanted)
        mistakes = len(wanted) // _LETTERS_PER_MISTAKE
        bares = [_bare(text.text[start:end]) for start, end, _ in text.words]
        places: list[tuple[int, int, int]] = []
        for first in range(len(bares)):
            joined = ""
            for last in range(first, len(bares)):
                joined += bares[last]
                if len(joined) > len(wanted) + mistakes:
                    break
                distance = Levenshtein.distance(joined, wanted, score_cutoff=mistakes)
                if joined and distance <= mistakes:
                    places.append((distance, first, last))
            # A word inside a longer one: "Alice's", "Alice/Bob".
            if len(self._wanted) == 1 and wanted in bares[first]:
                places.append((0, first, first))
        # Short neighbours count as mistakes: of places that overlap, the best ones count.
        for distance, first, last in places:
            if not any(better < distance and start <= last and first <= end for better, start, end in places):
                yield text.words[first][0], text.words[last][1]


def _bare(text: str) -> str:
    """Letters and digits, small, without accents."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if sign.isalnum())
