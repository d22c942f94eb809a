"""A line recogniser: pictures of lines in, CTC lattices out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from unscrawl.imaging.crops import resize_to_height
from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import RECOGNITION_WEIGHTS, Network, base_model
from unscrawl.languages import Script
from unscrawl.reading import Calibration
from unscrawl.recognition.batching import MAX_WIDTH, plan_batches
from unscrawl.recognition.lattice import Lattice

__all__ = ["HAND_SCRIPTS", "HAND_WEIGHTS", "LineRecogniser", "Look", "base_recogniser", "hand_recogniser"]

# The height of the input of all networks here.
INPUT_HEIGHT = 48
BASE_COLUMNS_PER_FRAME = 8
# Slope and offset, as Hand's file has them among its metadata: fitted by training/calibrate.py on 911 words of print,
# whose expected calibration error fell from 0.05 to 0.02.
BASE_CALIBRATION = "0.747 -0.549"

Reading = TypeVar("Reading")

HAND_SCRIPTS = (Script.LATIN, Script.CYRILLIC, Script.GREEK)
"""The scripts that Hand writes."""

HAND_WEIGHTS = Path(__file__).parent.parent / "models" / "hand.onnx"


class Look(NamedTuple):
    """How a line is shown to a network.

    Attributes:
        stretch: How much wider than it is, 1 for as it is.
        trim: How much of its height is left out above, and as much below, 0 to 0.5: what is left is shown larger.
    """

    stretch: float = 1.0
    trim: float = 0.0


AS_IT_IS = Look()


class LineRecogniser:
    """A CTC network for lines; safe to use from several threads at once.

    The network takes float32 (n, 3, 48, width) in -1..1, channels as BGR, and gives probabilities
    (n, frames, symbols), symbol 0 the blank. Its file's metadata list the alphabet.

    Args:
        weights: An ONNX file.
        threads: How many batches may be read at a time.
        grey: Whether the network was trained on grey pictures.

    Raises:
        ModelUnavailable: If the weights cannot be loaded.
    """

    def __init__(self, weights: Path, threads: int, *, grey: bool) -> None:
        self._network = Network(weights, callers=threads)
        self._threads = threads
        self._grey = grey
        metadata = self._network.metadata
        listed = tuple(metadata["character"].split("\n"))
        ours = metadata.get("columns_per_frame")
        self._columns_per_frame = int(ours) if ours else BASE_COLUMNS_PER_FRAME
        slope, offset = (float(x) for x in metadata.get("calibration", BASE_CALIBRATION).split())
        self._calibration = Calibration(slope, offset)
        # PP-OCR's file leaves out the space, its last symbol.
        self.alphabet = listed if ours else (*listed, " ")

    def recognise(
        self, crops: Sequence[Pixels], decode: Callable[[Lattice], Reading], look: Look = AS_IT_IS
    ) -> list[Reading]:
        """Read lines.

        Args:
            crops: uint8 (any height, any width, 3), RGB, upright lines.
            decode: What to make of a lattice; called in one of the worker threads as soon as the line is read, since
                lattices of the base recogniser weigh megabytes.
            look: How the lines are shown to the network.

        Returns:
            What ``decode`` gave, in the order of ``crops``.
        """
        lines = [self._scale(crop, look) for crop in crops]
        found: dict[int, Reading] = {}

        def run(batch: tuple[int, list[int]]) -> None:
            padded, indices = batch
            found.update(self._run([lines[index] for index in indices], padded, indices, decode))

        batches = sorted(plan_batches([line.shape[1] for line in lines]), reverse=True)
        if self._threads == 1 or len(batches) < 2:
            for batch in batches:
                run(batch)
        else:
            # Batches side by side on one thread each are faster than one after another on all threads, and unlike
            # ONNX Runtime's own threads they do not spin while they wait.
            with ThreadPoolExecutor(self._threads) as pool:
                for _ in pool.map(run, batches):
                    pass
        return [found[index] for index in range(len(crops))]

    def _run(
        self, lines: list[Pixels], padded: int, indices: list[int], decode: Callable[[Lattice], Reading]
    ) -> dict[int, Reading]:
        pixels = np.zeros((len(lines), 3, INPUT_HEIGHT, padded), dtype=np.float32)
        for row, line in enumerate(lines):
            place = pixels[row, :, :, : line.shape[1]]
            place[:] = line[:, :, ::-1].transpose(2, 0, 1)
            place *= 1 / 127.5
            place -= 1.0
        probabilities = self._network(pixels)
        found = {}
        for row, (index, line) in enumerate(zip(indices, lines, strict=True)):
            frames = line.shape[1] / self._columns_per_frame
            inside = probabilities[row, : int(np.ceil(frames))]
            lattice = Lattice(inside, self.alphabet, frames, self._columns_per_frame, self._calibration)
            found[index] = decode(lattice)
        return found

    def _scale(self, crop: Pixels, look: Look) -> Pixels:
        margin = round(look.trim * crop.shape[0])
        crop = crop[margin : crop.shape[0] - margin]
        if self._grey:
            crop = np.asarray(cv2.cvtColor(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), dtype=np.uint8)
        # Width is checked before scaling: a strip one pixel high would grow to gigabytes.
        width = crop.shape[1] * INPUT_HEIGHT / crop.shape[0]
        return resize_to_height(crop, INPUT_HEIGHT, stretch=min(look.stretch, MAX_WIDTH / width))


def base_recogniser(threads: int) -> LineRecogniser:
    """PP-OCRv6-small: print in Latin script, Chinese and Japanese.

    Raises:
        ModelUnavailable: If the weights are missing.
    """
    return LineRecogniser(base_model(RECOGNITION_WEIGHTS), threads, grey=False)


def hand_recogniser(threads: int) -> LineRecogniser:
    """Hand: handwriting and print in ``HAND_SCRIPTS``.

    Raises:
        ModelUnavailable: If the weights are missing.
    """
    return LineRecogniser(HAND_WEIGHTS, threads, grey=True)
