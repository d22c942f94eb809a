"""What the writers of XML share."""

from __future__ import annotations

import math
import re
from typing import Any

from lxml import etree

from unscrawl.result import Page, Quad

__all__ = ["clean", "pixel_box", "polygon", "serialise"]

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """``text`` without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("", text)


def serialise(root: Any, doctype: str | None = None) -> bytes:
    """The element as an indented UTF-8 file."""
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True, doctype=doctype)
    return data


def pixel_box(box: tuple[float, float, float, float], page: Page) -> tuple[int, int, int, int]:
    """A box (left, top, right, bottom) in whole pixels of the page, not beyond its edges and not empty."""
    left = min(max(math.floor(box[0]), 0), max(page.width - 1, 0))
    top = min(max(math.floor(box[1]), 0), max(page.height - 1, 0))
    return (
        left,
        top,
        max(min(math.ceil(box[2]), page.width), left + 1),
        max(min(math.ceil(box[3]), page.height), top + 1),
    )


def polygon(quad: Quad, page: Page) -> str:
    """The corners as ``"x,y x,y ..."`` in whole pixels, not beyond the page."""
    return " ".join(f"{min(max(round(x), 0), page.width)},{min(max(round(y), 0), page.height)}" for x, y in quad)
