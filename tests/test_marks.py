"""Letters that differ in their marks alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.test_recognition import word_lattice
from unscrawl.languages import Language
from unscrawl.recognition.beam import BeamSettings, search
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.marks import OTHER_MARKS_SHARE, with_other_marks
from unscrawl.recognition.permitted import Permitted
from unscrawl.recognition.priors import LanguagePriors

PRIORS = LanguagePriors()


def one_frame(alphabet: str, letter: str) -> Lattice:
    """A frame that surely shows a letter, but for traces of all others."""
    probabilities = np.full((1, len(alphabet) + 1), 1e-6, np.float32)
    probabilities[0, 1 + alphabet.index(letter)] = 1.0
    return Lattice(probabilities, tuple(alphabet), 1.0, 4)


def gained(alphabet: str, letter: str, letters: str) -> dict[str, float]:
    """The letters that the certainty of one of them speaks for, and how much."""
    lattice = one_frame(alphabet, letter)
    gains = with_other_marks(lattice, frozenset(letters)).probabilities - lattice.probabilities
    return {each: round(float(gain), 3) for each, gain in zip(alphabet, gains[0, 1:], strict=True) if gain > 1e-4}


@pytest.mark.parametrize(
    ("letter", "letters", "relatives"),
    [
        ("e", "eéèêa", "éèê"),
        ("é", "eéèêa", "eèê"),
        ("E", "eéèêa", "ÉÈÊ"),
        ("e", "ea", ""),  # no accents in the language
        ("e", "éèê", ""),  # the letter is not the language's
        ("ơ", "oơớộ", "oớ"),  # "ộ" differs in two marks
        ("l", "lł", "ł"),
        ("і", "ії", "ї"),
        ("к", "кқ", "қ"),
    ],
)
def test_a_letter_speaks_for_what_differs_from_it_in_one_mark(letter: str, letters: str, relatives: str) -> None:
    alphabet = "".join(dict.fromkeys(letters + letters.upper() + letter))
    share = OTHER_MARKS_SHARE / max(1, len(relatives))
    assert gained(alphabet, letter, letters) == dict.fromkeys(relatives, pytest.approx(share, abs=1e-3))


def test_what_the_network_saw_keeps_its_probability() -> None:
    lattice = one_frame("eéèê", "é")
    changed = with_other_marks(lattice, frozenset("eéèê"))
    assert decode_greedily(changed).text == "é"
    assert changed.probabilities[0, 2] == pytest.approx(1.0, abs=1e-5)
    assert lattice.probabilities[0, 1] == pytest.approx(1e-6)  # nobody else's lattice is changed
    assert with_other_marks(lattice, frozenset("eéèê"), 0.0) is lattice


def test_a_mark_that_was_not_seen_is_written_where_it_makes_a_word() -> None:
    polish = PRIORS.of(Language.POLISH)
    assert polish is not None
    line = word_lattice("mozliwosć", {})
    probabilities = np.pad(line.probabilities, ((0, 0), (0, 2)), constant_values=1e-6)
    unmarked = replace(line, probabilities=probabilities, alphabet=(*line.alphabet, "ż", "ś"))
    assert decode_greedily(unmarked).text == "mozliwosć"
    assert search(unmarked, polish, BeamSettings())[0].text == "mozliwosć"
    assert search(with_other_marks(unmarked, polish.letters), polish, BeamSettings())[0].text == "możliwość"


def test_what_may_not_be_written_is_not() -> None:
    permit = Permitted(allow=None, deny="é")
    changed = with_other_marks(permit(one_frame("eéè", "e")), frozenset("eéè"))
    assert changed.probabilities[0, 2] == 0
    assert changed.probabilities[0, 3] > 0.01


def test_a_language_has_its_own_letters_and_not_its_borrowed_ones() -> None:
    french, code = (PRIORS.of(language) for language in (Language.FRENCH, Language.SOURCE_CODE))
    assert french is not None
    assert code is not None
    assert frozenset("abcdefghijklmnopqrstuvwxyzàâçèéêëîïôùûœ") <= french.letters
    assert not french.letters & frozenset("ñåα")
    assert not code.letters
