from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from unscrawl.languages import Language, Script
from unscrawl.recognition.batching import BATCH_COLUMNS, MAX_WIDTH, bucket_width, plan_batches
from unscrawl.recognition.beam import BeamSettings, search
from unscrawl.recognition.decoding import candidates
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.identify import LanguageGuesser
from unscrawl.recognition.language_model import START, pair_key
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.planes import open_tables, save_tables
from unscrawl.recognition.priors import LANGUAGE_FOLDER, LanguagePriors

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
    return Lattice(probabilities, ALPHABET, float(len(best)), 8)


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
    reading = decode_greedily(Lattice(probabilities, ALPHABET, len(weights) * share, 8))
    for symbol in reading.symbols:
        assert 0 <= symbol.start <= symbol.end <= 1
        assert 0 < symbol.confidence <= 1
    for one, two in zip(reading.symbols, reading.symbols[1:], strict=False):
        assert one.end <= two.start + 1e-9
    assert 0 <= reading.confidence <= 1


def reference_search(lattice_: Lattice) -> dict[str, float]:
    """Every text that some path spells, with its probability: by brute force."""
    totals: dict[str, float] = {}
    for path in itertools.product(range(len(lattice_.alphabet) + 1), repeat=len(lattice_.probabilities)):
        text = "".join(lattice_.alphabet[k - 1] for k, _ in itertools.groupby(path) if k)
        likely = float(np.prod([lattice_.probabilities[t, k] for t, k in enumerate(path)]))
        totals[text] = totals.get(text, 0.0) + likely
    return totals


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 5), st.just(4)), elements=st.floats(0.0625, 1, width=32)))
@settings(deadline=None)
def test_beam_finds_the_most_likely_text_where_greedy_may_not(weights: np.ndarray) -> None:
    probabilities = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    lattice_ = Lattice(probabilities, ("a", "b", "c"), float(len(weights)), 4)
    totals = reference_search(lattice_)
    found = search(lattice_, None, BeamSettings(width=500))[0].text
    assert totals[found] == pytest.approx(max(totals.values()), rel=1e-4)


def word_lattice(spelled: str, rivals: dict[int, str]) -> Lattice:
    """A line that spells a word, where some letters have a rival nearly as likely (and at some places likelier)."""
    letters = tuple(sorted(set(spelled) | set("".join(rivals.values()))))
    probabilities = np.full((2 * len(spelled), len(letters) + 1), 1e-6, np.float32)
    for place, letter in enumerate(spelled):
        probabilities[2 * place, 1 + letters.index(letter)] = 0.99
        if place in rivals:
            probabilities[2 * place, 1 + letters.index(letter)] = 0.40
            probabilities[2 * place, 1 + letters.index(rivals[place])] = 0.59
        probabilities[2 * place + 1, 0] = 0.99
    return Lattice(probabilities / probabilities.sum(axis=1, keepdims=True), letters, 2.0 * len(spelled), 4)


def test_the_language_decides_between_letters_that_look_alike() -> None:
    line = word_lattice("house", {2: "n"})
    assert decode_greedily(line).text == "honse"
    english = LanguagePriors().of(Language.ENGLISH)
    found = search(line, english, BeamSettings())[0].reading()
    assert found.text == "house"
    assert 0.3 < found.symbols[2].confidence < 0.5
    starts = [symbol.start for symbol in found.symbols]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The meeting is at the house of my friend", "eng"),
        ("Nous avons une grande maison dans la ville", "fra"),
        ("Ich habe das nicht gewusst, aber er ist da", "deu"),
        ("12345 -- 66", None),
        ("zzyx qwv", None),
        # Of languages without a list of words the few are known that their declaration has more than once.
        ("Кожны чалавек мае права на адпачынак, яго сям'я таксама", "bel"),
        ("Барлық адамдар тумысынан азат және тең құқылы", "kaz"),
        ("Tota persona a dret a una educacion, e los dreches son per totes", "oci"),
        ("the right to freedom and life", "eng"),
    ],
)
def test_languages_are_told_by_their_words(text: str, language: str | None) -> None:
    assert LanguageGuesser.load(LANGUAGE_FOLDER / "frequent.json.gz").likely([text], 1) == (
        [language] if language else []
    )


@pytest.mark.parametrize(
    ("language", "likely", "unlikely"),
    [
        # One language in two scripts has a prior for each.
        (Language.UZBEK_CYRILLIC, "ҳуқуқлар", "huquqlar"),
        (Language.UZBEK, "huquqlar", "ҳуқуқлар"),
        (Language.AZERBAIJANI_CYRILLIC, "азадлыг", "azadlıq"),
        (Language.EXTENDED_LATIN, "maison", "домой"),
        (Language.CYRILLIC, "домой", "maison"),
    ],
)
def test_a_prior_is_of_its_script(language: Language, likely: str, unlikely: str) -> None:
    prior = LanguagePriors().of(language)
    assert prior is not None

    def log_likelihood(word: str) -> float:
        total, state = 0.0, prior.start
        for letter in word:
            cost, state = prior.step(state, letter)
            total += cost
        return total

    assert log_likelihood(likely) > log_likelihood(unlikely) + 10


def test_named_languages_limit_the_guess() -> None:
    guesser = LanguageGuesser.load(LANGUAGE_FOLDER / "frequent.json.gz")
    line = [decode_greedily(word_lattice("maison", {}))]
    assert candidates(guesser, (Language.POLISH,), line) == [Language.POLISH]
    assert candidates(guesser, (Language.AUTO,), line)[0] is Language.FRENCH
    assert candidates(guesser, (Language.POLISH, Language.FRENCH), line) == [Language.FRENCH]
    assert candidates(guesser, (Language.POLISH, Language.CZECH), line) == [Language.POLISH, Language.CZECH]
    # Where none is named, the letters of all languages of the script are tried as well.
    assert candidates(guesser, (Language.AUTO,), line)[-1] is Language.EXTENDED_LATIN
    assert len(candidates(guesser, (Language.AUTO,), [])) > 1


def test_languages_of_the_scripts_that_a_line_is_in_are_tried() -> None:
    guesser = LanguageGuesser.load(LANGUAGE_FOLDER / "frequent.json.gz")
    line = [decode_greedily(word_lattice("который", {}))]
    found = candidates(guesser, (Language.AUTO,), line, Script.CYRILLIC)
    assert (found[0], found[-1]) == (Language.RUSSIAN, Language.CYRILLIC)
    assert candidates(guesser, (Language.ENGLISH, Language.BULGARIAN), line, Script.CYRILLIC) == [Language.BULGARIAN]
    assert candidates(guesser, (Language.ENGLISH,), [], Script.GREEK) == [Language.GREEK]


@pytest.mark.parametrize(
    ("language", "spelled", "rivals", "text"),
    [
        # Of languages without a word list the declaration's words are known, in them tones on dotted letters.
        (Language.YORUBA, "ẹ̀tọ́", {0: "e"}, "ẹ̀tọ́"),
        (Language.RUSSIAN, "который", {3: "с"}, "который"),
        (Language.GREEK, "άνθρωπος", {7: "σ"}, "άνθρωπος"),
    ],
)
def test_every_language_that_hand_writes_has_a_prior(
    language: Language, spelled: str, rivals: dict[int, str], text: str
) -> None:
    line = word_lattice(spelled, rivals)
    assert decode_greedily(line).text != text
    assert search(line, LanguagePriors().of(language), BeamSettings())[0].text == text


def test_tables_are_stored_whole(tmp_path: Path) -> None:
    tables: dict[str, NDArray[Any]] = {
        "wide": np.array([0, 1, 255, 256, 2**32 - 1], np.uint32),
        "narrow": np.arange(7, dtype=np.uint8),
        "none": np.zeros(0, np.uint16),
        "single": np.array(-0.5, np.float32),
    }
    save_tables(tmp_path / "tables.npz", tables)
    with open_tables(tmp_path / "tables.npz") as found:
        assert set(found) == set(tables)
        for name, table in tables.items():
            assert found[name].dtype == table.dtype
            assert np.array_equal(found[name], table)


def test_scores_tell_which_language_fits() -> None:
    priors = LanguagePriors()
    line = word_lattice("because", {2: "o", 4: "v"})
    scores = {
        language: search(line, priors.of(language), BeamSettings())[0].score
        for language in (Language.ENGLISH, Language.FINNISH)
    }
    assert scores[Language.ENGLISH] > scores[Language.FINNISH]


def test_words_score_above_what_is_not_one() -> None:
    english = LanguagePriors().of(Language.ENGLISH)
    assert english is not None

    def score(word: str) -> float:
        total, state = 0.0, START
        for character in f"{word} ":
            cost, state = english.step(state, character)
            total += cost
        return total

    assert score("notes") > score("nutcs") + 5
    assert score("don't") > score("don;t")
    assert score("Alice") > score("aLICE")


@pytest.mark.parametrize(
    ("language", "before", "likely", "unlikely"),
    [(Language.FRENCH, "dans", "la", "le la"), (Language.ENGLISH, "of", "the", "they")],
)
def test_the_word_before_counts(language: Language, before: str, likely: str, unlikely: str) -> None:
    model = LanguagePriors().of(language)
    assert model is not None

    def gain(word: str) -> float:
        """How much likelier the words are after ``before`` than at a line's start."""
        costs = []
        for text in (f"{before} {word}", word):
            total, state = 0.0, START
            for place, character in enumerate(text):
                cost, state = model.step(state, character)
                total += cost if place >= len(text) - len(word) else 0.0
            costs.append(total + model.end(state))
        return costs[0] - costs[1]

    assert gain(likely) > gain(unlikely)


def test_keys_of_pairs_do_not_depend_on_the_run() -> None:
    assert pair_key("dans", "la") == 0xB5059EAC


@pytest.mark.parametrize(
    ("likely", "unlikely"), [("10.00 EUR", "10. 00 EUR"), ("Franco-German", "Franco- German"), ("(one)", "( one)")]
)
def test_white_space_stays_out_of_numbers_and_words(likely: str, unlikely: str) -> None:
    english = LanguagePriors().of(Language.ENGLISH)
    assert english is not None

    def score(text: str) -> float:
        total, state = 0.0, START
        for character in text:
            cost, state = english.step(state, character)
            total += BeamSettings().alpha * cost + BeamSettings().beta
        return total

    assert score(likely) > score(unlikely)
