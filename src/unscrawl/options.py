"""The options of one reading: a single frozen model, from which the command line takes its flags."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, NamedTuple

from unscrawl.exceptions import InvalidOption
from unscrawl.languages import Language, LanguageChoice, resolve_languages

__all__ = ["Filter", "ReadOptions", "RecognitionMode", "Region"]


class RecognitionMode(Enum):
    """What kind of writing to expect."""

    PRINTED = "printed"
    HANDWRITTEN = "handwritten"
    AUTO = "auto"


def _parse_mode(mode: RecognitionMode | str) -> RecognitionMode:
    if isinstance(mode, RecognitionMode):
        return mode
    try:
        return RecognitionMode(mode.lower())
    except (ValueError, AttributeError):
        names = ", ".join(m.value for m in RecognitionMode)
        raise InvalidOption(f"There is no recognition mode {mode!r}.", remedy=f"Choose one of: {names}.") from None


class Filter(Enum):
    """A classic way to make a picture more legible, for those who want it by hand."""

    UPSCALE = "upscale"
    CONTRAST = "contrast"
    MEDIAN = "median"
    BINARISE = "binarise"


class Region(NamedTuple):
    """A rectangle of a page, in whole pixels of the picture as stored, as boxes of results are."""

    left: int
    top: int
    right: int
    bottom: int

    def __str__(self) -> str:
        return ",".join(map(str, self))


def _option(default: Any, help_text: str, *, metavar: str = "", secret: bool = False, repeated: bool = False) -> Any:
    # repeated: over HTTP each value is a field of its own, as no character is left to part them.
    metadata = {"help": help_text, "metavar": metavar, "repeated": repeated}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadOptions:
    """How to open and read one input; immutable, comparable, picklable.

    Mode and languages may be given by name.

    Raises:
        InvalidOption: On construction, if a value is out of range.
        UnknownLanguage: If there is no language of a name.
    """

    mode: RecognitionMode = _option(RecognitionMode.AUTO, "What kind of writing to expect.")
    language: tuple[Language, ...] = _option(
        (Language.AUTO,),
        "Language by name or ISO code (en, spa, French); several with '+': en+fr.",
        metavar="NAME",
    )
    pages: str | None = _option(
        None, "Pages to read, counted from 1: '1-3,7' or '5-'. All by default.", metavar="RANGE"
    )
    password: str | None = _option(None, "Password of an encrypted PDF.", metavar="TEXT", secret=True)
    allow: str | None = _option(
        None,
        "The only characters that may be read, beside white space: 0123456789 for a field of digits.",
        metavar="CHARS",
    )
    deny: str | None = _option(None, "Characters that may not be read.", metavar="CHARS")
    words: tuple[str, ...] = _option(
        (),
        "Names and terms to expect, with commas or spaces between: Kowalski,Unscrawl. @FILE takes them from a file.",
        metavar="WORDS",
    )
    patterns: tuple[str, ...] = _option(
        (),
        r"Regular expressions of words to expect, with spaces between: INV-\d{4}. @FILE takes them from a file.",
        metavar="EXPRESSIONS",
        repeated=True,
    )
    single_line: bool = _option(False, "Take each picture as one cut line of text: no search for lines.")
    regions: tuple[Region, ...] = _option(
        (),
        "Rectangles to read, and nothing else, in this order: left,top,right,bottom in pixels of the picture as "
        "stored; several with '+'. Each is taken as a page of its own.",
        metavar="BOXES",
    )
    filters: tuple[Filter, ...] = _option(
        (),
        "Filters to put pages through before all else, in this order: upscale, contrast, median, binarise; several "
        "with '+'. None by default: pages are prepared as they need it.",
        metavar="NAMES",
    )
    pdf_dpi: int = _option(300, "Resolution at which PDF pages are rendered, 72 to 1200.", metavar="N")
    max_megabytes: float = _option(100.0, "Refuse files larger than this.", metavar="N")
    max_megapixels: float = _option(100.0, "Refuse pages of more pixels than this.", metavar="N")
    max_pages: int = _option(2000, "Refuse to read more pages than this from one file.", metavar="N")
    page_timeout: float = _option(60.0, "Seconds that rendering one PDF page may take.", metavar="SECONDS")

    def __post_init__(self) -> None:
        for name in ("max_megabytes", "max_megapixels", "max_pages", "page_timeout"):
            value = getattr(self, name)
            if not (isinstance(value, int | float) and math.isfinite(value) and value > 0):
                raise InvalidOption(f"{name} must be a number above 0, not {value!r}.")
        if not 72 <= self.pdf_dpi <= 1200:
            raise InvalidOption(f"pdf_dpi must be 72 to 1200, not {self.pdf_dpi!r}.")
        if self.pages is not None:
            parse_page_ranges(self.pages)
        if self.allow is not None and not (isinstance(self.allow, str) and self.allow.strip()):
            raise InvalidOption("allow names no character.", remedy="Name all that may be read, e.g. '0123456789'.")
        object.__setattr__(self, "mode", _parse_mode(self.mode))
        object.__setattr__(self, "language", resolve_languages(self.language))
        # The command line gives one text, programs may give lists: both are made the tuple that compares and pickles.
        object.__setattr__(self, "words", _parse_words(self.words))
        object.__setattr__(self, "patterns", _parse_patterns(self.patterns))
        object.__setattr__(self, "regions", _parse_regions(self.regions))
        object.__setattr__(self, "filters", _parse_filters(self.filters))

    def with_mode(self, mode: RecognitionMode | str) -> ReadOptions:
        """The same options with another recognition mode."""
        return replace(self, mode=_parse_mode(mode))

    def with_language(self, language: LanguageChoice | Iterable[LanguageChoice]) -> ReadOptions:
        """The same options with another language or other languages."""
        return replace(self, language=resolve_languages(language))

    def page_numbers(self, count: int) -> list[int]:
        """The wanted pages (1-based, ascending, no repeats) of a document of ``count`` pages.

        Raises:
            InvalidOption: If the range names none of the document's pages.
        """
        if self.pages is None:
            return list(range(1, count + 1))
        wanted: set[int] = set()
        for first, last in parse_page_ranges(self.pages):
            wanted.update(range(first, min(last or count, count) + 1))
        if not wanted:
            raise InvalidOption(
                f"The document has {count} page{'s' * (count != 1)}: none in the range {self.pages!r}.",
                remedy="Pages are counted from 1.",
            )
        return sorted(wanted)


def _parse_words(words: str | Iterable[str]) -> tuple[str, ...]:
    """Parse ``"Jan Kowalski, Gdynia"``, or a list of such texts, into single words."""
    texts = _texts("words", words)
    return tuple(word for text in texts for word in re.split(r"[\s,]+", text) if word)


def _parse_regions(regions: str | Iterable[str | Iterable[float]]) -> tuple[Region, ...]:
    """Parse ``"10,20,300,80+10,100,300,160"``, or a list of texts or of four numbers each.

    Parts of a pixel count as whole ones, and what is left of or above the picture is cut off: boxes of results are
    regions as they are.

    Raises:
        InvalidOption: If one is no rectangle.
    """
    given = regions.split("+") if isinstance(regions, str) else regions
    return tuple(_parse_region(each) for each in given or () if each != "")


def _parse_region(region: str | Iterable[float]) -> Region:
    try:
        left, top, right, bottom = map(float, region.split(",") if isinstance(region, str) else region)
        found = Region(max(0, math.floor(left)), max(0, math.floor(top)), math.ceil(right), math.ceil(bottom))
        if not (found.left < found.right and found.top < found.bottom):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise InvalidOption(
            f"{region!r} is no region.",
            remedy="Write left,top,right,bottom in pixels: '10,20,300,80'; several with '+'.",
        ) from None
    return found


def _parse_filters(filters: str | Filter | Iterable[str | Filter]) -> tuple[Filter, ...]:
    """Parse ``"contrast+median"``, or a list of names or members; their order is kept.

    Raises:
        InvalidOption: If there is no such filter.
    """
    given = [filters] if isinstance(filters, Filter) else filters.split("+") if isinstance(filters, str) else filters
    found = []
    for each in given or ():
        name = each.strip().lower() if isinstance(each, str) else each
        if name == "":
            continue
        try:
            found.append(Filter(name))
        except ValueError:
            names = ", ".join(known.value for known in Filter)
            raise InvalidOption(f"There is no filter {each!r}.", remedy=f"Filters are {names}.") from None
    return tuple(found)


def _parse_patterns(patterns: str | Iterable[str]) -> tuple[str, ...]:
    """Parse one text of expressions with white space between, or a list of expressions.

    Raises:
        InvalidOption: If one is no regular expression.
    """
    found = tuple(patterns.split()) if isinstance(patterns, str) else _texts("patterns", patterns)
    if found:
        import regex  # not needed for most readings, nor for --help

        for pattern in found:
            try:
                regex.compile(pattern)
            except regex.error as error:
                raise InvalidOption(
                    f"{pattern!r} is not a regular expression: {error}.",
                    remedy=r"Write for example 'INV-\d{4}', and a backslash before each of . + * ? ( ) [ ] { } | that "
                    "stands for itself.",
                ) from None
    return found


def _texts(name: str, value: str | Iterable[str]) -> tuple[str, ...]:
    """One text or several as a tuple."""
    found = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else (None,)
    if not all(isinstance(text, str) for text in found):
        raise InvalidOption(f"{name} must be texts, not {value!r}.")
    return found


def parse_page_ranges(text: str) -> list[tuple[int, int | None]]:
    """Parse ``"1-3,7,9-"`` into ``[(1, 3), (7, 7), (9, None)]``.

    Raises:
        InvalidOption: If the text has another form, or a range runs backwards.
    """
    ranges: list[tuple[int, int | None]] = []
    for part in text.split(","):
        first_text, dash, last_text = part.strip().partition("-")
        try:
            first = int(first_text) if first_text else 1
            last = (int(last_text) if last_text else None) if dash else first
            if not (first_text or last_text) or first < 1 or (last is not None and last < first):
                raise ValueError
        except ValueError:
            raise InvalidOption(
                f"{text!r} is not a page range.", remedy="Write for example '3', '1-3', '1-3,7' or '5-'."
            ) from None
        ranges.append((first, last))
    return ranges
