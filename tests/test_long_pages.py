"""Pages with a side beyond what OpenCV can address, and pages of one row or column."""

from __future__ import annotations

import numpy as np
import pytest

import unscrawl
from tests.pictures import printed
from unscrawl.imaging.page_image import Pixels


def strip(text: str, letters: int, at: int, width: int = 40_000, height: int = 60) -> Pixels:
    """A long white page with a piece of text that begins near ``at``."""
    page = np.full((height, width, 3), 255, np.uint8)
    piece = printed([text], size=letters, margin=letters // 4)[:height]
    piece = piece[:, : width - at]
    page[: piece.shape[0], at : at + piece.shape[1]] = piece
    return page


def test_words_of_a_long_page_have_their_place_in_the_original(engine: unscrawl.OcrEngine) -> None:
    picture = strip("GREAT BIG LETTERS", 400, at=30_000, height=600)
    (page,) = engine.recognize(picture).pages
    assert (page.width, page.height) == (40_000, 600)
    assert page.text == "GREAT BIG LETTERS"
    columns = np.flatnonzero((picture < 128).any(axis=(0, 2)))
    assert page.words[0].bbox[0] == pytest.approx(columns[0], abs=200)
    assert page.words[-1].bbox[2] == pytest.approx(columns[-1], abs=200)


@pytest.mark.parametrize("single_line", [False, True])
def test_a_strip_of_text_is_read_or_given_up_without_harm(engine: unscrawl.OcrEngine, single_line: bool) -> None:
    # Far too long for the detector's view of 1,280 pixels: no text is promised, only a result.
    picture = strip("the quick brown fox jumps over the lazy dog " * 40, 36, at=0)
    (page,) = engine.recognize(picture, single_line=single_line).pages
    assert (page.width, page.height) == (40_000, 60)


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000), (40_000, 1), (1, 40_000)])
@pytest.mark.parametrize("single_line", [False, True])
def test_pages_of_one_row_or_column_are_empty(
    engine: unscrawl.OcrEngine, size: tuple[int, int], single_line: bool
) -> None:
    width, height = size
    picture = np.full((height, width, 3), 128, np.uint8)
    assert engine.recognize(picture, single_line=single_line).text == ""
