"""Whether confidences keep their word: of what is said to be right with 0.8, eight in ten should be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Levenshtein

__all__ = ["expected_calibration_error", "right_words"]


def right_words(truth: Sequence[str], reading: Sequence[str]) -> list[bool]:
    """Which of the words read are right, where the truth's and the reading's are aligned with the fewest edits.

    >>> right_words(["the", "black", "cat"], ["the", "block", "cat"])
    [True, False, True]
    """
    right = [False] * len(reading)
    for block in Levenshtein.opcodes(truth, reading):
        if block.tag == "equal":
            right[block.dest_start : block.dest_end] = [True] * (block.dest_end - block.dest_start)
    return right


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Mean distance between confidence and share of right ones, over bins of equal width, 0 to 1.

    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation 3.

    Args:
        confidences: 0 to 1, one a word.
        right: Whether each is right.
        bins: How many.

    Returns:
        0 where every bin keeps its word; 0 for no words.
    """
    if not confidences:
        return 0.0
    sure, hit = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.float64)
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(place, weights=sure - hit, minlength=bins)
    return float(np.abs(gaps).sum() / len(sure))
