"""The process in which PDFium runs.

It is ``python -m unscrawl.imaging.pdf_worker``, driven over its standard streams. PDFium is not thread-safe,
and it is a large program in C++ that reads hostile files: here it can crash, hang or use up its memory
without harm to whoever asked. It keeps no state but the open document, imports nothing heavy, and ends with
its standard input.
"""

from __future__ import annotations

import math
import os
import signal
import sys
from contextlib import suppress
from typing import Any, BinaryIO

from unscrawl.imaging.pdf_protocol import MessageError, receive, send

__all__ = ["main"]

POINTS_PER_INCH = 72.0

LEAST_DPI = 72.0
"""A page that is over the limit even at one pixel per point is not made still smaller: no text would be
legible."""

MEMORY_BASE = 1_600_000_000
"""Bytes of address space for the interpreter, the libraries, fonts and decoded pictures of a page; the
document and the rendered page come on top. By default (100 megapixels) that makes 2 GiB and the size of the
file."""

ALARM_GRACE = 5
"""Seconds after which an orphan ends itself: by then, a living parent has long killed it."""


class _RefusalError(Exception):
    """Something that the asker has to know; its name is in ``kind``."""

    def __init__(self, kind: str, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.kind = kind
        self.facts = facts


class _Renderer:
    """One document at a time."""

    def __init__(self) -> None:
        self._document: Any = None

    def open(self, data: bytearray, head: dict[str, Any]) -> dict[str, Any]:
        """Open a document; answers with its number of pages."""
        _limit_memory(MEMORY_BASE + 5 * int(head["most_pixels"]) + 2 * len(data))
        try:
            import pypdfium2 as pdfium
            import pypdfium2.raw as raw
        except ImportError as error:
            raise _RefusalError("setup", str(error)) from error
        try:
            document = pdfium.PdfDocument(bytes(data), password=head["password"])
        except pdfium.PdfiumError as error:
            kinds = {
                raw.FPDF_ERR_PASSWORD: "password",
                raw.FPDF_ERR_SECURITY: "security",
                # Nothing wrong but that there is no page.
                raw.FPDF_ERR_SUCCESS: "empty",
            }
            raise _RefusalError(kinds.get(getattr(error, "err_code", None), "damaged"), str(error)) from error
        with suppress(Exception):  # pages without their form fields are better than none
            document.init_forms()
        self._document = document
        return {"pages": len(document)}

    def render(self, head: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """Render a page (from 0) to RGB; answers with its size and pixels."""
        import pypdfium2 as pdfium

        most_pixels = int(head["most_pixels"])
        try:
            page = self._document[int(head["page"])]
            width, height = page.get_width(), page.get_height()  # points, after the page's own rotation
            if not (0 < width < math.inf and 0 < height < math.inf):
                raise _RefusalError("damaged", "a page without a size")
            dpi = _fitting_dpi(width, height, float(head["dpi"]), most_pixels)
            bitmap = page.render(scale=dpi / POINTS_PER_INCH, rev_byteorder=True, draw_annots=True)
            page.close()
        except pdfium.PdfiumError as error:
            raise _RefusalError("damaged", str(error)) from error
        answer = {"width": bitmap.width, "height": bitmap.height, "stride": bitmap.stride, "dpi": dpi}
        return answer, bitmap.buffer


def _pixels_at(width: float, height: float, dpi: float) -> int:
    scale = dpi / POINTS_PER_INCH
    return math.ceil(width * scale) * math.ceil(height * scale)


def _fitting_dpi(width: float, height: float, dpi: float, most_pixels: int) -> float:
    """The wanted resolution, or the highest one at which a page of that size (points) keeps the limit."""
    if _pixels_at(width, height, dpi) <= most_pixels:
        return dpi
    if _pixels_at(width, height, LEAST_DPI) > most_pixels:
        raise _RefusalError("pixels", "page too large", actual=width * height)
    low, high = LEAST_DPI, dpi
    for _ in range(40):  # the rounding up of both sides leaves no closed form
        middle = (low + high) / 2
        low, high = (middle, high) if _pixels_at(width, height, middle) <= most_pixels else (low, middle)
    return low


def _limit_memory(most: int) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows
    try:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ValueError, OSError):
        pass  # a system that does not know such limits; the others hold


def _set_alarm(seconds: float) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(math.ceil(min(seconds, 1e9)) + ALARM_GRACE if seconds else 0)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    renderer = _Renderer()
    while True:
        try:
            head, body = receive(requests, sys.maxsize)
        except MessageError:
            return
        _set_alarm(float(head["seconds"]))
        answer: dict[str, Any]
        pixels: Any = b""
        try:
            if head["ask"] == "open":
                answer = renderer.open(body, head)
            else:
                answer, pixels = renderer.render(head)
        except _RefusalError as refusal:
            answer = {"error": refusal.kind, "reason": str(refusal)[:500], **refusal.facts}
        except MemoryError:
            answer = {"error": "memory", "reason": "out of memory"}
        except Exception as error:
            answer = {"error": "damaged", "reason": f"{type(error).__name__}: {error}"[:500]}
        del body
        _set_alarm(0)
        send(answers, answer, pixels)


def main() -> None:
    """Serve over the standard streams."""
    # Ctrl-C reaches the whole group of processes: what becomes of this one is for the asker to decide.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries that print would break the protocol: they get a stream that leads nowhere.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    with suppress(OSError):  # the asker is gone
        serve(requests, answers)
    # Without the interpreter's tidying up: PDFium's pages would be closed one by one, for nothing.
    os._exit(0)


if __name__ == "__main__":
    main()
