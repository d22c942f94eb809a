"""What an engine of the comparison does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

__all__ = ["Engine", "EngineUnavailable", "join_boxes"]


class EngineUnavailable(Exception):
    """The engine is not installed here; the message tells why."""


class Engine(Protocol):
    """An engine: made without cost, loaded once, then asked for one picture at a time."""

    external: bool
    """Whether the work is done by a program that is started for each picture: its memory is measured then."""

    def load(self) -> dict[str, str]:
        """Import and build the engine.

        Returns:
            What is measured: package or program to version.

        Raises:
            EngineUnavailable: If it is not installed.
        """
        ...

    def read(self, path: str, layout: str, language: str | None) -> str:
        """The text of a picture.

        Args:
            path: Of the picture.
            layout: ``"lines"`` for a cut line, ``"pages"`` for a page.
            language: ISO 639-1 code, as the truth tells.
        """
        ...


def join_boxes(boxes: Iterable[tuple[Sequence[Sequence[float]], str]]) -> str:
    """Put the boxes of an engine that does not group them into lines.

    From the top down, a box joins the line whose last box it overlaps in height by half of the lower one's
    height or more (the best such line), else it starts a new one. Lines are ordered by their mean centre,
    boxes within them by their left edge, joined by spaces. It is what an application's first version would
    do; the engines themselves have no rule.

    Args:
        boxes: Corner points and text of each.
    """
    placed = sorted(
        (
            (min(y for _, y in corners), max(y for _, y in corners), min(x for x, _ in corners), text)
            for corners, text in boxes
        ),
        key=lambda box: (box[0] + box[1], box[2]),
    )
    lines: list[list[tuple[float, float, float, str]]] = []
    for box in placed:
        best, best_share = None, 0.5
        for line in lines:
            other = line[-1]
            lower = max(min(box[1] - box[0], other[1] - other[0]), 1.0)
            share = (min(box[1], other[1]) - max(box[0], other[0])) / lower
            if share >= best_share:
                best, best_share = line, share
        if best is None:
            lines.append([box])
        else:
            best.append(box)
    lines.sort(key=lambda line: sum(box[0] + box[1] for box in line) / len(line))
    return "\n".join(" ".join(box[3] for box in sorted(line, key=lambda box: box[2])) for line in lines)
