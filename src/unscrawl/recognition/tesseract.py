"""Tesseract as a reader of lines, for the scripts that our networks do not know.

It is given the lines that our detector finds, not whole pages: its own search for lines loses or merges some in Thai,
Korean and Burmese (character error rates of two printed test pages each, its own lines / ours: Thai 16.4 / 1.9,
Korean 11.6 / 0.3, Burmese 76 / 7; where it finds all lines, as in Cyrillic or Devanagari, the two are alike).
"""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unscrawl.exceptions import MissingDependency
from unscrawl.imaging.crops import resize_to_height
from unscrawl.imaging.page_image import Pixels
from unscrawl.languages import main_script
from unscrawl.reading import LineReading, Symbol

__all__ = ["TesseractReader", "load_tesserocr"]

# Tesseract scales lines to 36 or 48 pixels itself; of higher ones only its copies would grow.
MOST_HEIGHT = 120
# What is lower is no line; Tesseract says so on standard error.
LEAST_SIDE = 6
# Of a line whose letters touch the edge Tesseract loses some: paper is laid around it, so wide for its height.
MARGIN = 0.3
# How bright the paper is: brighter than this share of a line.
PAPER_QUANTILE = 0.75
# A line of which Tesseract is less sure is shown to it in other ways too, and the surest reading counts: it loses
# whole lines at times that it reads well when they are shown twice as large, or without a search for where they lie.
# Printed test pages, error rates of the way before / of this one: Arabic 16.6 / 1.7, Urdu 3.2 / 1.3.
SURE = 0.9
# Signs that steer the direction of writing, and breaks without width: not written, and no part of the text.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))


def load_tesserocr() -> Any:
    """Import ``tesserocr``.

    Raises:
        MissingDependency: If it is not installed.
    """
    # Tesseract's threads wait in busy loops: two of them take ten times as long as one as soon as anything else runs
    # (tesseract-ocr/tesseract#3109). OpenMP reads this once, when the library is loaded.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        import tesserocr
    except ImportError as error:
        raise MissingDependency(
            f"Tesseract, which reads this script, cannot be loaded: {error}.",
            remedy="Install it: pip install 'unscrawl[tesseract]'",
        ) from None
    return tesserocr


class TesseractReader:
    """Reads lines with Tesseract; safe to use from several threads at once.

    Args:
        threads: How many lines may be read at a time.

    Raises:
        MissingDependency: If ``tesserocr`` is not installed.
    """

    def __init__(self, threads: int) -> None:
        self._tesserocr = load_tesserocr()
        self._threads = threads
        # Tesseract's objects serve one thread each: those that are idle wait here.
        self._idle: dict[tuple[Path, str], list[Any]] = defaultdict(list)
        self._lock = Lock()

    def read(self, crops: Sequence[Pixels], folder: Path, name: str, *, sure: float = SURE) -> list[LineReading]:
        """Read lines.

        Args:
            crops: uint8 (any height, any width, 3), RGB, upright lines.
            folder: Where the language's data lie.
            name: Their name there, or several with ``+``.
            sure: A line read with less confidence than this is read in other ways too; 0 to read each but once.
        """
        if len(crops) < 2 or self._threads == 1:
            with self._engine(folder, name) as engine:
                return [self._read_line(engine, crop, sure) for crop in crops]

        def run(crop: Pixels) -> LineReading:
            with self._engine(folder, name) as engine:
                return self._read_line(engine, crop, sure)

        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(run, crops))

    @contextmanager
    def _engine(self, folder: Path, name: str) -> Iterator[Any]:
        with self._lock:
            waiting = self._idle[folder, name]
            engine = waiting.pop() if waiting else None
        if engine is None:
            engine = self._tesserocr.PyTessBaseAPI(
                path=f"{folder}{os.sep}",
                lang=name,
                psm=self._tesserocr.PSM.SINGLE_LINE,
                oem=self._tesserocr.OEM.LSTM_ONLY,
            )
            engine.SetVariable("debug_file", os.devnull)
        try:
            yield engine
        finally:
            engine.Clear()
            with self._lock:
                self._idle[folder, name].append(engine)

    def _read_line(self, engine: Any, crop: Pixels, sure: float) -> LineReading:
        if min(crop.shape[:2]) < LEAST_SIDE:
            return LineReading(())
        if crop.shape[0] > MOST_HEIGHT:
            crop = resize_to_height(crop, MOST_HEIGHT)
        grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        margin = round(MARGIN * grey.shape[0])
        paper = float(np.quantile(grey, PAPER_QUANTILE))
        around = (margin, margin, margin, margin)
        framed = np.asarray(cv2.copyMakeBorder(grey, *around, cv2.BORDER_CONSTANT, value=paper), dtype=np.uint8)
        single_line, raw_line = self._tesserocr.PSM.SINGLE_LINE, self._tesserocr.PSM.RAW_LINE
        reading = self._look(engine, framed, single_line, 1, margin)
        if reading.confidence >= sure:
            return reading
        larger = np.asarray(cv2.resize(framed, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
        ways = ((larger, single_line, 2, margin), (grey, raw_line, 1, 0))
        return max(reading, *(self._look(engine, *way) for way in ways), key=lambda each: each.confidence)

    def _look(self, engine: Any, picture: NDArray[np.uint8], mode: int, scale: int, margin: int) -> LineReading:
        """Show a line to Tesseract in one way.

        Args:
            engine: Tesseract.
            picture: uint8 (height, width), the line, enlarged by ``scale`` with its margin.
            mode: How much Tesseract looks for where the line lies.
            scale: How many times larger than the line it is.
            margin: How much paper lies around the line, in its own pixels.
        """
        engine.SetPageSegMode(mode)
        engine.SetImage(Image.fromarray(picture))
        engine.Recognize()
        width = picture.shape[1] / scale - 2 * margin
        level = self._tesserocr.RIL.WORD
        pieces = []
        for word in self._tesserocr.iterate_level(engine.GetIterator(), level):
            if not word.Empty(level):
                x0, _, x1, _ = word.BoundingBox(level)
                left, right = (min(1.0, max(0.0, (x / scale - margin) / width)) for x in (x0, x1))
                length = len(_clean(word.GetUTF8Text(level)))
                pieces.append(_Piece(length, left, right, word.Confidence(level) / 100))
        return LineReading(_place(_clean(engine.GetUTF8Text()), pieces))


@dataclass(frozen=True, slots=True)
class _Piece:
    """What Tesseract takes for a word.

    Attributes:
        length: How many characters it has.
        left: Where it begins along the line, 0 to 1.
        right: Where it ends.
        confidence: 0 to 1.
    """

    length: int
    left: float
    right: float
    confidence: float


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.translate(_INVISIBLE).split()))


def _place(text: str, pieces: Sequence[_Piece]) -> tuple[Symbol, ...]:
    """Give the words of a line the places of its pieces.

    Only the text of the whole line can be trusted: word by word, Tesseract 5.5 turns Hebrew letters round and forgets
    spaces. Its pieces are in logical order, though; several make a word in Thai, where no spaces part them.

    Args:
        text: The line in logical order.
        pieces: Its pieces in the same order.
    """
    symbols: list[Symbol] = []
    waiting = list(reversed(pieces))
    for word in text.split() if pieces else ():
        taken = [waiting.pop()] if waiting else [pieces[-1]]
        while waiting and sum(piece.length for piece in taken) < len(word):
            taken.append(waiting.pop())
        left, right = min(piece.left for piece in taken), max(piece.right for piece in taken)
        confidence = sum(piece.confidence for piece in taken) / len(taken)
        symbols += _spread(word, left, right, confidence, apart=bool(symbols))
    return tuple(symbols)


def _spread(text: str, left: float, right: float, confidence: float, *, apart: bool) -> list[Symbol]:
    """Give the characters of a word equal shares of its width, behind a space where it stands ``apart``."""
    script = main_script(text)
    step = (right - left) / len(text)
    symbols = [Symbol(" ", left, left, confidence)] if apart else []
    for place, character in enumerate(text):
        from_left = len(text) - 1 - place if script is not None and script.right_to_left else place
        start = left + from_left * step
        symbols.append(Symbol(character, start, start + step, confidence))
    return symbols
