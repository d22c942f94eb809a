"""Laying text under the pages of a PDF that was read; the pages themselves stay as they are."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Dictionary, Name

from unscrawl.exceptions import ExportFailed
from unscrawl.export.pdf_text import RESOURCE, InvisibleFont, text_layer
from unscrawl.imaging.geometry import Matrix
from unscrawl.result import Document, Page

__all__ = ["overlay", "page_to_pdf"]

_TEXT_OPERATORS = {"Tj", "TJ", "'", '"'}

_OWN_TEXT = 0.5
"""A page that shows at least this share of the characters that were read has a text of its own, and gets no second
one; less is a stamp or a page number."""

_DEEPEST_FORM = 5
"""How deep forms in forms are looked into."""


def overlay(document: Document, data: bytes) -> bytes:
    """The same PDF with what was read as invisible text.

    Raises:
        ExportFailed: If it is encrypted or signed, so that a changed copy would be worth less than it, or qpdf cannot
            read it.
    """
    pdf = _opened(document.source, data)
    font = InvisibleFont()
    changed = []
    for page in document.pages:
        target = pdf.pages[page.number - 1]
        if not page.lines or _has_own_text(target, len(page.text)):
            continue
        layer = text_layer(page, page_to_pdf(target, page), font)
        # Before the page's own content, because some of that leaves the world moved when it ends.
        target.contents_add(pdf.make_stream(layer + b"\n"), prepend=True)
        changed.append(target)
    if changed:
        made = font.make(pdf)
        for target in changed:
            target.add_resource(made, Name.Font, Name(f"/{RESOURCE}"))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _opened(name: str, data: bytes) -> pikepdf.Pdf:
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        raise _encrypted(name) from None
    except pikepdf.PdfError as error:
        raise ExportFailed(
            f"{name} can be shown, but not be changed: {error}.", remedy="Print it to a new PDF."
        ) from None
    if pdf.is_encrypted:
        raise _encrypted(name)
    if int(pdf.Root.get("/AcroForm", Dictionary()).get("/SigFlags", 0)) & 1:
        raise ExportFailed(
            f"{name} is signed, and a change would break the signature.", remedy="Print it to a new PDF."
        )
    return pdf


def _encrypted(name: str) -> ExportFailed:
    return ExportFailed(
        f"{name} is encrypted, and a searchable copy would not be.",
        remedy="If that is what you want, decrypt it first: qpdf --decrypt IN.pdf OUT.pdf.",
    )


def page_to_pdf(target: pikepdf.Page, page: Page) -> Matrix:
    """3x3 matrix from pixels of the page as it was rendered to its user space."""
    left, bottom, right, top = _visible_box(target)
    wide, high = right - left, top - bottom
    # From the rendered page to shares of its width and height, then to the user space of a page turned so far.
    shares = np.diag([1 / max(page.width, 1), 1 / max(page.height, 1), 1.0])
    rows = {
        0: ((wide, 0, left), (0, -high, top)),
        90: ((0, wide, left), (high, 0, bottom)),
        180: ((-wide, 0, right), (0, high, bottom)),
        270: ((0, -wide, right), (-high, 0, top)),
    }[int(_inherited(target, "/Rotate") or 0) % 360]
    return np.array([*rows, (0, 0, 1)], dtype=np.float64) @ shares


def _visible_box(target: pikepdf.Page) -> tuple[float, float, float, float]:
    """The crop box, as far as it lies inside of the media box: what PDFium renders."""
    media = _box(_inherited(target, "/MediaBox")) or (0.0, 0.0, 612.0, 792.0)
    crop = _box(_inherited(target, "/CropBox")) or media
    both = max(crop[0], media[0]), max(crop[1], media[1]), min(crop[2], media[2]), min(crop[3], media[3])
    return both if both[0] < both[2] and both[1] < both[3] else media


def _box(value: Any) -> tuple[float, float, float, float] | None:
    if value is None or len(value) != 4:
        return None
    x, y, x2, y2 = (float(edge) for edge in value)
    box = min(x, x2), min(y, y2), max(x, x2), max(y, y2)
    return box if box[0] < box[2] and box[1] < box[3] else None


def _inherited(target: pikepdf.Page, key: str) -> Any:
    """A page's entry, or that of the branch of the page tree that it hangs on."""
    node: Any = target.obj
    for _ in range(100):  # a damaged tree may run in a circle
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node.Parent
    return None


def _has_own_text(target: pikepdf.Page, read: int) -> bool:
    return _shown_bytes(target, _DEEPEST_FORM) >= _OWN_TEXT * read


def _shown_bytes(content: Any, depth: int) -> int:
    """About how many characters a page or form shows: the bytes of its strings, which have one or two for each."""
    total = 0
    try:
        instructions = pikepdf.parse_content_stream(content)
    except pikepdf.PdfError:
        return 0
    resources = _inherited(content, "/Resources") if isinstance(content, pikepdf.Page) else content.get("/Resources")
    forms = (resources or Dictionary()).get("/XObject", Dictionary())
    for instruction in instructions:
        operands: Any = instruction.operands
        name = str(instruction.operator)
        if name in _TEXT_OPERATORS:
            total += sum(_bytes_in(operand) for operand in operands)
        elif name == "Do" and depth and operands and str(operands[0]) in forms:
            form = forms[str(operands[0])]
            if form.get("/Subtype") == Name.Form:
                total += _shown_bytes(form, depth - 1)
    return total


def _bytes_in(operand: Any) -> int:
    if isinstance(operand, pikepdf.String):
        return len(bytes(operand))
    if isinstance(operand, pikepdf.Array):
        return sum(_bytes_in(part) for part in operand)
    return 0
