"""Synthetic handwritten lines: ink on paper under a camera.

A line is written letter by letter (each with its own size, place and tilt) or word by word (so that a font's own
ligatures and joins show), bent by a smooth random field, given a pen, laid on a sheet with rules, neighbours and
bleed-through, and photographed. ``render`` returns what the recogniser would be handed: a grey crop of a line.

The distortions follow what reliably helps handwriting recognition: shear, smooth displacement and stroke width
(Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks", ICDAR 2003; Wigington et al.,
"Data Augmentation for Recognition of Handwritten Words and Lines", ICDAR 2017).
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from training.alphabet import ALPHABET
from training.distort import bend, camera
from training.fonts import CAPITALS, Family, load_families, pick, sized
from training.ink import Grey, Ink, lay_on_paper, pen, rows, trim_sides
from training.texts import Texts
from unscrawl.languages import Script

__all__ = ["Synthesiser"]

_LARGEST_SIZE = 60
_SMALLEST_SIZE = 34
_ALLOWED = frozenset(ALPHABET)
# How often lines are in each script, and letters that tell which hands can write it.
SCRIPTS = {Script.LATIN: 0.60, Script.CYRILLIC: 0.29, Script.GREEK: 0.11}
LETTERS = {Script.LATIN: "", Script.CYRILLIC: "бвгджю", Script.GREEK: "αβγδλώ"}
_LETTER = re.compile(r".[\u0300-\u036f]*")  # with the marks that stand on it


class Synthesiser:
    """Draws random lines.

    Args:
        fonts: The folder that ``training.fonts`` has filled.
        texts: What to write.
        held_out: Use only the hands that are never trained on.
    """

    def __init__(self, fonts: Path, texts: Texts, *, held_out: bool = False) -> None:
        self._texts = texts
        self._families = {
            script: (
                load_families(fonts, "hand", held_out=held_out, letters=letters),
                load_families(fonts, "print", letters=letters),
            )
            for script, letters in LETTERS.items()
        }

    def draw(
        self, rng: random.Random, printed_share: float = 0.2, script: Script | None = None
    ) -> tuple[Grey, str] | None:
        """A line's picture (uint8, any height and width) and its text, or None where a try failed.

        Args:
            rng: Where chance comes from.
            printed_share: How many of the lines are print.
            script: What to write in; None for any of ``SCRIPTS``.
        """
        script = script or rng.choices(list(SCRIPTS), list(SCRIPTS.values()))[0]
        text = self._texts.line(rng, script)
        printed = rng.random() < printed_share
        family = pick(*self._families[script][printed], text, rng)
        if family is None:
            return None
        if family.name in CAPITALS:
            text = text.upper()
            if not family.covers(text) or not _ALLOWED.issuperset(text):
                return None
        picture = self.render(text, family, rng, printed=printed)
        return None if picture is None else (picture, text)

    def render(self, text: str, family: Family, rng: random.Random, *, printed: bool = False) -> Grey | None:
        """Write a text in a family; None where nothing visible comes of it."""
        size = rng.randint(_SMALLEST_SIZE, _LARGEST_SIZE)
        ink, base = self._write(text, family, size, rng, printed=printed)
        body = rows(ink)
        if body is None:
            return None
        top, bottom = body
        pad_above, pad_below = (rng.uniform(-0.04, 0.32) * (bottom - top) for _ in range(2))
        if not printed and rng.random() < 0.35:
            ink = self._with_neighbours(ink, family, size, base, rng)
        if not printed and rng.random() < 0.07:
            _underline(ink, base, size, rng)
        if not printed:
            ink = bend(ink, rng)
        ink = pen(ink, size, rng, printed=printed)
        ink = ink[max(0, int(top - pad_above)) : int(bottom + pad_below) + 1]
        ink = trim_sides(ink, rng)
        if ink.shape[0] < 8 or ink.shape[1] < 8 or ink.max() < 0.4:
            return None
        return camera(lay_on_paper(ink, rng), rng)

    def _write(self, text: str, family: Family, size: int, rng: random.Random, *, printed: bool) -> tuple[Ink, float]:
        """Ink coverage 0 to 1 on a canvas with room to spare, and the height of the baseline."""
        base = size * 2.2
        width = int(sized(family.files[0], size).getlength(text) * 2.0) + 8 * size
        canvas = Image.new("L", (width, int(size * 4.4)), 0)
        draw = ImageDraw.Draw(canvas)
        x = 2.0 * size
        by_letter = not printed and rng.random() < 0.6
        wobble = 0.0 if printed else rng.uniform(0.0, 0.05) * size
        size_wobble = 0.0 if printed else rng.uniform(0.0, 0.09)
        tracking = rng.gauss(0.0, 0.02) * size if printed else rng.uniform(-0.04, 0.10) * size
        gap = rng.uniform(0.8, 1.3) if printed else rng.uniform(0.7, 2.2)
        crossed = -1
        words = text.split(" ")
        if not printed and len(words) > 2 and rng.random() < 0.04:
            crossed = rng.randrange(1, len(words))
        for index, word in enumerate(words):
            if index == crossed:
                x = self._cross_out(draw, family, size, x, base, rng) + size * 0.3
            lift = rng.gauss(0, 1) * wobble
            whole = not by_letter and all(family.file_of[c] == family.file_of[word[0]] for c in word)
            if whole and word:
                font = sized(family.files[family.file_of[word[0]]], size)
                draw.text((x, base + lift), word, font=font, fill=255, anchor="ls")
                x += font.getlength(word)
            else:
                for letter in _LETTER.findall(word):
                    scaled = max(12, round(size * (1 + rng.gauss(0, 1) * size_wobble)))
                    font = sized(family.files[family.file_of[letter[0]]], scaled)
                    draw.text((x, base + lift + rng.gauss(0, 0.5) * wobble), letter, font=font, fill=255, anchor="ls")
                    x += font.getlength(letter) + tracking * (rng.random() * 2 if wobble else 1)
            blank = max(sized(family.files[0], size).getlength(" "), size * 0.18)
            x += blank * gap * (rng.uniform(0.7, 1.5) if wobble else 1)
        return np.asarray(canvas, dtype=np.float32)[:, : int(x) + 2 * size] / 255, base

    def _cross_out(
        self, draw: ImageDraw.ImageDraw, family: Family, size: int, x: float, base: float, rng: random.Random
    ) -> float:
        """Write a word and strike it through: it is not part of the truth."""
        word = self._texts.words(rng, 1)
        if not family.covers(word):
            word = "thus"
        font = sized(family.files[family.file_of[word[0]]], size)
        draw.text((x, base), word, font=font, fill=255, anchor="ls")
        end = x + font.getlength(word)
        strokes = rng.choice((1, 2, 6))
        previous = (x - 4, base - size * rng.uniform(0.05, 0.4))
        for stroke in range(strokes):
            across = end + 4 if stroke % 2 == 0 else x - 4
            point = (across, base - size * rng.uniform(0.0, 0.5))
            draw.line([previous, point], fill=255, width=rng.randint(2, 5))
            previous = point
        return end

    def _with_neighbours(self, ink: Ink, family: Family, size: int, base: float, rng: random.Random) -> Ink:
        """Lines above and below, close enough to reach into this one."""
        for side in (-1, 1):
            if rng.random() < 0.3:
                continue
            other = self._texts.words(rng, rng.randint(2, 8))
            if not family.covers(other):
                continue
            layer = Image.new("L", (ink.shape[1], ink.shape[0]), 0)
            pitch = size * rng.uniform(0.95, 1.5)
            font = sized(family.files[family.file_of[other[0]]], size)
            ImageDraw.Draw(layer).text(
                (rng.uniform(0, 3) * size, base + side * pitch), other, font=font, fill=255, anchor="ls"
            )
            ink = np.maximum(ink, np.asarray(layer, dtype=np.float32) / 255)
        return ink


def _underline(ink: Ink, base: float, size: int, rng: random.Random) -> None:
    inked = np.flatnonzero(ink.max(axis=0) > 0.3)
    start, end = sorted(rng.sample(range(int(inked[0]), int(inked[-1]) + 2), 2))
    y = int(base + size * rng.uniform(0.08, 0.25))
    cv2.line(ink, (start, y), (end, y + rng.randint(-4, 4)), 1.0, rng.randint(1, 3), cv2.LINE_AA)
