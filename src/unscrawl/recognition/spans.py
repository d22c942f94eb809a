"""Where along a line its characters lie, told from where the network saw them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from unscrawl.reading import Symbol
from unscrawl.recognition.lattice import Lattice

__all__ = ["place_symbols"]

# CTC marks a character by a spike somewhere in it: at the ends of a line, where no neighbour tells more, the character
# is taken to reach this far beyond it. 24 columns are half the line's height: as far as wide letters (m, W) reach.
EDGE_COLUMNS = 24


def place_symbols(lattice: Lattice, seen: Sequence[tuple[str, float, float]]) -> tuple[Symbol, ...]:
    """Give characters their spans.

    Neighbours meet in the middle between their spikes. White space has no ink: its own spike is not heeded, and the
    words beside it meet in the middle too, so that no stroke falls between their boxes.

    Args:
        lattice: The line.
        seen: (character, middle of its spike in frames, confidence), from left to right.
    """
    edge = EDGE_COLUMNS / lattice.columns_per_frame
    inked = [middle for text, middle, _ in seen if not text.isspace()]
    if not inked:
        return ()
    borders = [inked[0] - edge, *((a + b) / 2 for a, b in itertools.pairwise(inked)), inked[-1] + edge]
    scaled = [min(1.0, max(0.0, border / lattice.frames)) for border in borders]
    symbols, place = [], 0
    for text, _, confidence in seen:
        begin = scaled[place]
        if not text.isspace():
            place += 1
        symbols.append(Symbol(text, begin, scaled[place], min(1.0, confidence)))
    return tuple(symbols)
