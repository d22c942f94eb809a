"""Build the prior for handwritten program code.

    python -m training.code_model src/unscrawl/models/languages

Counts the characters of Python's standard library (PSF licence), as it comes with the Python that runs this: its code,
brought to one style, and with less weight the prose in it, for what is written in strings and comments. See
``unscrawl/recognition/character_model.py`` for what is stored.
"""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from training.language_models import flatten
from unscrawl.languages import Language
from unscrawl.recognition.character_model import LINE_END, ORDER
from unscrawl.recognition.planes import save_tables

__all__ = ["main"]

# Tables, tests full of data, and what others wrote.
LEFT_OUT = ("encodings", "idlelib", "lib2to3", "pydoc_data", "site-packages", "test", "tests")
LONGEST_LINE = 80
# Rarer ones would double the file for next to nothing.
LEAST_COUNT = 40
CODE_WEIGHT = 6


def main() -> None:
    """Build it."""
    counts: Counter[str] = Counter()
    for line, weight in _lines(Path(sysconfig.get_path("stdlib"))):
        closed = LINE_END + line + LINE_END
        for end in range(2, len(closed) + 1):
            for start in range(max(0, end - ORDER), end):
                counts[closed[start:end]] += weight
    # A beginning is followed by something as often as its longer forms were met.
    kept = {key: float(count) for key, count in counts.items() if count >= LEAST_COUNT}
    kept.update((key[:end], 0.0) for key in list(kept) for end in range(1, len(key)) if key[:end] not in kept)
    letters, costs, numbers = flatten(kept)
    path = Path(sys.argv[1]) / f"{Language.SOURCE_CODE.value}.npz"
    save_tables(path, {"ngrams_letters": letters, "ngrams_costs": costs, "ngrams_counts": numbers})
    print(len(kept), "n-grams,", path.stat().st_size // 1024, "KB")


def _lines(folder: Path) -> Iterator[tuple[str, int]]:
    """Lines without indents, and how much they count."""
    for file in sorted(folder.rglob("*.py")):
        if not set(file.parts).isdisjoint(LEFT_OUT):
            continue
        source = file.read_text(encoding="utf-8", errors="ignore")
        try:
            tree = ast.parse(source)
        except SyntaxError:  # written for another version
            continue
        code = ast.unparse(tree).splitlines()
        for line, weight in [
            *((line, 1) for line in source.splitlines()),
            *((line, CODE_WEIGHT) for line in code),
            *((line.replace("'", '"'), CODE_WEIGHT) for line in code),  # it comes in single quotes
        ]:
            line = " ".join(line.split())
            if line and len(line) <= LONGEST_LINE and line.isascii():
                yield line, weight


if __name__ == "__main__":
    main()
