"""``allow`` and ``deny``."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import unscrawl
from tests.pictures import NOTE, printed
from unscrawl.exceptions import InvalidOption
from unscrawl.languages import Script
from unscrawl.recognition.beam import BeamSettings, search
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.permitted import Permitted

ALPHABET = ("a", "b", "é", "，", " ")
MODES = ("printed", "handwritten", "auto")


def lattice(*rows: list[float]) -> Lattice:
    return Lattice(np.array(rows, np.float32), ALPHABET, float(len(rows)), 8)


#                blank  a     b     é     ，    space
LINE = lattice(
    [0.02, 0.70, 0.20, 0.05, 0.02, 0.01],
    [0.95, 0.01, 0.01, 0.01, 0.01, 0.01],
    [0.05, 0.05, 0.10, 0.05, 0.05, 0.70],
    [0.10, 0.05, 0.05, 0.70, 0.08, 0.02],
    [0.10, 0.05, 0.03, 0.02, 0.70, 0.10],
)


@pytest.mark.parametrize(
    ("allow", "deny", "text"),
    [
        (None, None, "a é，"),
        ("abé，", None, "a é，"),
        ("b", None, "b "),  # a blank is likelier than "b" in the other frames
        (None, "a", "b é，"),
        (None, ",", "a é"),  # the comma in full width is written as one
        ("ab", "a", "b "),
        ("ae\N{COMBINING ACUTE ACCENT}", " ", "aé"),
    ],
)
def test_the_next_best_that_may_be_written_is_read(allow: str | None, deny: str | None, text: str) -> None:
    permitted = Permitted(allow, deny)(LINE)
    assert decode_greedily(permitted).text == text
    assert search(permitted, None, BeamSettings())[0].text == text


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 20), st.just(6)), elements=st.floats(0, 1, width=32)),
    st.sets(st.sampled_from("abé，"), min_size=1),
    st.sets(st.sampled_from("abé， ")),
)
def test_frames_sum_to_one_and_hold_nothing_else(weights: np.ndarray, allow: set[str], deny: set[str]) -> None:
    if allow <= deny:
        return
    weights[:, 0] += weights.sum(axis=1) == 0
    line = Lattice(weights / weights.sum(axis=1, keepdims=True), ALPHABET, float(len(weights)), 8)
    found = Permitted("".join(sorted(allow)), "".join(sorted(deny)))(line).probabilities
    assert found.sum(axis=1) == pytest.approx(np.ones(len(weights)), abs=1e-5)
    for symbol, character in enumerate(ALPHABET, start=1):
        if character in deny or character not in allow | {" "}:
            assert not found[:, symbol].any()


def test_without_either_nothing_is_copied() -> None:
    assert Permitted(None, None)(LINE) is LINE


def test_letters_of_other_scripts_may_be_left_out() -> None:
    # A Latin and a Cyrillic letter that look alike, a digit, and an accent that stands on letters of any script.
    alphabet = ("p", "р", "4", "\N{COMBINING ACUTE ACCENT}")
    line = Lattice(
        np.array([[0.1, 0.3, 0.4, 0.1, 0.1], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]], np.float32), alphabet, 3.0, 8
    )
    for script, text in ((None, "р4\u0301"), (Script.LATIN, "p4\u0301"), (Script.CYRILLIC, "р4\u0301")):
        assert decode_greedily(Permitted(None, None, script)(line)).text == text


@pytest.mark.parametrize(("allow", "deny"), [("xyz", None), ("a", "a"), (None, "abé，")])
def test_nothing_left_to_write_is_told(allow: str | None, deny: str | None) -> None:
    with pytest.raises(InvalidOption, match="nothing can be written"):
        Permitted(allow, deny)(LINE)


@pytest.mark.parametrize("allow", ["", " ", 5])
def test_allow_names_a_character(allow: str) -> None:
    with pytest.raises(InvalidOption, match="allow"):
        unscrawl.ReadOptions(allow=allow)


@pytest.mark.parametrize("mode", MODES)
def test_a_field_of_digits_holds_digits(engine: unscrawl.OcrEngine, mode: str) -> None:
    field = printed(["2O26 lO1"], margin=8)
    assert engine.recognize(field, mode=mode, allow="0123456789", single_line=True).text == "2026 101"


def test_a_page_of_which_only_digits_are_wanted(engine: unscrawl.OcrEngine) -> None:
    found = engine.recognize(NOTE, allow="0123456789").text
    assert set(found) <= set("0123456789 \n") and {"5", "1"} <= set(found)


@pytest.mark.parametrize("mode", MODES)
def test_what_is_denied_is_not_read(engine: unscrawl.OcrEngine, mode: str) -> None:
    field = printed(["Bill paid"], margin=8)
    assert engine.recognize(field, mode=mode, single_line=True).text == "Bill paid"
    other = engine.recognize(field, mode=mode, deny="Bd", single_line=True).text
    assert not set(other) & set("Bd") and "ill" in other


def test_letters_that_hand_does_not_know_are_left_to_the_base(engine: unscrawl.OcrEngine) -> None:
    line = printed(["readable"], margin=8)
    with pytest.raises(InvalidOption, match="printed"):
        engine.recognize(line, allow="中文", single_line=True)
    assert engine.recognize(line, allow="中文", mode="printed", single_line=True).text == ""
