"""Cut the lines out of transcribed pages: repositories of pictures with ALTO 4 beside them become a training set.

    python -m training.transcribed_pages SOURCES/CREMMA-MSS-18 SOURCES/timeuscorpus ... SOURCES/pages

Each repository becomes a set of lines in the form of the given data (``truth.jsonl`` and pictures). A line is turned
until its baseline is level, and what lies outside its polygon becomes paper. Where the transcribers note what is not on
the paper (readings in doubt, signs for abbreviations), the line is left out: a network can only learn what it can see.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from lxml import etree
from numpy.typing import NDArray

from training.alphabet import ALPHABET
from training.texts import normalise

__all__ = ["cut", "main", "transcribed_lines"]

# As the given data has them: enough for an input of 48 rows, distorted.
MOST_ROWS = 64
# Outside of the polygon: what most of the line's pixels that are not ink look like.
PAPER_PERCENTILE = 70
# Lines of fewer pixels are ticks and folio numbers, cut badly.
LEAST_ROWS, LEAST_COLUMNS = 12, 24
# A line of so few columns a character is not the text that is given beside it.
LEAST_COLUMNS_A_CHARACTER = 4
JPEG_QUALITY = 90

# How transcribers of this field write what a hand writes otherwise, or as everyone does today.
_SIGNS = str.maketrans({"ſ": "s", "¬": "-", "⁊": "&", "ẜ": "s"})
# Marks of editors, and of letters that stand higher: nothing of them is on the paper as written.
_EDITORIAL = frozenset("^[]{}<>⟦⟧|_~*#\\$@⟨⟩")


@dataclass(frozen=True)
class Transcribed:
    """A line of a page: its text, its baseline (n, 2) and its polygon (n, 2), x and y in the page's pixels."""

    text: str
    baseline: NDArray[np.float32]
    polygon: NDArray[np.float32]


def transcribed_lines(alto: Path) -> Iterator[Transcribed]:
    """The lines of a page in ALTO 4 that have a text, a baseline and a polygon, and nothing but letters on paper."""
    allowed = frozenset(ALPHABET) - _EDITORIAL
    root = etree.parse(str(alto), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    for line in root.iter("{*}TextLine"):
        text = normalise(" ".join(string.get("CONTENT", "") for string in line.iter("{*}String")).translate(_SIGNS))
        polygon = line.find("{*}Shape/{*}Polygon")
        if not text or not allowed.issuperset(text) or polygon is None:
            continue
        baseline, outline = _points(line.get("BASELINE", "")), _points(polygon.get("POINTS", ""))
        if len(baseline) >= 2 and len(outline) >= 3:
            yield Transcribed(text, baseline, outline)


def _points(numbers: str) -> NDArray[np.float32]:
    values = [float(number) for number in numbers.replace(",", " ").split()]
    return np.array(values[: len(values) // 2 * 2], dtype=np.float32).reshape(-1, 2)


def cut(page: NDArray[np.uint8], line: Transcribed) -> NDArray[np.uint8] | None:
    """The picture of a line: grey, level, ``MOST_ROWS`` high at most; None where it cannot be what its text says.

    Args:
        page: uint8 (height, width), grey.
        line: A line of it.
    """
    way = line.baseline[-1] - line.baseline[0]
    turn = cv2.getRotationMatrix2D((0, 0), math.degrees(math.atan2(way[1], way[0])), 1.0)
    polygon = cv2.transform(line.polygon[None], turn)[0]
    left, top = np.floor(polygon.min(axis=0))
    columns, rows = (int(size) for size in np.ceil(polygon.max(axis=0)) - (left, top))
    if rows < LEAST_ROWS or columns < max(LEAST_COLUMNS, LEAST_COLUMNS_A_CHARACTER * len(line.text)):
        return None
    turn[:, 2] -= left, top
    mask = np.zeros((rows, columns), np.uint8)
    cv2.fillPoly(mask, [np.rint(polygon - (left, top)).astype(np.int32)], (1,))
    picture = cv2.warpAffine(page, turn, (columns, rows), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    if not mask.any():
        return None
    picture[mask == 0] = np.percentile(picture[mask == 1], PAPER_PERCENTILE)
    scale = min(1.0, MOST_ROWS / rows)
    made = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(made, dtype=np.uint8)


def _page(alto: Path, picture: Path, group: str, out: Path) -> list[str]:
    """Write the lines of a page; their entries of ``truth.jsonl``."""
    page = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE)
    entries = []
    for number, line in enumerate(transcribed_lines(alto)):
        made = None if page is None else cut(np.asarray(page, dtype=np.uint8), line)
        if made is None:
            continue
        name = f"images/{group.replace('/', '__')}__{number:03}.jpg"
        cv2.imwrite(str(out / name), made, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        entry = {"image": name, "text": line.text, "language": "fr", "kind": "handwritten", "group": group}
        entries.append(json.dumps(entry, ensure_ascii=False))
    return entries


def _pairs(repository: Path) -> Iterator[tuple[Path, Path]]:
    """Each page's ALTO and its picture, which lies beside it or in the folder above."""
    for alto in sorted(repository.rglob("*.xml")):
        names = [alto.with_suffix(ending) for ending in (".jpg", ".jpeg", ".png")]
        for picture in [*names, *(name.parent.parent / name.name for name in names)]:
            if picture.exists() and b"<alto" in alto.read_bytes()[:2000]:
                yield alto, picture
                break


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path, nargs="+")
    parser.add_argument("out", type=Path, help="folder of the sets, one a repository")
    arguments = parser.parse_args()
    with ProcessPoolExecutor() as processes:
        for repository in arguments.repository:
            out = arguments.out / repository.name.lower().replace("-", "_")
            (out / "images").mkdir(parents=True, exist_ok=True)
            pages = [
                processes.submit(_page, alto, picture, f"{out.name}/{alto.stem}", out)
                for alto, picture in _pairs(repository)
            ]
            entries = [entry for page in pages for entry in page.result()]
            (out / "truth.jsonl").write_text("".join(entry + "\n" for entry in entries), encoding="utf-8")
            print(f"{out.name}: {len(entries)} lines of {len(pages)} pages", flush=True)


if __name__ == "__main__":
    main()
