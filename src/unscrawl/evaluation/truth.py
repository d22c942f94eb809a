"""Reads sets of pictures with truth: one JSON object a line in a file (``truth.jsonl``), pictures beside it.

Needed in each: ``image`` (path relative to the file) and ``text``. Used where present: ``language``, ``kind``
(``handwritten`` or ``printed``), ``group`` (writer or document) and ``lines`` (``bbox``, ``text``, ``kind``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from unscrawl.exceptions import ExitCode, OcrException
from unscrawl.export import read_document

__all__ = ["Layout", "TruthError", "TruthItem", "TruthLine", "read_readings", "read_truth", "set_name"]

_T = TypeVar("_T")

# The longer ones first: a name ends with both.
_READING_ENDINGS = (".alto.xml", ".page.xml", ".xml", ".hocr", ".html", ".json", ".txt")


class TruthError(OcrException):
    """A truth file, or a file of readings, is not in the expected form."""

    slug = "bad-truth"
    exit_code = ExitCode.INPUT
    http_status = 422
    remedy = "docs/evaluation.md shows the form."


class Layout(Enum):
    """What a picture shows."""

    LINE = "lines"
    PAGE = "pages"


@dataclass(frozen=True, slots=True)
class TruthLine:
    """A line of a page.

    Attributes:
        text: What is written.
        bbox: Left, top, right, bottom, in pixels of the picture.
        kind: ``"handwritten"``, ``"printed"`` or None.
    """

    text: str
    bbox: tuple[float, float, float, float]
    kind: str | None


@dataclass(frozen=True, slots=True)
class TruthItem:
    """A picture with its truth.

    Attributes:
        image: The picture's path, usable as it is.
        name: The path as the truth file gives it.
        text: What is written; lines in reading order, joined by line breaks.
        language: ISO code or None.
        kind: ``"handwritten"``, ``"printed"`` or None.
        group: The writer or document; the picture's own name where the file tells none.
        lines: The page's lines, where the file has them.
        layout: Whether the picture is one cut line or a page.
    """

    image: Path
    name: str
    text: str
    language: str | None
    kind: str | None
    group: str
    lines: tuple[TruthLine, ...] | None
    layout: Layout


def read_truth(path: str | os.PathLike[str], layout: Layout | None = None) -> tuple[TruthItem, ...]:
    """Read a truth file.

    Args:
        path: The JSON Lines file.
        layout: What its pictures show. By default an entry is a page if it has ``lines``, a line break in its
            text, or stands in a folder named for pages (one of the two folders above the file has "pages" in its
            name), and otherwise a cut line.

    Raises:
        TruthError: If a line is not JSON, lacks a field, has one of a wrong type or names a picture that is
            not there; the message tells the file and the line.
        OSError: If the file cannot be read.
    """
    file = Path(path)
    in_page_folder = any("pages" in folder.name.lower() for folder in list(file.absolute().parents)[:2])
    items = tuple(_item(entry, layout, in_page_folder) for entry in _entries(file))
    if not items:
        raise TruthError(f"{file} has no entries.")
    return items


def read_readings(path: str | os.PathLike[str]) -> dict[str, str]:
    """Read another engine's readings.

    Args:
        path: A file of one ``{"image": ..., "text": ...}`` a line; or a folder of a file for each picture, in hOCR,
            ALTO, PAGE XML, our JSON or plain text, named like the picture but for its ending.

    Returns:
        Text by picture; of a folder, by the picture's path without its ending.

    Raises:
        OcrException: If a file in the folder is broken or in another form.
        TruthError: If a line is broken, or a picture is there twice.
        OSError: If a file cannot be read.
    """
    if Path(path).is_dir():
        return _read_folder(Path(path))
    readings: dict[str, str] = {}
    for entry in _entries(Path(path)):
        image = Path(entry.need("image", str)).as_posix()
        if image in readings:
            raise entry.error(f"{image!r} has been read before")
        readings[image] = entry.need("text", str)
    return readings


def _read_folder(folder: Path) -> dict[str, str]:
    readings: dict[str, str] = {}
    for file in sorted(folder.rglob("*")):
        ending = next((end for end in _READING_ENDINGS if file.name.lower().endswith(end)), None)
        if ending is None or not file.is_file():
            continue
        name = file.relative_to(folder).as_posix()[: -len(ending)]
        if name in readings:
            raise TruthError(f"{folder} has two readings of {name}.", remedy="Leave one of them.")
        readings[name] = file.read_text("utf-8-sig") if ending == ".txt" else read_document(file).text
    if not readings:
        raise TruthError(f"{folder} has no readings.")
    return readings


def set_name(path: str | os.PathLike[str]) -> str:
    """A short name for a truth file: its two folders for ``truth.jsonl``, else its own name."""
    file = Path(path).absolute()
    return "/".join(file.parts[-3:-1]).lstrip("/") if file.stem == "truth" else file.stem


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of a JSON Lines file, which can complain about itself."""

    file: Path
    number: int
    values: dict[str, Any]

    def error(self, message: str) -> TruthError:
        return TruthError(f"{self.file}, line {self.number}: {message}.")

    def need(self, field: str, kind: type[_T]) -> _T:
        if field not in self.values:
            raise self.error(f"the field {field!r} is missing")
        return self._checked(field, kind)

    def optional(self, field: str, kind: type[_T]) -> _T | None:
        return None if self.values.get(field) is None else self._checked(field, kind)

    def _checked(self, field: str, kind: type[_T]) -> _T:
        value = self.values[field]
        if not isinstance(value, kind):
            wanted = "a list" if kind is list else "a string"
            raise self.error(f"the field {field!r} must be {wanted}, not {_shown(value)}")
        return value


def _shown(value: object) -> str:
    """A value in a message, cut to a readable length."""
    return repr(value)[:80]


def _entries(file: Path) -> Iterator[_Entry]:
    # Bytes, because str.splitlines() would also break lines at U+2028 and others, which JSON allows in strings.
    for number, raw in enumerate(file.read_bytes().split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            values = json.loads(raw.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise TruthError(f"{file}, line {number}: not UTF-8 ({error.reason}).") from None
        except (ValueError, RecursionError) as error:
            raise TruthError(f"{file}, line {number}: not JSON ({error}).") from None
        if not isinstance(values, dict):
            raise TruthError(f"{file}, line {number}: not a JSON object.")
        yield _Entry(file, number, values)


def _item(entry: _Entry, layout: Layout | None, in_page_folder: bool) -> TruthItem:
    name = entry.need("image", str)
    image = entry.file.parent / name
    if not image.is_file():
        raise entry.error(f"the picture {name!r} is not there")
    text = entry.need("text", str)
    lines = entry.optional("lines", list)
    is_page = lines is not None or "\n" in text.strip() or in_page_folder
    return TruthItem(
        image=image,
        name=name,
        text=text,
        language=entry.optional("language", str),
        kind=entry.optional("kind", str),
        group=entry.optional("group", str) or name,
        lines=None if lines is None else tuple(_line(entry, line) for line in lines),
        layout=layout or (Layout.PAGE if is_page else Layout.LINE),
    )


def _line(entry: _Entry, value: object) -> TruthLine:
    if not isinstance(value, dict):
        raise entry.error("an element of 'lines' is not a JSON object")
    line = _Entry(entry.file, entry.number, value)
    box = line.need("bbox", list)
    if len(box) != 4 or not all(isinstance(edge, int | float) and not isinstance(edge, bool) for edge in box):
        raise entry.error(f"a 'bbox' must be four numbers, not {_shown(box)}")
    return TruthLine(line.need("text", str), (box[0], box[1], box[2], box[3]), line.optional("kind", str))
