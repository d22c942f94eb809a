from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unscrawl.evaluation.calibration import expected_calibration_error, right_words
from unscrawl.reading import Calibration, LineReading, Symbol


def test_honest_confidences_have_no_error_and_boasts_have() -> None:
    rng = random.Random(3)
    sure = [rng.random() for _ in range(20_000)]
    honest = [rng.random() < x for x in sure]
    assert expected_calibration_error(sure, honest) < 0.02
    assert expected_calibration_error([1.0] * 10, [True] * 6 + [False] * 4) == pytest.approx(0.4)
    assert expected_calibration_error([], []) == 0.0


def test_words_are_aligned_before_they_are_judged() -> None:
    assert right_words(["a", "small", "black", "cat"], ["a", "blaok", "cat"]) == [True, False, True]
    assert right_words([], ["x"]) == [False]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 3), st.floats(-3, 3))
def test_calibration_keeps_the_order(a: float, b: float, slope: float, offset: float) -> None:
    calibration = Calibration(slope, offset)
    low, high = sorted((a, b))
    assert 0.0 <= calibration(low) <= calibration(high) <= 1.0


def test_without_a_fit_confidences_stay() -> None:
    reading = LineReading((Symbol("a", 0, 1, 0.25),))
    assert reading.calibrated[0].confidence == pytest.approx(0.25)
