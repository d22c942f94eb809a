"""Which language a text is in, told by its frequent words."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["LanguageGuesser"]

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")

# Naive Bayes: what a word that is not among a language's frequent ones costs there. Common words of a language stand
# far above, so misread words count against all languages alike.
UNKNOWN_WORD = math.log(3e-6)
# Languages less likely than the first by more than this factor are out of the question.
LARGEST_FACTOR = math.log(1000.0)


class LanguageGuesser:
    """Guesses among languages.

    Args:
        words: ISO 639-3 code -> word in lower case -> share of the language's words.
    """

    def __init__(self, words: Mapping[str, Mapping[str, float]]) -> None:
        self._scores = {
            code: {word: math.log(share) for word, share in shares.items()} for code, shares in words.items()
        }

    @classmethod
    def load(cls, path: Path) -> LanguageGuesser:
        """Read ``{code: {word: share}}`` from JSON."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def likely(self, texts: Iterable[str], most: int) -> list[str]:
        """The ISO 639-3 codes of the likeliest languages, best first: one where it is plain, none without words."""
        words = [word for text in texts for word in _WORD.findall(text.lower())]
        totals = {
            code: sum(max(scores.get(word, UNKNOWN_WORD), UNKNOWN_WORD) for word in words)
            for code, scores in self._scores.items()
        }
        ranked = sorted(totals, key=lambda code: -totals[code])
        known = any(word in scores for word in words for scores in self._scores.values())
        return [code for code in ranked[:most] if known and totals[code] > totals[ranked[0]] - LARGEST_FACTOR]
