"""A line recogniser: pictures of lines in, CTC lattices out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unscrawl.imaging.crops import resize_to_height
from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import RECOGNITION_WEIGHTS, base_model, open_session
from unscrawl.recognition.batching import MAX_WIDTH, plan_batches
from unscrawl.recognition.lattice import Lattice

__all__ = ["LineRecogniser", "base_recogniser"]

# Of all networks here: the height of their input, and how many columns of pixels one frame of output covers.
INPUT_HEIGHT = 48
COLUMNS_PER_FRAME = 8


class LineRecogniser:
    """A CTC network for lines; safe to use from several threads at once.

    The network takes float32 (n, 3, 48, width) in -1..1, channels as BGR, and gives probabilities
    (n, width / 8, symbols), symbol 0 the blank.

    Args:
        weights: An ONNX file.
        threads: How many threads one run may use.

    Raises:
        ModelUnavailable: If the weights cannot be loaded.
    """

    def __init__(self, weights: Path, threads: int) -> None:
        self._session = open_session(weights, threads)
        self._input = self._session.get_inputs()[0].name
        listed = self._session.get_modelmeta().custom_metadata_map["character"].split("\n")
        # The file counts two symbols more than it lists: the blank before and the space behind.
        self.alphabet = (*listed, " ")

    def recognise(self, crops: Sequence[Pixels]) -> Iterator[tuple[int, Lattice]]:
        """Read lines.

        Args:
            crops: uint8 (any height, any width, 3), RGB, upright lines.

        Yields:
            (index into ``crops``, lattice), in the order that suits the network. A lattice of the base recogniser
            weighs megabytes: decode and drop it before asking for the next.
        """
        lines = [_scale(crop) for crop in crops]
        for padded, indices in plan_batches([line.shape[1] for line in lines]):
            batch = np.zeros((len(indices), 3, INPUT_HEIGHT, padded), dtype=np.float32)
            for row, index in enumerate(indices):
                line = lines[index]
                batch[row, :, :, : line.shape[1]] = line[:, :, ::-1].transpose(2, 0, 1)
                batch[row, :, :, : line.shape[1]] *= 1 / 127.5
                batch[row, :, :, : line.shape[1]] -= 1.0
            probabilities: NDArray[np.float32] = self._session.run(None, {self._input: batch})[0]
            for row, index in enumerate(indices):
                yield (
                    index,
                    Lattice(probabilities[row], self.alphabet, lines[index].shape[1] / COLUMNS_PER_FRAME),
                )


def _scale(crop: Pixels) -> Pixels:
    line = resize_to_height(crop, INPUT_HEIGHT)
    if line.shape[1] <= MAX_WIDTH:
        return line
    return resize_to_height(crop, INPUT_HEIGHT, stretch=MAX_WIDTH / line.shape[1])


def base_recogniser(threads: int) -> LineRecogniser:
    """PP-OCRv6-small: print in Latin script, Chinese and Japanese.

    Raises:
        ModelUnavailable: If the weights are missing.
    """
    return LineRecogniser(base_model(RECOGNITION_WEIGHTS), threads)
