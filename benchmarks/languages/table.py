"""The results as a page."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from benchmarks.languages.texts import HELD_OUT_PARAGRAPHS
from unscrawl import Language

__all__ = ["render"]

_COLUMNS = {
    "unscrawl": "Unscrawl, language told",
    "unscrawl-auto": "Unscrawl, as it comes",
    "tesseract": "Tesseract alone, told",
    "rapidocr": "RapidOCR alone",
}

REASONS = {
    "chv": "above 10 % because Tesseract has no data for it, and its data for Cyrillic lack four of its letters.",
    "div": "above 10 % because Tesseract's data for Thaana mistake its letters (85 % without our search for lines).",
    "kan": "in one of the fonts, letters below others are taken for a line of their own.",
    "oss": "above 10 % because Tesseract has no data for it, and its data for Cyrillic lack ӕ, every sixth letter.",
}
"""Why languages are read badly."""

BAD = 0.10
"""What no language may exceed without a reason."""


def _rate(fonts: Mapping[str, Mapping[str, list[int]]], engine: str) -> float | None:
    pages = [stored[engine] for stored in fonts.values() if engine in stored]
    return sum(errors for errors, _ in pages) / sum(length for _, length in pages) if pages else None


def render(results: Mapping[str, Mapping[str, Mapping[str, list[int]]]]) -> str:
    """The whole file."""
    rates = {
        language: {engine: _rate(results[language.value], engine) for engine in _COLUMNS}
        for language in Language
        if results.get(language.value)
    }
    lines = [
        "# Printed pages, language by language",
        "",
        "Written by `python -m benchmarks.languages`, which tells what it needs. A short page of the Universal",
        "Declaration of Human Rights in each of two fonts (one where Debian has no second with all letters), five",
        "lines in 11 points at 200 dpi, with the faults of a fair scan: half a degree of slant, blur, noise,",
        f"uneven light, JPEG. The text is from the first {HELD_OUT_PARAGRAPHS} paragraphs of each declaration, on",
        "which Hand is never trained. Character error rates in per cent over an engine's pages; line breaks,",
        "punctuation, case and accents count, half-width and full-width punctuation are one. Not everything was",
        "read by the slower two: a dash, and the number of pages in brackets where it is not that behind the",
        "language's name. A page has some 400 characters, so differences below half a per cent mean little.",
        "",
        "Told the language, Unscrawl is in the mode `printed`; as it comes, it finds language and script itself.",
        "",
        *(f"- {Language(code).title}: {reason}" for code, reason in REASONS.items()),
        "",
        f"| | {' | '.join(_COLUMNS.values())} |",
        f"|---|{'---:|' * len(_COLUMNS)}",
    ]
    lines.append(f"| **median of {len(rates)} languages** | {' | '.join(_medians(rates))} |")
    over = [str(_count_over(rates, engine, BAD)) for engine in _COLUMNS]
    lines.append(f"| **languages above {BAD:.0%}** | {' | '.join(over)} |")
    for language, found in sorted(rates.items(), key=lambda each: each[0].title):
        pages = results[language.value]
        read = {engine: sum(engine in stored for stored in pages.values()) for engine in found}
        cells = [
            "-" if rate is None else f"{100 * rate:.1f}" + (f" ({read[engine]})" if read[engine] < len(pages) else "")
            for engine, rate in found.items()
        ]
        lines.append(f"| {language.title} ({len(results[language.value])}) | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _medians(rates: Mapping[Language, Mapping[str, float | None]]) -> list[str]:
    cells = []
    for engine in _COLUMNS:
        known = [rate for found in rates.values() if (rate := found[engine]) is not None]
        few = f" (of {len(known)})" if len(known) < len(rates) else ""
        cells.append(f"{100 * median(known):.1f}{few}" if known else "-")
    return cells


def _count_over(rates: Mapping[Language, Mapping[str, float | None]], engine: str, bar: float) -> int:
    return sum((rate := found[engine]) is not None and rate > bar for found in rates.values())
