"""Real lines with truth, and endless batches for training."""

from __future__ import annotations

import json
import multiprocessing
import random
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.alphabet import ALPHABET
from training.distort import INPUT_HEIGHT, augment, to_input_height
from training.texts import normalise

__all__ = ["Batch", "Mix", "RealLine", "batches", "read_lines"]

# Columns of pixels in a batch: what fits the caches of two cores (measured: larger ones are slower a line).
BATCH_COLUMNS = 7040
# Batches come in these widths only, each with a fixed number of lines: oneDNN compiles its kernels for every new shape,
# and with shapes of all kinds that took three quarters of the time of a step.
WIDTHS = (128, 192, 256, 320, 384, 448, 512, 576, 640, 704, 800, 896, 992, 1120, 1280, 1472, 1696)


@dataclass(frozen=True)
class RealLine:
    """A cut line as in the data's README; ``picture`` is grey, uint8."""

    picture: NDArray[np.uint8]
    text: str
    language: str
    kind: str
    group: str
    name: str


def read_lines(folder: Path) -> list[RealLine]:
    """Read one set: ``truth.jsonl`` and its pictures."""
    lines = []
    for entry in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(entry)
        picture = cv2.imread(str(folder / truth["image"]), cv2.IMREAD_GRAYSCALE)
        assert picture is not None, truth["image"]
        lines.append(
            RealLine(
                np.asarray(picture, dtype=np.uint8),
                normalise(truth["text"]),
                truth["language"],
                truth["kind"],
                truth["group"],
                truth["image"],
            )
        )
    return lines


@dataclass(frozen=True)
class Mix:
    """What a training run draws: the shares of real and recomposed lines, and how often each set is drawn as it is."""

    real: float
    recomposed: float
    sets: dict[str, float]


@dataclass(frozen=True)
class Drawn:
    """Where lines come from, and how they are mixed.

    Attributes:
        data: Folder with the training sets.
        sources: Folder with what the README's first stages make: ``fonts/``, ``udhr/``, ``aligned.json``, and in
            ``pages/`` more training sets.
        mix: How often each is drawn.
    """

    data: Path
    sources: Path
    mix: Mix


@dataclass(frozen=True)
class Batch:
    """Lines of like width.

    Attributes:
        pixels: uint8 (n, 48, width), grey.
        widths: What of each line is picture; the rest is padding.
        texts: Their truth.
    """

    pixels: NDArray[np.uint8]
    widths: list[int]
    texts: list[str]


def batches(drawn: Drawn, seed: int) -> Any:
    """A queue of endless batches, filled by a process of its own that ends with this one."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(16)
    context.Process(target=_fill, args=(queue, drawn, seed), daemon=True).start()
    return queue


def _fill(queue: Any, drawn: Drawn, seed: int) -> None:
    from training.collage import Collage
    from training.synth import Synthesiser
    from training.texts import Texts

    cv2.setNumThreads(1)
    rng = random.Random(seed)
    allowed = set(ALPHABET)
    mix = drawn.mix
    places = {
        name: drawn.data / name if (drawn.data / name).exists() else drawn.sources / "pages" / name for name in mix.sets
    }
    real = {
        name: [x for x in read_lines(place) if x.text and allowed.issuperset(x.text)] for name, place in places.items()
    }
    french = [x.text for lines in real.values() for x in lines if x.language == "fr"]
    texts = Texts(drawn.sources / "udhr", french)
    synthesiser = Synthesiser(drawn.sources / "fonts", texts)
    collage = Collage(drawn.data, drawn.sources / "aligned.json", texts)
    names, shares = list(mix.sets), list(mix.sets.values())

    def draw() -> tuple[NDArray[np.uint8], str] | None:
        chance = rng.random()
        if chance < mix.real:
            line = rng.choice(real[rng.choices(names, shares)[0]])
            return augment(line.picture, rng), line.text
        return collage.draw(rng) if chance < mix.real + mix.recomposed else synthesiser.draw(rng)

    waiting: dict[int, list[tuple[NDArray[np.uint8], str]]] = {width: [] for width in WIDTHS}
    while True:
        drawn = draw()
        if drawn is None:
            continue
        picture = to_input_height(drawn[0], rng)
        # CTC needs a frame (4 columns) a character and one more between equal ones.
        if picture.shape[1] > WIDTHS[-1] or picture.shape[1] < 5 * len(drawn[1]) + 8:
            continue
        width = WIDTHS[bisect_left(WIDTHS, picture.shape[1])]
        waiting[width].append((picture, drawn[1]))
        if len(waiting[width]) == BATCH_COLUMNS // width:
            queue.put(_collate(waiting[width], width))
            waiting[width] = []


def _collate(lines: list[tuple[NDArray[np.uint8], str]], width: int) -> Batch:
    widths = [picture.shape[1] for picture, _ in lines]
    pixels = np.zeros((len(lines), INPUT_HEIGHT, width), np.uint8)
    for row, (picture, _) in enumerate(lines):
        pixels[row, :, : picture.shape[1]] = picture
    return Batch(pixels, widths, [text for _, text in lines])
