from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.conftest import WriteSet
from tests.export.samples import document, line
from unscrawl.evaluation import Layout, TruthError, TruthLine, find_reading, read_readings, read_truth, set_name
from unscrawl.exceptions import ExitCode
from unscrawl.export import FORMS, save

SHARED = Path(__file__).parents[3] / "shared"

LINE = {"image": "images/a.png", "text": "été", "language": "fr", "kind": "handwritten", "group": "w1"}


def test_a_line(write_set: WriteSet) -> None:
    file = write_set(LINE)
    (item,) = read_truth(file)
    assert item.image == file.parent / "images/a.png"
    assert (item.name, item.text, item.language, item.kind, item.group) == (
        "images/a.png",
        "été",
        "fr",
        "handwritten",
        "w1",
    )
    assert item.lines is None
    assert item.layout is Layout.LINE


def test_a_page_with_lines(write_set: WriteSet) -> None:
    line = {"bbox": [1, 2, 30, 10.5], "text": "été", "kind": "printed", "baseline": [[1, 9], [30, 9]]}
    (item,) = read_truth(write_set({**LINE, "lines": [line]}))
    assert item.lines == (TruthLine("été", (1, 2, 30, 10.5), "printed"),)
    assert item.layout is Layout.PAGE


def test_only_image_and_text_are_needed(write_set: WriteSet) -> None:
    (item,) = read_truth(write_set({"image": "images/a.png", "text": ""}))
    assert (item.language, item.kind, item.lines) == (None, None, None)
    assert item.group == "images/a.png"


@pytest.mark.parametrize(
    ("entry", "folder", "layout"),
    [
        ({"text": "a"}, "dev/copiste", Layout.LINE),
        ({"text": "a\n"}, "dev/copiste", Layout.LINE),
        ({"text": "a\nb"}, "dev/copiste", Layout.PAGE),
        ({"text": "a", "lines": []}, "dev/copiste", Layout.PAGE),
        ({"text": "a"}, "dev_pages/code", Layout.PAGE),
        ({"text": "a"}, "my_pages", Layout.PAGE),
        ({"text": "a"}, "pages/x/y", Layout.LINE),
    ],
)
def test_lines_or_pages(write_set: WriteSet, entry: dict[str, Any], folder: str, layout: Layout) -> None:
    file = write_set({"image": "images/a.png", **entry}, folder=folder)
    assert read_truth(file)[0].layout is layout
    assert read_truth(file, Layout.PAGE)[0].layout is Layout.PAGE


def test_blank_lines_and_unicode_line_ends_within_strings(write_set: WriteSet) -> None:
    file = write_set("", {"image": "images/a.png", "text": "a\u2028b\x85c"}, "  ")
    assert [item.text for item in read_truth(file)] == ["a\u2028b\x85c"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{oops", "line 2: not JSON"),
        ("[1]", "line 2: not a JSON object"),
        ("[" * 100_000, "line 2: not JSON"),
        ({"text": "a"}, "line 2: the field 'image' is missing"),
        ({"image": "images/b.png"}, "line 2: the field 'text' is missing"),
        ({"image": 3, "text": "a"}, "line 2: the field 'image' must be a string, not 3"),
        ({"image": "images/b.png", "text": ["a"]}, "line 2: the field 'text' must be a string"),
        ({"image": "images/absent.png", "text": "a"}, "line 2: the picture 'images/absent.png' is not there"),
        (
            {"image": "images/b.png", "text": "a", "group": 7},
            "line 2: the field 'group' must be a string, not 7",
        ),
        ({"image": "images/b.png", "text": "a", "lines": {}}, "line 2: the field 'lines' must be a list"),
        ({"image": "images/b.png", "text": "a", "lines": [1]}, "line 2: an element of 'lines'"),
        (
            {"image": "images/b.png", "text": "a", "lines": [{"text": "a"}]},
            "line 2: the field 'bbox' is missing",
        ),
        (
            {"image": "images/b.png", "text": "a", "lines": [{"bbox": [1, 2, 3], "text": "a"}]},
            "line 2: a 'bbox' must be four numbers",
        ),
    ],
)
def test_errors_tell_file_and_line(write_set: WriteSet, bad: dict[str, Any] | str, message: str) -> None:
    file = write_set(LINE, bad)
    with pytest.raises(TruthError) as caught:
        read_truth(file)
    assert f"{file}, {message}" in str(caught.value)
    assert caught.value.exit_code is ExitCode.INPUT


def test_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    file.write_bytes(b'{"image": "\xff"}\n')
    with pytest.raises(TruthError, match="line 1: not UTF-8"):
        read_truth(file)


def test_empty_and_absent_files(tmp_path: Path) -> None:
    (tmp_path / "truth.jsonl").touch()
    with pytest.raises(TruthError, match="has no entries"):
        read_truth(tmp_path / "truth.jsonl")
    with pytest.raises(FileNotFoundError):
        read_truth(tmp_path / "other.jsonl")


def test_readings(tmp_path: Path) -> None:
    file = tmp_path / "readings.jsonl"
    file.write_text('{"image": "./images/a.png", "text": "x"}\n{"image": "b.png", "text": ""}\n')
    assert read_readings(file) == {"images/a.png": "x", "b.png": ""}
    file.write_text('{"image": "a", "text": "x"}\n{"image": "a", "text": "y"}\n')
    with pytest.raises(TruthError, match="line 2: 'a' has been read before"):
        read_readings(file)


def test_names() -> None:
    assert set_name("x/dev_pages/copiste/truth.jsonl") == "dev_pages/copiste"
    assert set_name("x/notes.jsonl") == "notes"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not here")
def test_the_shared_sets() -> None:
    files = sorted(SHARED.glob("handwriting/dev*/*/truth.jsonl")) + sorted(SHARED.glob("printed/*/*/truth.jsonl"))
    assert files
    for file in files:
        expected = Layout.PAGE if "pages" in file.parts[-3] else Layout.LINE
        assert {item.layout for item in read_truth(file)} == {expected}


@pytest.mark.parametrize("form", ["hocr", "alto", "page", "json", "text"])
def test_readings_of_other_engines_are_found_by_their_names(form: str, write_set: WriteSet, tmp_path: Path) -> None:
    truth = write_set({"image": "images/a.png", "text": "plain words"})
    folder = tmp_path / "readings"
    folder.mkdir()
    save(document(line("plain words")), folder / f"a{FORMS[form].suffix}")
    (item,) = read_truth(truth)
    assert find_reading(item, read_readings(folder)).strip() == "plain words"


def test_two_readings_of_one_picture_are_told(tmp_path: Path) -> None:
    save(document(line("one")), tmp_path / "a.txt")
    save(document(line("two")), tmp_path / "a.hocr")
    with pytest.raises(TruthError, match="two readings of a"):
        read_readings(tmp_path)


def test_a_folder_without_readings_is_told(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="no readings"):
        read_readings(tmp_path)
