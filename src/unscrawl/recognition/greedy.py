"""Greedy CTC decoding: the best symbol of every frame, repeats merged, blanks dropped.

Graves et al., "Connectionist Temporal Classification", ICML 2006.
"""

from __future__ import annotations

import numpy as np

from unscrawl.recognition.lattice import Lattice, LineReading, Symbol

__all__ = ["decode_greedily"]

# A spike stands somewhere in its character: at the ends of a line, where no neighbour tells more, the character is
# taken to reach this many frames beyond it (2 frames are 16 of the 48 pixels of the line's height).
EDGE_FRAMES = 2.0


def decode_greedily(lattice: Lattice) -> LineReading:
    """Decode a line without any knowledge of language.

    A character's confidence is the highest probability in its run of frames; its span is that run, widened to
    the middle between neighbours where blanks lie between.
    """
    best = lattice.probabilities.argmax(axis=1)
    if not best.any():
        return LineReading(())
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    ends = np.append(starts[1:], len(best))
    inked = best[starts] != 0
    starts, ends = starts[inked], ends[inked]
    # Frames with the blank between two characters belong half to each: CTC's spikes are narrower than the ink.
    middles = (ends[:-1] + starts[1:]) / 2
    lefts = np.concatenate([[max(0.0, starts[0] - EDGE_FRAMES)], middles]) / lattice.frames
    rights = np.concatenate([middles, [ends[-1] + EDGE_FRAMES]]) / lattice.frames
    symbols = []
    for start, end, left, right in zip(starts, ends, lefts, rights, strict=True):
        symbol = int(best[start])
        confidence = float(lattice.probabilities[start:end, symbol].max())
        symbols.append(
            Symbol(
                lattice.alphabet[symbol - 1],
                min(1.0, float(left)),
                min(1.0, float(right)),
                min(1.0, confidence),
            )
        )
    return LineReading(tuple(symbols))
