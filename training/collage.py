"""Real handwriting recomposed: lines that a writer never wrote, in the writer's own ink.

Real lines are few and their texts fewer (volunteers copied the same letters), so a network learns the texts with the
hands. Here pieces of one writer's lines, cut between letters where ``training.align`` found them, are put on a common
baseline at a common height to spell any text. The longest piece that fits comes first, so that joins between letters,
spaces and punctuation are mostly real ones; a letter the writer never wrote is borrowed from another.

After Helmers and Bunke, "Generation and use of synthetic training data in cursive handwriting recognition" (IbPRIA
2003), who did it with letters cut by hand.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data import RealLine, read_lines
from training.distort import augment
from training.texts import Texts

__all__ = ["Collage"]

Ink = NDArray[np.float32]

# Letters without ascender or descender: their ink tells baseline and x-height.
_MIDDLE_LETTERS = frozenset("acemnorsuvwxz")
_FEWEST_MIDDLE_LETTERS = 5
_FEWEST_CHARACTERS = 250  # of one writer; with less, every line would be borrowed
_MOST_BORROWED = 3
_LONGEST_PIECES = (3, 4, 5, 7, 12)
_MOST_PIECES = 0.6  # a character: more makes ransom notes
_CLEAN_CUT = 0.35  # of a stroke's darkness, summed over a column: the cut goes through no letter
_TRIES = 40
_NEIGHBOUR_SHARE = 0.35
_X_HEIGHT = 18  # of the canvas, pixels: about what the stored pictures (64 px a line) have


@dataclass(frozen=True)
class _Source:
    """A real line ready to be cut."""

    line: RealLine
    columns: tuple[int, ...]

    @cached_property
    def ink(self) -> NDArray[np.uint8]:
        """Darkness above the paper around it, 0 to 255."""
        paper = cv2.blur(cv2.dilate(cv2.medianBlur(self.line.picture, 3), np.ones((15, 15), np.uint8)), (31, 31))
        return np.asarray(cv2.subtract(cv2.subtract(paper, self.line.picture), 5), dtype=np.uint8)

    @cached_property
    def strength(self) -> float:
        """How dark the ink is where there is some."""
        return float(np.quantile(self.ink, 0.98))

    @cached_property
    def cuts(self) -> list[int]:
        """Columns before the first character, between all, and after the last: where least ink is."""
        column_ink = self.ink.sum(axis=0, dtype=np.int64)
        found = [max(0, 2 * self.columns[0] - self.columns[1]) if len(self.columns) > 1 else 0]
        for left, right in zip(self.columns, self.columns[1:], strict=False):
            start, end = left + (right - left) // 4, right - (right - left) // 4
            found.append(start + int(column_ink[start : end + 1].argmin()))
        return [*found, self.ink.shape[1]]

    @cached_property
    def clean(self) -> list[bool]:
        """Which of the cuts meet next to no ink."""
        column_ink = self.ink.sum(axis=0, dtype=np.int64)
        limit = _CLEAN_CUT * max(self.strength, 12)
        return [bool(column_ink[min(cut, len(column_ink) - 1)] <= limit) for cut in self.cuts]

    @cached_property
    def frame(self) -> tuple[float, float, float] | None:
        """Baseline at column 0, its slope, and the x-height, in pixels; None where too few letters tell."""
        rows = []
        for index, character in enumerate(self.line.text):
            if character in _MIDDLE_LETTERS:
                profile = self.ink[:, self.cuts[index] : self.cuts[index + 1]].sum(axis=1, dtype=np.int64)
                total = profile.cumsum()
                if total.size and total[-1] > 120:
                    top, bottom = np.searchsorted(total, (0.06 * total[-1], 0.94 * total[-1]))
                    rows.append((self.columns[index], float(top), float(bottom)))
        if len(rows) < _FEWEST_MIDDLE_LETTERS:
            return None
        x, tops, bottoms = np.array(rows).T
        near = np.abs(bottoms - np.median(bottoms)) <= 0.2 * self.ink.shape[0]
        slope, base = np.polyfit(x[near], bottoms[near], 1) if near.sum() >= 3 else (0.0, np.median(bottoms))
        height = float(np.median(bottoms - tops))
        return (float(base), float(slope), height) if height >= 4 else None


class Collage:
    """Draws recomposed lines.

    Args:
        data: Folder with the training sets.
        aligned: The file that ``training.align`` wrote.
        texts: What to write.
    """

    def __init__(self, data: Path, aligned: Path, texts: Texts) -> None:
        self._texts = texts
        columns = {name: tuple(x) for name, x in json.loads(aligned.read_text(encoding="utf-8")).items()}
        self._writers: dict[str, list[_Source]] = defaultdict(list)
        for name in sorted({name.split("/")[0] for name in columns}):
            for line in read_lines(data / name):
                source = columns.get(f"{name}/{line.name}")
                if source is not None and line.kind == "handwritten" and len(source) > 1:
                    self._writers[f"{name}/{line.group}"].append(_Source(line, source))
        large = {w: s for w, s in self._writers.items() if sum(len(x.columns) for x in s) >= _FEWEST_CHARACTERS}
        self._names = list(large)
        # A writer of many lines shows more of a hand, but not in proportion.
        self._shares = [sum(len(x.columns) for x in sources) ** 0.3 for sources in large.values()]
        self._all = [source for sources in self._writers.values() for source in sources]

    def draw(self, rng: random.Random) -> tuple[NDArray[np.uint8], str] | None:
        """A line's picture and its text, or None where a try failed."""
        writer = self._writers[rng.choices(self._names, self._shares)[0]]
        for _ in range(_TRIES):
            text = self._texts.line(rng)
            pieces = self._spell(text, writer, rng)
            if pieces is not None:
                break
        else:
            return None
        ink = _compose(pieces)
        if ink is None or (body := _body(ink)) is None:
            return None
        if rng.random() < _NEIGHBOUR_SHARE:
            ink = _with_neighbours(ink, writer, rng)
        above, below = (rng.uniform(-0.03, 0.3) * (body[1] - body[0]) for _ in range(2))
        ink = ink[max(0, int(body[0] - above)) : int(body[1] + below) + 1]
        ink = np.pad(ink, ((0, 0), (rng.randint(0, _X_HEIGHT), rng.randint(0, _X_HEIGHT))))
        paper = float(np.median(rng.choice(writer).line.picture))
        page = np.clip(paper - ink * 255 * rng.uniform(0.8, 1.2), 0, 255).astype(np.uint8)
        return augment(page, rng), text

    def _spell(self, text: str, writer: list[_Source], rng: random.Random) -> list[tuple[_Source, int, int]] | None:
        longest = rng.choice(_LONGEST_PIECES)
        pieces: list[tuple[_Source, int, int]] = []
        borrowed = at = 0
        while at < len(text):
            for length in range(min(longest, len(text) - at), 0, -1):
                piece = _find(text[at : at + length], writer, rng)
                if piece is not None:
                    break
            else:
                length = 1
                piece = _find(text[at], [rng.choice(self._all) for _ in range(400)], rng)
                borrowed += 1
                if piece is None or borrowed > _MOST_BORROWED:
                    return None
            pieces.append(piece)
            at += length
        return pieces if len(pieces) <= _MOST_PIECES * len(text) + 1 else None


def _find(wanted: str, sources: list[_Source], rng: random.Random) -> tuple[_Source, int, int] | None:
    """A random occurrence, cut cleanly if there is one: source, first character, one past the last."""
    first = rng.randrange(len(sources))
    found = None
    for offset in range(len(sources)):
        source = sources[(first + offset) % len(sources)]
        at = source.line.text.find(wanted)
        if at < 0 or source.frame is None:
            continue
        end = at + len(wanted)
        if source.clean[at] and source.clean[end]:
            return source, at, end
        found = found or (source, at, end)
    return found


def _compose(pieces: list[tuple[_Source, int, int]]) -> Ink | None:
    """All pieces side by side on one baseline."""
    height, base = _X_HEIGHT * 5, _X_HEIGHT * 3
    parts = []
    strength = float(np.median([source.strength for source, _, _ in pieces]))
    for source, first, last in pieces:
        frame = source.frame
        assert frame is not None
        start, slope, x_height = frame
        left, right = source.cuts[first], source.cuts[last]
        if right - left < 2:
            return None
        scale = _X_HEIGHT / x_height
        middle = start + slope * (left + right) / 2
        width = max(2, round((right - left) * scale))
        matrix = np.array([[scale, 0, -left * scale], [0, scale, base - middle * scale]], np.float32)
        part = cv2.warpAffine(source.ink, matrix, (width, height), flags=cv2.INTER_LINEAR)
        evened = min(1.6, max(0.6, strength / max(source.strength, 12)))
        parts.append(part.astype(np.float32) * (evened / 255))
    return np.asarray(np.concatenate(parts, axis=1), dtype=np.float32)


def _body(ink: Ink) -> tuple[int, int] | None:
    """First and last row that the line itself fills."""
    rows = np.flatnonzero(np.quantile(ink, 0.99, axis=1) > 0.3 * ink.max())
    return (int(rows[0]), int(rows[-1])) if len(rows) > _X_HEIGHT // 3 else None


def _with_neighbours(ink: Ink, writer: list[_Source], rng: random.Random) -> Ink:
    """What the writer wrote above and below reaches in, as in a crop cut by a detector."""
    height, width = ink.shape
    for side in (-1, 1):
        source = rng.choice(writer)
        if source.frame is None or rng.random() < 0.3:
            continue
        start, _, x_height = source.frame
        scale = _X_HEIGHT / x_height
        pitch = side * _X_HEIGHT * rng.uniform(2.4, 3.6)
        matrix = np.array(
            [[scale, 0, -rng.uniform(0, 100)], [0, scale, _X_HEIGHT * 3 + pitch - start * scale]], np.float32
        )
        other = cv2.warpAffine(source.ink, matrix, (width, height), flags=cv2.INTER_LINEAR)
        ink = np.maximum(ink, other.astype(np.float32) / 255)
    return ink
