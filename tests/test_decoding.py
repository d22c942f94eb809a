"""Voting among looks at a line, and which lines get how much work."""

from __future__ import annotations

import math
from dataclasses import replace
from operator import itemgetter

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.pictures import HAND_FONT, printed
from tests.test_recognition import lattice, reference_search, word_lattice
from unscrawl.evaluation import character_errors
from unscrawl.evaluation.metrics import total
from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import Once
from unscrawl.languages import Language
from unscrawl.options import ReadOptions
from unscrawl.recognition.beam import BeamSettings, Hypothesis, search
from unscrawl.recognition.decoding import SURE, UNSURE, HandDecoder
from unscrawl.recognition.identify import LanguageGuesser
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.priors import LANGUAGE_FOLDER, LanguagePriors
from unscrawl.recognition.recogniser import hand_recogniser
from unscrawl.recognition.voting import likelihoods, vote

PRIORS = LanguagePriors()
FRENCH = ["je ne sais pas encore", "si nous pourrons venir", "chez vous ce dimanche", "mais nous le voudrions"]
LOJBAN = [
    "coi rodo mi'e la alis",
    "lo prenu cu tavla fi lo cukta",
    "mi nelci lo nu tcidu lo xatra",
    "ko klama lo zarci",
]
DETAILS = (0.20, 0.22, 0.24)


@pytest.fixture(scope="module")
def decoder() -> HandDecoder:
    guesser = Once(lambda: LanguageGuesser.load(LANGUAGE_FOLDER / "frequent.json.gz"))
    return HandDecoder(Once(lambda: hand_recogniser(1)), guesser, PRIORS)


def rows(frames: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float32, st.just((frames, 4)), elements=st.floats(0.0625, 1, width=32))


@given(st.integers(1, 5).flatmap(rows), st.integers(1, 5).flatmap(rows))
@settings(deadline=None)
def test_a_texts_likelihood_is_the_sum_over_all_paths(one: np.ndarray, two: np.ndarray) -> None:
    lattices = [
        Lattice(each / each.sum(axis=1, keepdims=True), tuple("abc"), float(len(each)), 4) for each in (one, two)
    ]
    totals = [reference_search(each) for each in lattices]
    texts = sorted({text for expected in totals for text in expected})
    found = np.exp(likelihoods(lattices, texts))
    for place, expected in enumerate(totals):
        assert found[place] == pytest.approx([expected.get(text, 0.0) for text in texts], rel=1e-5, abs=1e-12)


def test_long_lines_do_not_underflow() -> None:
    long = lattice([0, 1, 0, 2] * 400, certainty=0.4)
    (found,) = likelihoods([long], ["ab" * 400])[0]
    assert math.isfinite(found)
    assert found < -200


def hypothesis(text: str, picture: float, language: float = 0.0) -> Hypothesis:
    (found,) = search(word_lattice(text, {}), None, BeamSettings())
    return replace(found, picture=picture, language=language)


def elected(hypotheses: list[Hypothesis], looks: list[Lattice]) -> Hypothesis:
    return max(vote(hypotheses, looks), key=itemgetter(1))[0]


def test_two_looks_outvote_a_third_that_is_surer_of_its_own() -> None:
    letters = tuple("abcehnosu")

    def look(third: str, certainty: float) -> Lattice:
        probabilities = np.full((10, len(letters) + 1), 1e-4)
        probabilities[1::2, 0] = 1.0
        for place, letter in enumerate("house"):
            probabilities[2 * place, 1 + letters.index(letter)] = 1.0
        probabilities[4] = 1e-4
        for letter, likely in ((third, certainty), ("n" if third == "u" else "u", 1 - certainty)):
            probabilities[4, 1 + letters.index(letter)] = likely
        return Lattice((probabilities / probabilities.sum(axis=1, keepdims=True)).astype(np.float32), letters, 10.0, 4)

    looks = [look("n", 0.9), look("u", 0.85), look("u", 0.85)]
    honse, house, again = hypothesis("honse", -0.1), hypothesis("house", -0.2), hypothesis("house", -0.15)
    assert elected([honse, house, again], looks) is again
    assert elected([honse], looks[:1]) is honse
    # Where the looks are of two minds, the language decides.
    looks = [look("n", 0.55), look("u", 0.54)]
    assert elected([honse, house], looks) is honse
    likely = hypothesis("house", -0.2, language=-1.0)
    assert elected([hypothesis("honse", -0.1, language=-9.0), likely], looks) is likely


def test_what_makes_sense_is_chosen_where_the_text_network_knows_the_language(decoder: HandDecoder) -> None:
    two = [hypothesis("and he were at his house", -1.0), hypothesis("and he was at his house", -1.1)]
    line = [(each, each.score) for each in two]
    assert [each.text for each in decoder._choose([line, line], [0.5, 0.5], ["", ""])] == [two[1].text] * 2
    assert [each.text for each in decoder._choose([line, line], [0.0, 0.5], ["", ""])] == [two[0].text, two[1].text]
    assert decoder._makes_sense_of(Language.ENGLISH, ReadOptions())
    assert not decoder._makes_sense_of(Language.POLISH, ReadOptions())
    assert not decoder._makes_sense_of(Language.ENGLISH, ReadOptions(words=("Grzegorz",)))


def test_the_line_before_tells_what_makes_sense(decoder: HandDecoder) -> None:
    line = [(hypothesis(text, -1.0), -1.0) for text in ("is very ill", "am very ill")]
    chosen = decoder._choose([line, line], [0.5, 0.5], ["My brother", "You know that I"])
    assert [each.text for each in chosen] == ["is very ill", "am very ill"]
    # A divided word goes on.
    line = [(hypothesis(text, -1.0), -1.0) for text in ("ing for you", "long for you")]
    chosen = decoder._choose([line, line], [0.5, 0.5], ["they are wait-", "they are waiting so"])
    assert [each.text for each in chosen] == ["ing for you", "long for you"]


class OnlyTheEndCounts:
    """A prior that remembers one character, and likes texts that end in "b"."""

    start = ""

    def step(self, state: str, character: str) -> tuple[float, str]:
        return 0.0, character

    def end(self, state: str) -> float:
        return 0.0 if state == "b" else -20.0


def test_the_beam_is_not_spent_on_ways_to_spell_the_beginning() -> None:
    # 64 beginnings are nearly as likely as each other; what the prior knows comes last, and looks worse until then.
    probabilities = np.zeros((14, 5), np.float32)
    probabilities[1::2, 0] = 1.0
    probabilities[0:12:2, 1:3] = 0.51, 0.49
    probabilities[12, 3:] = 0.2, 0.8
    line = Lattice(probabilities, tuple("acbd"), 14.0, 4)
    best, *variants = search(line, OnlyTheEndCounts(), BeamSettings(width=8), variants=20)
    assert best.text == "aaaaaab"
    # They come back as variants of the best, each with what it is worth.
    once_otherwise = {"caaaaab", "acaaaab", "aacaaab", "aaacaab", "aaaacab", "aaaaacb"}
    assert once_otherwise & {variant.text for variant in variants}
    for variant in variants:
        others = sum(one != other for one, other in zip(variant.text, best.text, strict=True))
        assert others > 0
        assert variant.score - best.score == pytest.approx(others * math.log(0.49 / 0.51), abs=1e-3)
        assert [symbol.text for symbol in variant.reading().symbols] == list(variant.text)
    assert len({each.text for each in (best, *variants)}) == 1 + len(variants) <= 21


def drawn(text: str, *, detail: float = 1.0) -> Pixels:
    """A line in a hand; with a ``detail`` below 1 so coarse that it is hard to read."""
    page = printed([text], size=44, font_file=HAND_FONT)
    inked = np.flatnonzero((page < 128).any(axis=(1, 2)))
    line = page[max(0, inked[0] - 8) : inked[-1] + 8]
    small = cv2.resize(line, None, fx=detail, fy=detail, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, line.shape[1::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def test_lines_in_doubt_are_read_in_the_pages_language(decoder: HandDecoder) -> None:
    lines = [drawn(text, detail=0.17) for text in FRENCH]
    greedy, found, _ = decoder.read(lines, ReadOptions())
    assert any(each.confidence < UNSURE for each in greedy)  # so the lines tell what they are meant to tell
    assert [each.text for each in found] != [each.text for each in greedy]
    french, english = (
        [each.text for each in decoder.read(lines, ReadOptions().with_language(name)).readings]
        for name in ("French", "English")
    )
    assert [each.text for each in found] == french != english


def test_a_language_that_is_not_known_is_not_taken_for_another(decoder: HandDecoder) -> None:
    """Single letters are chance, so lines of three resolutions are counted together."""

    def errors(options: ReadOptions) -> int:
        readings = [
            decoder.read([drawn(text, detail=detail) for text in LOJBAN], options).readings for detail in DETAILS
        ]
        pairs = [(text, each.text) for lines in readings for text, each in zip(LOJBAN, lines, strict=True)]
        return total(character_errors(*pair) for pair in pairs).errors

    found = errors(ReadOptions())
    for name in ("Spanish", "English"):
        assert found < 0.8 * errors(ReadOptions().with_language(name))


def test_a_line_that_is_sure_is_left_as_it_is(decoder: HandDecoder) -> None:
    greedy, found, _ = decoder.read([drawn("Milk and bread")], ReadOptions())
    assert all(symbol.confidence >= SURE for symbol in greedy[0].symbols)
    assert found[0] is greedy[0]
    assert decoder.read([], ReadOptions()).readings == []
