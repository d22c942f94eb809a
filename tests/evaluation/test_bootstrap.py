from __future__ import annotations

import numpy as np
import pytest

from unscrawl.evaluation import ErrorCount, error_interval

RNG = np.random.default_rng(5)


def test_the_same_every_time() -> None:
    counts = [ErrorCount(int(errors), 50) for errors in RNG.integers(0, 20, 30)]
    groups = [str(i % 6) for i in range(30)]
    assert error_interval(counts, groups) == error_interval(counts, groups)


def test_holds_the_rate() -> None:
    counts = [ErrorCount(int(errors), 50) for errors in RNG.integers(0, 20, 30)]
    interval = error_interval(counts, [str(i) for i in range(30)])
    assert interval.low < interval.rate < interval.high
    assert interval.rate == pytest.approx(sum(count.errors for count in counts) / 1500)
    assert (interval.unit, interval.units) == ("groups", 30)


def test_covers_the_true_rate_about_as_often_as_it_says() -> None:
    # Writers differ a lot, lines of one writer hardly: intervals over lines would miss far more often.
    rng = np.random.default_rng(7)
    true_rate, hits, hits_by_item, trials = 0.1, 0, 0, 100
    for _ in range(trials):
        rates = rng.beta(2, 18, size=25)
        counts = [ErrorCount(int(e), 100) for rate in rates for e in rng.binomial(100, rate, size=8)]
        by_writer = error_interval(counts, [str(i // 8) for i in range(200)])
        by_line = error_interval(counts, [str(i) for i in range(200)])
        hits += by_writer.low <= true_rate <= by_writer.high
        hits_by_item += by_line.low <= true_rate <= by_line.high
    # Percentile intervals of 25 clusters are known to be a little narrow; 100 trials have an error of 2.5 %.
    assert hits >= 85
    assert hits_by_item < hits - 20


def test_one_group_falls_back_to_items() -> None:
    counts = [ErrorCount(0, 10), ErrorCount(5, 10), ErrorCount(1, 10)]
    interval = error_interval(counts, ["me"] * 3)
    assert (interval.unit, interval.units) == ("items", 3)
    assert interval.low == 0.0
    assert interval.high == 0.5


def test_nothing_and_one() -> None:
    assert error_interval([], []).units == 0
    one = error_interval([ErrorCount(1, 4)], ["a"])
    assert (one.low, one.rate, one.high) == (0.25, 0.25, 0.25)


def test_empty_truths_do_not_divide_by_zero() -> None:
    interval = error_interval([ErrorCount(0, 0), ErrorCount(3, 0)], ["a", "b"])
    assert interval.rate == 3.0
    assert np.isfinite(interval.high)


def test_large_sets_stay_within_the_block() -> None:
    counts = [ErrorCount(1, 10)] * 5000
    interval = error_interval(counts, [str(i) for i in range(5000)])
    assert interval.low == interval.high == pytest.approx(0.1)


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="1 counts and 2 groups"):
        error_interval([ErrorCount(1, 1)], ["a", "b"])
