from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unscrawl.detection.fragments import Fragment, find_fragments, order_corners
from unscrawl.detection.lines import find_lines, text_angle


def fragment(x: float, y: float, width: float, height: float, degrees: float = 0.0) -> Fragment:
    """A box turned about the origin; its outline lies in its middle, as the detector's marks do."""
    box = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    margin = min(width, height) / 4
    corners = box + np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * margin
    sides = zip(corners, np.roll(corners, -1, axis=0), strict=True)
    outline = np.concatenate([np.linspace(a, b, 40, endpoint=False) for a, b in sides])
    return Fragment(box @ turn, outline @ turn, 0.9)


@pytest.mark.parametrize("degrees", [-12, -3, 0, 1, 8, 15])
def test_words_become_lines_at_any_small_angle(degrees: float) -> None:
    words = [fragment(100 + 120 * column, 80 * row, 90, 40, degrees) for row in range(4) for column in range(5)]
    regions = find_lines(words)
    assert len(regions) == 4
    assert text_angle(words) == pytest.approx(np.deg2rad(degrees))
    for region in regions:
        assert np.linalg.norm(region.strip.quad[1] - region.strip.quad[0]) == pytest.approx(4 * 120 + 90, rel=0.03)


def test_distant_pieces_of_a_row_are_read_apart() -> None:
    assert len(find_lines([fragment(0, 0, 200, 30), fragment(500, 0, 60, 30)])) == 2


def test_close_lines_are_not_joined() -> None:
    assert len(find_lines([fragment(0, 0, 200, 30), fragment(210, 24, 200, 30)])) == 2


def test_nothing_gives_nothing() -> None:
    assert find_lines([]) == []


@given(
    st.lists(
        st.builds(
            fragment,
            st.floats(0, 3000),
            st.floats(0, 3000),
            st.floats(4, 900),
            st.floats(4, 200),
            st.floats(-89, 89),
        ),
        max_size=40,
    )
)
@settings(deadline=None)
def test_regions_cover_their_fragments(fragments: list[Fragment]) -> None:
    regions = find_lines(fragments)
    assert len(regions) <= len(fragments)
    centres = np.array([region.strip.quad.mean(axis=0) for region in regions]).reshape(-1, 2)
    for each in fragments:
        centre = each.quad.mean(axis=0)
        reach = [np.abs(region.strip.quad - region.strip.quad.mean(axis=0)).max() for region in regions]
        assert any(np.abs(centre - c).max() <= r + 1 for c, r in zip(centres, reach, strict=True))


@given(st.floats(0, 100), st.floats(0, 100), st.floats(20, 200), st.floats(5, 15), st.floats(-40, 40))
def test_corners_begin_at_the_top_left(x: float, y: float, width: float, height: float, degrees: float) -> None:
    quad = fragment(x, y, width, height, degrees).quad
    shuffled = quad[[2, 0, 3, 1]]
    assert np.allclose(order_corners(shuffled), quad)


def test_fragments_are_found_where_the_map_is_bright() -> None:
    probabilities = np.zeros((100, 200), np.float32)
    probabilities[40:50, 20:120] = 0.9
    (found,) = find_fragments(probabilities, 2.0, 2.0)
    left, top = found.quad.min(axis=0)
    right, bottom = found.quad.max(axis=0)
    assert left < 40 and right > 240 and top < 80 and bottom > 100
    assert found.score == pytest.approx(0.9, abs=0.01)
    assert find_fragments(np.zeros((64, 64), np.float32), 1, 1) == []
