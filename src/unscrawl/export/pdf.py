"""Searchable PDF: the picture as it was, and its text, invisible, where it is written.

Of pictures a new PDF is made. A PDF keeps its own pages, and only gets the text laid under them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Dictionary

from unscrawl.exceptions import ExportFailed
from unscrawl.export.original import Original
from unscrawl.export.pdf_pages import overlay
from unscrawl.export.pdf_pictures import Picture, copied, encoded
from unscrawl.export.pdf_text import RESOURCE, InvisibleFont, text_layer
from unscrawl.imaging import PageFailure
from unscrawl.imaging.geometry import Matrix
from unscrawl.imaging.sniff import Format, sniff
from unscrawl.result import Document, Page

__all__ = ["assembled", "build", "finished", "is_pdf", "text_only", "write"]

_A4_LONGER_SIDE = 841.89
"""Points. A picture that does not tell its resolution is made as large as a sheet."""
_LEAST_SIDE, _MOST_SIDE = 3.0, 14400.0
"""Points: what PDF readers show."""
_POINTS_PER_INCH = 72.0

_LOSSY = {Format.HEIF, Format.AVIF}


def write(document: Document, original: Original) -> bytes:
    """Make the PDF.

    Raises:
        ExportFailed: If the original is gone, or is a PDF that must not be changed.
    """
    data = original.file()
    if data is not None and is_pdf(data):
        return overlay(document, data)
    pdf = build(document, original, data)
    return finished(pdf)


def is_pdf(data: bytes) -> bool:
    """Whether a file is a PDF."""
    return sniff(data, "") is Format.PDF


def build(document: Document, original: Original, data: bytes | None, *, press_colours: bool = True) -> pikepdf.Pdf:
    """A new PDF of pictures.

    Args:
        document: What was read.
        original: What it was read from.
        data: Its bytes, where it was a file.
        press_colours: Whether it may hold CMYK pictures that do not say for which press.

    Raises:
        ExportFailed: If none of the pages can be decoded.
    """
    pdf = assembled(_pictures(document, original, data, press_colours))
    if not len(pdf.pages):
        raise ExportFailed(f"{document.source}: none of its pages could be decoded.", remedy="")
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = PurePath(document.source).name
    return pdf


def assembled(pictures: Iterable[tuple[Page, Picture]]) -> pikepdf.Pdf:
    """A new PDF of pictures with the invisible text of what was read on them."""
    pdf = pikepdf.new()
    font = InvisibleFont()
    pages = [_add_page(pdf, page, picture, font) for page, picture in pictures]
    made = font.make(pdf)
    for made_page in pages:
        made_page.Resources.Font = Dictionary({f"/{RESOURCE}": made})
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["pdf:Producer"] = "Unscrawl"
    return pdf


def text_only(page: Page, font_name: str) -> bytes:
    """A PDF of one page, as large as the picture, with nothing but the invisible text.

    Args:
        page: What was read.
        font_name: What the page calls the font.
    """
    scale = _scale(page, page.width, page.height)
    pdf, font = pikepdf.new(), InvisibleFont(font_name)
    pdf.add_blank_page(page_size=(page.width * scale, page.height * scale))
    made = pdf.pages[0].obj
    made.Contents = pdf.make_stream(text_layer(page, _to_pdf(scale, page.height), font))
    made.Resources = Dictionary(Font=Dictionary({f"/{font_name}": font.make(pdf)}))
    return finished(pdf)


def finished(pdf: pikepdf.Pdf) -> bytes:
    """The file's bytes; the same document always gives the same."""
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _pictures(
    document: Document, original: Original, data: bytes | None, press_colours: bool
) -> Iterator[tuple[Page, Picture]]:
    """Every page that can be decoded, with its picture; one at a time, for a decoded page is large."""
    if len(document.pages) == 1 and data is not None:
        picture = copied(data)
        if picture is not None and (press_colours or not picture.is_plain_cmyk):
            yield document.pages[0], picture
            return
    by_number = {page.number: page for page in document.pages}
    photograph = data is not None and sniff(data, document.source) in _LOSSY
    for decoded in original.source().read_pages():
        page = by_number.get(decoded.number)
        if page is not None and not isinstance(decoded, PageFailure):
            yield page, encoded(decoded, photograph=photograph)


def _add_page(pdf: pikepdf.Pdf, page: Page, picture: Picture, font: InvisibleFont) -> Any:
    width, height = picture.upright_size
    scale = _scale(page, width, height)
    upright_to_pdf = _to_pdf(scale, height)
    drawn = upright_to_pdf @ np.linalg.inv(picture.upright_to_drawn)
    text = text_layer(page, upright_to_pdf @ np.linalg.inv(picture.upright_to_stored), font)
    content = f"q {_unit_square(drawn, *picture.size)} cm /Picture Do Q\n".encode("ascii") + text
    pdf.add_blank_page(page_size=(width * scale, height * scale))
    made = pdf.pages[-1].obj
    made.Resources = Dictionary(XObject=Dictionary(Picture=picture.add_to(pdf)))
    made.Contents = pdf.make_stream(content)
    return made


def _to_pdf(scale: float, height: int) -> Matrix:
    """From pixels, counted from the top, to points, counted from the bottom."""
    return np.array([[scale, 0, 0], [0, -scale, height * scale], [0, 0, 1]])


def _scale(page: Page, width: int, height: int) -> float:
    """Points a pixel."""
    longer = max(width, height)
    scale = _POINTS_PER_INCH / page.dpi if page.dpi else _A4_LONGER_SIDE / longer
    return min(max(scale, _LEAST_SIDE / min(width, height)), _MOST_SIDE / longer)


def _unit_square(to_pdf: Matrix, width: int, height: int) -> str:
    """The six numbers that put the unit square, into which PDF draws pictures, where a picture's pixels belong."""
    corner, right, top = (
        np.array([to_pdf[0] @ point, to_pdf[1] @ point])
        for point in (np.array([0, height, 1]), np.array([width, height, 1]), np.array([0, 0, 1]))
    )
    values = (*(right - corner), *(top - corner), *corner)
    return " ".join(f"{value:.4f}" for value in values)
