"""The engines of the comparison; each is loaded when it reads its first page."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from PIL import Image

from benchmarks.engines import create
from unscrawl import Language
from unscrawl.recognition.tessdata import data_names, find_folder

__all__ = ["READERS", "Reader"]

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\ufeff"))


class Reader(Protocol):
    """Reads a page whose language is known."""

    def read(self, page: Image.Image, language: Language) -> str | None:
        """The text; None where the engine has no data for the language."""
        ...


class _Own:
    """Unscrawl, told the language or left to find it."""

    def __init__(self, *, told: bool) -> None:
        self._told = told

    @cached_property
    def _engine(self) -> Any:
        import unscrawl

        return unscrawl.OcrEngine(threads=1)

    def read(self, page: Image.Image, language: Language) -> str | None:
        changes: dict[str, Any] = {"mode": "printed", "language": language} if self._told else {}
        text: str = self._engine.recognize(np.asarray(page), **changes).text
        return text


class _Tesseract:
    """Tesseract alone, with its own search for lines and the language's data."""

    def read(self, page: Image.Image, language: Language) -> str | None:
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        import tesserocr

        places = filter(None, map(find_folder, data_names(language, language.scripts[0])))
        folder, name = next(places, (None, ""))
        if folder is None:
            return None
        with tesserocr.PyTessBaseAPI(path=f"{folder}/", lang=name, psm=tesserocr.PSM.AUTO) as engine:
            engine.SetVariable("debug_file", os.devnull)
            engine.SetImage(page)
            text: str = engine.GetUTF8Text()
        return text.translate(_INVISIBLE)


class _Rapid:
    """RapidOCR without its classifier of upside-down lines, which garbles pages; it reads what its models know."""

    @cached_property
    def _engine(self) -> Any:
        engine = create("rapidocr-nocls", 1)
        engine.load()
        return engine

    def read(self, page: Image.Image, language: Language) -> str | None:
        import tempfile

        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            page.save(file.name)
            text: str = self._engine.read(file.name, "pages", None)
        return text


READERS = {
    "unscrawl": lambda: _Own(told=True),
    "unscrawl-auto": lambda: _Own(told=False),
    "tesseract": _Tesseract,
    "rapidocr": _Rapid,
}
"""Name -> what makes it."""
