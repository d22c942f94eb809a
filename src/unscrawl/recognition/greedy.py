"""Greedy CTC decoding: the best symbol of every frame, repeats merged, blanks dropped.

Graves et al., "Connectionist Temporal Classification", ICML 2006.
"""

from __future__ import annotations

import numpy as np

from unscrawl.reading import LineReading
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.spans import place_symbols

__all__ = ["decode_greedily"]


def decode_greedily(lattice: Lattice) -> LineReading:
    """Decode a line without any knowledge of language.

    A character's confidence is the highest probability in its run of frames.
    """
    best = lattice.probabilities.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    ends = np.append(starts[1:], len(best))
    seen = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        symbol = int(best[start])
        if symbol:
            confidence = float(lattice.probabilities[start:end, symbol].max())
            seen.append((lattice.alphabet[symbol - 1], (start + end) / 2, confidence))
    return LineReading(place_symbols(lattice, seen), calibration=lattice.calibration)
