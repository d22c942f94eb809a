from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unscrawl.imaging.geometry import identity, quarter_turns, transform_points
from unscrawl.imaging.page_image import PageImage
from unscrawl.imaging.warping import flattened, rotated, turned


def spotted(width: int, height: int, x: int, y: int) -> PageImage:
    """A grey page with a bright spot of 5x5 pixels around the middle of pixel (x, y)."""
    pixels = np.full((height, width, 3), 60, np.uint8)
    pixels[y - 2 : y + 3, x - 2 : x + 3] = 250
    return PageImage(1, pixels, identity(), (width, height))


def spot(page: PageImage) -> np.ndarray:
    """Where the spot is on the original, told from where it is now."""
    rows, columns = np.nonzero(page.pixels[..., 0] > 155)
    return transform_points(page.to_original, np.array([columns.mean() + 0.5, rows.mean() + 0.5]))


@pytest.mark.parametrize("quarters", range(4))
def test_turning_is_undone(quarters: int) -> None:
    page = turned(spotted(120, 80, 20, 10), quarters)
    assert page.pixels.shape[:2] == ((80, 120) if quarters % 2 == 0 else (120, 80))
    np.testing.assert_allclose(spot(page), (20.5, 10.5))
    # Counter-clockwise: what was at the top right is at the top left after one quarter.
    corner = transform_points(quarter_turns(quarters, 120, 80), np.array([120.0, 0.0]))
    np.testing.assert_allclose(transform_points(page.to_original, corner), (120, 0), atol=1e-9)


@given(st.floats(-45, 45), st.integers(60, 200), st.integers(60, 200))
@settings(deadline=None, max_examples=25)
def test_rotating_is_undone_and_loses_no_corner(degrees: float, width: int, height: int) -> None:
    page = rotated(spotted(width, height, 20, 15), degrees)
    np.testing.assert_allclose(spot(page), (20.5, 15.5), atol=0.5)
    new_height, new_width = page.pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    now = transform_points(np.asarray(np.linalg.inv(page.to_original), np.float64), corners)
    assert now.min() >= -0.01 and (now <= (new_width + 0.01, new_height + 0.01)).all()


def test_slanted_lines_are_level_after_rotating_by_their_angle() -> None:
    page = rotated(spotted(200, 200, 50, 50), 20)
    # A line that falls by 20 degrees as seen, y pointing down.
    start, end = (
        np.array([100.0, 100.0]),
        np.array([100.0, 100.0]) + 50 * np.array([np.cos(np.deg2rad(20)), np.sin(np.deg2rad(20))]),
    )
    moved = transform_points(np.asarray(np.linalg.inv(page.to_original), np.float64), np.array([start, end]))
    assert moved[0, 1] == pytest.approx(moved[1, 1])


def test_flattening_maps_the_corners_of_the_sheet() -> None:
    sheet = np.array([[30.0, 20.0], [150.0, 25.0], [170.0, 110.0], [10.0, 100.0]])
    page = flattened(spotted(200, 120, 90, 60), sheet)
    height, width = page.pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=float)
    np.testing.assert_allclose(transform_points(page.to_original, corners), sheet, atol=1e-3)
    np.testing.assert_allclose(spot(page), (90.5, 60.5), atol=0.5)


def test_ways_back_add_up() -> None:
    page = rotated(turned(spotted(160, 100, 40, 30), 3), 12)
    np.testing.assert_allclose(spot(page), (40.5, 30.5), atol=0.5)
