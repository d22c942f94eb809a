from __future__ import annotations

import io
import math

import docx
import pytest

import unscrawl
from tests.pictures import HAND_FONT, printed
from unscrawl import Language
from unscrawl.layout.indents import indent_levels
from unscrawl.recognition.character_model import ORDER
from unscrawl.recognition.identify import is_source_code
from unscrawl.recognition.priors import LanguagePriors

PROGRAM = [
    "def count_words(text):",
    "    words = text.split()",
    "    for word in words:",
    "        print(word)",
    "    return len(words)",
]


def test_a_handwritten_program_is_read_as_one(engine: unscrawl.OcrEngine) -> None:
    result = engine.recognize(printed(PROGRAM, size=44, font_file=HAND_FONT))
    assert result.text.split("\n") == PROGRAM
    assert {line.language for line in result.lines} == {Language.SOURCE_CODE}
    assert result.to_markdown() == "\n".join(["```", *PROGRAM, "```", ""])
    document = docx.Document(io.BytesIO(result.write("docx")))
    assert [paragraph.text.split("\n") for paragraph in document.paragraphs] == [PROGRAM]


@pytest.mark.parametrize(
    ("lefts", "texts", "levels"),
    [
        ([0, 40, 41, 80, 38, 2], ["def f():", "a", "if b:", "c", "d", "e"], [0, 1, 1, 2, 1, 0]),
        ([0, 12, 18, 13], ["if a:", "b", "c", "d"], [0, 1, 1, 1]),  # drifting margins
        ([10, 18, 10], ["a", "b", "c"], [0, 0, 0]),  # nothing announces a block
        ([0, 40, 80, 25], ["if a:", "if b:", "c", "d"], [0, 1, 2, 1]),  # between two blocks
        ([], [], []),
    ],
)
def test_indents(lefts: list[float], texts: list[str], levels: list[int]) -> None:
    assert indent_levels(lefts, texts, 10.0) == levels


def test_a_language_that_is_named_is_not_doubted(engine: unscrawl.OcrEngine) -> None:
    result = engine.recognize(printed(PROGRAM, size=44, font_file=HAND_FONT), language="English")
    assert result.language is Language.ENGLISH


@pytest.mark.parametrize("word", ["cat", "first_name"])
def test_users_words_count_in_programs_too(engine: unscrawl.OcrEngine, word: str) -> None:
    result = engine.recognize(printed([*PROGRAM, f"{word} = 1"], size=44, font_file=HAND_FONT), words=[word])
    assert result.text.split("\n")[-1].strip() == f"{word} = 1"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (PROGRAM, True),
        (["def main () :", "turn-left ()", "if x = = 3 :"], True),  # as a network sees it
        (["Dear Anna,", "thank you for the photos (they are lovely).", "See you on Friday:", "Mum"], False),
        (["TOTAL (RM)", "CASH = 20.00", "CHANGE", "THANK YOU", "ITEM", "QTY", "GST @ 6%", "5.50"], False),
        (["Milk (2)", "Eggs (12)", "bread (brown)", "tea"], False),
        (["x = 3"], False),  # one line is too little
        ([], False),
    ],
)
def test_programs_are_told_from_prose(lines: list[str], expected: bool) -> None:
    assert is_source_code(lines) is expected


def test_the_prior_knows_how_code_is_spaced() -> None:
    model = LanguagePriors().of(Language.SOURCE_CODE)
    assert model is not None

    def total(text: str) -> float:
        cost, state = 0.0, model.start
        for character in text:
            step, state = model.step(state, character)
            assert len(state) < ORDER
            assert step <= 0.0
            cost += step
        return cost + model.end(state)

    assert total("def main():") > total("def main () :") + math.log(100)
    assert total("if self._name is None:") > total("if self. - name is None:") + math.log(100)
    assert math.isfinite(total("žluťoučký kůň\t€"))
