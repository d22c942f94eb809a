"""The limits on untrusted input, checked before anything large is made of it."""

from __future__ import annotations

from collections.abc import Sequence

from unscrawl.exceptions import DamagedInput, LimitExceeded
from unscrawl.options import ReadOptions

__all__ = ["MOST_PAGES", "check_megabytes", "check_pixels", "most_bytes", "most_pixels", "wanted_pages"]

MEGA = 1_000_000
"""Of megabytes and megapixels: decimal, as cameras and file managers count."""

MOST_PAGES = 1_000_000
"""No document is looked at beyond this many pages, whatever the options: the table of pages itself must stay
small. The thickest scanned archives run to some ten thousands."""


def most_bytes(options: ReadOptions) -> int:
    """The size in bytes that an input may have."""
    return int(options.max_megabytes * MEGA)


def most_pixels(options: ReadOptions) -> int:
    """The number of pixels that a page may have."""
    return int(options.max_megapixels * MEGA)


def check_megabytes(name: str, size: int, options: ReadOptions, *, at_least: bool = False) -> None:
    """Refuse an input of more than ``max_megabytes``.

    Args:
        name: The input's name, for the message.
        size: Its size in bytes.
        options: Where the limit stands.
        at_least: Whether ``size`` is only what has been read so far.

    Raises:
        LimitExceeded: If it is too large.
    """
    if size > most_bytes(options):
        # So many digits that a size just over the limit is not rounded to the limit itself.
        megabytes = "more than that" if at_least else f"{size / MEGA:,.6g} MB"
        raise LimitExceeded(
            f"{name} is too large: the limit is {options.max_megabytes:g} MB, the file has {megabytes}.",
            limit="max_megabytes",
            allowed=options.max_megabytes,
            actual=size / MEGA,
        )


def check_pixels(what: str, width: int, height: int, options: ReadOptions) -> None:
    """Refuse a picture without pixels, or with more than ``max_megapixels``.

    Args:
        what: The picture's name, for the message.
        width: In pixels, as its header declares.
        height: In pixels, as its header declares.
        options: Where the limit stands.

    Raises:
        DamagedInput: If a side is zero.
        LimitExceeded: If there are too many pixels.
    """
    if width < 1 or height < 1:
        raise DamagedInput(f"{what} is a picture of {width} x {height} pixels: there is nothing in it.")
    if width * height > most_pixels(options):
        raise LimitExceeded(
            f"{what} has {width} x {height} pixels ({width * height / MEGA:,.6g} megapixels), "
            f"the limit is {options.max_megapixels:g} megapixels.",
            limit="max_megapixels",
            allowed=options.max_megapixels,
            actual=width * height / MEGA,
        )


def wanted_pages(name: str, count: int, options: ReadOptions) -> Sequence[int]:
    """The numbers of the pages to read from a document of ``count`` pages.

    Raises:
        InvalidOption: If the range names no page of the document.
        LimitExceeded: If more than ``max_pages`` are wanted, or the document has more than ``MOST_PAGES``.
    """
    # Both checks come before any list of pages is made: a forged count must cost nothing.
    if count > MOST_PAGES:
        raise LimitExceeded(
            f"{name} has more than {MOST_PAGES:,} pages, which is never read.",
            limit="max_pages",
            allowed=MOST_PAGES,
            actual=count,
        )
    if options.pages is None:
        numbers: Sequence[int] = range(1, count + 1)
    else:
        numbers = tuple(options.page_numbers(count))
    if len(numbers) > options.max_pages:
        raise LimitExceeded(
            f"{len(numbers):,} pages are to be read from {name}, the limit is {options.max_pages:,}.",
            limit="max_pages",
            allowed=options.max_pages,
            actual=len(numbers),
        )
    return numbers
