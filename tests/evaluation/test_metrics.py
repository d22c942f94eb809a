from __future__ import annotations

import jiwer
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unscrawl.evaluation import ErrorCount, character_errors, normalise, word_errors
from unscrawl.evaluation.metrics import total

# No line breaks: to jiwer's word error rate, they are part of a word.
_TEXTS = st.text(alphabet="abcéA ,.'-", max_size=40)


@given(_TEXTS, _TEXTS)
def test_agrees_with_jiwer(truth: str, reading: str) -> None:
    truth, reading = normalise(truth), normalise(reading)
    assume(truth)
    assert character_errors(truth, reading).rate == pytest.approx(jiwer.cer(truth, reading))
    assert word_errors(truth, reading).rate == pytest.approx(jiwer.wer(truth, reading))


@given(st.lists(st.tuples(_TEXTS.map(normalise).filter(bool), _TEXTS.map(normalise)), min_size=1, max_size=5))
def test_micro_average_agrees_with_jiwer(pairs: list[tuple[str, str]]) -> None:
    truths, readings = [truth for truth, _ in pairs], [reading for _, reading in pairs]
    assert total(character_errors(*pair) for pair in pairs).rate == pytest.approx(jiwer.cer(truths, readings))
    assert total(word_errors(*pair) for pair in pairs).rate == pytest.approx(jiwer.wer(truths, readings))


@given(st.text(), st.text())
def test_bounds(truth: str, reading: str) -> None:
    count = character_errors(truth, reading)
    assert 0 <= count.errors <= max(len(normalise(truth)), len(normalise(reading)))
    assert character_errors(truth, truth).errors == 0


def test_a_line_break_counts_as_a_character_and_ends_a_word() -> None:
    assert character_errors("a\nb", "a b") == ErrorCount(1, 3)
    assert word_errors("a\nb", "a b") == ErrorCount(0, 2)


def test_case_accents_and_punctuation_count() -> None:
    assert character_errors("Été.", "ete") == ErrorCount(3, 4)


def test_insertions_can_exceed_one() -> None:
    assert character_errors("a", "abcd").rate == 3.0


def test_empty_truth() -> None:
    assert character_errors("", "").rate == 0.0
    assert character_errors("", "noise").rate == 5.0
    assert word_errors("", "some noise").rate == 2.0
    assert total([]).rate == 0.0
