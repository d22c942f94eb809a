from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unscrawl.recognition.batching import BATCH_COLUMNS, MAX_WIDTH, bucket_width, plan_batches
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.lattice import Lattice

ALPHABET = ("a", "b", " ")


@given(st.integers(1, MAX_WIDTH))
def test_buckets_are_few_and_waste_little(width: int) -> None:
    padded = bucket_width(width)
    assert width <= padded <= max(64, width * 1.13 + 16)
    assert padded % 16 == 0
    assert bucket_width(padded) == padded


def test_there_are_few_buckets() -> None:
    assert len({bucket_width(width) for width in range(1, MAX_WIDTH + 1)}) < 50


@given(st.lists(st.integers(1, MAX_WIDTH), max_size=80))
def test_batches_hold_every_line_once_within_the_budget(widths: list[int]) -> None:
    batches = plan_batches(widths)
    assert sorted(index for _, indices in batches for index in indices) == list(range(len(widths)))
    for padded, indices in batches:
        assert len(indices) == 1 or padded * len(indices) <= BATCH_COLUMNS
        assert all(widths[index] <= padded for index in indices)


def lattice(best: list[int], certainty: float = 0.9) -> Lattice:
    """A lattice whose best symbols are these."""
    probabilities = np.full((len(best), len(ALPHABET) + 1), (1 - certainty) / len(ALPHABET), np.float32)
    probabilities[range(len(best)), best] = certainty
    return Lattice(probabilities, ALPHABET, float(len(best)))


@pytest.mark.parametrize(
    ("best", "text"),
    [([0, 0, 0], ""), ([1, 1, 0, 1, 2], "aab"), ([1, 3, 2], "a b"), ([2], "b"), ([0, 1, 1, 1, 0], "a")],
)
def test_repeats_merge_and_blanks_part(best: list[int], text: str) -> None:
    assert decode_greedily(lattice(best)).text == text


@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 40), st.just(4)),
        elements=st.floats(0.0099999997764825821, 1, width=32),
    ),
    st.floats(0.5, 1.0),
)
def test_spans_and_confidences_are_in_order_and_in_range(weights: np.ndarray, share: float) -> None:
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    reading = decode_greedily(Lattice(probabilities, ALPHABET, len(weights) * share))
    for symbol in reading.symbols:
        assert 0 <= symbol.start <= symbol.end <= 1
        assert 0 < symbol.confidence <= 1
    for one, two in zip(reading.symbols, reading.symbols[1:], strict=False):
        assert one.end <= two.start + 1e-9
    assert 0 <= reading.confidence <= 1
