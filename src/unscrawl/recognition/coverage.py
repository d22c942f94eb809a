"""What reads each language, for those who want to know before they read."""

from __future__ import annotations

from unscrawl.languages import EAST_ASIAN, Language, Script
from unscrawl.recognition.tessdata import missing_data

__all__ = ["reader_of"]


def reader_of(language: Language, *, handwriting: bool) -> str:
    """What reads a language: ``"Hand"``, ``"PP-OCRv6"``, ``"Tesseract"``, the last with a note where data are missing.

    Tesseract is made for print: handwriting in its scripts counts as not read.
    """
    script = language.scripts[0]
    if script is Script.LATIN:
        return "Hand" if handwriting else "PP-OCRv6"
    if script in EAST_ASIAN:
        return "PP-OCRv6"
    if handwriting:
        return "-"
    return "Tesseract (not installed)" if missing_data([language]) else "Tesseract"
