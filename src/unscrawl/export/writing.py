"""The one door to the writers."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from unscrawl.exceptions import ExportFailed
from unscrawl.export.forms import Form, form_named, form_of_file
from unscrawl.export.original import Original
from unscrawl.files import write_atomically
from unscrawl.result import Document

__all__ = ["save", "write"]

# Form -> the module and the function in it: of the document and, where the form holds the picture, the original.
_WRITERS = {
    "text": ("text", "write"),
    "markdown": ("markdown", "write"),
    "json": ("json_form", "write"),
    "hocr": ("hocr", "write"),
    "alto": ("alto", "write"),
    "page": ("page_xml", "write"),
    "tsv": ("tsv", "write"),
    "pdf": ("pdf", "write"),
    "pdfa": ("pdfa", "write"),
    "docx": ("docx", "write"),
    "csv": ("tables", "write_csv"),
    "xlsx": ("tables", "write_xlsx"),
}


def write(document: Document, form: str, original: Original | None = None) -> bytes:
    """Write a document.

    Args:
        document: What was read.
        form: Name of a form, see :data:`unscrawl.export.FORMS`.
        original: What it was read from; PDFs are made from it.

    Returns:
        The content of a file in this form; the same document gives the same bytes, but for the date in Word files and
        in the colour profile of PDF/A.

    Raises:
        ExportFailed: If the form cannot hold this document, for example because the original is gone.
        InvalidOption: If there is no such form.
    """
    wanted = form_named(form)
    if wanted.single_page and len(document.pages) != 1:
        raise ExportFailed(
            f"{wanted.title} has room for one page, and {document.source} has {len(document.pages)}.",
            remedy="Save it to a file by name: then each page gets a file of its own.",
        )
    module, function = _WRITERS[wanted.name]
    writer: Callable[..., Any] = getattr(import_module(f"unscrawl.export.{module}"), function)
    if not wanted.holds_picture:
        content = writer(document)
    elif original is None:
        raise ExportFailed(
            f"{document.source}: {wanted.title} needs the picture that was read.", remedy="Read it with OcrEngine."
        )
    else:
        content = writer(document, original)
    return content.encode("utf-8") if isinstance(content, str) else bytes(content)


def save(
    document: Document,
    path: str | os.PathLike[str],
    form: str | None = None,
    original: Original | None = None,
) -> list[Path]:
    """Write a document to a file, which appears whole or not at all.

    Args:
        document: What was read.
        path: Where to; the name's ending tells the form where ``form`` does not: ``.txt``, ``.md``, ``.json``,
            ``.hocr``, ``.alto.xml``, ``.page.xml``, ``.tsv``, ``.pdf``, ``.docx``, ``.csv`` or ``.xlsx``.
        form: Name of a form.
        original: What it was read from; PDFs are made from it.

    Returns:
        The files written: one, but for PAGE XML of several pages one a page, with its number at the end of its name.

    Raises:
        ExportFailed: If the form cannot hold this document, or the file is the very picture that was read.
        InvalidOption: If the form is not known.
        OSError: If a file cannot be written.
    """
    target = Path(path)
    wanted = form_named(form) if form is not None else form_of_file(target)
    if original is not None and original.path is not None and _same_file(target, original.path):
        raise ExportFailed(f"{target} is the file that was read; it is never written over.", remedy="Name another.")
    if not wanted.single_page or len(document.pages) == 1:
        write_atomically(target, write(document, wanted.name, original))
        return [target]
    written = []
    for page in document.pages:
        place = _numbered(target, wanted, page.number)
        write_atomically(place, write(replace(document, pages=(page,)), wanted.name, original))
        written.append(place)
    return written


def _same_file(first: Path, second: Path) -> bool:
    return first.exists() and second.exists() and first.samefile(second)


def _numbered(path: Path, form: Form, number: int) -> Path:
    stem = path.name[: -len(form.suffix)] if path.name.lower().endswith(form.suffix) else path.name
    return path.with_name(f"{stem}-{number:04}{form.suffix}")
