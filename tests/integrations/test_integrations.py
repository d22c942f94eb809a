"""Inside of other programs, with the real packages."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from tests.export.samples import pdfium_text
from tests.pictures import NOTE, NOTE_TEXT, printed
from unscrawl import OcrEngine
from unscrawl.exceptions import DamagedInput


def test_langchain_loads_a_document_for_each_page(tmp_path: Path, engine: OcrEngine) -> None:
    loaders = pytest.importorskip("langchain_core.document_loaders")
    from unscrawl.integrations.langchain import UnscrawlLoader

    pages = [Image.fromarray(printed([text])) for text in ("page one", "page two")]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    loader = UnscrawlLoader(tmp_path / "scan.tif", engine=engine, mode="printed")
    assert isinstance(loader, loaders.BaseLoader)
    documents = loader.load()
    assert [document.page_content for document in documents] == ["page one", "page two"]
    assert documents[1].metadata["source"] == str(tmp_path / "scan.tif")
    assert (documents[1].metadata["page"], documents[1].metadata["width"]) == (2, pages[1].width)
    assert documents[1].metadata["confidence"] > 0.9
    assert [d.page_content for d in asyncio.run(loader.aload())] == ["page one", "page two"]
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(DamagedInput):
        UnscrawlLoader(tmp_path / "bad.png", engine=engine).load()


@pytest.mark.parametrize("renderer", ["auto", "fpdf2"])
def test_ocrmypdf_reads_with_us(renderer: str, tmp_path: Path) -> None:
    pytest.importorskip("ocrmypdf")
    if shutil.which("tesseract") is None:
        pytest.skip("OCRmyPDF does not start without Tesseract")
    source, out = tmp_path / "in.pdf", tmp_path / "out.pdf"
    Image.open(NOTE).save(source, resolution=150)
    command = [sys.executable, "-m", "ocrmypdf", "--plugin", "unscrawl.integrations.ocrmypdf", "--output-type", "pdf"]
    done = subprocess.run(
        [*command, "--pdf-renderer", renderer, "--jobs", "1", "--sidecar", tmp_path / "out.txt", source, out],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").strip() == NOTE_TEXT
    assert pdfium_text(out.read_bytes()).split() == NOTE_TEXT.split()
    # By default the text is our own, in our font.
    with pikepdf.open(out) as pdf:
        dictionaries = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary)]
        fonts = {str(each.BaseFont) for each in dictionaries if "/BaseFont" in each}
    assert (fonts == {"/Glyphless"}) == (renderer == "auto")


@pytest.mark.parametrize(
    ("asked", "language"), [([], "mul"), (["--language", "fra"], "fra"), (["-l", "deu+ces"], "deu,ces")]
)
def test_ocrmypdf_says_which_language_only_if_it_is_asked_for(asked: list[str], language: str) -> None:
    pytest.importorskip("ocrmypdf")
    script = (
        "import sys; from ocrmypdf.cli import get_options_and_plugins\n"
        "from unscrawl.integrations.ocrmypdf import _languages, check_options\n"
        "options, _ = get_options_and_plugins(args=sys.argv[1:]); check_options(options=options)\n"
        "print(','.join(each.value for each in _languages(options)))"
    )
    command = [sys.executable, "-c", script, "--plugin", "unscrawl.integrations.ocrmypdf", *asked, "in.pdf", "out.pdf"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == language, done.stderr


def call(folder: Path, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """Start the server as assistants do, and call its tools."""
    mcp = pytest.importorskip("mcp")
    stdio = pytest.importorskip("mcp.client.stdio")

    async def talk() -> list[Any]:
        start = stdio.StdioServerParameters(command=sys.executable, args=["-m", "unscrawl", "mcp", str(folder)])
        async with mcp.Client(start) as client:
            tools = await client.list_tools()
            assert {tool.name for tool in tools.tools} == {"read", "find"}
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(talk())


def test_assistants_read_and_find_over_mcp(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    shutil.copy(NOTE, folder / "note.jpg")
    shutil.copy(NOTE, tmp_path / "private.jpg")
    (folder / "link.jpg").symlink_to(tmp_path / "private.jpg")
    read, as_json, found, *refused = call(
        folder,
        ("read", {"path": "note.jpg"}),
        ("read", {"path": str(folder / "note.jpg"), "form": "json"}),
        ("find", {"path": "note.jpg", "expression": "alice"}),
        ("read", {"path": "../private.jpg"}),
        ("read", {"path": str(tmp_path / "private.jpg")}),
        ("read", {"path": "link.jpg"}),
        ("read", {"path": "none.jpg"}),
        ("read", {"path": "note.jpg", "form": "pdf"}),
        ("find", {"path": "note.jpg", "expression": "("}),
    )
    assert "- Review Q1 goals" in read.content[0].text
    assert json.loads(as_json.content[0].text)["text"] == NOTE_TEXT
    (place,) = found.structured_content["result"]
    assert (place["page"], place["line"], place["text"]) == (1, 2, "Alice")
    messages = [answer.content[0].text for answer in refused]
    assert all(answer.is_error for answer in refused)
    for message in messages[:3]:
        assert "not in the folders" in message and "Buy milk" not in message
    assert "none.jpg" in messages[3] and "no text" in messages[4] and "regular expression" in messages[5]


@pytest.mark.parametrize(
    ("module", "missing"),
    [("langchain", "langchain_core"), ("ocrmypdf", "ocrmypdf"), ("mcp", "mcp"), ("docling", "docling")],
)
def test_a_missing_package_is_told_with_the_command_that_installs_it(module: str, missing: str) -> None:
    script = (
        f"import sys; sys.modules['{missing}'] = None\n"
        "from unscrawl.exceptions import MissingDependency\n"
        f"try:\n    import unscrawl.integrations.{module}\n"
        "except MissingDependency as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert f"pip install 'unscrawl[{module}]'" in done.stdout
