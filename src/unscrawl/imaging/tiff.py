"""The pages of a TIFF file: finding them, and opening any one without walking through those before it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

__all__ = ["TiffPages", "find_tiff_pages"]

_SUBFILE_TYPE = 0x00FE
_NO_PAGE = 0x1 | 0x4
"""Bits of the subfile type: a smaller copy of another picture, a transparency mask."""


@dataclass(frozen=True, slots=True)
class TiffPages:
    """Where the pages of a TIFF file are.

    Attributes:
        order: ``"<"`` or ``">"``, as struct writes byte orders.
        big: Whether it is a BigTIFF, with 64-bit offsets.
        offsets: The place of each page's directory.
    """

    order: str
    big: bool
    offsets: tuple[int, ...]

    def only(self, data: bytes, index: int) -> bytes:
        """The file with page ``index`` (from 0) put first: a decoder need not follow the chain to it."""
        if self.big:
            return data[:8] + struct.pack(self.order + "Q", self.offsets[index]) + data[16:]
        return data[:4] + struct.pack(self.order + "I", self.offsets[index]) + data[8:]


def find_tiff_pages(data: bytes, most: int) -> TiffPages:
    """Follow the chain of directories, at most ``most`` of them, until it ends or bites its tail.

    Thumbnails and masks that stand beside a page are left out. A directory that is cut off is listed and
    ends the chain: it is decoding that has to tell.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count_form, entry_size, offset_form = ("Q", 20, "Q") if big else ("H", 12, "I")
    count_size, offset_size = struct.calcsize("<" + count_form), struct.calcsize("<" + offset_form)
    pages: list[int] = []
    extras: list[int] = []
    seen: set[int] = set()
    try:
        (at,) = struct.unpack_from(order + offset_form, data, 8 if big else 4)
        while at and at not in seen and len(seen) < most:
            seen.add(at)
            if at + count_size > len(data):
                if not pages:
                    pages.append(at)
                break
            (count,) = struct.unpack_from(order + count_form, data, at)
            first = at + count_size
            # Entries are sorted by tag and the subfile type has the lowest: it stands first or not at all.
            is_page = True
            if count and first + entry_size <= len(data):
                tag, kind = struct.unpack_from(order + "HH", data, first)
                if tag == _SUBFILE_TYPE:
                    value_at = first + entry_size - offset_size
                    (value,) = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, value_at)
                    is_page = not value & _NO_PAGE
            (pages if is_page else extras).append(at)
            (at,) = struct.unpack_from(order + offset_form, data, first + count * entry_size)
    except struct.error:
        pass
    return TiffPages(order, big, tuple(pages or extras))
