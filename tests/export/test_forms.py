"""Which forms there are, and how they are saved."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import docx
import jsonschema
import numpy as np
import pytest
from docx.oxml.ns import qn
from PIL import Image

import unscrawl
from tests.export.samples import HEBREW, LANGUAGES, document, line, original, picture, right_to_left
from tests.pictures import NOTE, NOTE_TEXT
from unscrawl import OcrEngine
from unscrawl.exceptions import ExportFailed, InvalidOption
from unscrawl.export import FORMS, form_of_file, read_result, save, write
from unscrawl.result import Document, Page

COLUMNS = "level page_num block_num par_num line_num word_num left top width height conf text"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_written_to_a_file_by_its_ending(form: str, tmp_path: Path) -> None:
    target = tmp_path / f"out{FORMS[form].suffix}"
    assert save(LANGUAGES, target, form, original()) == [target]
    assert target.stat().st_size > 100
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert form_of_file(target).suffix == FORMS[form].suffix
    if form not in ("docx", "pdfa"):
        assert target.read_bytes() == write(LANGUAGES, form, original())


def test_a_result_saves_itself(tmp_path: Path, engine: OcrEngine) -> None:
    result = engine.recognize(NOTE)
    assert isinstance(result, unscrawl.Result) and isinstance(result, unscrawl.Document)
    result.save(tmp_path / "note.pdf")
    assert NOTE.read_bytes() in (tmp_path / "note.pdf").read_bytes()  # the photo, byte for byte
    assert "- Review Q1 goals" in result.to_markdown()
    for name in ("hocr", "alto", "page_xml", "tsv"):
        assert "Alice" in getattr(result, f"to_{name}")()
    result.save(tmp_path / "note.TXT")
    assert (tmp_path / "note.TXT").read_text(encoding="utf-8") == NOTE_TEXT + "\n"


def test_unknown_endings_and_forms_are_told() -> None:
    for name in ("note.xml", "note", "note.odt"):
        with pytest.raises(InvalidOption, match="Cannot tell the form"):
            form_of_file(name)
    with pytest.raises(InvalidOption, match="no form 'odt'"):
        write(LANGUAGES, "odt")


def test_forms_that_hold_the_picture_need_it() -> None:
    for form in (form for form in FORMS.values() if form.holds_picture):
        with pytest.raises(ExportFailed, match="needs the picture"):
            write(LANGUAGES, form.name)


def test_the_picture_that_was_read_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "scan.pdf"
    picture().save(file)
    before = file.read_bytes()
    link = tmp_path / "link.pdf"
    link.symlink_to(file)
    for target in (file, link):
        with pytest.raises(ExportFailed, match="never written over"):
            save(document(line("text")), target, None, original(str(file), pdf_dpi=72))
    assert file.read_bytes() == before


def test_page_xml_of_several_pages_has_a_file_for_each(tmp_path: Path) -> None:
    page = LANGUAGES.pages[0]
    several = Document((page, Page(3, page.width, page.height, page.lines)), "scan.tif")
    with pytest.raises(ExportFailed, match="room for one page"):
        write(several, "page")
    saved = save(several, tmp_path / "scan.page.xml")
    assert [path.name for path in saved] == ["scan-0001.page.xml", "scan-0003.page.xml"]
    assert read_result(saved[1].read_bytes(), "scan").text == page.text


def test_a_failure_leaves_an_old_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "out.pdf"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(ExportFailed):
        save(LANGUAGES, target)
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def schema() -> Any:
    return json.loads((files("unscrawl.export") / "data" / "result-1.schema.json").read_text(encoding="utf-8"))


def test_json_keeps_its_schema(engine: OcrEngine) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    failed = Document((Page(1, 0, 0, (), error="The page is damaged."), *LANGUAGES.pages), "scan.tif")
    for each in (LANGUAGES, failed, Document((), "<bytes>"), engine.recognize(NOTE)):
        validator.validate(json.loads(write(each, "json")))
    broken = json.loads(write(LANGUAGES, "json"))
    broken["pages"][0]["lines"][0]["words"][0]["confidence"] = 1.5
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(broken)


def test_json_schema_names_everything_that_is_written() -> None:
    definitions = schema()["$defs"]
    form = json.loads(write(LANGUAGES, "json"))
    page = form["pages"][0]
    assert form.keys() == schema()["properties"].keys()
    assert page.keys() == definitions["page"]["properties"].keys()
    assert page["lines"][0].keys() == definitions["line"]["properties"].keys()
    assert page["lines"][0]["words"][0].keys() == definitions["word"]["properties"].keys()


def test_json_comes_back_as_it_was() -> None:
    assert read_result(write(LANGUAGES, "json"), "out.json") == LANGUAGES


def test_tsv_has_the_columns_and_levels_of_tesseract() -> None:
    head, *rows = [row.split("\t") for row in write(LANGUAGES, "tsv").decode().splitlines()]
    assert " ".join(head) == COLUMNS
    assert {len(row) for row in rows} == {12}
    assert [row[11] for row in rows if row[0] == "5"] == [word.text for word in LANGUAGES.words]
    assert [int(row[0]) for row in rows[:4]] == [1, 2, 3, 4]
    first = next(row for row in rows if row[0] == "5")
    assert [*map(int, first[6:10]), float(first[10])] == [50, 20, 150, 60, 90.0]
    assert {row[10] for row in rows if row[0] != "5"} == {"-1"}


def test_word_has_the_text_with_its_styles_and_directions() -> None:
    lines = (
        line("A Heading", 20, height=120),
        line("first words of text", 200),
        line("- one", 320),
        line("- two", 390),
        right_to_left(HEBREW, 520),
    )
    file = docx.Document(io.BytesIO(write(document(*lines), "docx")))
    shown = [(paragraph.style.name if paragraph.style else "", paragraph.text) for paragraph in file.paragraphs]
    assert shown == [
        ("Heading 1", "A Heading"),
        ("Normal", "first words of text"),
        ("List Bullet", "one"),
        ("List Bullet", "two"),
        ("Normal", HEBREW),
    ]
    last = file.paragraphs[-1]
    assert last._p.pPr is not None and last._p.pPr.find(qn("w:bidi")) is not None


def test_word_holds_tables_and_begins_a_page_for_each() -> None:
    rows = [
        line(f"item {number}", 100 + 70 * number).words + line("12,50", 100 + 70 * number, left=700).words
        for number in range(4)
    ]
    lines = [
        type(LANGUAGES.lines[0])(
            " ".join(w.text for w in words), words[0].quad[:1] + words[-1].quad[1:3] + words[0].quad[3:], words, 0.9
        )
        for words in rows
    ]
    one = document(*lines).pages[0]
    file = docx.Document(io.BytesIO(write(Document((one, Page(2, 1000, 700, one.lines)), "scan.tif"), "docx")))
    assert [[cell.text for cell in row.cells] for row in file.tables[0].rows][:2] == [
        ["item 0", "12,50"],
        ["item 1", "12,50"],
    ]
    assert len(file.tables) == 2
    assert sum(paragraph._p.xml.count('w:type="page"') for paragraph in file.paragraphs) == 1


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    word = LANGUAGES.words[0]
    hostile = type(word)("a\x00\x0b\ufffeb\ud800", word.quad, 0.5)
    dirty = document(type(LANGUAGES.lines[0])(hostile.text, word.quad, (hostile,), 0.5))
    for form in ("hocr", "alto", "page"):
        assert read_result(write(dirty, form), "dirty").text == "ab"
    for form in ("docx", "pdf"):
        assert write(dirty, form, original())


def test_results_can_be_pickled_and_compared() -> None:
    import pickle

    result = unscrawl.Result(LANGUAGES.pages, LANGUAGES.source, original())
    again = pickle.loads(pickle.dumps(result))
    assert again == result
    assert again.write("pdf") == result.write("pdf")
    assert {field.name for field in fields(result)} == {"pages", "source", "original"}


def test_empty_pages_are_written_in_every_form() -> None:
    blank = io.BytesIO()
    Image.fromarray(np.full((50, 50, 3), 255, np.uint8)).save(blank, "PNG")
    for form in FORMS:
        assert write(document(width=50, height=50), form, original(blank.getvalue()))
