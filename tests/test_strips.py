from __future__ import annotations

import cv2
import numpy as np
import pytest

from unscrawl.detection.cut import cut_lines
from unscrawl.detection.fragments import find_fragments
from unscrawl.detection.lines import find_lines
from unscrawl.imaging.page_image import Pixels
from unscrawl.imaging.strip import Strip


def bent(x: np.ndarray, height: float) -> np.ndarray:
    """The middle of a line that sinks in a bow of ``height`` pixels over 800."""
    return np.asarray(4 * height * (x / 800) * (1 - x / 800))


def page_with(middles: list[float], bow: float = 0.0) -> tuple[Pixels, np.ndarray]:
    """A page with lines of upright strokes, and the map that a detector would draw of it."""
    pixels = np.full((400, 900, 3), 230, np.uint8)
    marks = np.zeros((400, 900), np.float32)
    for middle in middles:
        for x in range(50, 850, 12):
            y = int(middle + bent(np.array(x - 50), bow))
            cv2.line(pixels, (x, y - 12), (x, y + 12), (20, 20, 20), 3)
        for x in range(46, 856):
            y = int(middle + bent(np.array(x - 50), bow))
            marks[y - 8 : y + 8, x] = 0.9
    return pixels, marks


def test_a_bent_line_is_cut_straight() -> None:
    pixels, marks = page_with([120], bow=60)
    (region,) = find_lines(find_fragments(marks, 1.0, 1.0))
    (crop,) = cut_lines(pixels, [region])
    assert 24 <= crop.shape[0] <= 55, "as high as the strokes and a margin, not as the bow"
    dark = crop[:, :, 0] < 100
    rows = [np.flatnonzero(dark[:, x]).mean() for x in np.flatnonzero(dark.any(axis=0))]
    assert np.ptp(rows) < 6


def test_a_straight_line_keeps_its_box() -> None:
    _, marks = page_with([100])
    (region,) = find_lines(find_fragments(marks, 1.0, 1.0))
    left, top = region.strip.quad.min(axis=0)
    right, bottom = region.strip.quad.max(axis=0)
    assert 30 < left < 47 and 855 < right < 870
    assert (top + bottom) / 2 == pytest.approx(100, abs=1)


def test_what_reaches_in_from_other_lines_is_painted_over() -> None:
    pixels, marks = page_with([100, 140])
    regions = sorted(find_lines(find_fragments(marks, 1.0, 1.0)), key=lambda region: region.flat_box[1])
    assert len(regions) == 2
    wide = [type(region)(region.strip.grown(0.6), region.outlines, region.flat_box) for region in regions]
    upper, lower = cut_lines(pixels, wide)
    for crop in (upper, lower):
        rows = np.flatnonzero((crop[:, :, 0] < 100).any(axis=1))
        assert np.ptp(rows) <= 27, "only the line's own strokes, 25 pixels high, are left"


def test_nothing_of_a_lonely_line_is_painted_over() -> None:
    pixels, marks = page_with([100])
    (region,) = find_lines(find_fragments(marks, 1.0, 1.0))
    cv2.line(pixels, (300, 60), (300, 75), (20, 20, 20), 3)  # an accent far above
    wide = type(region)(region.strip.grown(1.0), region.outlines, region.flat_box)
    (crop,) = cut_lines(pixels, [wide])
    straight = type(region)(wide.strip, (), region.flat_box)
    (untouched,) = cut_lines(pixels, [straight])
    np.testing.assert_array_equal(crop, untouched)


def test_the_strip_of_a_quad_samples_it() -> None:
    strip = Strip.from_quad(np.array([[0.0, 0], [50, 0], [50, 30], [0, 30]]))
    x, y = strip.sampling()
    np.testing.assert_allclose(x[0], np.arange(50), atol=1e-4)
    np.testing.assert_allclose(y[:, 0], np.arange(30), atol=1e-4)
    np.testing.assert_allclose(strip.part(0.2, 0.5), [[10, 0], [25, 0], [25, 30], [10, 30]])
