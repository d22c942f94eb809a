"""Novels of the European Literary Text Collection (ELTeC, COST action CA16204): free of rights, markup CC BY 4.0.

Read from clones of https://github.com/COST-ELTeC/ELTeC-fra and its like.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from training.texts import normalise

__all__ = ["paragraphs"]

_PARAGRAPH = re.compile(r"<(?:p|l|head)\b[^>]*>(.*?)</(?:p|l|head)>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def paragraphs(collection: Path) -> list[str]:
    """The paragraphs of all novels of a collection; none where there is no such folder."""
    found = []
    for novel in sorted(collection.glob("level1/*.xml")):
        _, _, body = novel.read_text(encoding="utf-8").partition("<body")
        found += [normalise(html.unescape(_TAG.sub("", each))) for each in _PARAGRAPH.findall(body)]
    return [text for text in found if text]
