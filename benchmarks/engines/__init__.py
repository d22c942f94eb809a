"""The engines that are compared, one module each; each imports its engine only when it is loaded."""

from __future__ import annotations

from benchmarks.engines.base import Engine, EngineUnavailable
from benchmarks.engines.easy import EasyOcr
from benchmarks.engines.own import Unscrawl
from benchmarks.engines.rapid import Rapid
from benchmarks.engines.tesseract import Tesseract

__all__ = ["ALIASES", "ENGINES", "Engine", "EngineUnavailable", "create"]

ENGINES = {
    "unscrawl-auto": "Unscrawl, mode auto",
    "unscrawl-printed": "Unscrawl, mode printed",
    "unscrawl-handwritten": "Unscrawl, mode handwritten",
    "tesseract": "Tesseract",
    "rapidocr": "RapidOCR, as it comes",
    "rapidocr-nocls": "RapidOCR, use_cls=False",
    "easyocr": "EasyOCR, English model",
}
"""Name to title, in the order of the tables."""

ALIASES = {"unscrawl": ("unscrawl-auto", "unscrawl-printed", "unscrawl-handwritten")}
"""One name for several engines."""


def create(name: str, threads: int) -> Engine:
    """The engine of this name, not yet loaded.

    Args:
        name: A key of :data:`ENGINES`.
        threads: How many cores it may use.
    """
    if name.startswith("unscrawl-"):
        return Unscrawl(name.removeprefix("unscrawl-"), threads)
    if name == "tesseract":
        return Tesseract()
    if name == "easyocr":
        return EasyOcr(threads)
    return Rapid(use_cls=name != "rapidocr-nocls", threads=threads)
