from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from unscrawl.layout.order import Box, mirrored, reading_order, runs_right_to_left


def line(x: float, y: float, width: float = 300, height: float = 20) -> Box:
    return (x, y, x + width, y + height)


def flat(order: list[list[int]]) -> list[int]:
    return [index for row in order for index in row]


boxes = st.lists(
    st.builds(
        line,
        st.floats(-100, 2000),
        st.floats(-100, 2000),
        st.floats(1, 900),
        st.floats(1, 90),
    ),
    max_size=60,
)


@given(boxes)
@settings(deadline=None)
def test_every_box_comes_exactly_once(boxes: list[Box]) -> None:
    assert sorted(flat(reading_order(boxes))) == list(range(len(boxes)))


@given(boxes, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_order_of_input_does_not_matter_for_distinct_lines(boxes: list[Box], random: object) -> None:
    rows = [line(10, 30 * n) for n in range(len(boxes))]
    indices = list(range(len(rows)))
    random.shuffle(indices)  # type: ignore[attr-defined]
    assert [indices[i] for i in flat(reading_order([rows[i] for i in indices]))] == list(range(len(rows)))


def test_two_columns_under_a_heading() -> None:
    heading = [line(50, 0, 700)]
    left = [line(0, 50 + 30 * n, 350) for n in range(6)]
    right = [line(400, 50 + 30 * n, 350) for n in range(6)]
    page = right + heading + left
    assert flat(reading_order(page)) == [6, *range(7, 13), *range(6)]


def test_rows_of_a_receipt_stay_together() -> None:
    names = [line(0, 30 * n, 200) for n in range(5)]
    prices = [line(500, 30 * n + 3, 60) for n in range(5)]
    assert reading_order(names + prices) == [[n, n + 5] for n in range(5)]


def test_slightly_overlapping_lines_keep_apart() -> None:
    assert reading_order([line(0, 0, 300, 34), line(0, 28, 300, 34)]) == [[0], [1]]


def test_right_to_left_pages_are_read_from_the_right() -> None:
    assert runs_right_to_left(["שלום world", "עולם טוב"])
    assert not runs_right_to_left(["The word שלום means peace"])
    assert not runs_right_to_left([])
    columns = [(x, 40.0 * row, x + 400, 40.0 * row + 30) for x in (0.0, 500.0) for row in range(4)]
    assert reading_order(columns)[0] == [0]
    assert reading_order(mirrored(columns))[0] == [4]
    pieces = [(0.0, 0.0, 80.0, 30.0), (100.0, 0.0, 200.0, 30.0)]
    assert reading_order(mirrored(pieces)) == [[1, 0]]
