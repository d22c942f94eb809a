"""Cyrillic and Greek handwriting, in hands that Hand was not trained on."""

from __future__ import annotations

import pytest

import unscrawl
from tests.pictures import ROOT, printed
from unscrawl import Language
from unscrawl.evaluation import character_errors
from unscrawl.imaging.page_image import Pixels
from unscrawl.recognition import tessdata

FONTS = ROOT / "tests" / "fonts"
RUSSIAN = ["завтра купить молоко и хлеб", "вечером позвонить сестре", "книга лежит на столе"]
GREEK = ["αύριο θα πάμε στη θάλασσα", "το βιβλίο είναι στο τραπέζι", "καλημέρα και ευχαριστώ"]
ENGLISH = ["All human beings are born free", "and equal in dignity and rights"]
# Of a hundred characters: the hands are tidy.
MOST_ERRORS = 12


@pytest.fixture(autouse=True)
def _without_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Hand alone: on a system without Tesseract's data."""
    monkeypatch.setattr(tessdata, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)


def page(lines: list[str]) -> Pixels:
    name = "BalsamiqSans-Cyrillic" if lines is RUSSIAN else "Mynerve-Greek"
    return printed(lines, size=48, font_file=FONTS / f"{name}.ttf")


def share_of_errors(truth: list[str], read: str) -> float:
    errors = character_errors("\n".join(truth), read)
    return 100 * errors.errors / errors.length


@pytest.mark.parametrize(("lines", "language"), [(RUSSIAN, Language.RUSSIAN), (GREEK, Language.GREEK)])
@pytest.mark.parametrize("named", [True, False])
def test_it_is_read_without_tesseract(
    engine: unscrawl.OcrEngine, lines: list[str], language: Language, named: bool
) -> None:
    result = engine.recognize(page(lines), mode="handwritten", language=language if named else Language.AUTO)
    assert share_of_errors(lines, result.text) < MOST_ERRORS
    assert result.language is language
    assert result.pages[0].warnings == ()


def test_a_line_of_capitals_among_others_is_in_their_script(engine: unscrawl.OcrEngine) -> None:
    # By themselves most of these could be Latin letters as well.
    lines = ["ΤΗΝ ΑΝΟΙΞΗ ΚΑΙ", *GREEK]
    assert share_of_errors(lines, engine.recognize(page(lines), mode="handwritten").text) < MOST_ERRORS


def test_a_script_that_was_not_asked_for_comes_with_a_warning(engine: unscrawl.OcrEngine) -> None:
    result = engine.recognize(page(GREEK), mode="handwritten", language="es")
    assert share_of_errors(GREEK, result.text) < MOST_ERRORS
    assert result.pages[0].warnings == ("3 lines are in Greek script, in which Spanish is not written.",)


def test_latin_lines_hold_letters_of_latin_script_only(engine: unscrawl.OcrEngine) -> None:
    picture = printed(ENGLISH, size=48)
    for language in ("en", "ru+en", "el"):
        assert engine.recognize(picture, mode="handwritten", language=language).text.split("\n") == ENGLISH
