"""Which words follow each other: counted in texts, and how much likelier that makes them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np

from unscrawl.recognition.language_model import LEAST_PAIR_LOG, LOG_STEP, START, LanguageModel, pair_key

__all__ = ["LEAST_COUNT", "PairCounts", "factors"]

# Absolute discounting (Ney, Essen and Kneser, 1994): what every pair met cedes to those not met.
DISCOUNT = 0.75
# Rarer pairs are not stored.
LEAST_COUNT = 4
# A word never met in the texts counts as this often.
UNSEEN_COUNT = 0.1
# What texts tell of pairs weighs more than what they tell of single words; tried on dev lines (EXPERIMENTS.md).
WEIGHT = 1.4
LARGEST_PAIR_LOG = 9.5


class PairCounts:
    """Counts pairs of words, split as a language model itself splits texts.

    Attributes:
        pairs: (previous word or mark, word) -> how often.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._steps: dict[str, list[tuple[bool, str]]] = {}
        self.pairs: Counter[tuple[str, str]] = Counter()

    def add(self, texts: Iterable[str], weight: int = 1) -> None:
        """Count texts; pairs do not cross from one to the next."""
        for text in texts:
            previous = ""
            for piece in text.split():
                steps = self._steps.get(piece)
                if steps is None:
                    steps = self._steps[piece] = self._step_through(piece)
                for is_word, met in steps:
                    if is_word:
                        self.pairs[previous, met] += weight
                    else:
                        previous = met

    def _step_through(self, piece: str) -> list[tuple[bool, str]]:
        """What the model meets in a piece of text: the words that end, and what then stands before the next."""
        state, steps = START, []
        for character in piece + " ":
            following = self._model.step(state, character)[1]
            if state.word and not following.word:
                steps.append((True, state.word))
            if not following.word and following.previous != state.previous:
                steps.append((False, following.previous))
            state = following
        return steps

    def words(self) -> Counter[str]:
        """Word -> how often."""
        found: Counter[str] = Counter()
        for (_, word), count in self.pairs.items():
            found[word] += count
        return found


def factors(counts: PairCounts) -> tuple[np.ndarray, np.ndarray]:
    """What ``unscrawl.recognition.language_model.WordPairs`` takes."""
    words = counts.words()
    total = words.total()
    met: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    for (previous, _), count in counts.pairs.items():
        met[previous] += count
        if count >= LEAST_COUNT:
            kept[previous] += count - DISCOUNT
    logs = {pair_key(previous, ""): math.log(1 - share / met[previous]) for previous, share in kept.items()}
    for (previous, word), count in counts.pairs.items():
        if count >= LEAST_COUNT:
            share = (count - DISCOUNT) / met[previous] * total / (words[word] + UNSEEN_COUNT)
            logs[pair_key(previous, word)] = math.log(share + 1 - kept[previous] / met[previous])
    stored = sorted(logs.items())
    weighed = np.clip(WEIGHT * np.array([log for _, log in stored]), LEAST_PAIR_LOG, LARGEST_PAIR_LOG)
    steps = np.round((weighed - LEAST_PAIR_LOG) / LOG_STEP).astype(np.uint8)
    return np.diff(np.array([key for key, _ in stored], np.uint32), prepend=np.uint32(0)), steps
