"""CTC prefix beam search with a prior on words.

Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, chapter 7; with a language model as in
Hannun et al., "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs",
2014. A prefix's rank is log p(prefix | picture) + alpha * log p(prefix | language) + beta * length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from unscrawl.reading import LineReading, Symbol
from unscrawl.recognition.language_model import Prior
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.spans import place_symbols

__all__ = ["BeamSettings", "search"]

# Symbols less likely than this are not followed, and of a frame no more than this many. Frames in which only the
# blank is left (most of them) cost next to nothing.
FLOOR = 1e-3
MOST_SYMBOLS = 8


# The less sure the network is of a line, the more the language counts: its weight for a line that the network gives
# ``EASY_LINE`` or more, how it grows below, and the most it may be. Each unit of weight goes with a reward of
# ``REWARD`` a character, against the model's preference for short texts. Tuned on the dev lines (training/tune.py);
# up to a weight of 1.0 hard letters gain another half point, and receipts lose one.
LEAST_WEIGHT, MOST_WEIGHT, WEIGHT_GROWTH = 0.5, 0.7, 3.0
EASY_LINE = 0.9
REWARD = 2.0


@dataclass(frozen=True, slots=True)
class BeamSettings:
    """How to search.

    Attributes:
        alpha: Weight of the language model.
        width: How many prefixes are kept.
    """

    alpha: float = LEAST_WEIGHT
    width: int = 16

    @classmethod
    def for_line(cls, confidence: float) -> BeamSettings:
        """The settings for a line that the network, read greedily, is so sure of (0 to 1)."""
        return cls(min(MOST_WEIGHT, max(LEAST_WEIGHT, LEAST_WEIGHT + WEIGHT_GROWTH * (EASY_LINE - confidence))))

    @property
    def beta(self) -> float:
        """Reward of a character."""
        return REWARD * self.alpha


class _Prefix:
    """A node in the tree of texts under search."""

    __slots__ = (
        "blank",
        "children",
        "frame",
        "grown_blank",
        "grown_ink",
        "ink",
        "parent",
        "peak",
        "score",
        "state",
        "symbol",
    )

    def __init__(self, parent: _Prefix | None, symbol: int, score: float, state: Any) -> None:
        self.parent, self.symbol, self.score, self.state = parent, symbol, score, state
        self.children: dict[int, _Prefix] = {}
        # Probabilities that all frames so far spell this prefix, by whether the last frame is a blank or its ink;
        # and the same while the next frame is worked on.
        self.blank = self.ink = self.grown_blank = self.grown_ink = 0.0
        # Where its last symbol was seen best.
        self.peak, self.frame = 0.0, 0


def search(lattice: Lattice, model: Prior | None, settings: BeamSettings) -> LineReading:
    """Find the most likely text of a line.

    Args:
        lattice: What the network says.
        model: The language's prior; None for none (then the picture alone counts).
        settings: Weights and width.

    Returns:
        Characters with spans along the line and confidences: the highest probability that the network gives the
        character at its place.
    """
    root = _Prefix(None, 0, 0.0, None if model is None else model.start)
    root.blank = 1.0
    beam = [root]
    probabilities = lattice.probabilities
    lost = 0.0  # log of what the prefixes' probabilities have been divided by, against underflow
    for frame, kept in enumerate(_kept_symbols(lattice)):
        row = probabilities[frame]
        if kept == [0]:
            likely = float(row[0])
            for prefix in beam:
                prefix.blank, prefix.ink = (prefix.blank + prefix.ink) * likely, 0.0
            continue
        beam = _advance(beam, [(symbol, float(row[symbol])) for symbol in kept], frame, lattice, model, settings)
        largest = max(prefix.blank + prefix.ink for prefix in beam)
        lost += math.log(largest)
        for prefix in beam:
            prefix.blank /= largest
            prefix.ink /= largest
    for prefix in beam:
        if model is not None:
            prefix.score += settings.alpha * model.end(prefix.state)
    best = max(beam, key=lambda prefix: _rank(prefix.blank + prefix.ink, prefix.score))
    return LineReading(_place(best, lattice), lost + _rank(best.blank + best.ink, best.score), lattice.calibration)


def _kept_symbols(lattice: Lattice) -> list[list[int]]:
    """For every frame the symbols worth following; the best one always, the others by likelihood."""
    probabilities = lattice.probabilities
    kept: list[list[int]] = [[] for _ in range(len(probabilities))]
    frames, symbols = np.nonzero(probabilities > FLOOR)
    for frame, symbol in zip(frames.tolist(), symbols.tolist(), strict=True):
        kept[frame].append(symbol)
    for frame, found in enumerate(kept):
        if len(found) > MOST_SYMBOLS:
            row = probabilities[frame]
            found.sort(key=lambda symbol: -row[symbol])
            del found[MOST_SYMBOLS:]
        elif not found:
            found.append(int(probabilities[frame].argmax()))
    return kept


def _advance(
    beam: list[_Prefix],
    kept: list[tuple[int, float]],
    frame: int,
    lattice: Lattice,
    model: Prior | None,
    settings: BeamSettings,
) -> list[_Prefix]:
    touched: dict[int, _Prefix] = {}
    for prefix in beam:
        blank, ink = prefix.blank, prefix.ink
        both = blank + ink
        for symbol, likely in kept:
            if symbol == 0:
                prefix.grown_blank += both * likely
                touched[id(prefix)] = prefix
                continue
            growing = both
            if symbol == prefix.symbol:
                prefix.grown_ink += ink * likely
                touched[id(prefix)] = prefix
                if likely > prefix.peak:
                    prefix.peak, prefix.frame = likely, frame
                growing = blank  # a doubled letter needs a blank between
            if growing > 0.0:
                child = prefix.children.get(symbol)
                if child is None:
                    child = _extend(prefix, symbol, lattice, model, settings)
                child.grown_ink += growing * likely
                if likely > child.peak:
                    child.peak, child.frame = likely, frame
                touched[id(child)] = child
    for prefix in beam:
        prefix.blank = prefix.ink = 0.0
    for prefix in touched.values():
        prefix.blank, prefix.ink = prefix.grown_blank, prefix.grown_ink
        prefix.grown_blank = prefix.grown_ink = 0.0
    ranked = sorted(touched.values(), key=lambda prefix: -_rank(prefix.blank + prefix.ink, prefix.score))
    for prefix in ranked[settings.width :]:
        prefix.blank = prefix.ink = 0.0
    return ranked[: settings.width]


def _extend(prefix: _Prefix, symbol: int, lattice: Lattice, model: Prior | None, settings: BeamSettings) -> _Prefix:
    score, state = prefix.score, prefix.state
    if model is not None:
        cost, state = model.step(prefix.state, lattice.alphabet[symbol - 1])
        score += settings.alpha * cost + settings.beta
    child = prefix.children[symbol] = _Prefix(prefix, symbol, score, state)
    return child


def _rank(probability: float, score: float) -> float:
    return math.log(probability) + score if probability > 0.0 else -math.inf


def _place(prefix: _Prefix, lattice: Lattice) -> tuple[Symbol, ...]:
    found: list[tuple[int, int, float]] = []
    node: _Prefix | None = prefix
    while node is not None and node.parent is not None:
        found.append((node.symbol, node.frame, node.peak))
        node = node.parent
    found.reverse()
    seen = [(lattice.alphabet[symbol - 1], frame + 0.5, peak) for symbol, frame, peak in found]
    return place_symbols(lattice, seen)
