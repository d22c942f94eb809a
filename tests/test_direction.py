from __future__ import annotations

import numpy as np
import pytest

from tests.test_lines import fragment
from unscrawl.detection.direction import moved, samples, text_direction
from unscrawl.detection.fragments import Fragment, order_corners
from unscrawl.imaging.geometry import quarter_turns


def page(degrees: float) -> list[Fragment]:
    """Words in lines, turned clockwise; corners in the order in which the detector gives them."""
    words = [fragment(100 + 150 * column, 80 * row, 120, 40, degrees) for row in range(4) for column in range(3)]
    return [Fragment(order_corners(word.quad), word.outline, word.score) for word in words]


@pytest.mark.parametrize("degrees", [-89, -60, -46, -30, -5, 0, 2, 44, 46, 75, 90])
def test_the_direction_is_found_at_any_angle(degrees: float) -> None:
    direction = text_direction(page(degrees))
    difference = (direction.degrees - degrees + 90) % 180 - 90
    assert difference == pytest.approx(0, abs=0.01)
    assert direction.agreement == pytest.approx(1)


def test_a_few_slanted_words_do_not_count() -> None:
    assert text_direction([*page(0), fragment(0, 0, 80, 30, 80)]).degrees == pytest.approx(0, abs=5)


def test_text_in_all_directions_has_none() -> None:
    assert text_direction([*page(0), *page(90)]).agreement < 0.01
    assert text_direction([fragment(0, 0, 40, 40)]).agreement == 0
    assert text_direction([]).agreement == 0


def test_turned_fragments_lie_level() -> None:
    up = moved(page(90), quarter_turns(1, 500, 600))
    assert text_direction(up).degrees == pytest.approx(0, abs=1e-6)
    for each in up:
        assert np.linalg.norm(each.quad[1] - each.quad[0]) == pytest.approx(120)


def test_samples_are_the_large_pieces_cut_to_length() -> None:
    pieces = [fragment(0, 0, 900, 40), fragment(0, 100, 200, 40), fragment(0, 200, 50, 40), fragment(0, 300, 100, 20)]
    quads = samples(pieces, 2, longest=5)
    lengths = [np.linalg.norm(quad[1] - quad[0]) for quad in quads]
    assert lengths == pytest.approx([200, 200])
    np.testing.assert_allclose(quads[0].mean(axis=0), pieces[0].quad.mean(axis=0))
    assert len(samples(pieces, 9, longest=5)) == 3
