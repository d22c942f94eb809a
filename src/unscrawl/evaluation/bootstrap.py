"""How far an error rate can be trusted: bootstrap intervals over writers or documents.

Lines of one writer are alike, so resampling lines would pretend to know more than the data tell. The cluster
bootstrap draws whole groups instead (percentile method; B. Efron, R. J. Tibshirani, *An Introduction to the
Bootstrap*, Chapman & Hall 1993, chapters 8 and 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from unscrawl.evaluation.metrics import ErrorCount, total

__all__ = ["Interval", "error_interval"]

LEVEL = 0.95
"""The usual level."""

RESAMPLES = 2000
"""Efron and Tibshirani ask for 1,000 or more for percentile intervals; twice that costs milliseconds."""

SEED = 20_261_122
"""Fixed, so that the same results print the same interval every time."""

_BLOCK = 2_000_000
"""Drawn numbers held at once: keeps the memory at 16 MB for sets of any size."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An error rate and its 95 % interval.

    Attributes:
        rate: The micro-averaged rate.
        low: Lower end.
        high: Upper end.
        unit: What was resampled: ``"groups"``, or ``"items"`` where all items are of one group.
        units: How many there were; below about ten, the interval is a rough guide only.
    """

    rate: float
    low: float
    high: float
    unit: Literal["groups", "items"]
    units: int


def error_interval(counts: Sequence[ErrorCount], groups: Sequence[str]) -> Interval:
    """The rate of ``counts`` with its interval.

    Args:
        counts: One an item.
        groups: The writer or document of each item, in the same order.

    Raises:
        ValueError: If the two differ in length.
    """
    if len(counts) != len(groups):
        raise ValueError(f"There are {len(counts)} counts and {len(groups)} groups.")
    if not counts:
        return Interval(0.0, 0.0, 0.0, "items", 0)
    clusters: dict[str, ErrorCount] = {}
    for count, group in zip(counts, groups, strict=True):
        clusters[group] = clusters.get(group, ErrorCount(0, 0)) + count
    by_group = len(clusters) > 1
    units = list(clusters.values()) if by_group else list(counts)
    rates = _resample(np.array([(unit.errors, unit.length) for unit in units], dtype=np.int64))
    tail = (1 - LEVEL) / 2 * 100
    low, high = np.percentile(rates, [tail, 100 - tail])
    return Interval(total(counts).rate, float(low), float(high), "groups" if by_group else "items", len(units))


def _resample(units: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rates of ``RESAMPLES`` draws with replacement from ``units``, of shape (n, 2): errors, length."""
    n = len(units)
    generator = np.random.default_rng(SEED)
    block = max(1, _BLOCK // n)
    rates = []
    for start in range(0, RESAMPLES, block):
        # How often each unit is drawn is multinomial: one matrix product instead of gathering.
        times = generator.multinomial(n, np.full(n, 1 / n), size=min(block, RESAMPLES - start))
        sums = times @ units
        rates.append(sums[:, 0] / np.maximum(sums[:, 1], 1))
    return np.concatenate(rates)
