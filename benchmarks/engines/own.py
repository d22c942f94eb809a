"""Unscrawl through its public API."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from benchmarks.engines.base import EngineUnavailable

__all__ = ["Unscrawl"]


class Unscrawl:
    """Unscrawl in one recognition mode; the language is left to it, as most people do."""

    external = False

    def __init__(self, mode: str, threads: int) -> None:
        self._mode = mode
        self._threads = threads
        self._engine: Any = None

    def load(self) -> dict[str, str]:
        """Build the engine."""
        try:
            import unscrawl

            self._engine = unscrawl.OcrEngine(threads=self._threads)
        except ImportError as error:
            raise EngineUnavailable(f"unscrawl cannot be imported: {error}") from None
        return {"unscrawl": unscrawl.__version__, "onnxruntime": version("onnxruntime")}

    def read(self, path: str, layout: str, language: str | None) -> str:
        """The text of a picture."""
        text: str = self._engine.recognize(path, mode=self._mode, single_line=layout == "lines").text
        return text
