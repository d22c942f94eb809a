"""An OCR engine for OCRmyPDF: ``pip install 'unscrawl[ocrmypdf]'``.

::

    ocrmypdf --plugin unscrawl.integrations.ocrmypdf --jobs 2 scan.pdf searchable.pdf

OCRmyPDF calls it for one page at a time, in several threads or processes of its own.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import unscrawl
from unscrawl.engine import OcrEngine
from unscrawl.exceptions import MissingDependency, UnknownLanguage
from unscrawl.export import Result
from unscrawl.export.pdf import text_only
from unscrawl.languages import Language, resolve_languages

try:
    from ocrmypdf import hookimpl
    from ocrmypdf.pluginspec import OcrEngine as PluginEngine
    from ocrmypdf.pluginspec import OrientationConfidence
except ImportError as error:
    raise MissingDependency(
        "The package ocrmypdf is not installed.", remedy="Install it: pip install 'unscrawl[ocrmypdf]'."
    ) from error

__all__ = ["UnscrawlEngine", "add_options", "check_options", "get_ocr_engine"]


@cache
def _engine() -> OcrEngine:
    """One for all pages of a process: OCRmyPDF runs pages side by side, so each takes one thread."""
    return OcrEngine(threads=1)


class UnscrawlEngine(PluginEngine):
    """What OCRmyPDF asks of an engine."""

    @staticmethod
    def version() -> str:
        """Ours."""
        return unscrawl.__version__

    @staticmethod
    def creator_tag(options: Any) -> str:
        """What stands in the PDF's metadata."""
        return f"Unscrawl {unscrawl.__version__}"

    def __str__(self) -> str:
        return f"Unscrawl {unscrawl.__version__}"

    @staticmethod
    def languages(options: Any) -> set[str]:
        """The ISO 639-3 codes of all languages that can be asked for."""
        return {language.value for language in Language}

    @staticmethod
    def get_orientation(input_file: Path, options: Any) -> OrientationConfidence:
        """Not known: 0 degrees with no confidence, upon which OCRmyPDF leaves the page as it is."""
        return OrientationConfidence(0, 0.0)

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        """Read a page into hOCR and plain text."""
        result = _read(input_file, options)
        output_hocr.write_bytes(result.write("hocr"))
        output_text.write_text(result.text, encoding="utf-8")

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: Any) -> None:
        """Read a page into a PDF of the invisible text alone, and plain text."""
        result = _read(input_file, options)
        output_pdf.write_bytes(text_only(result.pages[0], _FONT))
        output_text.write_text(result.text, encoding="utf-8")


def _read(file: Path, options: Any) -> Result:
    return _engine().recognize(file, language=_languages(options), max_megapixels=_LIMIT)


_FONT = "F1"
"""One of the names under which OCRmyPDF looks for the font, to put it into its own pages."""

_LIMIT = 1000.0
"""Megapixels: OCRmyPDF has checked the page against its own limit already."""


def _languages(options: Any) -> tuple[Language, ...]:
    try:
        return resolve_languages(options.languages)
    except UnknownLanguage:
        return (Language.AUTO,)


@hookimpl
def add_options(parser: Any) -> None:
    """Where no ``--language`` is given, have it told from the page; OCRmyPDF would say English."""
    parser.set_defaults(languages=[Language.AUTO.value])


@hookimpl
def check_options(options: Any) -> None:
    """Settle what was not asked for: languages, and whose text layer is taken.

    Ours has every word, and the space after it, where it is written; the words that OCRmyPDF makes out of hOCR run
    together where a hand leaves little room between them.
    """
    # OCRmyPDF adds what is asked for to the default.
    asked = [language for language in options.languages if language != Language.AUTO.value]
    options.languages = asked or [Language.AUTO.value]
    if options.pdf_renderer == "auto":
        options.pdf_renderer = "sandwich"


@hookimpl
def get_ocr_engine() -> UnscrawlEngine:
    """The hook by which OCRmyPDF finds the engine."""
    return UnscrawlEngine()
