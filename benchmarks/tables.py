"""How well pages taken as tables (the forms csv and xlsx) have their rows and columns, on receipts with true boxes.

    python -m benchmarks.tables FOLDER [--mode auto] [--language en]

``FOLDER`` has a ``truth.jsonl`` with ``image`` and ``lines`` (``bbox`` and ``text`` of each piece of text) a line.
A truth of columns there is none; so pieces are looked at two by two: those that stand level belong in one row and, if
there is more white between them than they are high, in different cells; and the words of one piece belong in one cell.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from itertools import combinations
from pathlib import Path

from unscrawl import OcrEngine, Page
from unscrawl.export import grid_of

Box = tuple[float, float, float, float]
Place = tuple[int, int]
"""Row and column."""

LEVEL = 0.5
"""Pieces that share so much of the lower one's height are in one row."""


def places(page: Page) -> list[tuple[float, float, Place]]:
    """The middle of each word of a page, and where it stands in the table."""
    found = []
    for row, cells in enumerate(grid_of(page)):
        for column, words in enumerate(cells):
            for word in words:
                left, top, right, bottom = word.bbox
                found.append(((left + right) / 2, (top + bottom) / 2, (row, column)))
    return found


def compare(page: Page, pieces: list[Box]) -> Counter[str]:
    """Count what is right and what is not."""
    words = places(page)
    counts: Counter[str] = Counter()
    found = []
    for box in pieces:
        left, top, right, bottom = box
        inside = {place for x, y, place in words if left <= x <= right and top <= y <= bottom}
        if inside:
            found.append((box, inside))
            counts["pieces"] += 1
            counts["pieces in one cell"] += len(inside) == 1
    for (one, one_places), (other, other_places) in combinations(found, 2):
        shared = min(one[3], other[3]) - max(one[1], other[1])
        level = shared >= LEVEL * min(one[3] - one[1], other[3] - other[1])
        joined = bool({row for row, _ in one_places} & {row for row, _ in other_places})
        counts["level pairs"] += level
        counts["level pairs in one row"] += level and joined
        counts["other pairs in one row"] += joined and not level
        white = max(one[0], other[0]) - min(one[2], other[2])
        if level and joined and white > one[3] - one[1]:
            counts["pairs far apart"] += 1
            counts["pairs far apart in different cells"] += not one_places & other_places
    return counts


def main() -> None:
    """Read all pictures of a folder, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--language", default="en")
    given = parser.parse_args()
    engine = OcrEngine()
    counts: Counter[str] = Counter()
    for text in (given.folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(text)
        result = engine.recognize(given.folder / truth["image"], mode=given.mode, language=given.language)
        counts += compare(result.pages[0], [tuple(each["bbox"]) for each in truth["lines"]])
        counts["pictures"] += 1
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
