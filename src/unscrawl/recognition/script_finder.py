"""Which script a line is in, told by sight.

The idea: our recognisers only know their own letters, and see look-alikes in all others, with confidence. So before a
line that they are not sure of is believed, a small network that has seen all scripts (``training/script_finder.py``)
looks at it as a picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import Network
from unscrawl.languages import Script

__all__ = ["HEIGHT", "SCRIPT_WEIGHTS", "ScriptFinder", "to_input"]

SCRIPT_WEIGHTS = Path(__file__).parent.parent / "models" / "scripts.onnx"

HEIGHT = 32
# A line's first 30 heights or so tell its script.
_MOST_COLUMNS = 960
_COLUMNS_PER_VOTE = 8


class ScriptFinder:
    """Tells scripts apart; safe to use from several threads at once.

    Args:
        weights: An ONNX file of ``training/script_finder.py``.

    Raises:
        ModelUnavailable: If the weights are missing.
    """

    def __init__(self, weights: Path = SCRIPT_WEIGHTS) -> None:
        self._network = Network(weights)
        self._scripts = tuple(Script(code) for code in self._network.metadata["scripts"].split())

    def look(self, crops: Sequence[Pixels]) -> list[Mapping[Script, float]]:
        """How likely each script is, line by line.

        Args:
            crops: uint8 (any height, any width, 3), RGB, lines.

        Returns:
            For each line the shares of the scripts, which add up to 1; Chinese stands for Japanese as well.
        """
        found: list[Mapping[Script, float]] = []
        for crop in crops:
            line = to_input(np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
            shares = self._network(line[None, None])[0]
            found.append(dict(zip(self._scripts, map(float, shares), strict=True)))
        return found


def to_input(line: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A line as the network sees it.

    Args:
        line: uint8 (any height, any width), grey.

    Returns:
        float32 (32, a multiple of 8), of mean 0 and standard deviation 1, however faint the ink.
    """
    height, width = line.shape
    columns = min(_MOST_COLUMNS, max(_COLUMNS_PER_VOTE, round(width * HEIGHT / height)))
    line = line[:, : round(columns * height / HEIGHT) + 1]
    scaled = cv2.resize(line, (columns, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
    scaled = (scaled - scaled.mean()) / (scaled.std() + 1.0)
    missing = -columns % _COLUMNS_PER_VOTE
    return np.asarray(cv2.copyMakeBorder(scaled, 0, 0, 0, missing, cv2.BORDER_REPLICATE), dtype=np.float32)
