"""What characters follow each other in texts that are not made of words alone: a prior for program code.

In code, brackets, underscores and white space say as much as letters do, so the model counts them all: an n-gram of
characters with stupid back-off (Brants et al., "Large Language Models in Machine Translation", EMNLP 2007), over lines
without their indents.

Files are made by ``training/code_model.py``.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

from unscrawl.recognition.language_model import MOST_CACHED, Trie
from unscrawl.recognition.planes import open_tables

__all__ = ["LINE_END", "ORDER", "CharacterModel"]

ORDER = 6
LINE_END = "\n"
"""Stands before and behind every line."""

BACK_OFF = math.log(0.4)
UNKNOWN = math.log(1e-5)


class CharacterModel:
    """The prior; only caches change after construction, so threads may share it.

    Args:
        ngrams: Probabilities of characters given up to ``ORDER - 1`` before them.
    """

    def __init__(self, ngrams: Trie) -> None:
        self._ngrams = ngrams
        self._cost = lru_cache(MOST_CACHED)(self._find_cost)
        self.start = LINE_END
        self.letters: frozenset[str] = frozenset()

    @classmethod
    def load(cls, path: Path) -> CharacterModel:
        """Read a ``.npz`` file with ``ngrams_letters``, ``ngrams_costs`` and ``ngrams_counts``."""
        with open_tables(path) as arrays:
            return cls(Trie(*(arrays[f"ngrams_{part}"] for part in ("letters", "costs", "counts"))))

    def step(self, state: str, character: str) -> tuple[float, str]:
        """Log-probability of ``character`` after a text that ends in ``state``, and the state behind it."""
        return self._cost(state, character), (state + character)[1 - ORDER :]

    def end(self, state: str) -> float:
        """Log-probability that the line ends here."""
        return self._cost(state, LINE_END)

    def closed(self, state: str) -> str:
        """The state behind a word that something else vouches for: the same, as words are nothing special here."""
        return state

    def _find_cost(self, tail: str, character: str) -> float:
        penalty = 0.0
        for start in range(len(tail) + 1):
            found = self._ngrams.find(tail[start:])
            child = None if found is None else self._ngrams.children(found).get(character)
            if child is not None:
                return child[1] + penalty
            penalty += BACK_OFF
        return UNKNOWN
