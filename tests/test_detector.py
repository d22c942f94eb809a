from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pictures import printed
from unscrawl.detection import detector as module
from unscrawl.detection.coverage import LARGEST_SCALE, LEAST_HEIGHT, closer_scale
from unscrawl.detection.detector import TextDetector, overview_scale
from unscrawl.detection.fragments import Fragment


@given(st.integers(1, 60_000))
def test_views_cover_a_side_without_gaps(length: int) -> None:
    views = module._windows(length * module.SIDE_MULTIPLE)
    assert views[0][2] == 0 and views[-1][3] == length * module.SIDE_MULTIPLE
    for start, end, first, last in views:
        assert start % module.SIDE_MULTIPLE == 0 and end - start <= module.LONGEST_SIDE
        assert start <= first < last <= end
    for before, after in itertools.pairwise(views):
        assert before[3] == after[2]
        assert before[1] - after[0] >= module.OVERLAP - module.SIDE_MULTIPLE


@given(st.integers(1, 40_000), st.integers(1, 40_000), st.floats(0.01, 3))
def test_maps_have_sides_that_the_network_takes(width: int, height: int, scale: float) -> None:
    columns, rows = module._map_size(width, height, scale)
    assert columns % module.SIDE_MULTIPLE == rows % module.SIDE_MULTIPLE == 0 and min(columns, rows) > 0


def test_a_page_is_looked_at_in_one_view_and_a_strip_in_several() -> None:
    assert overview_scale(2560, 1900) == 0.5
    assert overview_scale(320, 500) == 2
    assert overview_scale(1900, 648) == pytest.approx(1280 / 1900)
    assert overview_scale(1080, 9000) == pytest.approx(512 / 1080)
    assert overview_scale(40_000, 60) == 1


@pytest.fixture(scope="module")
def detector() -> TextDetector:
    return TextDetector(threads=1)


def test_pieces_give_what_one_view_gives(detector: TextDetector, monkeypatch: pytest.MonkeyPatch) -> None:
    page = printed(["Words that stand on the seam", "are found whole all the same", "in either of both views"] * 3, 28)
    whole = np.array([each.quad.mean(axis=0) for each in detector.detect(page, 1.0)])
    monkeypatch.setattr(module, "LONGEST_SIDE", 320)
    pieces = np.array([each.quad.mean(axis=0) for each in detector.detect(page, 1.0)])
    assert len(whole) == len(pieces) >= 9
    distances = np.linalg.norm(whole[:, None] - pieces[None], axis=2)
    assert distances.min(axis=0).max() < 8 and distances.min(axis=1).max() < 8


def box(left: float, top: float, width: float, height: float) -> Fragment:
    quad = np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]])
    return Fragment(quad, quad, 0.9)


def test_small_text_asks_for_a_closer_look() -> None:
    small, large = [box(100, y, 400, 20) for y in range(100, 900, 80)], [box(100, 1000, 900, 100)]
    closer = closer_scale([*small, *large], 0.4)
    assert closer is not None and closer * 20 > LEAST_HEIGHT
    assert closer_scale([*small, *large], closer) is None
    assert closer_scale([box(100, y, 400, 60) for y in range(100, 900, 80)], 0.4) is None


def test_text_of_one_pixel_is_not_enlarged_for_ever() -> None:
    tiny = [box(10, 10, 40, 2)]
    closer = closer_scale(tiny, 2.0)
    assert closer == LARGEST_SCALE
    assert closer_scale(tiny, closer) is None
