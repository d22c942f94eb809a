"""Which forms a result can be written in; nothing heavy is imported here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePath

from unscrawl.exceptions import InvalidOption

__all__ = ["FORMS", "Form", "form_named", "form_of_file"]


@dataclass(frozen=True, slots=True)
class Form:
    """A form.

    Attributes:
        name: As options call it: ``"hocr"``.
        suffix: What names of files in this form end with.
        media_type: For HTTP.
        title: A few words for people.
        binary: Whether it is no text that a terminal could show.
        joinable: Whether the writings of several inputs can follow each other in one file.
        single_page: Whether the standard has room for one page only.
        holds_picture: Whether it contains the picture that was read.
    """

    name: str
    suffix: str
    media_type: str
    title: str
    binary: bool = False
    joinable: bool = False
    single_page: bool = False
    holds_picture: bool = False


_ALL = (
    Form("text", ".txt", "text/plain; charset=utf-8", "plain text", joinable=True),
    Form("markdown", ".md", "text/markdown; charset=utf-8", "Markdown", joinable=True),
    Form("json", ".json", "application/json", "JSON with boxes and confidences", joinable=True),
    Form("hocr", ".hocr", "text/html; charset=utf-8", "hOCR 1.2"),
    Form("alto", ".alto.xml", "application/xml", "ALTO 4"),
    Form("page", ".page.xml", "application/xml", "PAGE XML 2019", single_page=True),
    Form("tsv", ".tsv", "text/tab-separated-values; charset=utf-8", "a table of words, as Tesseract writes it"),
    Form("pdf", ".pdf", "application/pdf", "searchable PDF", binary=True, holds_picture=True),
    Form("pdfa", ".pdf", "application/pdf", "searchable PDF/A-2b", binary=True, holds_picture=True),
    Form(
        "docx",
        ".docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Word",
        binary=True,
    ),
    Form("csv", ".csv", "text/csv; charset=utf-8", "each page as a table, with commas between the cells"),
    Form(
        "xlsx",
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "each page as a table, for Excel",
        binary=True,
    ),
)

FORMS: dict[str, Form] = {form.name: form for form in _ALL}
"""All forms by name."""


def form_named(name: str) -> Form:
    """The form of this name, in any case.

    Raises:
        InvalidOption: If there is none.
    """
    form = FORMS.get(name.lower())
    if form is None:
        raise InvalidOption(f"There is no form {name!r}.", remedy=f"Choose one of: {', '.join(FORMS)}.")
    return form


def form_of_file(path: str | os.PathLike[str]) -> Form:
    """The form that a file's name ends in.

    Raises:
        InvalidOption: If its ending is that of no form, or could be that of several (``.xml``).
    """
    name = PurePath(path).name
    for form in _ALL:
        if name.lower().endswith(form.suffix):
            return form
    known = ", ".join(dict.fromkeys(form.suffix for form in _ALL))
    raise InvalidOption(f"Cannot tell the form of {name!r}.", remedy=f"End the name in one of {known}.")
