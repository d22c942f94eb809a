from __future__ import annotations

import numpy as np
import pytest

from unscrawl.reading import LineReading, Symbol
from unscrawl.recognition.opinions import is_clear_print, may_be_foreign


def reading(text: str, confidence: float) -> LineReading:
    return LineReading(tuple(Symbol(character, 0.0, 1.0, confidence) for character in text))


@pytest.mark.parametrize(
    ("hand", "base", "expected"),
    [
        (("T0TAL 72. 00", 0.80), ("TOTAL 72.00", 0.99), True),
        (("TOTAL 72.00", 0.98), ("TOTAL 72.00", 0.99), False),  # no surer
        (("Call Alice", 0.80), ("Coll Atice", 0.90), False),  # not sure
        (("Žluťoučký kůň", 0.80), ("Zlutoucky kun", 0.99), False),  # blind to accents
    ],
)
def test_which_reading_of_print_is_believed(hand: tuple[str, float], base: tuple[str, float], expected: bool) -> None:
    assert is_clear_print(reading(*hand), reading(*base)) is expected


def test_less_is_asked_among_print() -> None:
    hand, base = reading("T0TAL 72. 00", 0.90), reading("TOTAL 72.00", 0.91)
    assert not is_clear_print(hand, base)
    assert is_clear_print(hand, base, among_print=True)


@pytest.mark.parametrize(
    ("read", "known_share", "expected"),
    [
        (("All human beings", 0.99), 1.0, False),
        (("All hunan beings", 0.80), 0.8, False),  # misread, but words are known
        (("Uk vas Kowalski", 0.95), 0.1, False),  # unknown words, surely read
        (("HuLaMaHapA Kah", 0.86), 0.0, True),  # look-alikes
        (("All human beings", 0.60), 0.9, True),  # a guess
        ((",  '", 0.93), 1.0, True),  # too little for so long a line
    ],
)
def test_which_lines_are_looked_at(read: tuple[str, float], known_share: float, expected: bool) -> None:
    crop = np.zeros((30, 300, 3), np.uint8)
    assert may_be_foreign(reading(*read), known_share, crop) is expected
