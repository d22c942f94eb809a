from __future__ import annotations

import numpy as np
import pytest

import unscrawl
from tests.pictures import NOTE, NOTE_TEXT, printed
from unscrawl.exceptions import InvalidOption
from unscrawl.imaging.filters import binarise, filtered, median, raise_contrast, upscale
from unscrawl.imaging.geometry import identity, transform_points
from unscrawl.imaging.page_image import PageImage
from unscrawl.options import Filter, ReadOptions


def test_small_pictures_are_doubled_and_large_ones_are_not() -> None:
    assert upscale(np.zeros((599, 900, 3), np.uint8)).shape == (1198, 1800, 3)
    large = np.zeros((600, 900, 3), np.uint8)
    assert upscale(large) is large


def test_contrast_reaches_from_black_to_white() -> None:
    pale = (150 + printed(["Buy milk"]) * 0.2).astype(np.uint8)
    strong = raise_contrast(pale)
    assert strong.min() == 0 and strong.max() == 255
    flat = np.full((9, 9, 3), 90, np.uint8)
    assert raise_contrast(flat) is flat


def test_specks_go_and_strokes_stay() -> None:
    page = np.full((60, 60, 3), 255, np.uint8)
    page[10, 10] = 0
    page[30:33, 5:55] = 0
    clean = median(page)
    assert (clean[5:15] == 255).all() and (clean[31, 10:50] == 0).all()


def test_shadowed_paper_becomes_white_and_its_ink_black() -> None:
    light = np.linspace(1.0, 0.4, 400)[None, :, None]
    page = printed(["Call Alice at 5pm"], width=400)
    result = binarise((page * light).astype(np.uint8))
    assert set(np.unique(result)) == {0, 255}
    wrong = (result[..., 0] > 127) != (page[..., 0] > 127)
    assert wrong.mean() < 0.01


def test_boxes_find_their_way_back_from_an_enlarged_page() -> None:
    page = filtered(PageImage(1, printed(["Buy milk"]), identity(), (9, 9)), [Filter.UPSCALE, Filter.MEDIAN])
    np.testing.assert_allclose(transform_points(page.to_original, np.array([20.0, 30.0])), (10, 15))


def test_filters_have_names() -> None:
    assert ReadOptions(filters=" Contrast+median") == ReadOptions(filters=["contrast", Filter.MEDIAN])  # type: ignore[arg-type]
    assert ReadOptions(filters="").filters == ()  # type: ignore[arg-type]
    with pytest.raises(InvalidOption, match="no filter 'sharpen'"):
        ReadOptions(filters="contrast+sharpen")  # type: ignore[arg-type]


@pytest.mark.parametrize("each", list(Filter))
def test_the_note_is_read_through_every_filter_and_stays_as_it_is(engine: unscrawl.OcrEngine, each: Filter) -> None:
    before = NOTE.read_bytes()
    assert engine.recognize(NOTE, filters=each).text == NOTE_TEXT
    assert NOTE.read_bytes() == before
    assert ReadOptions(filters=(each,)).filters == (each,)
