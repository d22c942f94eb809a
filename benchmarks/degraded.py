"""Clean dev pages after what happens to pages: pictures made for one run, with the truth of the clean ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.degradations import DEGRADATIONS, degrade
from unscrawl.evaluation import Layout, TruthItem, read_truth

__all__ = ["PREFIX", "degraded_pages"]

PREFIX = "degraded/"
"""What the names of these sets begin with."""

# Pages that are clean as they are, and whose truth has the whole page in the order in which people read it.
CLEAN = (
    "handwriting/dev_pages/copiste_d_un_jour",
    "handwriting/dev_pages/cremma_mss20",
    "printed/dev_pages/ehri_typewritten",
    "printed/dev_pages/fondue_es_print_19",
)


def degraded_pages(data: Path, pages: int, folder: Path) -> dict[str, tuple[TruthItem, ...]]:
    """Make the pictures.

    Args:
        data: Folder with handwriting/ and printed/.
        pages: How many of each clean set, the first ones.
        folder: Where to write the pictures.

    Returns:
        The name of each set, and its pages.
    """
    clean = [item for place in CLEAN for item in read_truth(data / place / "truth.jsonl", Layout.PAGE)[:pages]]
    found = {}
    for number, name in enumerate(DEGRADATIONS):
        items = []
        for index, item in enumerate(clean):
            page = np.asarray(Image.open(item.image).convert("RGB"))
            path = folder / f"{number}-{index}.png"
            Image.fromarray(degrade(name, page, item.name)).save(path, compress_level=1)
            items.append(dataclasses.replace(item, image=path))
        found[PREFIX + name] = tuple(items)
    return found
