"""Blacking out: the pixels are painted over, and the text is taken away.

A new PDF is made of painted pictures. Nothing of the input's file goes into it: no original data, no attachments, no
earlier versions, no metadata, not even its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from unscrawl.exceptions import ExportFailed
from unscrawl.export import Original
from unscrawl.export.pdf import assembled, finished
from unscrawl.export.pdf_pictures import Picture, encoded
from unscrawl.imaging import PageFailure
from unscrawl.imaging.geometry import Matrix, Points, transform_points
from unscrawl.imaging.page_image import PageImage
from unscrawl.imaging.sniff import Format, sniff
from unscrawl.result import Document, Page, Quad
from unscrawl.search.matches import Match, Matcher, find_matches

__all__ = ["Redaction", "redact"]

_MARGIN = 0.25
"""Of a word's height, painted around it on all sides: quads are drawn around what the detector saw, and a long stroke
of a pen may reach beyond."""

_LOSSY = {Format.JPEG, Format.HEIF, Format.AVIF, Format.PDF}
"""Whose pages are coded as JPEG again: without loss, photographs would be ten times as large."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """A redacted document.

    Attributes:
        pdf: The file.
        matches: What is not in it any more.
    """

    pdf: bytes
    matches: tuple[Match, ...]


def redact(document: Document, original: Original, matchers: Sequence[Matcher]) -> Redaction:
    """Black out all that is found.

    Args:
        document: What was read, all pages of the input.
        original: What it was read from.
        matchers: What to look for.

    Raises:
        ExportFailed: If a page could not be read, so that nobody knows what it says; or the original is gone.
    """
    for page in document.pages:
        if page.error is not None:
            raise ExportFailed(
                f"Page {page.number} of {document.source} could not be read, so what it says cannot be blacked out.",
                remedy="Leave it out with --pages.",
            )
    matches = tuple(find_matches(document, matchers))
    return Redaction(finished(assembled(_painted(document, original, matches))), matches)


def _painted(document: Document, original: Original, matches: Sequence[Match]) -> Iterator[tuple[Page, Picture]]:
    data = original.file()
    photograph = data is not None and sniff(data, document.source) in _LOSSY
    by_number = {page.number: page for page in document.pages}
    for decoded in original.source().read_pages():
        page = by_number.get(decoded.number)
        if page is None:
            continue
        if isinstance(decoded, PageFailure):
            raise ExportFailed(f"Page {decoded.number} of {document.source} cannot be decoded again.", remedy="")
        here = [match for match in matches if match.page == page.number]
        yield _without(page, here), encoded(_paint(decoded, page, here), photograph=photograph)


def _paint(picture: PageImage, page: Page, matches: Sequence[Match]) -> PageImage:
    """The picture with a black shape over the words of every match.

    Those in a line share one shape, so that not even where they part can be seen.
    """
    pixels = picture.pixels.copy()
    from_stored: Matrix = np.linalg.inv(picture.to_original).astype(np.float64)
    for match in matches:
        for line in sorted({line for line, _ in match.words}):
            quads = [page.lines[line].words[word].quad for number, word in match.words if number == line]
            corners = np.concatenate([transform_points(from_stored, _widened(quad)) for quad in quads])
            hull = cv2.convexHull(corners.astype(np.float32))
            cv2.fillConvexPoly(pixels, np.rint(hull).astype(np.int32), (0, 0, 0))
    return replace(picture, pixels=pixels)


def _widened(quad: Quad) -> Points:
    corners = np.array(quad, dtype=np.float64)
    along, down = corners[1] - corners[0], corners[3] - corners[0]
    margin = _MARGIN * float(np.linalg.norm(down))
    step = margin * along / max(float(np.linalg.norm(along)), 1e-9)
    sink = _MARGIN * down
    wider: Points = corners + np.array([-step - sink, step - sink, step + sink, -step + sink])
    return wider


def _without(page: Page, matches: Sequence[Match]) -> Page:
    """The page without the words of the matches; lines that lose all their words are gone."""
    gone = {place for match in matches for place in match.words}
    lines = []
    for number, line in enumerate(page.lines):
        words = tuple(word for place, word in enumerate(line.words) if (number, place) not in gone)
        if len(words) == len(line.words):
            lines.append(line)
        elif words:
            lines.append(replace(line, text=" ".join(word.text for word in words), words=words))
    return replace(page, lines=tuple(lines))
