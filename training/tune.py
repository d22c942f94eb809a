"""Tune decoding on the dev lines: error rates over the weights of the language model and of the text network.

python -m training.tune --data ../shared/handwriting --weights src/unscrawl/models/hand.onnx --limit 120

The language model's are tried in the beam search alone, at one width; the text network's in all of decoding. The
language is told.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from training.data import RealLine, read_lines
from training.metrics import cer
from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import Once
from unscrawl.languages import resolve_languages
from unscrawl.options import ReadOptions
from unscrawl.recognition import decoding
from unscrawl.recognition.beam import EASY_LINE, MOST_WEIGHT, BeamSettings, search
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.identify import LanguageGuesser
from unscrawl.recognition.priors import LANGUAGE_FOLDER, LanguagePriors
from unscrawl.recognition.recogniser import LineRecogniser

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=120)
    parser.add_argument("--weight", type=float, nargs="+", default=[0.4, 0.5, 0.6], help="of language, on easy lines")
    parser.add_argument("--growth", type=float, nargs="+", default=[0.0, 3.0], help="of the weight, on others")
    parser.add_argument("--width", type=int, nargs="+", default=[16])
    parser.add_argument("--text-weight", type=float, nargs="*", default=[], help="of the text network")
    parser.add_argument("--text-reward", type=float, nargs="+", default=[decoding.TEXT_REWARD], help="of a character")
    parser.add_argument("--sets", nargs="*")
    arguments = parser.parse_args()
    recogniser, priors = LineRecogniser(arguments.weights, 2, grey=True), LanguagePriors()
    guesser = LanguageGuesser.load(LANGUAGE_FOLDER / "frequent.json.gz")
    decoder = decoding.HandDecoder(Once(lambda: recogniser), Once(lambda: guesser), priors)
    for place in sorted((arguments.data / "dev").iterdir()):
        if arguments.sets and place.name not in arguments.sets:
            continue
        everything = read_lines(place)
        step = max(1, len(everything) // arguments.limit)
        lines = everything[::step][: arguments.limit]
        crops = [np.asarray(cv2.cvtColor(line.picture, cv2.COLOR_GRAY2RGB), dtype=np.uint8) for line in lines]
        found = recogniser.recognise(crops, lambda lattice: lattice)
        truths = [line.text for line in lines]
        models = [priors.of(resolve_languages(line.language)[0]) for line in lines]
        readings = [decode_greedily(found[index]) for index in range(len(lines))]
        greedy = [reading.text.strip() for reading in readings]
        auto = resolve_languages("auto")
        first = [decoding.candidates(guesser, auto, [reading])[0].tag for reading in readings]
        right = 100 * np.mean([tag == line.language for tag, line in zip(first, lines, strict=True)])
        rate = cer(list(zip(truths, greedy, strict=True)))
        print(
            f"{place.name}: {len(lines)} lines, greedy {rate:.2f}, language told right by line: {right:.0f} %",
            flush=True,
        )
        for weight, growth, width in itertools.product(arguments.weight, arguments.growth, arguments.width):
            started = time.process_time()
            texts = []
            for reading, lattice, model in zip(readings, found, models, strict=True):
                alpha = min(MOST_WEIGHT, max(weight, weight + growth * (EASY_LINE - reading.confidence)))
                texts.append(search(lattice, model, BeamSettings(alpha, width))[0].text.strip())
            spent = (time.process_time() - started) / len(lines) * 1000
            rate = cer(list(zip(truths, texts, strict=True)))
            print(
                f"  weight {weight:.2f} growth {growth:.1f} width {width:2}: CER {rate:5.2f}  {spent:5.1f} ms a line",
                flush=True,
            )
        for weight, reward in itertools.product(arguments.text_weight, arguments.text_reward):
            decoding.TEXT_WEIGHT, decoding.TEXT_REWARD = weight, reward
            rate = cer(list(zip(truths, _decoded(decoder, crops, lines), strict=True)))
            print(f"  text network {weight:.2f} reward {reward:.2f}: CER {rate:5.2f}", flush=True)


def _decoded(decoder: decoding.HandDecoder, crops: Sequence[Pixels], lines: Sequence[RealLine]) -> list[str]:
    """The lines as the decoder reads them, each told its language."""
    texts = [""] * len(lines)
    for language in sorted({line.language for line in lines}):
        chosen = [index for index, line in enumerate(lines) if line.language == language]
        readings = decoder.read([crops[index] for index in chosen], ReadOptions(language=language)).readings
        for index, reading in zip(chosen, readings, strict=True):
            texts[index] = reading.text.strip()
    return texts


if __name__ == "__main__":
    main()
