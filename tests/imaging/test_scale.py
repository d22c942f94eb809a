from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from unscrawl.imaging.crops import crop_quad
from unscrawl.imaging.geometry import identity, quarter_turns, transform_points
from unscrawl.imaging.page_image import PageImage
from unscrawl.imaging.scale import LONGEST_SIDE, within_side_limit


def page_of(width: int, height: int) -> PageImage:
    # One row in memory, seen as many: long sides cost nothing.
    pixels = np.broadcast_to(np.uint8(255), (height, width, 3))
    return PageImage(1, pixels, identity(), (width, height))


@given(st.integers(1, 100_000), st.integers(1, 40), st.booleans(), st.integers(0, 3))
@example(32_767, 1, False, 0)
@example(LONGEST_SIDE, 7, True, 1)
@example(LONGEST_SIDE + 1, 7, True, 2)
@settings(deadline=None, max_examples=40)
def test_sides_are_limited_and_corners_find_their_way_back(long: int, short: int, upright: bool, turns: int) -> None:
    width, height = (short, long) if upright else (long, short)
    # As if the stored picture had been turned before: that way back must come after the scaling.
    way_back = quarter_turns(turns, width, height)
    page = PageImage(3, page_of(width, height).pixels, way_back, (width, height), dpi=300.0)

    scaled = within_side_limit(page)

    new_height, new_width = scaled.pixels.shape[:2]
    assert min(new_width, new_height) >= 1 and max(new_width, new_height) <= LONGEST_SIDE
    assert (scaled is page) == (long <= LONGEST_SIDE)
    assert (scaled.number, scaled.original_size, scaled.dpi) == (3, (width, height), 300.0)
    assert scaled.pixels.dtype == np.uint8 and (scaled.pixels == 255).all()
    before = np.array([[0, 0], [width, 0], [width, height], [0, height], [width / 2, height / 2]], dtype=np.float64)
    after = before * (new_width / width, new_height / height)
    np.testing.assert_allclose(
        transform_points(scaled.to_original, after), transform_points(way_back, before), atol=1e-6 * long
    )


def test_shrinking_averages() -> None:
    stripes = np.zeros((4, 2 * LONGEST_SIDE, 3), np.uint8)
    stripes[:, ::2] = 200
    scaled = within_side_limit(PageImage(1, stripes, identity(), (2 * LONGEST_SIDE, 4)))
    assert scaled.pixels.shape == (2, LONGEST_SIDE, 3)
    assert (scaled.pixels == 100).all()


@pytest.mark.parametrize("reach", [1.0, 1.5])
def test_crops_of_the_longest_page_can_be_cut(reach: float) -> None:
    """The detector's margins, and slanted lines, reach beyond the page's own length."""
    page = page_of(LONGEST_SIDE, 50)
    left, right = LONGEST_SIDE * (1 - reach), LONGEST_SIDE * reach
    quad = np.array([[left, -30.0], [right, -30.0], [right, 80.0], [left, 80.0]])
    crop, to_page = crop_quad(np.ascontiguousarray(page.pixels), quad)
    height, width = crop.shape[:2]
    assert width <= LONGEST_SIDE
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    np.testing.assert_allclose(transform_points(to_page, corners), quad, atol=0.1)
