"""Printed pages of known text, with the faults of a fair scan."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import regex
from PIL import Image, ImageDraw, ImageFont

from unscrawl.languages import Script

__all__ = ["PrintedPage", "print_page"]

LINES = 5
# 11 points at 200 dpi, and a column 16 cm wide.
FONT_SIZE = 31
TEXT_WIDTH = 1260
MARGIN = 90
# Of lines that are broken before the last piece that fits.
LEAST_FILL = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class PrintedPage:
    """A page and what it says.

    Attributes:
        picture: RGB.
        lines: From top to bottom, in logical order.
    """

    picture: Image.Image
    lines: tuple[str, ...]


def print_page(paragraphs: list[str], font_file: Path, script: Script, language: str, seed: int) -> PrintedPage:
    """Print the first lines of some paragraphs.

    Args:
        paragraphs: The text.
        font_file: A font that has all its letters.
        script: What it is written in.
        language: BCP 47 tag, for letters that a font shapes by language.
        seed: Of the faults.
    """
    font = ImageFont.truetype(str(font_file), FONT_SIZE, layout_engine=ImageFont.Layout.RAQM)
    direction = "rtl" if script.right_to_left else "ltr"
    lines = _wrap(paragraphs, font, spaced=script.spaced)
    ascent, descent = font.getmetrics()
    step = round(max(1.3 * FONT_SIZE, 1.15 * (ascent + descent)))
    page = Image.new("L", (TEXT_WIDTH + 2 * MARGIN, len(lines) * step + 2 * MARGIN), 255)
    draw = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        left, anchor = (TEXT_WIDTH + MARGIN, "ra") if script.right_to_left else (MARGIN, "la")
        draw.text(
            (left, MARGIN + number * step), line, 0, font, anchor=anchor, direction=direction, language=language[:3]
        )
    return PrintedPage(_scan(np.asarray(page), seed), tuple(lines))


def _wrap(paragraphs: list[str], font: ImageFont.FreeTypeFont, *, spaced: bool) -> list[str]:
    """Fill lines; every paragraph begins a new one."""
    lines: list[str] = []
    for paragraph in paragraphs:
        line = ""
        # Where no spaces part the words, lines are broken between letters (with their marks).
        for piece in regex.findall(r"\s*\S+" if spaced else r"\s*\X", paragraph):
            if font.getlength(line + piece) > TEXT_WIDTH and not _hangs(piece):
                # Better at a space, though, where one is near: Thai and Burmese have them between phrases.
                space = line.rfind(" ")
                kept = space if not spaced and space > LEAST_FILL * len(line) else len(line)
                lines.append(line[:kept].strip())
                line = line[kept:]
            line += piece
        lines.append(line.strip())
        if len(lines) >= LINES:
            break
    return [line for line in lines[:LINES] if line]


def _hangs(piece: str) -> bool:
    """Whether this cannot begin a line: punctuation without spaces around it, Tibetan's marks between syllables."""
    return unicodedata.category(piece[0]) in ("Po", "Pe", "Pf", "Lm")


def _scan(page: np.ndarray, seed: int) -> Image.Image:
    """Grey ink on grey paper, uneven light, half a degree of slant, blur, noise, JPEG."""
    random = np.random.default_rng(seed)
    height, width = page.shape
    slant = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-0.5, 0.5), 1.0)
    slanted = cv2.warpAffine(page, slant, (width, height), borderValue=255, flags=cv2.INTER_CUBIC).astype(np.float32)
    grey = np.asarray(cv2.GaussianBlur(slanted, (0, 0), random.uniform(0.6, 0.9)), dtype=np.float64)
    ink, paper = random.uniform(20, 60), random.uniform(215, 245)
    grey = ink + grey / 255 * (paper - ink)
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    grey *= 1 + random.uniform(-0.06, 0.06) * across + random.uniform(-0.06, 0.06) * down
    grey += random.normal(0, 5, grey.shape)
    _, packed = cv2.imencode(".jpg", np.clip(grey, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 75])
    return Image.fromarray(np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR_RGB), dtype=np.uint8))
