"""``Result``: a document that can be saved in every form."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from unscrawl.export.original import Original
from unscrawl.export.writing import save, write
from unscrawl.result import Document

__all__ = ["Result"]


@dataclass(frozen=True, slots=True)
class Result(Document):
    """A document with the way back to its picture, which searchable PDFs are made from.

    Attributes:
        original: What was read; None where that is not known.
    """

    original: Original | None = field(default=None, repr=False, compare=False)

    def save(self, path: str | os.PathLike[str], form: str | None = None) -> list[Path]:
        """Write the result to a file; see :func:`unscrawl.export.save`."""
        return save(self, path, form, self.original)

    def write(self, form: str) -> bytes:
        """The result in the form of this name, as a file's content; see :func:`unscrawl.export.write`."""
        return write(self, form, self.original)

    def to_markdown(self) -> str:
        """The result as Markdown, with headings, lists and tables where they are found."""
        return self.write("markdown").decode()

    def to_hocr(self) -> str:
        """The result as hOCR."""
        return self.write("hocr").decode()

    def to_alto(self) -> str:
        """The result as ALTO 4."""
        return self.write("alto").decode()

    def to_page_xml(self) -> str:
        """The result, which must be of one page, as PAGE XML 2019."""
        return self.write("page").decode()

    def to_tsv(self) -> str:
        """The result as a table of words."""
        return self.write("tsv").decode()
