"""What reads each language, and how well, for those who want to know before they read."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from unscrawl.languages import EAST_ASIAN, Language, Script
from unscrawl.recognition.recogniser import HAND_SCRIPTS
from unscrawl.recognition.tessdata import BETTER_IN_PRINT, find_data, missing_data

__all__ = ["measured_error", "reader_of"]

MEASURED = Path(__file__).parent.parent / "models" / "languages" / "printed.json"
"""Written by ``python -m benchmarks.languages``: ``Language``'s value -> character error rate."""


def reader_of(language: Language, *, handwriting: bool) -> str:
    """What reads a language: ``"Hand"``, ``"PP-OCRv6"``, ``"Tesseract"``, the last with a note where data are missing.

    Tesseract is made for print: handwriting in its scripts counts as not read.
    """
    script = language.scripts[0]
    if handwriting and script in HAND_SCRIPTS:
        return "Hand"
    if script is Script.LATIN:
        return "Tesseract" if language in BETTER_IN_PRINT and find_data(language) is not None else "PP-OCRv6"
    if script in EAST_ASIAN:
        return "PP-OCRv6"
    if handwriting:
        return "-"
    return "Tesseract (not installed)" if missing_data([language]) else "Tesseract"


def measured_error(language: Language) -> float | None:
    """The character error rate on printed test pages, 0 to 1; None where it was not measured."""
    return _measured().get(language.value)


@cache
def _measured() -> dict[str, float]:
    if not MEASURED.is_file():
        return {}
    found: dict[str, float] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return found
