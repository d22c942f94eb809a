from __future__ import annotations

import cv2
import numpy as np
import pytest

from unscrawl.imaging.page_image import Pixels
from unscrawl.imaging.sheet import find_tilted_sheet

TILTED = np.array([[250.0, 120.0], [950.0, 140.0], [1100.0, 850.0], [100.0, 820.0]])


def photo(sheet: np.ndarray, table: int = 70) -> Pixels:
    """A sheet with lines of writing on a table."""
    pixels = np.full((960, 1200, 3), table, np.uint8)
    cv2.fillConvexPoly(pixels, sheet.astype(np.int32), (225, 220, 210))
    top, bottom = sheet[:2], sheet[[3, 2]]
    for share in np.linspace(0.1, 0.9, 12):
        left, right = top + share * (bottom - top)
        start, end = left + 0.1 * (right - left), left + 0.9 * (right - left)
        cv2.line(pixels, start.astype(int).tolist(), end.astype(int).tolist(), (40, 40, 90), 6)
    return pixels


def test_a_tilted_sheet_is_found() -> None:
    found = find_tilted_sheet(photo(TILTED))
    assert found is not None
    np.testing.assert_allclose(found, TILTED, atol=12)


@pytest.mark.parametrize(
    "sheet",
    [
        pytest.param(np.array([[100, 80], [1100, 80], [1100, 880], [100, 880.0]]), id="seen from straight above"),
        pytest.param(TILTED + np.array([0, 150]), id="cut off by the edge of the photo"),
        pytest.param(0.4 * TILTED + 200, id="a label"),
        pytest.param(np.array([[250, 120], [950, 140], [1100, 500], [700, 850], [100, 820.0]]), id="five corners"),
    ],
)
def test_what_is_no_tilted_sheet_is_left_alone(sheet: np.ndarray) -> None:
    assert find_tilted_sheet(photo(sheet)) is None


def test_pages_without_an_outline_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    assert find_tilted_sheet(np.full((900, 700, 3), 255, np.uint8)) is None
    assert find_tilted_sheet(rng.integers(0, 255, (900, 700, 3), dtype=np.uint8)) is None
    assert find_tilted_sheet(np.full((1, 3000, 3), 255, np.uint8)) is None
    assert find_tilted_sheet(photo(TILTED)[::8, ::8]) is None
