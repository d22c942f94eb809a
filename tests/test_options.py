from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import unscrawl
from unscrawl import exceptions
from unscrawl.exceptions import ExitCode, InvalidOption, LimitExceeded, OcrException, UnknownLanguage
from unscrawl.languages import Language, resolve_languages
from unscrawl.options import ReadOptions, RecognitionMode


@pytest.mark.parametrize("name", [Language.SPANISH, "es", "spa", "Spanish", "SPANISH", "es-MX", "es_AR"])
def test_a_language_has_many_names(name: Language | str) -> None:
    assert resolve_languages(name) == (Language.SPANISH,)


def test_several_languages() -> None:
    expected = (Language.ENGLISH, Language.SPANISH)
    assert resolve_languages("eng+spa") == resolve_languages(["en", Language.SPANISH]) == expected
    assert resolve_languages("auto") == (Language.AUTO,)


@pytest.mark.parametrize(("wrong", "hint"), [("Spannish", "Spanish"), ("frnch", "French"), ("", "name"), ("qj", "ISO")])
def test_unknown_languages_get_hints(wrong: str, hint: str) -> None:
    with pytest.raises(UnknownLanguage, match=hint):
        resolve_languages(wrong)
    with pytest.raises(UnknownLanguage):
        resolve_languages([])


@pytest.mark.parametrize(
    ("pages", "count", "wanted"),
    [
        (None, 3, [1, 2, 3]),
        ("2", 3, [2]),
        ("1-2,5", 4, [1, 2]),
        ("3-", 5, [3, 4, 5]),
        ("-2", 5, [1, 2]),
        ("4,1,4", 9, [1, 4]),
    ],
)
def test_page_ranges(pages: str | None, count: int, wanted: list[int]) -> None:
    assert ReadOptions(pages=pages).page_numbers(count) == wanted


@pytest.mark.parametrize("pages", ["", "0", "a", "2-1", "1,,2", "-", "1-2-3"])
def test_wrong_page_ranges(pages: str) -> None:
    with pytest.raises(InvalidOption):
        ReadOptions(pages=pages)


def test_range_outside_the_document() -> None:
    with pytest.raises(InvalidOption, match="3 pages"):
        ReadOptions(pages="7-9").page_numbers(3)


@given(st.sets(st.integers(1, 50), min_size=1), st.integers(50, 60))
def test_any_set_of_pages_can_be_named(pages: set[int], count: int) -> None:
    assert ReadOptions(pages=",".join(map(str, pages))).page_numbers(count) == sorted(pages)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_pages": 0},
        {"max_megapixels": -1},
        {"page_timeout": float("nan")},
        {"pdf_dpi": 5},
        {"max_megabytes": "9"},
    ],
)
def test_options_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidOption, match=next(iter(wrong))):
        ReadOptions(**wrong)  # type: ignore[arg-type]


def test_password_is_not_shown() -> None:
    assert "hunter2" not in repr(ReadOptions(password="hunter2"))


def test_public_names_are_there() -> None:
    for name in unscrawl.__all__:
        assert getattr(unscrawl, name) is not None
    assert unscrawl.exceptions is exceptions
    assert unscrawl.OcrException is exceptions.OcrException
    with pytest.raises(AttributeError):
        _ = unscrawl.NoSuchName


def test_every_error_is_documented_typed_and_picklable() -> None:
    classes = [getattr(exceptions, name) for name in exceptions.__all__]
    errors = [cls for cls in classes if isinstance(cls, type) and issubclass(cls, OcrException)]
    assert len({cls.slug for cls in errors}) == len(errors)
    for cls in errors:
        assert cls.__doc__ and cls.__name__ in (exceptions.__doc__ or "")
        assert isinstance(cls.exit_code, ExitCode)
    limit = LimitExceeded("Too big.", limit="max_pages", allowed=1, actual=2)
    again = pickle.loads(pickle.dumps(limit))
    assert (str(again), again.actual) == (str(limit), 2)
    assert "--max-pages" in str(limit)


def test_mode_and_languages_are_taken_by_name() -> None:
    """A name is never kept as it is, where it would be taken for the default."""
    options = ReadOptions(mode="Printed", language="fr+eng")  # type: ignore[arg-type]  # what a user writes
    assert options == ReadOptions(mode=RecognitionMode.PRINTED, language=(Language.FRENCH, Language.ENGLISH))
    with pytest.raises(InvalidOption, match="recognition mode 'scrawled'"):
        ReadOptions(mode="scrawled")  # type: ignore[arg-type]
    with pytest.raises(InvalidOption, match="Klingonish"):
        ReadOptions(language="Klingonish")  # type: ignore[arg-type]
