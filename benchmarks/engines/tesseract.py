"""The ``tesseract`` program."""

from __future__ import annotations

import os
import shutil
import subprocess

from benchmarks.engines.base import EngineUnavailable

__all__ = ["Tesseract"]

_LANGUAGES = {"fr": "fra", "en": "eng", "es": "spa", "de": "deu", "cs": "ces", "da": "dan", "sk": "slk"}
"""The truths' codes to the names of Tesseract's language files."""

_FALLBACK = "eng"
"""Read with this where the language's file is not installed."""


_THREADS = "1"
"""Its threads wait in a busy loop for each other: two of them gain little on an idle machine, and as soon as
anything else runs take ten times as long as one (measured here; tesseract-ocr/tesseract#3109 has 459 s
against 9 s)."""


class Tesseract:
    """Tesseract as a program: it is told the truth's language, which Unscrawl is not."""

    external = True

    def __init__(self) -> None:
        self._installed: set[str] = set()

    def load(self) -> dict[str, str]:
        """Look whether the program is there, and which languages it has."""
        if shutil.which("tesseract") is None:
            raise EngineUnavailable("the program tesseract is not installed")
        self._installed = set(self._run("--list-langs").split())
        missing = sorted(set(_LANGUAGES.values()) - self._installed)
        versions = {"tesseract": self._run("--version").split()[1]}
        if missing:
            versions["read as English, for lack of language files"] = "+".join(missing)
        return versions

    def read(self, path: str, layout: str, language: str | None) -> str:
        """The text of a picture."""
        name = _LANGUAGES.get(language or "", _FALLBACK)
        return self._run(
            path,
            "stdout",
            "-l",
            name if name in self._installed else _FALLBACK,
            "--psm",
            # 7: a single line; 3: find the layout, which is the default.
            "7" if layout == "lines" else "3",
        )

    def _run(self, *arguments: str) -> str:
        environment = {**os.environ, "OMP_THREAD_LIMIT": _THREADS}
        done = subprocess.run(("tesseract", *arguments), capture_output=True, env=environment, check=True)
        return done.stdout.decode()
