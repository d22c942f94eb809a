"""What words a language has: a prior on the letters of a word, for the beam search.

The model is a trie of the language's frequent words, each edge with the probability of its letter given all letters
of the word before, and below it an n-gram of letters for words that the trie does not know. When a word ends, it is
made more or less likely by the word before it, as far as that pair was met in texts. It knows nothing of case: letters
are looked up in lower case. A word that leaves the trie pays once for it, the more the more words the trie has, and
goes on with n-grams.

Files are made by ``training/language_models.py``; the layout is described at ``read_trie``.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from unicodedata import combining

import numpy as np
from numpy.typing import NDArray

from unscrawl.recognition.planes import open_tables

__all__ = [
    "MOST_CACHED",
    "NGRAM_ORDER",
    "START",
    "LanguageModel",
    "LanguagePrior",
    "Prior",
    "State",
    "Trie",
    "WordPairs",
    "pair_key",
]

NGRAM_ORDER = 4
END = "\0"
"""Stands for the end of a word in both tries."""

# Steps of the stored log-probabilities (natural logarithm); 255 of them reach exp(-15.9).
LOG_STEP = 1 / 16

# Factors of pairs of words are stored in the same steps, from this log upwards.
LEAST_PAIR_LOG = -6.0

# A page meets some ten thousand steps; what is remembered beyond that only takes memory.
MOST_CACHED = 40_000

# Costs that the tries do not hold, as log-probabilities; tried one by one on dev lines (training/EXPERIMENTS.md).
ESCAPE = math.log(0.02)
UNKNOWN_LETTER = math.log(1e-4)
# Letters rarer than this are of words from other languages: an "ñ" in French.
OWN_LETTER = math.log(3e-5)
SPACE = math.log(0.9)
SPACE_AFTER_DIGIT = math.log(0.5)
SPACE_INSIDE = math.log(0.05)
APOSTROPHE = math.log(0.08)
HYPHEN = math.log(0.06)
STOP = math.log(0.015)
OTHER_MARK = math.log(0.03)
FIRST_DIGIT = math.log(0.06)
DIGIT_IN_NUMBER = math.log(0.3)
DIGIT_ACROSS_SPACE = math.log(0.001)
CAPITAL_AT_START = math.log(0.4)
CAPITAL_FIRST = math.log(0.15)
CAPITAL_AFTER_CAPITAL = math.log(0.8)
CAPITAL_INSIDE = math.log(0.01)
SECOND_CAPITAL = math.log(0.3)
SMALL_AFTER_CAPITALS = math.log(0.3)


@dataclass(frozen=True, slots=True)
class State:
    """Where in a word a text ends.

    Attributes:
        node: Node of the word trie; -1 outside of it.
        word: The word's letters so far, in lower case.
        previous: What stands before the word: a word, a mark, or ``"0"`` for any number.
        capitals: How many capitals the word has ended with so far; -1 before its first letter.
        last: What the text ends with: ``""`` for white space or nothing, ``"a"`` for a letter, ``"0"`` for a digit; a
            mark as itself, behind what it touches: ``"0."`` ends "10.", ``"a-"`` ends "Franco-", ``"-"`` ends
            "and -"; ``"0 "`` ends "10. ".
        begins: Whether a sentence, or the line, begins here.
    """

    node: int
    word: str
    previous: str
    capitals: int
    last: str
    begins: bool


START = State(0, "", "", -1, "", True)


class Prior(Protocol):
    """What tells the search how likely a text is, character by character."""

    @property
    def start(self) -> Any:
        """The state of an empty text; hashable, and given back to ``step`` only."""

    def step(self, state: Any, character: str) -> tuple[float, Any]:
        """Log-probability of ``character`` after a text that ends in ``state``, and the state behind it."""

    def end(self, state: Any) -> float:
        """Log-probability that the word ends where the text ends; 0 where there is no word."""


class LanguagePrior(Prior, Protocol):
    """The prior of a language, which can be mixed with words of the user's."""

    @property
    def letters(self) -> frozenset[str]:
        """The letters that the language is written with, in lower case; none where they are not known."""

    def closed(self, state: Any) -> Any:
        """The state behind a word that something else vouches for: what follows it is all that is left to judge."""


class Trie:
    """A trie in two flat arrays, breadth first: the child of edge i is node i + 1.

    Args:
        letters: uint16 (edges,): each edge's letter (a code point; 0 for the end of a word).
        costs: uint8 (edges,): minus the log-probability of the letter at this place, in ``LOG_STEP``.
        counts: uint8 or uint16 (nodes,): how many children each node has.
    """

    def __init__(self, letters: NDArray[np.uint16], costs: NDArray[np.uint8], counts: NDArray[np.uint16]) -> None:
        self._letters, self._costs = letters, costs
        self._first = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        # A line meets a few hundred nodes, again and again.
        self.children: Callable[[int], dict[str, tuple[int, float]]] = lru_cache(MOST_CACHED)(self._children)

    def _children(self, node: int) -> dict[str, tuple[int, float]]:
        """Letter -> (child node, log-probability)."""
        begin, end = int(self._first[node]), int(self._first[node + 1])
        return {
            chr(letter): (begin + place + 1, -cost * LOG_STEP)
            for place, (letter, cost) in enumerate(
                zip(self._letters[begin:end].tolist(), self._costs[begin:end].tolist(), strict=True)
            )
        }

    def find(self, text: str) -> int | None:
        """The node that ``text`` leads to, or None."""
        node = 0
        for letter in text:
            child = self.children(node).get(letter)
            if child is None:
                return None
            node = child[0]
        return node


def pair_key(previous: str, word: str) -> int:
    """What a pair is stored under: 32 bits, so that one in 10,000 is taken for one of the 400,000 that are known."""
    return zlib.crc32(f"{previous} {word}".encode())


class WordPairs:
    """How much likelier words are after certain others.

    Args:
        gaps: uint32 (pairs,): :func:`pair_key` of pairs met in texts, ascending, each as its distance from the one
            before, which takes less room in a compressed file; with the empty word, of words met before others.
        factors: uint8 (pairs,): log of how much likelier the word is there than anywhere, in steps of ``LOG_STEP`` from
            ``LEAST_PAIR_LOG``; with the empty word, the same for all words not met there.
    """

    def __init__(self, gaps: NDArray[np.uint32], factors: NDArray[np.uint8]) -> None:
        self._keys, self._factors = np.cumsum(gaps, dtype=np.uint32), factors

    def factor(self, previous: str, word: str) -> float:
        """Log of how much likelier ``word`` is after ``previous``; 0 where texts told nothing of ``previous``."""
        found = self._find(previous, word)
        if found is None:
            found = self._find(previous, "")
        return 0.0 if found is None else found

    def _find(self, previous: str, word: str) -> float | None:
        key = pair_key(previous, word)
        # Of the key's own type: from another, the search would first convert all keys.
        place = int(self._keys.searchsorted(np.uint32(key)))
        if place == len(self._keys) or self._keys[place] != key:
            return None
        return float(self._factors[place]) * LOG_STEP + LEAST_PAIR_LOG


class LanguageModel:
    """The prior of one language; only caches change after construction, so threads may share it.

    Args:
        words: Probabilities of letters given the word so far.
        ngrams: Probabilities of letters given the last ``NGRAM_ORDER - 1`` of the word; a word's start is
            the empty tail.
        pairs: What words follow each other; None for nothing known.
        escape: Log-probability that a word leaves the trie at a letter.
    """

    def __init__(self, words: Trie, ngrams: Trie, pairs: WordPairs | None = None, escape: float = ESCAPE) -> None:
        self._words, self._ngrams, self._pairs, self._escape = words, ngrams, pairs, escape
        self.step: Callable[[State, str], tuple[float, State]] = lru_cache(MOST_CACHED)(self._step)
        self.start = START
        self.letters = frozenset(letter for letter, (_, log) in ngrams.children(0).items() if log > OWN_LETTER)

    @classmethod
    def load(cls, path: Path) -> LanguageModel:
        """Read a ``.npz`` file.

        It has ``words_letters``, ``words_costs``, ``words_counts``, the same of ``ngrams``; where pairs are known,
        ``pairs_gaps`` and ``pairs_factors``; where words are few, ``escape``.
        """
        with open_tables(path) as arrays:
            words, ngrams = (
                Trie(*(arrays[f"{name}_{part}"] for part in ("letters", "costs", "counts")))
                for name in ("words", "ngrams")
            )
            pairs = WordPairs(arrays["pairs_gaps"], arrays["pairs_factors"]) if "pairs_gaps" in arrays else None
            escape = float(arrays["escape"]) if "escape" in arrays else ESCAPE
        return cls(words, ngrams, pairs, escape)

    def end(self, state: State) -> float:
        """Log-probability that the word ends here, after what stands before it; 0 where there is no word."""
        if not state.word:
            return 0.0
        cost = self._letter(state, END)[0]
        return cost if self._pairs is None else cost + self._pairs.factor(state.previous, state.word)

    def closed(self, state: State) -> State:
        """The state behind a word that something else vouches for."""
        return replace(state, node=0, word="")

    def _step(self, state: State, character: str) -> tuple[float, State]:
        """Log-probability of ``character`` after a text that ends in ``state``, and the state behind it."""
        lower = character.lower()
        if character.isalpha() or combining(character) or self._continues(state, character):
            cost, node = self._letter(state, lower)
            capital_cost, capitals = _capitals(state, character)
            return cost + capital_cost, State(node, state.word + lower, state.previous, capitals, "a", False)
        ending = self.end(state)
        if character == " ":
            previous = state.word or state.previous
            last = "0 " if state.last[:1] == "0" and state.last[1:] in _IN_NUMBERS else ""
            return ending + _space(state.last), State(0, "", previous, -1, last, state.begins)
        if character.isdigit():
            return ending + _digit(state.last), State(0, "", "0", -1, "0", False)
        # An article before its apostrophe (l', d') tells more of what follows than the apostrophe alone.
        previous = state.word + character if character == "'" else character
        last, begins = state.last[:1] + character, state.begins or character in ".!?"
        return ending + _MARKS.get(character, OTHER_MARK), State(0, "", previous, -1, last, begins)

    def _continues(self, state: State, character: str) -> bool:
        """Whether a mark (the apostrophe of "don't") belongs to a word that the trie knows."""
        return bool(state.word) and state.node >= 0 and character in self._words.children(state.node)

    def _letter(self, state: State, lower: str) -> tuple[float, int]:
        if state.node >= 0:
            child = self._words.children(state.node).get(lower)
            if child is not None:
                return child[1], child[0]
            return self._escape + self._ngram(state.word[1 - NGRAM_ORDER :], lower), -1
        return self._ngram(state.word[1 - NGRAM_ORDER :], lower), -1

    def _ngram(self, tail: str, letter: str) -> float:
        """Stupid back-off (Brants et al., "Large Language Models in Machine Translation", EMNLP 2007)."""
        penalty = 0.0
        for start in range(len(tail) + 1):
            node = self._ngrams.find(tail[start:])
            if node is not None and (child := self._ngrams.children(node).get(letter)) is not None:
                return child[1] + penalty
            penalty += math.log(0.4)
        return UNKNOWN_LETTER


def _digit(last: str) -> float:
    """Cost of a digit behind what the text ends with."""
    if last == "0 ":
        return DIGIT_ACROSS_SPACE
    return DIGIT_IN_NUMBER if last[:1] == "0" else FIRST_DIGIT


def _space(last: str) -> float:
    """Cost of white space behind what the text ends with."""
    if last == "0":
        return SPACE_AFTER_DIGIT
    if last in _OPENING or (len(last) == 2 and last[0] == "a" and last[1] in _IN_WORDS):
        return SPACE_INSIDE
    return SPACE


def _capitals(state: State, character: str) -> tuple[float, int]:
    """Cost of a letter's case, and the capitals that the word then ends with."""
    capitals = state.capitals
    if not character.isupper():
        return (SMALL_AFTER_CAPITALS if capitals > 1 else 0.0), 0
    if capitals < 0:
        return (CAPITAL_AT_START if state.begins else CAPITAL_FIRST), 1
    if capitals == 0:
        return CAPITAL_INSIDE, 1
    return (CAPITAL_AFTER_CAPITAL if capitals > 1 else SECOND_CAPITAL), capitals + 1


# Marks that no white space follows: those that open, and those inside words. After those inside numbers there may be
# some (the end of a sentence), but then no digit: "10. 00" is "10.00".
_OPENING = frozenset("([#@_/")
_IN_NUMBERS = frozenset(".,:/-'")
_IN_WORDS = frozenset("-'_/@&")
_MARKS = {"'": APOSTROPHE, "-": HYPHEN, ".": STOP, ",": STOP}
