"""Letters that differ in a mark alone: what the network saw of one of them speaks a little for the others.

An accent, a dot or a tail is a few pixels, and of marks that are rare the network has seen few: it is often sure of a
letter without its mark, or with another. Which of them makes a word the language knows better, so it is let choose.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from unscrawl.recognition.lattice import Lattice

__all__ = ["with_other_marks"]

# How much of what speaks for a letter speaks for all that differ from it in one mark together (EXPERIMENTS.md).
OTHER_MARKS_SHARE = 0.1


def with_other_marks(lattice: Lattice, letters: frozenset[str], weight: float = 1.0) -> Lattice:
    """A lattice in which letters may have another mark, or one more or less.

    Args:
        lattice: What the network saw; letters without any probability may not be written, and get none.
        letters: The letters of a language, in lower case; others become none of them, nor are they others' variants.
        weight: How much of ``OTHER_MARKS_SHARE`` is added, 0 to 1.

    Returns:
        The lattice with so much added; its frames may sum to ``1 + OTHER_MARKS_SHARE``.
    """
    symbols, shares = _alike(lattice.alphabet, letters)
    if not len(symbols) or weight <= 0:
        return lattice
    seen = lattice.probabilities[:, symbols]
    probabilities = lattice.probabilities.copy()
    probabilities[:, symbols] += weight * (seen @ shares) * (seen.max(axis=0) > 0)
    return replace(lattice, probabilities=probabilities)


@lru_cache(maxsize=8)
def _alike(alphabet: tuple[str, ...], letters: frozenset[str]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The symbols of letters that have relatives, and what of each row's letter speaks for each column's."""
    written = [
        (symbol, *_shape_and_marks(letter))
        for symbol, letter in enumerate(alphabet, start=1)
        if letter.lower() in letters and letter.isalpha()
    ]
    related = np.array(
        [
            [shape == other and max(len(marks - others), len(others - marks)) == 1 for _, other, others in written]
            for _, shape, marks in written
        ],
        dtype=np.float32,
    ).reshape(len(written), len(written))
    some = related.any(axis=1)
    related = related[some][:, some]
    symbols = np.array([symbol for symbol, _, _ in written], dtype=np.intp)[some]
    return symbols, OTHER_MARKS_SHARE * related / related.sum(axis=1, keepdims=True)


def _shape_and_marks(letter: str) -> tuple[str, frozenset[str]]:
    """What a letter is without its marks, and these: of "ờ" o, the horn and the grave; of "ł" l and the stroke."""
    shape, *marks = list(unicodedata.normalize("NFD", letter))
    name, _, more = unicodedata.name(shape).partition(" WITH ")
    return name, frozenset([*marks, *filter(None, more.split(" AND "))])
