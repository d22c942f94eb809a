"""The few facts of an EXIF block that reading needs.

Pillow has a reader of its own. It reports slips in the block, which phones' pictures are full of, through the
process-wide ``warnings``; those can neither be silenced in one thread only nor be let through to the user.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

__all__ = ["ExifFacts", "believable_dpi", "parse_exif"]

_ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, _UNIT = 0x0112, 0x011A, 0x011B, 0x0128
_SHORT, _LONG, _RATIONAL = 3, 4, 5
_CENTIMETRES = 3
_PREFIX = b"Exif\0\0"

LEAST_DPI, MOST_DPI = 50.0, 2400.0
"""Below, no text could be read, so the figure is a placeholder; above, no scanner of paper goes."""

MOST_STRETCH = 1.1
"""Ratio of the two directions' resolutions up to which one figure stands for both."""


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """What an EXIF block says.

    Attributes:
        orientation: 1 to 8, as the standard numbers them; 1 where nothing or nonsense is said.
        dpi: Where a believable one stands.
    """

    orientation: int = 1
    dpi: float | None = None


def believable_dpi(x: float, y: float) -> float | None:
    """The resolution in dots per inch; None where it makes no sense or the directions differ much."""
    # The comparisons are written so that NaN fails them.
    if not (LEAST_DPI <= x <= MOST_DPI and LEAST_DPI <= y <= MOST_DPI):
        return None
    return (x + y) / 2 if max(x, y) <= MOST_STRETCH * min(x, y) else None


def parse_exif(block: bytes | None) -> ExifFacts:
    """Read the first directory of an EXIF block, with or without its ``Exif`` prefix; never raises."""
    if not block:
        return ExifFacts()
    block = block.removeprefix(_PREFIX)
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return ExifFacts()
    values: dict[int, float] = {}
    try:
        (start,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, start)
        for i in range(count):
            entry = start + 2 + 12 * i
            tag, kind = struct.unpack_from(order + "HH", block, entry)
            if tag in (_ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, _UNIT) and tag not in values:
                value = _value(block, order, kind, entry + 8)
                if value is not None:
                    values[tag] = value
    except struct.error:
        pass  # cut off: what stands before counts
    orientation = int(values.get(_ORIENTATION, 1))
    factor = 2.54 if values.get(_UNIT) == _CENTIMETRES else 1.0
    x = values.get(_X_RESOLUTION, 0.0) * factor
    y = values.get(_Y_RESOLUTION, 0.0) * factor or x
    return ExifFacts(orientation if 1 <= orientation <= 8 else 1, believable_dpi(x, y))


def _value(block: bytes, order: str, kind: int, at: int) -> float | None:
    if kind == _SHORT:
        return float(struct.unpack_from(order + "H", block, at)[0])
    if kind == _LONG:
        return float(struct.unpack_from(order + "I", block, at)[0])
    if kind == _RATIONAL:
        (there,) = struct.unpack_from(order + "I", block, at)
        over, under = struct.unpack_from(order + "II", block, there)
        return over / under if under else None
    return None
