"""Text laid under the pages of a PDF that was read."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pikepdf
import pytest

from tests.export.samples import document, line, original, pdfium_text, pdfium_words, picture, rendered
from tests.pdf_files import encrypted, pdf_of_pages
from unscrawl import OcrEngine
from unscrawl.exceptions import ExportFailed
from unscrawl.export import Original, write
from unscrawl.imaging import open_source
from unscrawl.options import ReadOptions
from unscrawl.result import Document, Page

BLACK = b"0 0 0 rg 10 10 20 20 re f"
HELVETICA = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"


def with_text(shown: bytes) -> bytes:
    """A PDF page of a picture's size with visible text."""
    content = BLACK + b" BT /F1 12 Tf 10 100 Td (" + shown + b") Tj ET"
    return pdf_of_pages(content, extra=b"/Resources <</Font <</F1 3 0 R>>>>", more=[HELVETICA])


def read(pdf: bytes, *lines: Any, dpi: int = 144) -> tuple[Document, Original]:
    """What reading this PDF would give, if these lines were on its first page."""
    options = ReadOptions(pdf_dpi=dpi)
    source = open_source(pdf, options)
    pages = []
    for number, page in enumerate(source.read_pages(), 1):
        assert not hasattr(page, "error")
        width, height = page.original_size
        pages.append(Page(number, width, height, lines if number == 1 else (), dpi))
    return Document(tuple(pages), "scan.pdf"), Original.of(source, options)


BOXES = [
    ("0 0 100 200", b""),
    ("0 0 100 200", b"/Rotate 90"),
    ("0 0 100 200", b"/Rotate 180"),
    ("0 0 100 200", b"/Rotate 270"),
    ("0 0 100 200", b"/Rotate -90"),
    ("-50 30 50 230", b""),
    ("0 0 300 400", b"/CropBox [100 100 200 300]"),
    ("0 0 300 400", b"/CropBox [100 100 200 300] /Rotate 90"),
    ("100 200 0 0", b""),
    ("0 0 100 200", b"/UserUnit 2"),
]


@pytest.mark.parametrize(("box", "extra"), BOXES)
def test_text_lies_where_it_was_read(box: str, extra: bytes) -> None:
    pdf = pdf_of_pages(BLACK, box=box, extra=extra)
    found = line("here it is", 40, left=20, height=24, gap=10)
    what, source = read(pdf, found)
    data = write(what, "pdf", source)
    shown_width = rendered(data).width
    words = pdfium_words(data)
    assert [text for text, _ in words] == ["here", "it", "is"]
    scale = shown_width / what.pages[0].width
    for (_, place), word in zip(words, found.words, strict=True):
        assert np.allclose(place, np.array(word.bbox) * scale, atol=1)
    assert np.array_equal(np.asarray(rendered(data)), np.asarray(rendered(pdf)))


def test_page_content_that_moves_the_world_does_not_move_the_text() -> None:
    pdf = pdf_of_pages(b"0.5 0 0 0.5 40 40 cm 3 Tr q q " + BLACK)
    found = line("here it is", 40, left=20, height=24, gap=10)
    what, source = read(pdf, found)
    words = pdfium_words(write(what, "pdf", source))
    assert np.allclose(words[0][1], np.array(found.words[0].bbox) / 2, atol=1)


def test_every_page_and_its_pictures_stay(tmp_path: Any) -> None:
    images = [picture(), picture(400, 300)]
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], quality=80)
    what, source = read(out.getvalue(), line("on page one"))
    data = write(what, "pdf", source)
    with pikepdf.open(io.BytesIO(out.getvalue())) as before, pikepdf.open(io.BytesIO(data)) as after:
        assert len(after.pages) == 2
        for old, new in zip(before.pages, after.pages, strict=True):
            assert [bytes(i.read_raw_bytes()) for i in old.get_images().values()] == [
                bytes(i.read_raw_bytes()) for i in new.get_images().values()
            ]
    assert (pdfium_text(data, 0), pdfium_text(data, 1)) == ("on page one", "")


def test_pages_that_were_not_read_stay_too(engine: OcrEngine) -> None:
    out = io.BytesIO()
    picture().save(out, "PDF", save_all=True, append_images=[picture(), picture()])
    result = engine.recognize(out.getvalue(), pages="2", pdf_dpi=72)
    with pikepdf.open(io.BytesIO(result.write("pdf"))) as pdf:
        assert len(pdf.pages) == 3


def test_a_page_with_its_own_text_gets_no_second_one() -> None:
    what, source = read(with_text(b"words of its own"), line("words of its own", 50))
    assert pdfium_text(write(what, "pdf", source)).split() == ["words", "of", "its", "own"]


def test_a_stamp_does_not_keep_a_page_from_getting_its_text() -> None:
    what, source = read(with_text(b"No. 7"), line("a whole page of writing, read from the picture", 50, height=8))
    text = pdfium_text(write(what, "pdf", source))
    assert "a whole page of writing" in text and "No. 7" in text


def test_an_encrypted_pdf_does_not_become_an_open_one() -> None:
    for password in ("secret", ""):
        pdf = encrypted(pdf_of_pages(BLACK), password)
        options = ReadOptions(password=password or None)
        source = Original.of(open_source(pdf, options), options)
        with pytest.raises(ExportFailed, match="encrypted") as failure:
            write(document(line("text")), "pdf", source)
        assert "qpdf --decrypt" in str(failure.value)


def test_a_signed_pdf_is_not_changed() -> None:
    with pikepdf.open(io.BytesIO(pdf_of_pages(BLACK))) as pdf:
        pdf.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=pikepdf.Array())
        out = io.BytesIO()
        pdf.save(out)
    with pytest.raises(ExportFailed, match="signed"):
        write(document(line("text")), "pdf", original(out.getvalue()))


def test_a_pdf_is_not_made_into_pdfa() -> None:
    with pytest.raises(ExportFailed, match="only pictures"):
        write(document(line("text")), "pdfa", original(pdf_of_pages(BLACK)))
