"""CTC prefix beam search with a prior on words.

Graves, "Supervised Sequence Labelling with Recurrent Neural Networks", 2012, chapter 7; with a language model as in
Hannun et al., "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs",
2014. A prefix's rank is log p(prefix | picture) + alpha * log p(prefix | language) + beta * length.

The beam is kept for texts that can still win: one that falls ``MARGIN`` behind the best is dropped, and of those that
the language model cannot tell apart any more, and that end in the same symbol, only the best goes on, for what follows
is as likely after either. So the beam holds readings that differ in their last two words, not spellings of the first.
The others are remembered as its rivals: put in its place in the text that is best in the end, they give texts that
differ from it in their middle, for whoever knows more of language than the model does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from unscrawl.reading import LineReading
from unscrawl.recognition.language_model import Prior
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.spans import place_symbols

__all__ = ["BeamSettings", "Hypothesis", "search"]

# Symbols less likely than this are not followed, and of a frame no more than this many. Frames in which only the
# blank is left (most of them) cost next to nothing.
FLOOR = 1e-3
MOST_SYMBOLS = 8
# How far (in natural logarithms) a prefix may fall behind the best: as far as one symbol at ``FLOOR`` puts it back.
# 80 dev lines a set have the same error rates without any margin, in a third more time.
MARGIN = -math.log(FLOOR)

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
    """A node in the tree of texts under search; it knows its parent only, so that no cycle waits to be collected."""

    __slots__ = (
        "blank",
        "frame",
        "grown_blank",
        "grown_ink",
        "ink",
        "parent",
        "peak",
        "rivals",
        "score",
        "state",
        "symbol",
    )

    def __init__(self, parent: _Prefix | None, symbol: int, score: float, state: Any) -> None:
        self.parent, self.symbol, self.score, self.state = parent, symbol, score, state
        # Probabilities that all frames so far spell this prefix, by whether the last frame is a blank or its ink;
        # and the same while the next frame is worked on.
        self.blank = self.ink = self.grown_blank = self.grown_ink = 0.0
        # Where its last symbol was seen best.
        self.peak, self.frame = 0.0, 0
        # Prefixes that it was preferred to, though what follows is as likely after them.
        self.rivals: list[_Rival] = []


class _Rival(NamedTuple):
    """A prefix that lost to another, and what the picture and the language said of it, less what of the other."""

    prefix: _Prefix
    picture: float
    language: float


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
    """A text that a line may have.

    Attributes:
        text: The text.
        picture: Log-probability of the paths that spell it and were followed.
        language: What its language and length add, as weighed in the search.
    """

    text: str
    picture: float
    language: float
    _nodes: Sequence[_Prefix]
    _lattice: Lattice

    @property
    def score(self) -> float:
        """What the search ranks by: comparable between hypotheses of one line."""
        return self.picture + self.language

    def reading(self) -> LineReading:
        """The text with spans along the line and confidences.

        A character's confidence is the highest probability that the network gives it at its place.
        """
        alphabet = self._lattice.alphabet
        seen = [(alphabet[node.symbol - 1], node.frame + 0.5, node.peak) for node in self._nodes]
        symbols = place_symbols(self._lattice, seen)
        return LineReading(symbols, self._lattice.calibration)


class _Likely(NamedTuple):
    """A symbol that a frame may show: its number, its probability, and the log of it."""

    symbol: int
    probability: float
    log: float


def search(
    lattice: Lattice, model: Prior | None, settings: BeamSettings, most: int = 1, variants: int = 0
) -> list[Hypothesis]:
    """Find the most likely texts of a line.

    Args:
        lattice: What the network says.
        model: The language's prior; None for none (then the picture alone counts).
        settings: Weights and width.
        most: How many texts are wanted of those that are left in the end...
        variants: ... and how many that differ from the best of these in one part.

    Returns:
        The likeliest first, then its variants, likeliest first: at least one, at most ``most + variants``.
    """
    return _Search(lattice, model, settings).run(most, variants)


def _kept_symbols(lattice: Lattice) -> list[list[_Likely]]:
    """For every frame the symbols worth following, likeliest first, without the blank.

    None where only the blank is; where nothing is likely, what is likeliest.
    """
    probabilities = lattice.probabilities
    frames, symbols = np.nonzero(probabilities > FLOOR)
    likely = probabilities[frames, symbols]
    order = np.lexsort((-likely, frames))
    found: list[list[_Likely]] = [[] for _ in range(len(probabilities))]
    some = set(frames.tolist())
    for frame, symbol, probability, log in zip(
        frames[order].tolist(),
        symbols[order].tolist(),
        likely[order].tolist(),
        np.log(likely[order]).tolist(),
        strict=True,
    ):
        if symbol and len(found[frame]) < MOST_SYMBOLS:
            found[frame].append(_Likely(symbol, probability, log))
    for frame in set(range(len(probabilities))) - some:
        symbol = int(probabilities[frame].argmax())
        if symbol:
            probability = float(probabilities[frame, symbol])
            found[frame].append(_Likely(symbol, probability, math.log(probability)))
    return found


class _Search:
    def __init__(self, lattice: Lattice, model: Prior | None, settings: BeamSettings) -> None:
        self._lattice, self._model, self._settings = lattice, model, settings
        self._children: dict[tuple[_Prefix, int], _Prefix] = {}

    def run(self, most: int, variants: int) -> list[Hypothesis]:
        model, lattice = self._model, self._lattice
        root = _Prefix(None, 0, 0.0, None if model is None else model.start)
        root.blank = 1.0
        beam = [root]
        lost = 0.0  # log of what the prefixes' probabilities have been divided by, against underflow
        blanks = lattice.probabilities[:, 0].tolist()
        for frame, (blank, kept) in enumerate(zip(blanks, _kept_symbols(lattice), strict=True)):
            if not kept:
                for prefix in beam:
                    prefix.blank, prefix.ink = (prefix.blank + prefix.ink) * blank, 0.0
                continue
            beam = self._advance(beam, frame, blank, kept)
            largest = max(prefix.blank + prefix.ink for prefix in beam)
            lost += math.log(largest)
            for prefix in beam:
                prefix.blank /= largest
                prefix.ink /= largest
        if model is not None:
            for prefix in beam:
                prefix.score += self._settings.alpha * model.end(prefix.state)
        found = [
            self._hypothesis(_nodes(prefix), lost + _rank(prefix) - prefix.score, prefix.score)
            for prefix in sorted(beam, key=_rank, reverse=True)[:most]
        ]
        known = {hypothesis.text for hypothesis in found}
        for variant in self._variants(found[0]) if variants else ():
            if variant.text not in known and len(found) < most + variants:
                known.add(variant.text)
                found.append(variant)
        return found

    def _variants(self, best: Hypothesis) -> list[Hypothesis]:
        """What differs from the best in one part, likeliest first; some texts more than once."""
        variants = [
            self._hypothesis(
                [*_nodes(rival.prefix), *best._nodes[place:]],
                best.picture + rival.picture,
                best.language + rival.language,
            )
            for place, node in enumerate(best._nodes, start=1)
            for rival in node.rivals
        ]
        return sorted(variants, key=lambda variant: -variant.score)

    def _hypothesis(self, nodes: Sequence[_Prefix], picture: float, language: float) -> Hypothesis:
        text = "".join([self._lattice.alphabet[node.symbol - 1] for node in nodes])
        return Hypothesis(text, picture, language, nodes, self._lattice)

    def _advance(self, beam: list[_Prefix], frame: int, blank: float, kept: list[_Likely]) -> list[_Prefix]:
        """The beam behind a frame, best prefix first.

        Args:
            beam: The beam before it, best first; every prefix with some probability.
            frame: The frame's number.
            blank: Probability that it is blank.
            kept: What else it may be; something.
        """
        model, settings, alphabet = self._model, self._settings, self._lattice.alphabet
        staying = _stay(beam, frame, blank, kept)
        # What comes behind this is dropped in the end, so it is not even begun: far behind the best that stays or, once
        # the beam is full, behind all that stay.
        limit = max(staying, default=-math.inf) - MARGIN
        if len(staying) >= settings.width:
            limit = max(limit, min(staying))
        # Some prefix, staying or grown, will be about as good as this; it spares most questions to the model.
        likely_limit = max(limit, _rank(beam[0]) + kept[0].log - MARGIN)
        touched = dict.fromkeys(beam)
        for prefix in beam:
            rank = _rank(prefix)
            for symbol, probability, log in kept:
                if log + rank + (0.0 if model is None else settings.beta) < likely_limit:
                    break
                # A doubled letter needs a blank between.
                growing = prefix.blank if symbol == prefix.symbol else prefix.blank + prefix.ink
                if growing <= 0.0:
                    continue
                child = self._children.get((prefix, symbol))
                if child is None:
                    score, state = prefix.score, prefix.state
                    if model is not None:
                        cost, state = model.step(state, alphabet[symbol - 1])
                        gain = settings.alpha * cost + settings.beta
                        if log + rank + gain < limit:
                            continue
                        score += gain
                    child = self._children[prefix, symbol] = _Prefix(prefix, symbol, score, state)
                child.grown_ink += growing * probability
                if probability > child.peak:
                    child.peak, child.frame = probability, frame
                touched[child] = None
        for prefix in touched:
            prefix.blank, prefix.ink = prefix.grown_blank, prefix.grown_ink
            prefix.grown_blank = prefix.grown_ink = 0.0
        return _fittest(touched, model, settings.width)


def _stay(beam: list[_Prefix], frame: int, blank: float, kept: list[_Likely]) -> list[float]:
    """Let the prefixes stay as they are for a frame; the ranks of those that can."""
    probabilities = {likely.symbol: likely.probability for likely in kept}
    ranks = []
    for prefix in beam:
        prefix.grown_blank = (prefix.blank + prefix.ink) * blank
        again = probabilities.get(prefix.symbol, 0.0)
        prefix.grown_ink = prefix.ink * again
        if again > prefix.peak:
            prefix.peak, prefix.frame = again, frame
        both = prefix.grown_blank + prefix.grown_ink
        if both > 0.0:
            ranks.append(math.log(both) + prefix.score)
    return ranks


def _fittest(touched: Iterable[_Prefix], model: Prior | None, width: int) -> list[_Prefix]:
    """Those that go on, best first; the probability of the others is forgotten."""
    ranked = sorted(((_rank(prefix), prefix) for prefix in touched), key=itemgetter(0), reverse=True)
    least = ranked[0][0] - MARGIN
    going_on: list[_Prefix] = []
    ends: dict[Any, tuple[float, _Prefix]] = {}
    # Where there is room, all go on: one that is dropped may be grown again, but with less than all its probability.
    merging = model is not None and len(ranked) > width
    for rank, prefix in ranked:
        end = (prefix.symbol, prefix.state) if merging else prefix
        if rank >= least and rank > -math.inf and len(going_on) < width and end not in ends:
            ends[end] = rank, prefix
            going_on.append(prefix)
            continue
        prefix.blank = prefix.ink = 0.0
        if rank >= least and end in ends:
            better, winner = ends[end]
            language = prefix.score - winner.score
            winner.rivals.append(_Rival(prefix, rank - better - language, language))
    return going_on


def _rank(prefix: _Prefix) -> float:
    probability = prefix.blank + prefix.ink
    return math.log(probability) + prefix.score if probability > 0.0 else -math.inf


def _nodes(prefix: _Prefix) -> list[_Prefix]:
    """A prefix's symbols from left to right, each as the prefix that ends with it."""
    nodes = []
    node = prefix
    while node.parent is not None:
        nodes.append(node)
        node = node.parent
    nodes.reverse()
    return nodes
