"""Try what words and patterns of the user's do on dev lines: names read right, and harm done by words that are wrong.

python -m training.try_user_words --data ../shared/handwriting --weights src/unscrawl/models/hand.onnx
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from training.data import RealLine, read_lines
from training.metrics import cer
from unscrawl.inference import Once
from unscrawl.languages import resolve_languages
from unscrawl.options import ReadOptions
from unscrawl.recognition import user_words
from unscrawl.recognition.decoding import HandDecoder
from unscrawl.recognition.identify import LanguageGuesser
from unscrawl.recognition.language_model import START, LanguageModel
from unscrawl.recognition.priors import LANGUAGE_FOLDER, LanguagePriors
from unscrawl.recognition.recogniser import LineRecogniser

__all__ = ["main"]

NAME = re.compile(r"(?<=\s)[A-ZÀ-Þ][\w'-]{3,}")
YEAR = re.compile(r"\b1[6789]\d\d\b")
# Shapes that no dev line has, against the years.
OTHER_PATTERNS = (r"[A-Z]{2}\d{6}", r"INV-\d{4}", r"\d\d:\d\d")


def is_known(model: LanguageModel, word: str) -> bool:
    """Whether the language's list of words has this one."""
    state = START
    for character in word:
        _, state = model.step(state, character)
    return state.node >= 0


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=60)
    parser.add_argument("--share", type=float, nargs="+", default=[user_words.WORDS_SHARE])
    arguments = parser.parse_args()
    priors = LanguagePriors()
    decoder = HandDecoder(
        Once(lambda: LineRecogniser(arguments.weights, 1, grey=True)),
        Once(lambda: LanguageGuesser.load(LANGUAGE_FOLDER / "frequent.json.gz")),
        priors,
    )
    sets = {place.name: read_lines(place) for place in sorted((arguments.data / "dev").iterdir())}
    models, names = {}, {}
    for place, everything in sets.items():
        model = priors.of(resolve_languages(everything[0].language)[0])
        assert model is not None
        models[place] = model
        names |= {id(line): [n for n in NAME.findall(line.text) if not is_known(model, n)] for line in everything}
    for place, everything in sets.items():
        model = models[place]
        named = [line for line in everything if names[id(line)]]
        chosen = named[:: max(1, len(named) // arguments.limit)][: arguments.limit]
        wanted = [names[id(line)] for line in chosen]
        words = sorted({name for each in wanted for name in each})
        others = sorted({name for each in names.values() for name in each} - set(words))
        others = others[:: max(1, len(others) // len(words))][: len(words)]
        print(f"{place}: {len(chosen)} lines, {len(words)} names, {len(others)} other names", flush=True)
        report(decoder, "  nothing", chosen, wanted, (), ())
        for share in arguments.share:
            user_words.WORDS_SHARE = share
            report(decoder, f"  {share:.2f} names", chosen, wanted, words, ())
            report(decoder, f"  {share:.2f} other", chosen, wanted, others, ())
        dated = [line for line in everything if YEAR.search(line.text)][: arguments.limit]
        if not dated:
            continue
        wanted = [YEAR.findall(line.text) for line in dated]
        print(f"  {len(dated)} lines with years")
        report(decoder, "  nothing", dated, wanted, (), ())
        for share in arguments.share:
            user_words.PATTERNS_SHARE = share
            report(decoder, f"  {share:.2f} years", dated, wanted, (), (r"1[6789]\d\d",))
            report(decoder, f"  {share:.2f} other", dated, wanted, (), OTHER_PATTERNS)


def report(
    decoder: HandDecoder,
    title: str,
    lines: Sequence[RealLine],
    wanted: Sequence[Sequence[str]],
    words: Sequence[str],
    patterns: Sequence[str],
) -> None:
    """Print how many of the wanted words are read, and the error rate of the lines."""
    options = ReadOptions(language=lines[0].language, words=tuple(words), patterns=tuple(patterns))
    crops = [np.asarray(cv2.cvtColor(line.picture, cv2.COLOR_GRAY2RGB), dtype=np.uint8) for line in lines]
    texts = [reading.text.strip() for reading in decoder.read(crops, options).readings]
    found = sum(word in re.findall(r"[\w'-]+", text) for text, each in zip(texts, wanted, strict=True) for word in each)
    count = sum(map(len, wanted))
    rate = cer([(line.text, text) for line, text in zip(lines, texts, strict=True)])
    print(f"{title:14} {found:3} of {count} read right, CER {rate:5.2f}", flush=True)


if __name__ == "__main__":
    main()
