"""How likely a text is as running text: what comes before a word, its inflexion, its case, its marks.

The idea: the beam search needs a prior that costs microseconds a character, and so knows only words and pairs of them.
A recurrent network that has read novels and letters character by character (``training/text_network.py``; Mikolov et
al., "Recurrent neural network based language model", Interspeech 2010) knows far more, but costs a thousand times as
much: it is asked only about the few texts that the search leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unscrawl.inference import Network
from unscrawl.languages import Language

__all__ = ["FIRST_CHARACTER", "LINE_END", "TEXT_WEIGHTS", "UNKNOWN", "TextNetwork", "to_numbers"]

TEXT_WEIGHTS = Path(__file__).parent.parent / "models" / "text.onnx"

# The numbers of the end of a line, which also begins each and pads it, and of a character that the network lacks.
LINE_END, UNKNOWN, FIRST_CHARACTER = 0, 1, 2
# Texts in one run: more take no less time a text, and 16 of 100 characters take 10 MB.
_MOST_TEXTS = 16


class TextNetwork:
    """Says how likely texts are; safe to use from several threads at once.

    Args:
        weights: An ONNX file of ``training/text_network.py``.

    Raises:
        ModelUnavailable: If the weights are missing.

    Attributes:
        languages: Those that it has read; of others it knows nothing.
    """

    def __init__(self, weights: Path = TEXT_WEIGHTS) -> None:
        self._network = Network(weights, in_bytes=True)
        metadata = self._network.metadata
        self._numbers = {
            character: number for number, character in enumerate(metadata["character"].split("\n"), FIRST_CHARACTER)
        }
        self.languages = frozenset(map(Language, metadata["languages"].split()))

    def log_likelihoods(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The log-probability of each text at the beginning of a line.

        Args:
            texts: Any number of any length; an empty one is certain.
        """
        found = np.zeros(len(texts))
        # Texts of like length side by side, so that little is padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), _MOST_TEXTS):
            chosen = [index for index in order[start : start + _MOST_TEXTS] if texts[index]]
            if chosen:
                found[chosen] = self._network(to_numbers([texts[index] for index in chosen], self._numbers))
        return found


def to_numbers(texts: Sequence[str], numbers: dict[str, int]) -> NDArray[np.int64]:
    """Texts as the network sees them.

    Args:
        texts: One or more.
        numbers: Of the characters.

    Returns:
        int64 (texts, the longest's length + 1): ``LINE_END`` in front and as padding.
    """
    rows = np.full((len(texts), max(map(len, texts)) + 1), LINE_END, dtype=np.int64)
    for row, text in zip(rows, texts, strict=True):
        row[1 : len(text) + 1] = [numbers.get(character, UNKNOWN) for character in text]
    return rows
