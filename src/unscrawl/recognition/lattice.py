"""What a recogniser says about a line before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unscrawl.reading import Calibration

__all__ = ["Lattice"]


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Symbol probabilities along a line: the output of a CTC network.

    Attributes:
        probabilities: float32 (frames, symbols), rows sum to 1; symbol 0 is CTC's blank.
        alphabet: The characters of symbols 1, 2, ...
        frames: How many frames the picture of the line covers; fractional, at most ``len(probabilities)``: the rest
            is padding.
        columns_per_frame: How many columns of pixels, of a line 48 pixels high, a frame covers.
        calibration: What the network's confidences are worth.
    """

    probabilities: NDArray[np.float32]
    alphabet: tuple[str, ...]
    frames: float
    columns_per_frame: int
    calibration: Calibration = Calibration()
