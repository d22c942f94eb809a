"""Which recogniser reads a line, and with which language's prior.

The idea: Hand reads every line of Latin script, written or printed; where it is unsure, the base recogniser is asked
as well (the line may be Chinese or Japanese), and the surer of the two is believed. In printed mode the base
recogniser alone reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

from unscrawl.imaging.page_image import Pixels
from unscrawl.languages import Language
from unscrawl.options import ReadOptions, RecognitionMode
from unscrawl.recognition.beam import BeamSettings, search
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.identify import LanguageGuesser
from unscrawl.recognition.language_model import LanguageModel
from unscrawl.recognition.lattice import Lattice, LineReading
from unscrawl.recognition.recogniser import LineRecogniser, base_recogniser, hand_recogniser

__all__ = ["Recognition"]

LANGUAGE_FOLDER = Path(__file__).parent.parent / "models" / "languages"

# Below this mean confidence of Hand the base recogniser is asked too.
DOUBTFUL = 0.75
# Where the words leave several languages open, so many are tried.
MOST_CANDIDATES = 3
# Where the language is not known and no word tells it.
FALLBACK = Language.ENGLISH
# Of these Hand has no letters: the base recogniser reads them.
EAST_ASIAN = frozenset({Language.CHINESE, Language.JAPANESE})


class Recognition:
    """All that reads lines; what it needs is loaded when first used and kept. Safe to use from several threads.

    Args:
        threads: How many batches of lines may be read at a time.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._lock = Lock()
        self._models: dict[Language, LanguageModel | None] = {}

    @cached_property
    def _base(self) -> LineRecogniser:
        return base_recogniser(self._threads)

    @cached_property
    def _hand(self) -> LineRecogniser:
        return hand_recogniser(self._threads)

    @cached_property
    def _guesser(self) -> LanguageGuesser:
        return LanguageGuesser.load(LANGUAGE_FOLDER / "frequent.json")

    def read(self, crops: Sequence[Pixels], options: ReadOptions) -> list[LineReading]:
        """Read the lines of a page.

        Args:
            crops: uint8 (height, width, 3), RGB, upright lines.
            options: Mode and languages are heeded.

        Raises:
            ModelUnavailable: If weights are missing.
        """
        if options.mode is RecognitionMode.PRINTED or EAST_ASIAN.issuperset(options.language):
            return self._read_with_base(crops)
        lattices = self.hand.recognise(crops, lambda lattice: lattice)
        greedy = [decode_greedily(lattice) for lattice in lattices]
        readings = self._search(lattices, self.candidates(options.language, greedy))
        if options.mode is RecognitionMode.AUTO:
            doubtful = [index for index, reading in enumerate(greedy) if reading.confidence < DOUBTFUL]
            for index, other in zip(doubtful, self._read_with_base([crops[i] for i in doubtful]), strict=True):
                if other.confidence > greedy[index].confidence:
                    readings[index] = other
        return readings

    @property
    def hand(self) -> LineRecogniser:
        """The handwriting recogniser."""
        with self._lock:
            return self._hand

    @property
    def base(self) -> LineRecogniser:
        """The recogniser of print."""
        with self._lock:
            return self._base

    def language_model(self, language: Language) -> LanguageModel | None:
        """The prior of a language, or None if there is none."""
        with self._lock:
            if language not in self._models:
                path = LANGUAGE_FOLDER / f"{language.iso_639_3}.npz"
                self._models[language] = LanguageModel.load(path) if path.is_file() else None
            return self._models[language]

    def candidates(self, asked: Sequence[Language], readings: Sequence[LineReading]) -> list[Language]:
        """The languages that the readings may be in, likeliest first, of those asked for."""
        wanted: list[Language] = [language for language in asked if language is not Language.AUTO]
        if len(wanted) == 1 and len(asked) == 1:
            return wanted
        with self._lock:
            guesser = self._guesser
        guessed = [Language(code) for code in guesser.likely((reading.text for reading in readings), MOST_CANDIDATES)]
        allowed = [language for language in guessed if not wanted or language in wanted]
        return allowed or wanted[:MOST_CANDIDATES] or [FALLBACK]

    def _search(self, lattices: Sequence[Lattice], languages: Sequence[Language]) -> list[LineReading]:
        """Decode with each language's prior; the language with which all lines together are likeliest counts."""
        settings = BeamSettings()
        best: list[LineReading] | None = None
        for language in languages:
            model = self.language_model(language)
            readings = [search(lattice, model, settings) for lattice in lattices]
            if best is None or sum(r.score for r in readings) > sum(r.score for r in best):
                best = readings
        assert best is not None
        return best

    def _read_with_base(self, crops: Sequence[Pixels]) -> list[LineReading]:
        return self.base.recognise(crops, decode_greedily)
