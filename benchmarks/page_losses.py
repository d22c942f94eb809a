"""What whole pages lose against their lines cut by the truth: finding and cutting them, and putting them in order.

    python -m benchmarks.page_losses --data ../shared

The dev lines were cut from the dev pages, so that the same lines can be read both ways. Three rates for each set:

- *cut by truth*: the cut pictures of the page's lines;
- *found*: the words that the page's reading puts on each of these lines, in whatever order the lines came;
- *page*: the whole page's text, with lines in order and all that stands beside them.

The first to the second is the price of finding and cutting lines, the second to the third that of their order.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import unscrawl
from unscrawl.evaluation import ErrorCount, Layout, TruthItem, TruthLine, character_errors, read_truth

__all__ = ["main"]


@dataclass(frozen=True, slots=True)
class Losses:
    """Errors of one page, counted three ways."""

    cut: ErrorCount
    found: ErrorCount
    page: ErrorCount

    def __add__(self, other: Losses) -> Losses:
        return Losses(self.cut + other.cut, self.found + other.found, self.page + other.page)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with handwriting/")
    parser.add_argument("--sets", nargs="+", help="names of sets; all by default")
    parser.add_argument("--pages", action="store_true", help="a row for each page too")
    arguments = parser.parse_args()
    engine = unscrawl.OcrEngine()
    print(f"{'':40} {'lines':>5} {'cut':>6} {'found':>6} {'page':>6}")
    for file in sorted((arguments.data / "handwriting/dev_pages").glob("*/truth.jsonl")):
        cut_file = arguments.data / "handwriting/dev" / file.parent.name / "truth.jsonl"
        if not cut_file.exists() or (arguments.sets and file.parent.name not in arguments.sets):
            continue
        cut = {(item.group, item.text): item for item in read_truth(cut_file, Layout.LINE)}
        rows = []
        for page in read_truth(file, Layout.PAGE):
            row = page_losses(engine, page, cut)
            rows.append(row)
            if arguments.pages:
                _print(f"  {page.name}", len(page.lines or ()), row)
        _print(file.parent.name, sum(row.cut.length > 0 for row in rows), sum(rows[1:], rows[0]))


def page_losses(engine: unscrawl.OcrEngine, page: TruthItem, cut: dict[tuple[str, str], TruthItem]) -> Losses:
    """Read a page whole and line by line."""
    result = engine.recognize(page.image)
    words = [word for line in result.lines for word in line.words]
    lines = page.lines or ()
    found = _words_on_lines(words, lines)
    losses = Losses(ErrorCount(0, 0), ErrorCount(0, 0), character_errors(page.text, result.text))
    for line, reading in zip(lines, found, strict=True):
        item = cut.get((page.group, line.text))
        if item is not None:
            by_truth = engine.recognize(item.image, single_line=True).text
            none = ErrorCount(0, 0)
            losses += Losses(character_errors(line.text, by_truth), character_errors(line.text, reading), none)
    return losses


def _words_on_lines(words: Iterable[unscrawl.Word], lines: Sequence[TruthLine]) -> list[str]:
    """The text that each of the truth's lines was given: every word goes to the line whose middle is nearest.

    Words outside all lines (what is printed on a form, and not part of the truth) go to none.
    """
    given: list[list[tuple[float, str]]] = [[] for _ in lines]
    for word in words:
        x = sum(corner[0] for corner in word.quad) / 4
        y = sum(corner[1] for corner in word.quad) / 4
        inside = [i for i, line in enumerate(lines) if _contains(line.bbox, x, y)]
        if inside:
            nearest = min(inside, key=lambda i: abs((lines[i].bbox[1] + lines[i].bbox[3]) / 2 - y))
            given[nearest].append((x, word.text))
    return [" ".join(text for _, text in sorted(texts)) for texts in given]


def _contains(box: tuple[float, float, float, float], x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _print(name: str, lines: int, losses: Losses) -> None:
    rates = (losses.cut.rate, losses.found.rate, losses.page.rate)
    print(f"{name:40} {lines:5} " + " ".join(f"{100 * rate:6.1f}" for rate in rates), flush=True)


if __name__ == "__main__":
    main()
