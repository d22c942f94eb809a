"""Where something is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.export.samples import document, line
from tests.pictures import NOTE
from tests.test_cli import unscrawl
from unscrawl.exceptions import ExitCode, InvalidOption
from unscrawl.export import save
from unscrawl.search import EMAIL, PHONE, Matcher, Words, find_matches, pattern

PAGE = document(line("Call Alice Müller at", 50), line("five o'clock, not six", 150))


def found(matcher: Matcher, *texts: str) -> list[str]:
    page = document(*(line(text, 50 + 70 * number) for number, text in enumerate(texts)))
    return [match.text for match in find_matches(page, [matcher])]


def test_a_place_has_page_line_and_the_box_of_its_words() -> None:
    (match,) = find_matches(PAGE, [pattern("alice m", ignore_case=True)])
    assert (match.page, match.line, match.text, match.context) == (1, 1, "Alice M", "Call Alice Müller at")
    words = PAGE.pages[0].lines[0].words
    assert match.bbox == (words[1].bbox[0], 50, words[2].bbox[2], 110)
    assert match.words == ((0, 1), (0, 2))


def test_a_match_may_run_on_into_the_next_line() -> None:
    (match,) = find_matches(PAGE, [pattern("at five", fixed=True)])
    assert (match.line, match.words) == (1, ((0, 3), (1, 0)))
    assert list(find_matches(PAGE, [pattern("at.five")])) == []


def test_signs_have_a_meaning_only_in_expressions() -> None:
    assert found(pattern("1.5", fixed=True), "1.5 or 125") == ["1.5"]
    assert found(pattern("1.5"), "1.5 or 125") == ["1.5", "125"]
    with pytest.raises(InvalidOption, match="not a regular expression"):
        pattern("(")
    assert found(pattern("x*"), "no such letter") == []


@pytest.mark.parametrize(
    ("wanted", "read", "expected"),
    [
        ("Alice", "call ALICE,", ["ALICE,"]),
        ("Muller", "Herr Müller", ["Müller"]),
        ("Alice", "Alice's friend", ["Alice's"]),
        ("Alice", "Alicc was here", ["Alicc"]),
        ("Alice Smith", "Alice Smlth", ["Alice Smlth"]),
        ("Alice Smith", "AliceSmith", ["AliceSmith"]),
        ("handwriting", "hand writing", ["hand writing"]),
        ("Bob", "Rob and Bo", []),
        ("Alice", "Alps", []),
        ("5", "5 or 55", ["5", "55"]),
    ],
)
def test_words_are_found_in_spite_of_mistakes(wanted: str, read: str, expected: list[str]) -> None:
    places = found(Words(wanted), read)
    # Neighbours may be taken along; what is wanted must be among what is found.
    assert places[:1] == expected[:1] and len(places) >= len(expected)
    assert bool(places) == bool(expected)


def test_words_run_on_into_the_next_line() -> None:
    assert found(Words("Alice Smith"), "ask Alice", "Smith at once") == ["Alice\nSmith"]
    with pytest.raises(InvalidOption, match="no word"):
        Words("?!")


@pytest.mark.parametrize(
    "text", ["a.b+c@example.org", "x@mail.example.co.uk", "bob @ example. org", "Bob(at)example.org", "ä@exämple.de"]
)
def test_addresses_are_found(text: str) -> None:
    assert found(EMAIL, f"write to {text} soon")[0].endswith(text[-6:])


@pytest.mark.parametrize("text", ["costs 5 @ 3 each", "a@b", "user@localhost"])
def test_what_is_no_address_is_not(text: str) -> None:
    assert found(EMAIL, text) == []


@pytest.mark.parametrize(
    "text",
    [
        *("+49 30 1234567", "(030) 123-4567", "0171/1234567", "555.123.4567", "O3O 12 34 56 7", "1234567"),
        *("01.23.45.67.89", "20 12 20 12", "12.34.56.78", "030-12-2012", "04.03 2018 22"),
    ],
)
def test_numbers_are_found(text: str) -> None:
    assert found(PHONE, f"call {text} now") == [text]


@pytest.mark.parametrize(
    "text",
    [
        *("in 1948 and 1952", "5 pm", "12,50", "Hollo Illo Ooo lll", "2026-11"),
        *("04/03/2018 15:41:52", "4.3.2018", "2018-03-04", "3.20 3.20 3.20", "1250.00 3.20"),
    ],
)
def test_what_is_no_number_is_not(text: str) -> None:
    assert found(PHONE, text) == []


def test_the_command_reads_pictures_and_results(tmp_path: Path) -> None:
    save(PAGE, tmp_path / "page.hocr")
    done = unscrawl("find", "at 5|five", NOTE, tmp_path / "page.hocr")
    first, second = done.stdout.splitlines()
    assert done.returncode == ExitCode.OK
    assert first.startswith(f"{NOTE}:1:2:") and first.endswith(": Call Alice at 5pm")
    assert second.startswith(f"{tmp_path / 'page.hocr'}:1:2:50,150,170,210: five")
    place = json.loads(unscrawl("find", "-i", "--json", "ALICE", NOTE).stdout)
    assert (place["page"], place["line"], place["text"]) == (1, 2, "Alice")
    # Between the ink of the words around it, which ends at column 290 and begins at 548; its own begins at 319 and ends
    # at 516, give or take a pen's width.
    assert 290 < place["bbox"][0] < 323 and 512 < place["bbox"][2] < 548


def test_the_command_tells_what_fails_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_text("<alto><Page WIDTH='x'/></alto>", encoding="utf-8")
    save(PAGE, tmp_path / "page.json")
    done = unscrawl("find", "five", tmp_path / "broken.xml", tmp_path / "page.json")
    assert done.returncode == ExitCode.INPUT and "broken.xml" in done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert unscrawl("find", "(", tmp_path / "page.json").returncode == ExitCode.USAGE
