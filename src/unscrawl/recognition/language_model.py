"""What words a language has: a prior on the letters of a word, for the beam search.

The model is a trie of the language's frequent words, each edge with the probability of its letter given all letters
of the word before, and below it an n-gram of letters for words that the trie does not know. It knows nothing of
case: letters are looked up in lower case. A word that leaves the trie pays ``ESCAPE`` once and goes on with n-grams.

Files are made by ``training/language_models.py``; the layout is described at ``read_trie``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["NGRAM_ORDER", "START", "LanguageModel", "State", "Trie"]

NGRAM_ORDER = 4
END = "\0"
"""Stands for the end of a word in both tries."""

# Steps of the stored log-probabilities (natural logarithm); 255 of them reach exp(-15.9).
LOG_STEP = 1 / 16

# A page meets some ten thousand steps; what is remembered beyond that only takes memory.
MOST_CACHED = 40_000

# Costs that the tries do not hold, as log-probabilities; tried one by one on dev lines (training/EXPERIMENTS.md).
ESCAPE = math.log(0.02)
UNKNOWN_LETTER = math.log(1e-4)
SPACE = math.log(0.9)
APOSTROPHE = math.log(0.08)
HYPHEN = math.log(0.06)
STOP = math.log(0.015)
OTHER_MARK = math.log(0.03)
FIRST_DIGIT = math.log(0.06)
DIGIT_AFTER_DIGIT = math.log(0.3)
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
        tail: The word's last letters, at most ``NGRAM_ORDER - 1``, in lower case.
        capitals: How many capitals the word has ended with so far; -1 before its first letter.
        digit: Whether the text ends with a digit.
        begins: Whether a sentence, or the line, begins here.
    """

    node: int
    tail: str
    capitals: int
    digit: bool
    begins: bool


START = State(0, "", -1, False, True)


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
        # Nodes are unpacked when they are first met; a line meets a few hundred of them.
        self._unpacked: dict[int, dict[str, tuple[int, float]]] = {}

    def children(self, node: int) -> dict[str, tuple[int, float]]:
        """Letter -> (child node, log-probability)."""
        found = self._unpacked.get(node)
        if found is None:
            begin, end = int(self._first[node]), int(self._first[node + 1])
            found = {
                chr(letter): (begin + place + 1, -cost * LOG_STEP)
                for place, (letter, cost) in enumerate(
                    zip(self._letters[begin:end].tolist(), self._costs[begin:end].tolist(), strict=True)
                )
            }
            if len(self._unpacked) >= MOST_CACHED:
                self._unpacked.clear()
            self._unpacked[node] = found
        return found


class LanguageModel:
    """The prior of one language; only caches change after construction, so threads may share it.

    Args:
        words: Probabilities of letters given the word so far.
        ngrams: Probabilities of letters given the last ``NGRAM_ORDER - 1`` of the word; a word's start is
            the empty tail.
    """

    def __init__(self, words: Trie, ngrams: Trie) -> None:
        self._words, self._ngrams = words, ngrams
        self._steps: dict[tuple[State, str], tuple[float, State]] = {}

    @classmethod
    def load(cls, path: Path) -> LanguageModel:
        """Read a ``.npz`` file with ``words_letters``, ``words_costs``, ``words_counts`` and the same of ``ngrams``."""
        with np.load(path) as arrays:
            tries = [
                Trie(*(arrays[f"{name}_{part}"] for part in ("letters", "costs", "counts")))
                for name in ("words", "ngrams")
            ]
        return cls(*tries)

    def step(self, state: State, character: str) -> tuple[float, State]:
        """Log-probability of ``character`` after a text that ends in ``state``, and the state behind it."""
        key = (state, character)
        found = self._steps.get(key)
        if found is None:
            if len(self._steps) >= MOST_CACHED:
                self._steps.clear()
            found = self._steps[key] = self._step(state, character)
        return found

    def _step(self, state: State, character: str) -> tuple[float, State]:
        lower = character.lower()
        if character.isalpha() or self._continues(state, character):
            cost, node = self._letter(state, lower)
            capital_cost, capitals = _capitals(state, character)
            return cost + capital_cost, State(node, (state.tail + lower)[1 - NGRAM_ORDER :], capitals, False, False)
        ending = self._end(state)
        if character == " ":
            return ending + SPACE, State(0, "", -1, False, state.begins)
        if character.isdigit():
            return ending + (DIGIT_AFTER_DIGIT if state.digit else FIRST_DIGIT), State(0, "", -1, True, False)
        return ending + _MARKS.get(character, OTHER_MARK), State(0, "", -1, False, state.begins or character in ".!?")

    def _continues(self, state: State, character: str) -> bool:
        """Whether a mark (the apostrophe of "don't") belongs to a word that the trie knows."""
        return bool(state.tail) and state.node >= 0 and character in self._words.children(state.node)

    def _letter(self, state: State, lower: str) -> tuple[float, int]:
        if state.node >= 0:
            child = self._words.children(state.node).get(lower)
            if child is not None:
                return child[1], child[0]
            return ESCAPE + self._ngram(state.tail, lower), -1
        return self._ngram(state.tail, lower), -1

    def _end(self, state: State) -> float:
        """Log-probability that the word ends here; 0 where there is no word."""
        if not state.tail:
            return 0.0
        return self._letter(state, END)[0]

    def _ngram(self, tail: str, letter: str) -> float:
        """Stupid back-off (Brants et al., "Large Language Models in Machine Translation", EMNLP 2007)."""
        penalty = 0.0
        for start in range(len(tail) + 1):
            node = 0
            for each in tail[start:]:
                child = self._ngrams.children(node).get(each)
                if child is None:
                    node = -1
                    break
                node = child[0]
            if node >= 0 and (child := self._ngrams.children(node).get(letter)) is not None:
                return child[1] + penalty
            penalty += math.log(0.4)
        return UNKNOWN_LETTER


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


_MARKS = {"'": APOSTROPHE, "-": HYPHEN, ".": STOP, ",": STOP}
