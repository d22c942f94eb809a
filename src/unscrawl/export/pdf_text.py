"""The invisible text of a searchable PDF: every word exactly as wide as it is written, in a font without ink."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from statistics import median
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name

from unscrawl.export.structure import is_right_to_left
from unscrawl.imaging.geometry import Matrix, transform_points
from unscrawl.result import Line, Page, Quad

__all__ = ["RESOURCE", "InvisibleFont", "text_layer"]

RESOURCE = "UnscrawlText"
"""What pages call the font: no name that a page of somebody else's uses for one of its own."""

# The measures of data/glyphless.ttf, in thousandths of the font size (scripts/glyphless_font.py).
_ADVANCE, _ASCENT, _DESCENT = 500, 800, -200
_GLYPH = 1

_MOST_BFCHARS = 100
"""Entries that one section of a CMap may have."""

_LEAST_SIZE = 0.05
"""Points; a smaller word is a speck or a degenerate quad, and could not be selected."""

_LEAST_GAP = 0.2
"""Of the font size: what Poppler and PDFium surely take as a gap between words. Poppler joins words that are closer
than 0.03, and PDFium wide ones that are closer than 0.15, even if there is a space between them."""

_LEVEL_RISE, _LEVEL_SLOPE = 0.3, 0.1
"""Of the font size, and of the width: words that miss a level line by no more are put on it. Poppler tears a word apart
wherever its letters stand half a point higher than its first one, and reads words that do not stand at one height in
the order of their heights. By so little, no box misses what is written."""

_HIDDEN = {"Cc", "Cs", "Cn"}
"""Categories of code points that no text should have: controls, halves of pairs, unassigned."""


class InvisibleFont:
    """A font of which every character is the same empty glyph; it grows with the texts that are put into it.

    Characters with their combining marks get one code each, so that neither can be torn from the other.

    Args:
        name: What pages call it.
    """

    def __init__(self, name: str = RESOURCE) -> None:
        self.name = name
        self._codes: dict[str, int] = {}

    def encode(self, clusters: Iterable[str]) -> str:
        """The codes of a text's clusters, as a PDF's hexadecimal string without its brackets."""
        return "".join(f"{self._codes.setdefault(cluster, len(self._codes) + 1):04X}" for cluster in clusters)

    def make(self, pdf: pikepdf.Pdf) -> Any:
        """Put the font into a PDF, after all texts are encoded."""
        program = pdf.make_stream(files("unscrawl.export").joinpath("data/glyphless.ttf").read_bytes())
        program.Length1 = len(program.read_bytes())
        descriptor = pdf.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor,
                FontName=Name.Glyphless,
                Flags=4,
                FontBBox=Array([0, _DESCENT, _ADVANCE, _ASCENT]),
                ItalicAngle=0,
                Ascent=_ASCENT,
                Descent=_DESCENT,
                CapHeight=_ASCENT,
                StemV=80,
                FontFile2=program,
            )
        )
        glyphs = bytes([0, 0]) + bytes([0, _GLYPH]) * len(self._codes)
        descendant = pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.CIDFontType2,
                BaseFont=Name.Glyphless,
                CIDSystemInfo=Dictionary(
                    Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
                ),
                FontDescriptor=descriptor,
                DW=_ADVANCE,
                CIDToGIDMap=pdf.make_stream(glyphs),
            )
        )
        return pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=Name.Glyphless,
                Encoding=Name("/Identity-H"),
                DescendantFonts=Array([descendant]),
                ToUnicode=pdf.make_stream(self._to_unicode()),
            )
        )

    def _to_unicode(self) -> bytes:
        entries = [
            f"<{code:04X}> <{cluster.encode('utf-16-be').hex().upper()}>" for cluster, code in self._codes.items()
        ]
        sections = [entries[i : i + _MOST_BFCHARS] for i in range(0, len(entries), _MOST_BFCHARS)]
        lines = [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<0000> <FFFF>",
            "endcodespacerange",
        ]
        for section in sections:
            lines += [f"{len(section)} beginbfchar", *section, "endbfchar"]
        lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
        return "\n".join(lines).encode("ascii")


def text_layer(page: Page, to_pdf: Matrix, font: InvisibleFont) -> bytes:
    """The content stream of a page's invisible text.

    Args:
        page: What was read.
        to_pdf: 3x3 matrix from pixels of the stored picture to the PDF page's user space.
        font: The font, which learns the page's characters.

    Returns:
        Operators that leave the graphics state as they find it.
    """
    parts = ["q", "BT", "3 Tr"]
    for line in page.lines:
        parts += _line(line, to_pdf, font)
    parts += ["ET", "Q"]
    return "\n".join(parts).encode("ascii")


def _line(line: Line, to_pdf: Matrix, font: InvisibleFont) -> list[str]:
    right_to_left = is_right_to_left(line.text)
    words = [(_Frame.of(word.quad, to_pdf), _clusters(word.text)) for word in line.words]
    found = [(frame, clusters) for frame, clusters in words if frame is not None and clusters]
    shown = list(zip(_levelled([frame for frame, _ in found]), (clusters for _, clusters in found), strict=True))
    parts: list[str] = []
    for number, (frame, clusters) in enumerate(shown):
        codes, count = font.encode(_as_seen(clusters)), len(clusters)
        if number + 1 == len(shown):
            parts.append(frame.show(font.name, codes, count, 0.0, frame.width))
            continue
        # Words as they are found may touch; then this one gives way a little to the space that follows it.
        gap, cut = frame.gap_before(shown[number + 1][0], right_to_left)
        width = frame.width - cut
        start, space = (cut, cut - gap) if right_to_left else (0.0, width)
        parts.append(frame.show(font.name, codes, count, start, width))
        parts.append(frame.show(font.name, font.encode([" "]), 1, space, gap))
    return parts


def _clusters(text: str) -> list[str]:
    """Characters, each with the marks and joiners that belong to it."""
    clusters: list[str] = []
    for character in text:
        category = unicodedata.category(character)
        if category in _HIDDEN:
            continue
        if clusters and (category in ("Mn", "Me", "Mc") or character in "\u200c\u200d"):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _as_seen(clusters: list[str]) -> list[str]:
    """The clusters from left to right as they stand on the page: that is the order of glyphs in a PDF.

    Programs that extract text put letters that run from right to left back into the order they are read in.
    """
    if not any(unicodedata.bidirectional(cluster[0]) in ("R", "AL") for cluster in clusters):
        return clusters
    seen: list[str] = []
    run: list[str] = []
    for cluster in clusters:
        # Numbers and foreign letters within such a word keep their own direction.
        if unicodedata.bidirectional(cluster[0]) in ("L", "EN", "AN"):
            run.append(cluster)
        else:
            # Within the cluster too: what puts the letters back puts back each of its characters.
            seen = [cluster[::-1], *run, *seen]
            run = []
    return [*run, *seen]


def _levelled(frames: list[_Frame]) -> list[_Frame]:
    """The words of a line on one level base line, if none misses it by much; else those level that rise little."""
    if not frames:
        return []
    base = median(frame.base for frame in frames)
    little = [
        frame.slope <= min(_LEVEL_SLOPE, _LEVEL_RISE * frame.height / frame.width) and frame.axis == frames[0].axis
        for frame in frames
    ]
    if all(little) and all(abs(frame.base - base) <= _LEVEL_RISE * frame.height for frame in frames):
        return [frame.levelled(base) for frame in frames]
    return [frame.levelled(frame.base) if level else frame for frame, level in zip(frames, little, strict=True)]


class _Frame:
    """Where a word stands on the page, with its left end first, whatever direction it is read in."""

    def __init__(self, start: tuple[float, float], along: tuple[float, float], height: float) -> None:
        self._x, self._y = start
        self.width = math.hypot(*along)
        self._cos, self._sin = along[0] / self.width, along[1] / self.width
        self.height = height

    @classmethod
    def of(cls, quad: Quad, to_pdf: Matrix) -> _Frame | None:
        """That of a quad; None for one without an area."""
        start_top, end_top, end_bottom, start_bottom = transform_points(to_pdf, np.array(quad))
        along = (end_bottom + end_top - start_bottom - start_top) / 2
        up = (start_top + end_top - start_bottom - end_bottom) / 2
        turn = along[0] * up[1] - along[1] * up[0]
        if turn < 0:  # it starts at its right
            start_bottom, along = end_bottom, -along
        width = math.hypot(*along)
        if width < _LEAST_SIZE or abs(turn) / width < _LEAST_SIZE:
            return None
        height = abs(turn) / width
        # The quad's height is that of the font from its descent to its ascent.
        base = start_bottom + up * (-_DESCENT / (_ASCENT - _DESCENT))
        return cls((float(base[0]), float(base[1])), (float(along[0]), float(along[1])), height)

    @property
    def axis(self) -> tuple[float, float]:
        """The direction along an edge of the page that is nearest to its own."""
        if abs(self._cos) >= abs(self._sin):
            return math.copysign(1.0, self._cos), 0.0
        return 0.0, math.copysign(1.0, self._sin)

    @property
    def slope(self) -> float:
        """How much it rises or falls against its axis, a part of its width."""
        along, up = self.axis
        return abs(along * self._sin - up * self._cos)

    @property
    def base(self) -> float:
        """How far the middle of its base line lies to the left of its axis."""
        along, up = self.axis
        x, y = self._x + self._cos * self.width / 2, self._y + self._sin * self.width / 2
        return along * y - up * x

    def levelled(self, base: float) -> _Frame:
        """It along its axis, so far to the left of that, its middle where it was."""
        along, up = self.axis
        x, y = self._x + self._cos * self.width / 2, self._y + self._sin * self.width / 2
        start = along * x + up * y - self.width / 2
        return _Frame(
            (start * along - base * up, start * up + base * along), (along * self.width, up * self.width), self.height
        )

    def gap_before(self, following: _Frame, right_to_left: bool) -> tuple[float, float]:
        """The width of the space before the following word, and how much of this word it takes."""
        least = _LEAST_GAP * self.height
        near = (following._x - self._x) * self._cos + (following._y - self._y) * self._sin
        gap = -(near + following.width) if right_to_left else near - self.width
        if gap < -self.height:  # it does not follow here, but stands on the other side
            return least, 0.0
        cut = min(max(least - gap, 0.0), self.width / 2)
        return max(gap + cut, least), cut

    def show(self, font: str, codes: str, count: int, offset: float, width: float) -> str:
        """Operators that stretch ``count`` glyphs over so much width, from an offset along the word on."""
        scale = 100 * width / (count * self.height * _ADVANCE / 1000)
        x, y = self._x + offset * self._cos, self._y + offset * self._sin
        matrix = f"{self._cos:.5f} {self._sin:.5f} {-self._sin:.5f} {self._cos:.5f} {x:.3f} {y:.3f}"
        return f"/{font} {self.height:.3f} Tf {scale:.3f} Tz {matrix} Tm <{codes}> Tj"
