"""Which of several readings of a line fits all that the network said of it.

A line that is shown in several ways is seen several times, and a reading that only one look suggests is more often
wrong than one that the others make likely as well. So every look is asked how likely it holds each reading to be: the
sum over all of its paths that spell it (Graves et al., "Connectionist Temporal Classification", ICML 2006).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from unscrawl.recognition.beam import Hypothesis
from unscrawl.recognition.lattice import Lattice

__all__ = ["likelihoods", "vote"]

# What a look that cannot be spelled like a reading (too narrow for its letters, say) says of it: so little that the
# reading loses to any other, but less than infinity, for sums.
IMPOSSIBLE = -1e4
# Between how many frames the probabilities are scaled up again: less than 1e-300 are lost, and a frame seldom takes
# more than 1e-10.
RESCALE = 16


def vote(hypotheses: Iterable[Hypothesis], lattices: Sequence[Lattice]) -> list[tuple[Hypothesis, float]]:
    """What the looks at a line taken together, and the language, say of each text.

    The mean of the looks counts one half, the best of them the other: some look may be wrong for a hand.

    Args:
        hypotheses: What was found in any of the looks, with the same language and weights; at least one.
        lattices: The looks: what the network says of the line in each.

    Returns:
        Every text once, as where it was found likeliest, and its score.
    """
    best: dict[str, Hypothesis] = {}
    for hypothesis in hypotheses:
        known = best.get(hypothesis.text)
        if known is None or hypothesis.score > known.score:
            best[hypothesis.text] = hypothesis
    looks = np.maximum(likelihoods(lattices, list(best)), IMPOSSIBLE)
    scores = (looks.mean(axis=0) + looks.max(axis=0)) / 2
    return [(each, float(score) + each.language) for each, score in zip(best.values(), scores, strict=True)]


def likelihoods(lattices: Sequence[Lattice], texts: Sequence[str]) -> NDArray[np.float64]:
    """How likely texts are, by the pictures alone.

    All texts go through all lattices side by side: the loop over frames costs the same for one as for nine.

    Args:
        lattices: With one alphabet, which has all characters of the texts.
        texts: One or more.

    Returns:
        float64 (lattices, texts): log-probabilities; minus infinity where a lattice has too few frames for a text.
    """
    numbers = _numbers(lattices[0].alphabet)
    # Every text with blanks around its symbols, padded with blanks.
    states = np.zeros((len(texts), 2 * max(map(len, texts)) + 1), dtype=np.intp)
    for row, text in enumerate(texts):
        states[row, 1 : 2 * len(text) : 2] = [numbers[character] for character in text]
    # The blank between two symbols may be left out unless they are equal.
    may_skip = np.zeros(states.shape)
    may_skip[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    # What stands behind a text's end is never asked, so the padding may be worked on like anything else; behind its
    # last frame a lattice shows blanks.
    shape = (max(len(lattice.probabilities) for lattice in lattices), len(lattices), *states.shape)
    emitted = np.zeros(shape)
    emitted[:, :, :, ::2] = 1.0
    for place, lattice in enumerate(lattices):
        emitted[: len(lattice.probabilities), place] = lattice.probabilities[:, states]
    # Two columns of zeros in front, for what comes from before the first state.
    reached = np.zeros((*shape[1:-1], shape[-1] + 2))
    reached[..., 2:4] = emitted[0, ..., :2]
    scaled = np.zeros((*shape[1:-1], 1))
    for frame in range(1, len(emitted)):
        grown = reached[..., 2:] + reached[..., 1:-1]
        grown += may_skip * reached[..., :-2]
        grown *= emitted[frame]
        reached[..., 2:] = grown
        if frame % RESCALE == 0:
            largest = reached.max(axis=-1, keepdims=True)
            largest[largest <= 0.0] = 1.0
            reached /= largest
            scaled += np.log(largest)
    rows, ends = np.arange(len(texts)), np.array([2 * len(text) for text in texts])
    # In the last symbol or in the blank behind it; an empty text has but the blank, and a column of zeros before it.
    total = reached[:, rows, ends + 2] + reached[:, rows, ends + 1]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(total) + scaled[..., 0])


@lru_cache(maxsize=4)
def _numbers(alphabet: tuple[str, ...]) -> dict[str, int]:
    return {character: symbol for symbol, character in enumerate(alphabet, start=1)}
