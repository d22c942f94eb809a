"""Which recogniser reads a line, and with which language's prior.

The idea: Hand reads every line of Latin script, written or printed; where it is unsure, the base recogniser is asked
as well, for the line may be Chinese or Japanese. In printed mode the base recogniser alone reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import Once
from unscrawl.languages import EAST_ASIAN_LETTER, Language
from unscrawl.options import ReadOptions, RecognitionMode
from unscrawl.reading import LineReading
from unscrawl.recognition.beam import FLOOR, BeamSettings, search
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.identify import LanguageGuesser
from unscrawl.recognition.language_model import LanguageModel
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.permitted import Permitted
from unscrawl.recognition.recogniser import base_recogniser, hand_recogniser
from unscrawl.recognition.user_words import with_user_words

__all__ = ["Recognition"]

LANGUAGE_FOLDER = Path(__file__).parent.parent / "models" / "languages"

# Hand is shown lines a little wider than they are: it was trained on widths of 0.80 to 1.45. Where it is unsure, it is
# shown two others. Dev lines with an early checkpoint, error rates of Copiste / CREMMA 19 / Stanford: 7.2 / 18.4 / 13.9
# at 1.0, 6.9 / 16.8 / 13.6 at 1.2, 6.6 / 16.2 / 12.8 with the likeliest of 1.0, 1.2 and 1.4.
STRETCH = 1.2
OTHER_STRETCHES = (1.0, 1.4)
UNSURE = 0.88
# A line of which Hand is so sure at every character is left to it: most lines of print.
SURE = 0.9
# With words of the user's at hand a line is searched unless no other letter would be followed anyway: where Hand is
# wrong about a name it is often sure, since it writes a common word instead.
SURE_BESIDE_USER_WORDS = 1.0 - FLOOR
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
        self._hand = Once(lambda: hand_recogniser(threads))
        self._base = Once(lambda: base_recogniser(threads))
        self._guesser = Once(lambda: LanguageGuesser.load(LANGUAGE_FOLDER / "frequent.json"))
        self._models = {language: Once(partial(_load_model, language)) for language in Language}

    def read(self, crops: Sequence[Pixels], options: ReadOptions) -> list[LineReading]:
        """Read the lines of a page.

        Args:
            crops: uint8 (height, width, 3), RGB, upright lines.
            options: Mode, languages, permitted characters, and the user's words and patterns are heeded.

        Raises:
            InvalidOption: If no character that the recogniser knows is permitted, or a pattern takes too long.
            ModelUnavailable: If weights are missing.
        """
        if options.mode is RecognitionMode.PRINTED or EAST_ASIAN.issuperset(options.language):
            return self._read_with_base(crops, options)
        lattices = self._hand().recognise(crops, Permitted(options.allow, options.deny), stretch=STRETCH)
        greedy = [decode_greedily(lattice) for lattice in lattices]
        readings = list(greedy)
        sure = SURE_BESIDE_USER_WORDS if options.words or options.patterns else SURE
        open_lines = [i for i, r in enumerate(greedy) if any(s.confidence < sure for s in r.symbols)]
        if open_lines:
            languages = self.candidates(options.language, greedy)
            settings = [BeamSettings.for_line(reading.confidence) for reading in greedy]
            language, found = self._search([(lattices[i], settings[i]) for i in open_lines], languages, options)
            for index, reading in zip(open_lines, found, strict=True):
                readings[index] = reading
            unsure = [i for i in open_lines if greedy[i].confidence < UNSURE]
            self._look_again(crops, readings, language, unsure, settings, options)
        if options.mode is RecognitionMode.AUTO and (options.allow is None or EAST_ASIAN_LETTER.search(options.allow)):
            doubtful = [index for index, reading in enumerate(greedy) if reading.confidence < DOUBTFUL]
            for index, other in zip(doubtful, self._read_with_base([crops[i] for i in doubtful], options), strict=True):
                # The base is as sure of itself where it is wrong: in Latin script Hand reads better all the same.
                if other.confidence > greedy[index].confidence and _is_east_asian(other.text):
                    readings[index] = other
        return readings

    def certainty(self, crops: Sequence[Pixels], options: ReadOptions, *, enough: float = 1.0) -> float:
        """How sure the recognisers are of these crops taken together, 0 to 1: the surest of those that the mode uses.

        Args:
            crops: uint8 (height, width, 3), RGB, snippets of lines; at least one.
            options: Mode and languages are heeded.
            enough: Once one recogniser is as sure as this, no other is asked.

        Raises:
            ModelUnavailable: If weights are missing.
        """
        surest = 0.0
        base_alone = options.mode is RecognitionMode.PRINTED or EAST_ASIAN.issuperset(options.language)
        if not base_alone:
            readings = self._hand().recognise(crops, decode_greedily, stretch=STRETCH)
            surest = sum(reading.confidence for reading in readings) / len(readings)
        if base_alone or (options.mode is RecognitionMode.AUTO and surest < enough):
            readings = self._base().recognise(crops, decode_greedily)
            surest = max(surest, sum(reading.confidence for reading in readings) / len(readings))
        return surest

    def language_model(self, language: Language) -> LanguageModel | None:
        """The prior of a language, or None if there is none."""
        return self._models[language]()

    def candidates(self, asked: Sequence[Language], readings: Sequence[LineReading]) -> list[Language]:
        """The languages that the readings may be in, likeliest first, of those asked for."""
        wanted: list[Language] = [language for language in asked if language is not Language.AUTO]
        if len(wanted) == 1 and len(asked) == 1:
            return wanted
        guessed = [
            Language(code) for code in self._guesser().likely((reading.text for reading in readings), MOST_CANDIDATES)
        ]
        allowed = [language for language in guessed if not wanted or language in wanted]
        return allowed or wanted[:MOST_CANDIDATES] or [FALLBACK]

    def _search(
        self, lines: Sequence[tuple[Lattice, BeamSettings]], languages: Sequence[Language], options: ReadOptions
    ) -> tuple[Language, list[LineReading]]:
        """Decode with each language's prior; the language with which all lines together are likeliest counts."""
        found = []
        for language in languages:
            prior = with_user_words(self.language_model(language), options.words, options.patterns)
            found.append((language, [search(lattice, prior, settings) for lattice, settings in lines]))
        return max(found, key=lambda each: sum(reading.score for reading in each[1]))

    def _look_again(
        self,
        crops: Sequence[Pixels],
        readings: list[LineReading],
        language: Language,
        unsure: Sequence[int],
        settings: Sequence[BeamSettings],
        options: ReadOptions,
    ) -> None:
        """Show unsure lines in other widths, and put the likeliest of all readings in place."""
        prior = with_user_words(self.language_model(language), options.words, options.patterns)
        permit = Permitted(options.allow, options.deny)
        for stretch in OTHER_STRETCHES:
            lattices = self._hand().recognise([crops[index] for index in unsure], permit, stretch=stretch)
            for index, lattice in zip(unsure, lattices, strict=True):
                reading = search(lattice, prior, settings[index])
                if reading.score > readings[index].score:
                    readings[index] = reading

    def _read_with_base(self, crops: Sequence[Pixels], options: ReadOptions) -> list[LineReading]:
        permit = Permitted(options.allow, options.deny)
        # No language's prior: on print the picture alone is right more often. Words of the user's count all the same.
        prior = with_user_words(None, options.words, options.patterns)
        if prior is None:
            return self._base().recognise(crops, lambda lattice: decode_greedily(permit(lattice)))
        return self._base().recognise(crops, lambda lattice: search(permit(lattice), prior, BeamSettings()))


def _load_model(language: Language) -> LanguageModel | None:
    path = LANGUAGE_FOLDER / f"{language.iso_639_3}.npz"
    return LanguageModel.load(path) if path.is_file() else None


def _is_east_asian(text: str) -> bool:
    """Whether at least half of the letters are Chinese characters or kana."""
    letters = [character for character in text if character.isalpha()]
    return 2 * len(EAST_ASIAN_LETTER.findall(text)) >= max(1, len(letters))
