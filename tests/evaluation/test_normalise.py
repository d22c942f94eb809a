from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unscrawl.evaluation import normalise


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(alphabet=" \t\u00a0\u2009\r\n\f\v\u2028ab-"))
def test_no_stray_blanks_are_left(text: str) -> None:
    once = normalise(text)
    assert all(line and line == line.strip() for line in once.split("\n")) or once == ""
    assert "  " not in once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e\u0301te\u0301", "été"),
        ("‘a’ ‚b‛ “c” „d‟", "'a' 'b' \"c\" \"d\""),
        ("a – b — c ‐ d ‑ e − f", "a - b - c - d - e - f"),
        ("10\u00a0000\u202f€", "10 000 €"),
        ("a \t  b", "a b"),
        ("def f():\r\n    pass\r\n\r\n\f", "def f():\npass"),
        ("a \n\n \n b", "a\nb"),
        ("", ""),
        (" \n\t", ""),
    ],
)
def test_what_is_not_an_error(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize("text", ["Été", "a , b", "« a »", "a\nb", "A.", "ß", "½", "…"])
def test_what_counts_is_kept(text: str) -> None:
    assert normalise(text) == text
