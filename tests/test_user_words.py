"""``words`` and ``patterns``."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import unscrawl
from tests.pictures import HAND_FONT, NOTE, NOTE_TEXT, printed
from tests.test_recognition import reference_search, word_lattice
from unscrawl.exceptions import InvalidOption
from unscrawl.languages import Language
from unscrawl.options import ReadOptions
from unscrawl.recognition.beam import BeamSettings, search
from unscrawl.recognition.language_model import START, LanguagePrior, Prior, State
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.priors import LanguagePriors
from unscrawl.recognition.user_words import (
    EVEN,
    PATTERN_CHARACTER,
    PATTERNS_SHARE,
    WORDS_SHARE,
    UserPrior,
    with_user_words,
)

ENGLISH = LanguagePriors().of(Language.ENGLISH)
WORDS = ("Kowalski", "o'b", "b-1", "bo")
SPELLINGS = {"Kowalski", "KOWALSKI", "o'b", "O'b", "O'B", "b-1", "B-1", "bo", "Bo", "BO"}
PATTERNS = (r"[ab]{2}-?\d{2,3}", r"b\d")


def total(prior: Prior, text: str) -> float:
    """Log-probability of a text by the steps of a prior."""
    sum_, state = 0.0, prior.start
    for character in text:
        cost, state = prior.step(state, character)
        sum_ += cost
    return sum_ + prior.end(state)


class Reference:
    """The same by the definition: every word anew, all ways in which it may have come about, summed up."""

    def __init__(self, base: LanguagePrior | None, words: bool, patterns: bool) -> None:
        self.base = base
        self.spellings = SPELLINGS if words else set()
        self.patterns = PATTERNS if patterns else ()
        self.share = 1 - WORDS_SHARE * words - PATTERNS_SHARE * patterns

    def language(self, text: str, state: State) -> tuple[float, State]:
        if self.base is None:
            return math.exp(EVEN * len(text)), state
        sum_ = 0.0
        for character in text:
            cost, state = self.base.step(state, character)
            sum_ += cost
        return math.exp(sum_), state

    def lives(self, text: str) -> bool:
        return any(spelling.startswith(text) for spelling in self.spellings) or (
            " " not in text and any(regex.fullmatch(pattern, text, partial=True) for pattern in self.patterns)
        )

    def whole(self, text: str) -> float:
        """Probability that one of the user's words is this, or a match of a pattern."""
        likely = WORDS_SHARE / len(self.spellings) * (text in self.spellings) if self.spellings else 0.0
        if any(re.fullmatch(pattern, text) for pattern in self.patterns):
            likely += PATTERNS_SHARE * math.exp(PATTERN_CHARACTER * (len(text) + 1))
        return likely

    def word(self, text: str, state: State, *, last: bool) -> float:
        """Probability of a word and its marks up to where the user's words are left; of the last, that it ends."""
        likely, behind = self.language(text, state)
        likely *= self.share
        for place, mark in enumerate(text):
            if not mark.isalnum() and place > 0:
                _, before = self.language(text[:place], state)
                follows, _ = self.language(mark, replace(before, node=0, word=""))
                _, after = self.language(text[: place + 1], state)
                likely += self.whole(text[:place]) * follows * self.language(text[place + 1 :], after)[0]
        if last:
            return likely * (math.exp(self.base.end(behind)) if self.base else 1.0) + self.whole(text)
        for spelling in self.spellings:
            likely += WORDS_SHARE / len(self.spellings) * spelling.startswith(text)
        if " " not in text and any(regex.fullmatch(pattern, text, partial=True) for pattern in self.patterns):
            likely += PATTERNS_SHARE * math.exp(PATTERN_CHARACTER * len(text))
        return likely

    def total(self, text: str) -> float:
        sum_, begin, state, open_ = 0.0, 0, START, False
        while begin < len(text):
            end = begin + 1
            left = not self.lives(text[begin:end])
            if left and not text[begin].isalnum():  # no word begins here
                likely, state = self.language(text[begin:end], state)
                open_ = False
            else:
                while end < len(text) and (text[end - 1].isalnum() or not left):
                    end += 1
                    left = not self.lives(text[begin:end])
                open_ = text[end - 1].isalnum() or not left
                likely = self.word(text[begin:end], state, last=open_)
                _, state = self.language(text[begin:end], state)
            sum_, begin = sum_ + math.log(likely), end
        return sum_ if open_ or self.base is None else sum_ + self.base.end(state)


PIECES = st.sampled_from([*SPELLINGS, "Kow", "ab-12", "aa123", "b7", *"abo'-1 .7Kx"])


@given(
    st.lists(PIECES, max_size=8).map("".join),
    st.booleans(),
    st.sampled_from([(True, False), (False, True), (True, True)]),
)
@settings(deadline=None, max_examples=150)
def test_steps_add_up_to_the_mixture(text: str, with_base: bool, given_: tuple[bool, bool]) -> None:
    base = ENGLISH if with_base else None
    words, patterns = given_
    prior = UserPrior(base, WORDS if words else (), PATTERNS if patterns else ())
    assert total(prior, text) == pytest.approx(Reference(base, words, patterns).total(text), abs=1e-6)


@given(st.text(max_size=30))
@settings(deadline=None)
def test_costs_of_any_text_are_finite_and_cost_little_beside_the_language(text: str) -> None:
    assert ENGLISH is not None
    prior = UserPrior(ENGLISH, WORDS, PATTERNS)
    least = math.log(1 - WORDS_SHARE - PATTERNS_SHARE)  # what the others' shares take away, once a word
    assert math.isfinite(total(prior, text))
    assert total(prior, text) >= total(ENGLISH, text) + least * len(text) - 1e-6


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 5), st.just(4)), elements=st.floats(0.0625, 1, width=32)),
    st.sampled_from([("ab",), ("a", "bb"), ("b-a",)]),
    st.sampled_from([(), ("b+",)]),
)
@settings(deadline=None)
def test_beam_finds_what_picture_and_user_make_likeliest(
    weights: np.ndarray, words: Sequence[str], patterns: Sequence[str]
) -> None:
    probabilities = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    lattice = Lattice(probabilities, ("a", "b", "-"), float(len(weights)), 4)
    prior = with_user_words(None, words, patterns)
    assert prior is not None
    weighed = {
        text: math.log(likely) + BeamSettings().alpha * total(prior, text) + BeamSettings().beta * len(text)
        for text, likely in reference_search(lattice).items()
    }
    (found,) = search(lattice, prior, BeamSettings(width=500))
    assert weighed[found.text] == pytest.approx(max(weighed.values()), abs=1e-3)
    assert found.score == pytest.approx(weighed[found.text], abs=1e-3)


def test_without_words_the_prior_is_the_language_s_own() -> None:
    assert with_user_words(ENGLISH, (), ()) is ENGLISH
    assert with_user_words(None, (), ()) is None


@pytest.mark.parametrize("base", [ENGLISH, None])
@pytest.mark.parametrize(
    ("spelled", "rivals", "words", "patterns"),
    [
        ("Kowalski", {4: "o", 7: "l"}, ("kowalski",), ()),
        ("KOWALSKI", {4: "O"}, ("kowalski",), ()),
        ("(Kowalski)", {5: "o"}, ("Kowalski",), ()),
        ("O'Bryne-Hu", {1: "i", 4: "g", 7: "r"}, ("O'Bryne-Hu",), ()),
        ("INV-2026", {0: "l", 6: "Z"}, (), (r"INV-\d{4}",)),
        ("see XZ12.", {4: "x", 7: "Z"}, (), (r"[A-Z]{2}\d{2}",)),
        ("Müll", {1: "n"}, ("Mu\N{COMBINING DIAERESIS}ll",), ()),
    ],
)
def test_the_user_decides_between_letters_that_look_alike(
    base: LanguagePrior | None, spelled: str, rivals: dict[int, str], words: Sequence[str], patterns: Sequence[str]
) -> None:
    line = word_lattice(spelled, rivals)
    assert search(line, with_user_words(base, words, patterns), BeamSettings())[0].text == spelled
    others = with_user_words(base, ("Nowak", "Zieliński"), (r"\d\d:\d\d",))
    assert search(line, others, BeamSettings())[0].text == search(line, base, BeamSettings())[0].text


@pytest.mark.parametrize("mode", ["printed", "handwritten", "auto"])
def test_a_name_is_read_that_was_not(engine: unscrawl.OcrEngine, mode: str) -> None:
    name = printed(["Call Ioana at home"])  # in this font "I" and "l" are one stroke
    assert engine.recognize(name, mode=mode, language="en").text == "Call loana at home"
    assert engine.recognize(name, mode=mode, language="en", words=["Marek"]).text == "Call loana at home"
    assert engine.recognize(name, mode=mode, language="en", words=["Ioana"]).text == "Call Ioana at home"


def test_a_number_is_read_that_was_not(engine: unscrawl.OcrEngine) -> None:
    number = printed(["ID-4711"], font_file=HAND_FONT)
    before = engine.recognize(number, mode="handwritten", language="en").text
    assert before != "ID-4711"
    assert engine.recognize(number, mode="handwritten", language="en", patterns=[r"[A-Z]{2}-\d{4}"]).text == "ID-4711"


@pytest.mark.parametrize("mode", ["printed", "handwritten", "auto"])
def test_words_that_are_not_there_are_not_read(engine: unscrawl.OcrEngine, mode: str) -> None:
    names = ["Bob", "Milka", "Alison", "Casper", "Retting", "Goats", "Tusk"]
    assert engine.recognize(NOTE, mode=mode, words=names, patterns=[r"[A-Z]{2}\d{4}"]).text == NOTE_TEXT


def test_words_and_patterns_come_in_many_forms() -> None:
    wanted = ("Jan", "Kowalski", "O'Neil")
    assert ReadOptions(words=wanted).words == wanted
    for form in ("Jan Kowalski, O'Neil", "Jan\nKowalski\r\nO'Neil\n", ["Jan Kowalski", "O'Neil"]):
        assert ReadOptions(words=form) == ReadOptions(words=wanted)  # type: ignore[arg-type]
    patterns = (r"\d{1,3}", "[AB]+")
    assert ReadOptions(patterns=r"\d{1,3} [AB]+") == ReadOptions(patterns=patterns)  # type: ignore[arg-type]
    assert ReadOptions(patterns=list(patterns)).patterns == patterns  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"patterns": ("[A-Z",)}, r"'\[A-Z' is not a regular expression: unterminated"),
        ({"patterns": ("INV-\\d{4}", "*")}, "nothing to repeat"),
        ({"patterns": (1,)}, "patterns must be texts"),
        ({"words": 7}, "words must be texts"),
        ({"words": ("a", b"b")}, "words must be texts"),
    ],
)
def test_what_is_no_word_or_pattern_is_told(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidOption, match=told):
        ReadOptions(**wrong)  # type: ignore[arg-type]


def test_a_pattern_that_never_ends_is_told() -> None:
    endless = UserPrior(None, (), ("(a|aa)+b",))
    with pytest.raises(InvalidOption, match="takes too long"):
        total(endless, "a" * 80)


def test_many_words_are_one_tree() -> None:
    letters = "abcdefgh"
    words = tuple("".join(each) for each in itertools.product(letters, repeat=4))
    prior = UserPrior(None, words, ())
    assert total(prior, "abcd") == pytest.approx(
        math.log(WORDS_SHARE / 3 / 8**4 + (1 - WORDS_SHARE) * math.exp(4 * EVEN))
    )
