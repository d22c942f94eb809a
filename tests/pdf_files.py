"""PDFs written by hand, so that tests can break each of their parts."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf

__all__ = ["encrypted", "pdf_of_objects", "pdf_of_pages", "slow_content"]

BLACK_SQUARE = b"0 0 0 rg 10 10 20 20 re f"


def pdf_of_objects(objects: Sequence[bytes], root: int = 1) -> bytes:
    """A PDF of these objects, numbered from 1."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer <</Size %d /Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, table)
    return bytes(out)


def _stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<<%b /Length %d>>\nstream\n%b\nendstream" % (extra, len(content), content)


def pdf_of_pages(*contents: bytes, box: str = "0 0 100 200", extra: bytes = b"", more: Sequence[bytes] = ()) -> bytes:
    """A PDF with one page for each content stream; ``more`` objects get the numbers from 3 on."""
    first = 3 + len(more)
    kids = b" ".join(b"%d 0 R" % (first + 2 * i) for i in range(len(contents)))
    objects = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Count %d /Kids [%b]>>" % (len(contents), kids),
    ]
    objects += more
    for i, content in enumerate(contents):
        page = b"<</Type /Page /Parent 2 0 R /MediaBox [%b] /Contents %d 0 R %b>>"
        objects += [page % (box.encode(), first + 2 * i + 1, extra), _stream(content)]
    return pdf_of_objects(objects)


def slow_content() -> tuple[bytes, bytes, list[bytes]]:
    """A content stream that takes hours: forms in forms, ten times each; its resources; its objects."""
    levels = 9
    forms = []
    for level in range(levels):
        inner = b"/X Do " * 10 if level < levels - 1 else b"0 0 m 50 90 l 90 10 l h f "
        extra = b"/Type /XObject /Subtype /Form /BBox [0 0 100 200]"
        if level < levels - 1:
            extra += b" /Resources <</XObject <</X %d 0 R>>>>" % (4 + level)
        forms.append(_stream(inner, extra))
    return b"/X Do", b"/Resources <</XObject <</X 3 0 R>>>>", forms


def encrypted(pdf: bytes, password: str) -> bytes:
    """The same PDF, encrypted with AES-256."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner=password, user=password))
    return out.getvalue()
