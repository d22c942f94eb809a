"""Documents for the writers, and the pictures that they could have been read from."""

from __future__ import annotations

import ctypes
import io
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from unscrawl.export import Original
from unscrawl.imaging import ImageInput, open_source
from unscrawl.imaging.geometry import Matrix, transform_points
from unscrawl.options import ReadOptions
from unscrawl.result import Document, Line, Page, Quad, Word

WIDTH, HEIGHT = 1000, 700

HEBREW = "שלום עולם טוב"
POINTED = unicodedata.normalize("NFC", "שָׁלוֹם עֵץ")
ARABIC = "مرحبا بالعالم"
MIXED = "בשנת 1948 קמה"
HAN = "漢字 仮名交じり文"
COMBINED = "Cafe\u0301 q\u0303x \U0001d518ni \U00020bb7"


def quad(left: float, top: float, width: float, height: float) -> Quad:
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


def line(text: str, top: float = 50, *, left: float = 50, height: float = 60, gap: float = 20) -> Line:
    """A line whose letters are half as wide as high."""
    words, x = [], left
    for part in text.split():
        width = len(part) * height / 2
        words.append(Word(part, quad(x, top, width, height), 0.9))
        x += width + gap
    return Line(text, quad(left, top, x - gap - left, height), tuple(words), 0.9)


def right_to_left(text: str, top: float, *, right: float = 950, from_the_right: bool = False) -> Line:
    """A line that begins at the right; its quads begin there too, or at their left."""
    words, x = [], right
    for part in text.split():
        width = len(part) * 30
        x -= width
        box = quad(x, top, width, 60)
        words.append(Word(part, (box[1], box[0], box[3], box[2]) if from_the_right else box, 0.9))
        x -= 20
    return Line(text, quad(x + 20, top, right - x - 20, 60), tuple(words), 0.9)


def moved(lines: Sequence[Line], matrix: Matrix) -> tuple[Line, ...]:
    """The same lines somewhere else."""

    def move(box: Quad) -> Quad:
        (a, b), (c, d), (e, f), (g, h) = transform_points(matrix, np.array(box)).tolist()
        return (a, b), (c, d), (e, f), (g, h)

    return tuple(
        Line(
            each.text,
            move(each.quad),
            tuple(Word(word.text, move(word.quad), word.confidence) for word in each.words),
            each.confidence,
        )
        for each in lines
    )


def document(*lines: Line, dpi: float | None = None, width: int = WIDTH, height: int = HEIGHT) -> Document:
    return Document((Page(1, width, height, lines, dpi),), "a folder/note.png")


LANGUAGES = document(
    line("plain words, here", 20),
    right_to_left(HEBREW, 120),
    right_to_left(ARABIC, 220, from_the_right=True),
    line(HAN, 320),
    line(COMBINED, 420),
    right_to_left(POINTED, 520),
    line("<&> \"quoted\" 'it' ]]>", 620),
)


def picture(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Colours that tell the corners apart, and a little noise."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[: height // 4, : width // 4] = (200, 30, 30)
    pixels[: height // 4, -width // 4 :] = (30, 200, 30)
    pixels[-height // 4 :, : width // 4] = (30, 30, 200)
    return Image.fromarray(pixels)


def original(source: ImageInput | None = None, **options: Any) -> Original:
    """The way back to a picture; by default a PNG."""
    if source is None:
        out = io.BytesIO()
        picture().save(out, "PNG")
        source = out.getvalue()
    chosen = ReadOptions(**options)
    return Original.of(open_source(source, chosen), chosen)


def _characters(page: Any) -> list[tuple[str, tuple[float, float, float, float]]]:
    """The characters that PDFium finds; of one beyond the first plane, the two halves together."""
    text = page.get_textpage()
    found: list[tuple[str, tuple[float, float, float, float]]] = []
    half = ""
    for index in range(text.count_chars()):
        half += chr(raw.FPDFText_GetUnicode(text, index))
        if not 0xD800 <= ord(half[-1]) < 0xDC00:
            whole = half.encode("utf-16", "surrogatepass").decode("utf-16")
            found.append((whole, text.get_charbox(index, loose=True)))
            half = ""
    return found


def _as_shown(page: Any, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """A box of a page's user space in points of the page as it is shown, from the top left."""
    fine = 1000  # whole pixels come back: so many of them for a point
    size = round(page.get_width() * fine), round(page.get_height() * fine)
    corners = []
    for x, y in (box[:2], box[2:]):
        right, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, right, down)
        corners.append((right.value / fine, down.value / fine))
    (x, y), (x2, y2) = corners
    return min(x, x2), min(y, y2), max(x, x2), max(y, y2)


def pdfium_words(data: bytes, page: int = 0) -> list[tuple[str, tuple[float, float, float, float]]]:
    """The words of a PDF page as PDFium finds them, with left, top, right, bottom in points from the top left."""
    pdf = pdfium.PdfDocument(data)
    shown = pdf[page]
    words = []
    letters: list[tuple[str, tuple[float, float, float, float]]] = []
    for character, box in [*_characters(shown), (" ", (0.0, 0.0, 0.0, 0.0))]:
        if character.strip():
            letters.append((character, box))
        elif letters:
            lefts, bottoms, rights, tops = zip(*(box for _, box in letters), strict=True)
            joined = "".join(letter for letter, _ in letters)
            words.append((joined, _as_shown(shown, (min(lefts), min(bottoms), max(rights), max(tops)))))
            letters = []
    pdf.close()
    return words


def pdfium_text(data: bytes, page: int = 0) -> str:
    pdf = pdfium.PdfDocument(data)
    text = "".join(character for character, _ in _characters(pdf[page]))
    pdf.close()
    return text.replace("\r\n", "\n")


def rendered(data: bytes, page: int = 0, scale: float = 1.0) -> Image.Image:
    pdf = pdfium.PdfDocument(data)
    image: Image.Image = pdf[page].render(scale=scale).to_pil().convert("RGB")
    pdf.close()
    return image
