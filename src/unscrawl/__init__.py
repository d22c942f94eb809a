"""Unscrawl reads pictures of text, above all handwritten notes, into text.

import unscrawl as ocr

engine = ocr.OcrEngine()
engine.load_image("note.jpg")
print(engine.recognize().text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unscrawl import exceptions
from unscrawl.exceptions import OcrException
from unscrawl.languages import Language
from unscrawl.lazy import names_on_demand
from unscrawl.options import Filter, ReadOptions, RecognitionMode
from unscrawl.result import Document, Line, Page, Word

if TYPE_CHECKING:
    from unscrawl.engine import OcrEngine
    from unscrawl.export import Result

__version__ = "0.1.0"

__all__ = [
    "Document",
    "Filter",
    "Language",
    "Line",
    "OcrEngine",
    "OcrException",
    "Page",
    "ReadOptions",
    "RecognitionMode",
    "Result",
    "Word",
    "__version__",
    "exceptions",
]


# The engine pulls in OpenCV and ONNX Runtime: only when it is asked for, so that 'unscrawl --help' stays quick.
__getattr__ = names_on_demand(__name__, {"OcrEngine": "engine", "Result": "export"})
