"""The results as a table of plain text."""

from __future__ import annotations

from collections.abc import Sequence

from unscrawl.evaluation.bootstrap import Interval
from unscrawl.evaluation.runner import SetEvaluation

__all__ = ["percent", "text_table"]

_HEAD = ("set", "items", "characters", "CER %", "95 %", "WER %", "95 %", "s/item", "failed")


def percent(interval: Interval) -> tuple[str, str]:
    """The rate and the interval's ends in per cent, with one decimal.

    >>> percent(Interval(0.0312, 0.02, 0.041, "groups", 22))
    ('3.1', '2.0-4.1')
    """
    return f"{interval.rate * 100:.1f}", f"{interval.low * 100:.1f}-{interval.high * 100:.1f}"


def text_table(sets: Sequence[SetEvaluation]) -> str:
    """One row a set: items, characters, CER and WER with 95 % intervals, seconds an item, failures."""
    rows = [_HEAD, *(_row(entry) for entry in sets)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(
        "  ".join(
            # Names to the left, figures to the right.
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _row(entry: SetEvaluation) -> tuple[str, ...]:
    evaluation = entry.evaluation
    return (
        entry.name,
        f"{len(evaluation.results)}",
        f"{evaluation.characters}",
        *percent(evaluation.cer),
        *percent(evaluation.wer),
        f"{evaluation.seconds_per_item:.2f}",
        f"{len(evaluation.failures)}",
    )
