"""Notes in the margin that run down or up the page."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unscrawl
from tests.pictures import printed
from tests.test_reading_order import boxes
from unscrawl.detection.fragments import Fragment, order_corners
from unscrawl.detection.sideways import find_all_lines, running_up
from unscrawl.layout.order import Box, page_order

LETTER = [f"This is the letter's line {word}" for word in ("one", "two", "three", "four", "five", "six", "seven")]
NOTE = ["and this note runs along", "the margin of the letter"]


def page(quarters: int, side: str) -> np.ndarray:
    """The letter with the note beside it, turned by quarters counter-clockwise."""
    letter, note = printed(LETTER, size=26), np.rot90(printed(NOTE, size=22, margin=20), quarters)
    height = max(len(letter), len(note))
    parts = [np.pad(each, ((0, height - len(each)), (0, 0), (0, 0)), constant_values=255) for each in (letter, note)]
    return np.hstack(parts if side == "right" else parts[::-1])


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("quarters", [1, 3], ids=["up", "down"])
def test_notes_in_margins_are_read(engine: unscrawl.OcrEngine, quarters: int, side: str) -> None:
    picture = page(quarters, side)
    result = engine.recognize(picture)
    assert result.text.split("\n") == (LETTER + NOTE if side == "right" else NOTE + LETTER)
    notes = [line for line in result.lines if line.text in NOTE]
    for line in notes:
        left, top, right, bottom = line.bbox
        assert bottom - top > 5 * (right - left)
        # Words follow each other as the line runs.
        middles = [sum(y for _, y in word.quad) / 4 for word in line.words]
        assert middles == sorted(middles, reverse=quarters == 1)


def fragment(left: float, top: float, right: float, bottom: float) -> Fragment:
    quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)
    return Fragment(order_corners(quad), quad, 0.9)


def test_numbers_one_below_the_other_are_no_line() -> None:
    rows = [fragment(60, 40 * n, 400, 40 * n + 25) for n in range(8)]
    numbers = [fragment(20, 40 * n, 34, 40 * n + 25) for n in range(8)]
    assert {line.turns for line in find_all_lines([*rows, *numbers])} == {0}


def test_a_bracket_is_no_line() -> None:
    rows = [fragment(60, 40 * n, 400, 40 * n + 25) for n in range(4)]
    assert {line.turns for line in find_all_lines([*rows, fragment(420, 0, 432, 50)])} == {0}


def test_a_line_taken_to_run_up_begins_where_it_ended() -> None:
    rows = [fragment(60, 40 * n, 400, 40 * n + 25) for n in range(8)]
    down = next(line for line in find_all_lines([*rows, fragment(0, 0, 30, 300)]) if line.turns == 1)
    up = running_up(down)
    assert up.turns == 3
    np.testing.assert_allclose(up.strip.quad, down.strip.quad[[2, 3, 0, 1]])
    # The writing's upper edge is the right one where it runs down, the left one where it runs up.
    assert down.strip.upper[:, 0].min() > down.strip.lower[:, 0].max()
    assert up.strip.upper[:, 0].max() < up.strip.lower[:, 0].min()


@given(boxes, st.data(), st.booleans())
@settings(deadline=None)
def test_every_line_comes_exactly_once(boxes: list[Box], data: st.DataObject, right_to_left: bool) -> None:
    turns = data.draw(st.lists(st.sampled_from([0, 1, 3]), min_size=len(boxes), max_size=len(boxes)))
    rows = page_order(boxes, turns, right_to_left=right_to_left)
    assert sorted(index for row in rows for index in row) == list(range(len(boxes)))
