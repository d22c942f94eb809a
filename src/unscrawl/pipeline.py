"""The way of the data, from an opened input to pages of lines and words.

    open ─▶ prepare ─▶ detect ─▶ recognise ─▶ decode ─▶ order ─▶ assemble

Every step is a function of what it is given; ``Models`` is all that is shared, and it does not change. So pages may
be read from several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from unscrawl.detection.cut import cut_lines
from unscrawl.detection.detector import TextDetector
from unscrawl.detection.faint import find_lines_by_ink
from unscrawl.detection.lines import LineRegion
from unscrawl.detection.sideways import running_up
from unscrawl.imaging import Source
from unscrawl.imaging.geometry import transform_points
from unscrawl.imaging.page_image import PageFailure, PageImage, Pixels
from unscrawl.imaging.strip import Strip
from unscrawl.imaging.warping import cut_out, half_turn
from unscrawl.inference import Once
from unscrawl.languages import count_scripts
from unscrawl.layout.assemble import assemble_line, join_row
from unscrawl.layout.indents import with_indents
from unscrawl.layout.order import Box, page_order, runs_right_to_left
from unscrawl.memory import release_free_memory
from unscrawl.options import ReadOptions
from unscrawl.preparation import PreparedPage, prepare
from unscrawl.reading import LineReading
from unscrawl.recognition.router import Recognition
from unscrawl.recognition.tessdata import OWN_SCRIPTS
from unscrawl.result import Line, Page

__all__ = ["Models", "PageStudy", "find_boxes", "least_confidence", "read_page", "read_pages", "study_page"]

# Below this mean confidence a "line" is a stain, a drawing or noise: RapidOCR's threshold, confirmed by the tests of
# blank and noisy pages.
LEAST_LINE_CONFIDENCE = 0.5
# A few characters are easily seen into a stain, while true short lines of the dev pages have 0.8 and more. In 40
# pictures of soft clouds, each taken for one line, Hand saw "126" with 0.70, "7" with 0.81 and "2" with 0.97, the
# others below 0.6.
SHORT_LINE = 3
LEAST_SHORT_CONFIDENCE = 0.75
# Tesseract is 0.3 to 0.6 sure of lines of Tibetan script that it reads with one character in twelve wrong. So many
# letters of another script than our networks' are not seen into a stain.
LEAST_OTHER_CONFIDENCE = 0.3
PLAINLY_TEXT = 10
# Writing that shines through the dev pages is 0.61 to 0.91 sure in a mirror (0.30 in one line of ten) and 0.42 to 0.58
# without; faint stamps and numbers of archives are 0.59 to 0.86 sure in it and 0.74 to 1.0 without. In a script that
# our networks do not know both are low, and nothing is to be told from them.
LEAST_MIRRORED = 0.6


class Models:
    """The networks, each loaded when first needed and kept.

    Args:
        threads: How many threads one page may use.

    Attributes:
        detector: What finds text; called, it gives the detector.
        recognition: What reads lines.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self.detector = Once(lambda: TextDetector(threads))
        self.recognition = Recognition(threads)

    def fresh(self) -> Models:
        """The same with nothing loaded."""
        return Models(self._threads)


def read_pages(source: Source, models: Models, options: ReadOptions) -> Iterator[Page]:
    """Read an opened input page by page, as the pages are asked for.

    Raises:
        OcrException: If the only page cannot be read; of several, a page that cannot be read carries ``error``.
    """
    for page in source.read_pages():
        if isinstance(page, PageFailure):
            yield Page(page.number, 0, 0, (), error=str(page.error))
        else:
            read = read_page(page, models, options)
            release_free_memory()
            yield read


@dataclass(frozen=True, slots=True, eq=False)
class PageStudy:
    """A page's reading with all that led to it.

    Attributes:
        prepared: The page as the networks saw it, and what was done to it.
        regions: The lines found.
        order: Rows of indices into ``regions`` as a person reads them.
        readings: What each region says, whether it was believed or not.
        page: The result.
        part: Which of the regions asked for it is, counted from 1; 0 for a whole page.
    """

    prepared: PreparedPage
    regions: Sequence[LineRegion]
    order: Sequence[Sequence[int]]
    readings: Sequence[LineReading]
    page: Page
    part: int = 0


def read_page(page: PageImage, models: Models, options: ReadOptions) -> Page:
    """Read one page, or of it the regions asked for."""
    studies = list(study_page(page, models, options))
    if not options.regions:
        return studies[0].page
    width, height = page.original_size
    seen = {study.part for study in studies}
    outside = [
        f"Nothing of the region {region} is on the page, which has {width} x {height} pixels."
        for part, region in enumerate(options.regions, 1)
        if part not in seen
    ]
    lines = tuple(line for study in studies for line in study.page.lines)
    warnings = dict.fromkeys([*outside, *(each for study in studies for each in study.page.warnings)])
    return Page(page.number, width, height, lines, page.dpi, warnings=tuple(warnings))


def study_page(page: PageImage, models: Models, options: ReadOptions) -> Iterator[PageStudy]:
    """Read one page, and keep what was seen on the way.

    Yields:
        One study; where regions are asked for, one for each of those that are on the page.
    """
    if not options.regions:
        yield _study(page, models, options)
    for part, region in enumerate(options.regions, 1):
        piece = cut_out(page, *region)
        if piece is not None:
            yield replace(_study(piece, models, options), part=part)


def find_boxes(page: PageImage, models: Models, options: ReadOptions) -> list[Box]:
    """The upright boxes of a page's lines in reading order, in pixels of the stored picture; nothing is read."""
    prepared = prepare(page, models.detector(), models.recognition, options)
    regions = find_lines_by_ink(prepared.page.pixels, prepared.fragments)
    boxes = []
    for row in _order(regions):
        for index in row:
            corners = transform_points(prepared.page.to_original, regions[index].strip.quad)
            (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
            boxes.append((float(left), float(top), float(right), float(bottom)))
    return boxes


def _study(page: PageImage, models: Models, options: ReadOptions) -> PageStudy:
    prepared = prepare(page, None if options.single_line else models.detector(), models.recognition, options)
    page, pixels = prepared.page, prepared.page.pixels
    whole = _whole_page(pixels.shape[1], pixels.shape[0])
    regions = [whole] if options.single_line else find_lines_by_ink(pixels, prepared.fragments)
    crops = list(cut_lines(pixels, regions))
    ours = [
        not (each.faint and _shines_through(crop, models.recognition, options))
        for each, crop in zip(regions, crops, strict=True)
    ]
    regions, crops = list(compress(regions, ours)), list(compress(crops, ours))
    for index, region in enumerate(regions):
        if region.turns and _runs_up(crops[index], models.recognition, options):
            regions[index], crops[index] = running_up(region), half_turn(crops[index])
    reading = models.recognition.read(crops, options)
    readings = reading.lines

    # After reading: only the text tells whether columns and rows run from right to left.
    boxes = [region.flat_box for region in regions]
    order = _order(regions, right_to_left=runs_right_to_left(line.text for line in readings))
    lines, lefts, widths = [], [], []
    for row in order:
        read = [(_assemble(readings[index], regions[index], page), boxes[index]) for index in row]
        found = [(line, box) for line, box in read if line is not None]
        if found:
            lines.append(join_row([line for line, _ in found]))
            lefts.append(found[0][1][0])
            widths.append(found[-1][1][2] - found[0][1][0])
    width, height = page.original_size
    indented = tuple(with_indents(lines, lefts, widths))
    result = Page(page.number, width, height, indented, page.dpi, warnings=reading.warnings)
    return PageStudy(prepared, regions, order, readings, result)


def _runs_up(crop: Pixels, recognition: Recognition, options: ReadOptions) -> bool:
    """Whether a line that runs up or down the page runs up: then it is cut out upside down."""
    down, up = (recognition.certainty([each], options, enough=1.0).confidence for each in (crop, half_turn(crop)))
    return up > down


def _shines_through(crop: Pixels, recognition: Recognition, options: ReadOptions) -> bool:
    """Whether a line was written on the back of the page, or printed off from another: it is surer in a mirror."""
    plain, mirrored = (
        recognition.certainty([each], options, enough=1.0).confidence
        for each in (crop, np.ascontiguousarray(crop[:, ::-1]))
    )
    return mirrored > max(plain, LEAST_MIRRORED)


def _order(regions: Sequence[LineRegion], *, right_to_left: bool = False) -> list[list[int]]:
    boxes, turns = [region.flat_box for region in regions], [region.turns for region in regions]
    return page_order(boxes, turns, right_to_left=right_to_left)


def least_confidence(reading: LineReading) -> float:
    """The confidence from which on this reading is believed to be a line of text."""
    if len(reading.text.strip()) <= SHORT_LINE:
        return LEAST_SHORT_CONFIDENCE
    letters = sum(count for script, count in count_scripts(reading.text).items() if script not in OWN_SCRIPTS)
    return LEAST_OTHER_CONFIDENCE if letters >= PLAINLY_TEXT else LEAST_LINE_CONFIDENCE


def _whole_page(width: int, height: int) -> LineRegion:
    quad = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    return LineRegion(Strip.from_quad(quad), (), (0.0, 0.0, float(width), float(height)))


def _assemble(reading: LineReading, region: LineRegion, page: PageImage) -> Line | None:
    if reading.confidence < least_confidence(reading):
        return None
    return assemble_line(reading.calibrated, region.strip, page.to_original, reading.language)
