"""Counting the pictures of a GIF without decoding them: Pillow would compose every one."""

from __future__ import annotations

__all__ = ["count_gif_frames"]

_EXTENSION, _PICTURE = 0x21, 0x2C


def count_gif_frames(data: bytes, most: int) -> int:
    """How many pictures a GIF holds; counting ends at ``most`` or where the data make no sense any more.

    The last picture counts even if it is cut off: it is decoding that has to tell.
    """
    count = 0
    try:
        at = 13 + _palette_size(data[10])
        while count < most:
            kind = data[at]
            if kind == _EXTENSION:
                at = _skip_blocks(data, at + 2)
            elif kind == _PICTURE:
                count += 1
                at = _skip_blocks(data, at + 11 + _palette_size(data[at + 9]))
            elif kind == 0:
                at += 1  # a stray block end, which some writers leave and decoders skip
            else:
                break  # the end mark, or nonsense
    except IndexError:
        pass
    return count


def _palette_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(data: bytes, at: int) -> int:
    while length := data[at]:
        at += length + 1
    return at + 1
