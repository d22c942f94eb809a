"""Nothing of what is blacked out may be left: not in the bytes, not in a layer, not in the pixels."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image

from tests.export.samples import document, line, moved, original, pdfium_text, picture, rendered
from tests.pictures import NOTE, printed
from tests.test_cli import unscrawl
from unscrawl import OcrEngine, Result
from unscrawl.exceptions import ExitCode, ExportFailed
from unscrawl.imaging.orientation import upright_to_stored
from unscrawl.result import Document, Page
from unscrawl.search import EMAIL, PHONE, Words, redact

SECRET = "Wolperdinger"


def everything_in(pdf: bytes) -> bytes:
    """The file's bytes and, decoded, all of its streams and strings."""
    parts = [pdf]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for each in document.objects:
            parts.append(each.unparse(resolved=True))
            if isinstance(each, pikepdf.Stream):
                parts.append(bytes(each.read_raw_bytes()))
                with suppress(pikepdf.PdfError):  # picture data that qpdf does not decode
                    parts.append(bytes(each.read_bytes()))
    return b"\0".join(parts)


def traces(word: str) -> list[bytes]:
    """The ways in which a word could stand in a file."""
    plain = [word.encode(code) for code in ("utf-8", "utf-16-be", "utf-16-le", "latin-1")]
    return [*plain, word[::-1].encode(), word.encode().hex().encode(), word.encode().hex().upper().encode()]


def test_nothing_is_left_of_a_word_in_a_picture(engine: OcrEngine, tmp_path: Path) -> None:
    pixels = printed(["public beginning", f"the name is {SECRET} here", "public end"], size=40)
    file = tmp_path / f"{SECRET}.jpg"
    exif = Image.Exif()
    exif[0x010E] = f"about {SECRET}"
    Image.fromarray(pixels).save(file, quality=95, exif=exif, comment=SECRET.encode())
    result = engine.recognize(file, mode="printed")
    assert SECRET in result.text
    assert result.original is not None
    redaction = redact(result, result.original, [Words(SECRET)])
    assert [match.text for match in redaction.matches] == [SECRET]

    # Not in its bytes, nor in what they decode to.
    content = everything_in(redaction.pdf)
    assert not [trace for trace in traces(SECRET) if trace in content]
    assert file.read_bytes()[1000:2000] not in content
    # Not in the text.
    text = pdfium_text(redaction.pdf)
    assert "public beginning" in text and "the name is" in text and "public end" in text
    assert SECRET not in text
    # Not in the pixels: read again, the others are there.
    shown = rendered(redaction.pdf, scale=pixels.shape[1] / 841.89)
    again = engine.recognize(shown, mode="printed").text
    assert "public beginning" in again and "public end" in again
    assert SECRET[:4] not in again and SECRET[-4:] not in again
    # And where the word stood, there is one colour.
    left, top, right, bottom = (int(edge) for edge in redaction.matches[0].bbox)
    with pikepdf.open(io.BytesIO(redaction.pdf)) as pdf:
        stored: Any = pdf.pages[0].Resources.XObject.Picture
        painted = np.asarray(pikepdf.PdfImage(stored).as_pil_image().convert("L"))
    assert painted[top + 2 : bottom - 2, left + 2 : right - 2].max() < 20


def test_hidden_layers_and_files_of_a_pdf_do_not_come_along(engine: OcrEngine) -> None:
    out = io.BytesIO()
    Image.fromarray(printed(["open words", f"secret {SECRET}"], size=40)).save(out, "PDF")
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        hidden = f"BT 3 Tr /F1 12 Tf 10 10 Td ({SECRET}) Tj ET".encode()
        pdf.pages[0].contents_add(pdf.make_stream(hidden))
        pdf.attachments["note.txt"] = SECRET.encode()
        pdf.docinfo.Title = SECRET
        with pdf.open_metadata() as metadata:
            metadata["dc:description"] = SECRET
        first = io.BytesIO()
        pdf.save(first)
    # An earlier version of an object, as an incremental update leaves behind.
    old = f"%PDF-1.7\n99 0 obj\n({SECRET})\nendobj\n".encode()
    source = first.getvalue() + old
    result = engine.recognize(source, mode="printed", pdf_dpi=72)
    assert SECRET in result.text and result.original is not None
    redaction = redact(result, result.original, [Words(SECRET)])
    content = everything_in(redaction.pdf)
    assert not [trace for trace in traces(SECRET) if trace in content]
    assert "open words" in pdfium_text(redaction.pdf)
    with pikepdf.open(io.BytesIO(redaction.pdf)) as pdf:
        assert len(pdf.attachments) == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_right_pixels_of_a_turned_photo_are_painted(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    Image.new("RGB", (1000, 700), "white").save(out, "PNG", exif=exif)
    lines = moved([line("hide me not this", 200, left=100)], upright_to_stored(orientation, 1000, 700))
    redaction = redact(document(*lines), original(out.getvalue()), [Words("hide me")])
    size = (700, 1000) if orientation >= 5 else (1000, 700)
    pixels = np.asarray(rendered(redaction.pdf, scale=1000 / 841.89).resize(size).convert("L"))
    assert pixels[200:260, 100:300].max() < 60  # also between the two words
    assert pixels[:180].min() > 200 and pixels[280:].min() > 200
    assert pixels[200:260, 340:].min() > 200
    assert pdfium_text(redaction.pdf) == "not this"


def test_a_number_that_runs_on_is_painted_in_both_lines() -> None:
    page = document(line("call 030 1234", 100), line("567 at once", 200))
    redaction = redact(page, original(), [PHONE])
    pixels = np.asarray(rendered(redaction.pdf, scale=1000 / 841.89).resize((1000, 700)).convert("L"))
    assert pixels[110:150, 200:430].max() < 60 and pixels[210:250, 60:130].max() < 60
    assert pdfium_text(redaction.pdf).split() == ["call", "at", "once"]


def test_pages_without_a_match_are_there_too() -> None:
    tiff = io.BytesIO()
    picture().save(tiff, "TIFF", save_all=True, append_images=[picture()])
    first = document(line("nothing here", 300)).pages[0]
    second = document(line("x@example.org", 300)).pages[0]
    both = Document((first, Page(2, 1000, 700, second.lines)), "scan.tif")
    redaction = redact(both, original(tiff.getvalue()), [EMAIL])
    assert [match.page for match in redaction.matches] == [2]
    assert [pdfium_text(redaction.pdf, page) for page in (0, 1)] == ["nothing here", ""]


def test_a_page_that_was_not_read_is_refused() -> None:
    failed = Result((*document(line("text")).pages, Page(2, 0, 0, (), error="damaged")), "scan.tif")
    with pytest.raises(ExportFailed, match=r"Page 2 .* could not be read"):
        redact(failed, original(), [Words("text")])


def test_the_command(tmp_path: Path) -> None:
    out = tmp_path / "open.pdf"
    done = unscrawl("redact", NOTE, "--words", "alice", "--pattern", r"\dpm", "-o", out)
    assert (done.returncode, done.stdout) == (ExitCode.OK, "")
    assert done.stderr == "2 places blacked out.\n"
    text = pdfium_text(out.read_bytes())
    assert "Call at" in text.replace("\n", " ") and "Alice" not in text and "5pm" not in text


def test_the_command_writes_nothing_where_nothing_is_found(tmp_path: Path) -> None:
    done = unscrawl("redact", NOTE, "--emails", "-o", tmp_path / "open.pdf")
    assert done.returncode == ExitCode.FAILED and "nothing was found" in done.stderr
    assert unscrawl("redact", NOTE, "-o", tmp_path / "open.pdf").returncode == ExitCode.USAGE
    assert unscrawl("redact", NOTE, "--emails", "-o", tmp_path / "open.png").returncode == ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []
