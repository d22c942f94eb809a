"""Which recogniser reads a line, and with which language's prior.

The idea: Hand reads every line of Latin script, written or printed; where it is unsure, the base recogniser is asked
as well, for the line may be Chinese or Japanese, or print that Hand does not know. In printed mode the base recogniser
alone reads Latin script. What neither of them knows, Tesseract reads: languages that are named, and lines that are told
by sight to be in another script (``other_scripts.py``). Cyrillic and Greek both Hand and Tesseract can read: in
handwritten mode Hand does, in automatic mode whichever of them is surer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import Once
from unscrawl.languages import EAST_ASIAN, EAST_ASIAN_LETTER, Language, Script, main_script
from unscrawl.options import ReadOptions, RecognitionMode
from unscrawl.reading import LineReading, PageReading
from unscrawl.recognition.beam import BeamSettings, search
from unscrawl.recognition.decoding import FIRST_LOOK, HandDecoder
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.identify import LanguageGuesser, identify, is_source_code
from unscrawl.recognition.opinions import (
    CLEAR_PRINT,
    DOUBTFUL,
    KNOWN_WORDS,
    PRINT_LEAD,
    SURE_AMONG_PRINT,
    is_clear_print,
    is_east_asian,
    may_be_foreign,
)
from unscrawl.recognition.other_scripts import OtherScripts, not_asked_for
from unscrawl.recognition.permitted import Permitted
from unscrawl.recognition.priors import LANGUAGE_FOLDER, LanguagePriors
from unscrawl.recognition.recogniser import HAND_SCRIPTS, base_recogniser, hand_recogniser
from unscrawl.recognition.tessdata import BETTER_IN_PRINT, needs_data
from unscrawl.recognition.user_words import with_user_words

__all__ = ["Certainty", "Recognition"]

# So many lines tell whether a page is print that the base recogniser reads better.
PRINT_SAMPLE = 4
# A text is in the one language that is likely, where that language's frequent words make up this share of it.
PLAIN_WORDS = 0.4


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure a recogniser is of some snippets.

    Attributes:
        confidence: 0 to 1: the mean.
        foreign: The share of them that are probably in a script that our networks do not know.
    """

    confidence: float
    foreign: float


class Recognition:
    """All that reads lines; what it needs is loaded when first used and kept. Safe to use from several threads.

    Args:
        threads: How many batches of lines may be read at a time.
    """

    def __init__(self, threads: int) -> None:
        self._hand = Once(lambda: hand_recogniser(threads))
        self._base = Once(lambda: base_recogniser(threads))
        self._guesser = Once(lambda: LanguageGuesser.load(LANGUAGE_FOLDER / "frequent.json.gz"))
        self._decoder = HandDecoder(self._hand, self._guesser, LanguagePriors())
        self._others = OtherScripts(threads)

    def read(self, crops: Sequence[Pixels], options: ReadOptions) -> PageReading:
        """Read the lines of a page.

        Args:
            crops: uint8 (height, width, 3), RGB, upright lines.
            options: Mode, languages, permitted characters, and the user's words and patterns are heeded.

        Raises:
            InvalidOption: If no character that the recogniser knows is permitted, or a pattern takes too long.
            ModelUnavailable: If weights are missing.
            LanguageDataMissing: If data of a language that is named are not installed.
            MissingDependency: If it is one that Tesseract reads, and that is not installed.
        """
        named = [language for language in options.language if language is not Language.AUTO]
        in_print = options.mode is not RecognitionMode.HANDWRITTEN
        needing = [each for each in named if needs_data(each) and (in_print or each.scripts[0] not in HAND_SCRIPTS)]
        self._others.require(needing)
        others = [each for each in named if each in needing or (in_print and self._others.improves(each))]
        if others and len(others) == len(options.language):
            readings, warnings = self._read_others(crops, options, others), []
        else:
            readings, doubtful, foreign = self._read_own(crops, options)
            found = self._others.find(crops, doubtful, lambda: self._unknown(readings)) if doubtful else {}
            # By sight no line of 79 in Cyrillic or Greek hands looked like a script that Hand does not know, while Hand
            # takes printed Hebrew for Greek.
            found |= {index: script for index, script in foreign.items() if found.get(index, script) in HAND_SCRIPTS}
            by_hand = self._read_found_by_hand(crops, readings, found, foreign, options)
            left = {index: script for index, script in found.items() if in_print or index not in by_hand}
            warnings = self._others.read_found(crops, readings, left, by_hand, named)
            warnings += not_asked_for(readings, found, options.language)
        if in_print:
            warnings += self._others.advice(named)
        readings = self._with_languages(readings, named)
        if in_print and not named:
            self._improve_print(crops, readings)
        return PageReading(tuple(readings), tuple(warnings))

    def _read_own(
        self, crops: Sequence[Pixels], options: ReadOptions
    ) -> tuple[list[LineReading], list[int], dict[int, Script]]:
        """Read with our networks.

        Returns:
            The readings; which lines may be in a script that these do not know: they are worth a look; and the scripts
            of lines that Hand sees to be in others than Latin.
        """
        if options.mode is RecognitionMode.PRINTED or all(_is_read_by_base(each) for each in options.language):
            readings = self._read_with_base(crops, options)
            return readings, self._doubtful(crops, readings, options), {}
        greedy, readings, foreign = self._decoder.read(crops, options, _scripts_asked_for(options.language))
        if options.allow is not None and not EAST_ASIAN_LETTER.search(options.allow):
            return readings, [], {}
        others: dict[int, LineReading] = {}
        if options.mode is RecognitionMode.AUTO:
            others = self._ask_base(crops, [i for i, r in enumerate(greedy) if r.confidence < DOUBTFUL], options)
            among_print = self._ask_about_print(crops, greedy, others, options)
        for index, other in others.items():
            if (
                other.confidence > greedy[index].confidence
                if is_east_asian(other.text)
                else is_clear_print(greedy[index], other, among_print=among_print)
            ):
                readings[index] = other
        doubtful = self._doubtful(crops, greedy, options)
        return readings, [index for index in doubtful if not is_east_asian(readings[index].text)], foreign

    def _doubtful(self, crops: Sequence[Pixels], readings: Sequence[LineReading], options: ReadOptions) -> list[int]:
        """The lines that may be in a script that the network does not know, of which these are the readings."""
        if options.allow is not None:  # then what is missing tells nothing of the script
            return []
        return [
            index
            for index, reading in enumerate(readings)
            if may_be_foreign(reading, self._guesser().known_share(reading.text), crops[index])
        ]

    def _ask_base(
        self, crops: Sequence[Pixels], indices: Sequence[int], options: ReadOptions
    ) -> dict[int, LineReading]:
        """What the base recogniser says of some of the lines."""
        return dict(zip(indices, self._read_with_base([crops[i] for i in indices], options), strict=True))

    def _ask_about_print(
        self,
        crops: Sequence[Pixels],
        greedy: Sequence[LineReading],
        others: dict[int, LineReading],
        options: ReadOptions,
    ) -> bool:
        """Ask the base recogniser about lines of which Hand is not sure: the page may be print that it reads better.

        A few lines tell: on a page of handwriting, asking about all of them would take a third of the time again.

        Args:
            crops: The lines.
            greedy: Hand's readings.
            others: The base recogniser's, by the lines' indices; new ones are added.
            options: Permitted characters, and the user's words and patterns are heeded.

        Returns:
            Whether the page is such print.
        """
        unsure = [i for i, reading in enumerate(greedy) if reading.confidence < CLEAR_PRINT - PRINT_LEAD]
        sample = unsure[:: -(-len(unsure) // PRINT_SAMPLE)] if unsure else []
        others |= self._ask_base(crops, [index for index in sample if index not in others], options)
        clear = sum(is_clear_print(greedy[index], others[index]) for index in sample)
        among_print = clear > 0 and 2 * clear >= len(sample)
        if among_print:
            rest = [i for i, reading in enumerate(greedy) if reading.confidence < SURE_AMONG_PRINT and i not in others]
            others |= self._ask_base(crops, rest, options)
        return among_print

    def _unknown(self, readings: Sequence[LineReading]) -> list[int]:
        """The lines of which few words are known."""
        return [i for i, each in enumerate(readings) if self._guesser().known_share(each.text) < KNOWN_WORDS]

    def _read_others(
        self, crops: Sequence[Pixels], options: ReadOptions, languages: Sequence[Language]
    ) -> list[LineReading]:
        """Read languages that our networks do not know, and lines of Latin script among them."""
        readings = self._others.read(crops, languages)
        unsure = [index for index, reading in enumerate(readings) if reading.confidence < DOUBTFUL]
        if unsure:
            their_crops = [crops[index] for index in unsure]
            own, doubtful, _ = self._read_own(their_crops, options)
            foreign = self._others.find(their_crops, doubtful, lambda: ())
            for place, index in enumerate(unsure):
                in_script = foreign.get(place) in (None, main_script(own[place].text))
                if in_script and own[place].confidence > readings[index].confidence:
                    readings[index] = own[place]
        return readings

    def _read_found_by_hand(
        self,
        crops: Sequence[Pixels],
        readings: list[LineReading],
        found: Mapping[int, Script],
        seen: Collection[int],
        options: ReadOptions,
    ) -> frozenset[int]:
        """Put what Hand is sure of in other scripts than Latin in place of what was taken for Latin.

        Args:
            crops: The lines.
            readings: What our networks read; changed in place.
            found: The scripts of lines in question, by their indices.
            seen: Of which lines Hand itself has seen it.
            options: As for ``read``.

        Returns:
            Which lines these are.
        """
        # In a language that is named, in that script.
        believed = {index for index, script in found.items() if main_script(readings[index].text) is script}
        for script in HAND_SCRIPTS if options.mode is not RecognitionMode.PRINTED else ():
            indices = [index for index, each in found.items() if each is script and index not in believed]
            read = self._decoder.read([crops[index] for index in indices], options, [script]).readings
            for index, reading in zip(indices, read, strict=True):
                known, known_before = (self._guesser().known_share(each.text) for each in (reading, readings[index]))
                # Of a French dev page "novembre 1999." looked Greek, and was surely "στο 19Ω." then.
                plain = reading.confidence >= DOUBTFUL and known_before < KNOWN_WORDS
                sure = index in seen or plain or known > max(KNOWN_WORDS, known_before)
                if sure and main_script(reading.text) is script:
                    readings[index] = reading
                    believed.add(index)
        return frozenset(believed)

    def _improve_print(self, crops: Sequence[Pixels], readings: list[LineReading]) -> None:
        """Read print anew whose language was found to be one that our networks lack letters of."""
        told = {each.language for each in readings}
        for language in BETTER_IN_PRINT:
            if language in told and self._others.improves(language):
                indices = [index for index, each in enumerate(readings) if each.language is language]
                better = self._others.read_print([crops[index] for index in indices], language)
                for index, reading in zip(indices, better, strict=True):
                    if reading is not None:
                        readings[index] = replace(reading, language=language)

    def certainty(self, crops: Sequence[Pixels], options: ReadOptions, *, enough: float = 1.0) -> Certainty:
        """How sure the recognisers are of these crops taken together: the surest of those that the mode uses.

        Args:
            crops: uint8 (height, width, 3), RGB, snippets of lines; at least one.
            options: Mode and languages are heeded.
            enough: Once one recogniser is as sure as this, no other is asked.

        Raises:
            ModelUnavailable: If weights are missing.
        """
        base_alone = options.mode is RecognitionMode.PRINTED or all(map(_is_read_by_base, options.language))
        asked: list[Sequence[LineReading]] = []
        if not base_alone:
            asked.append(self._hand().recognise(crops, decode_greedily, FIRST_LOOK))
        if base_alone or (options.mode is RecognitionMode.AUTO and _mean_confidence(asked[0]) < enough):
            asked.append(self._base().recognise(crops, decode_greedily))
        return Certainty(max(map(_mean_confidence, asked)), self._others.foreign_share(crops))

    def _with_languages(self, readings: Sequence[LineReading], named: Sequence[Language]) -> list[LineReading]:
        """Tell the language of each line; lines of one script are taken to be of one."""
        by_script: dict[Script, list[int]] = {}
        for index, reading in enumerate(readings):
            script = main_script(reading.text)
            if script is not None:
                by_script.setdefault(script, []).append(index)
        if Script.JAPANESE in by_script:  # a line without kana among others with them
            by_script[Script.JAPANESE] += by_script.pop(Script.HAN, [])
        told = list(readings)
        for script, indices in by_script.items():
            text = "\n".join(readings[index].text for index in indices)
            language = self._told_quickly(text) if script is Script.LATIN and not named else None
            language = language or identify(text, script, named)
            for index in indices:
                told[index] = replace(readings[index], language=language)
        return told

    def _told_quickly(self, text: str) -> Language | None:
        """What is no language, or the language of a text of which most words are frequent in one."""
        if is_source_code(text.split("\n")):
            return Language.SOURCE_CODE
        likely = self._guesser().likely([text], 2)
        return Language(likely[0]) if len(likely) == 1 and self._guesser().known_share(text) >= PLAIN_WORDS else None

    def _read_with_base(self, crops: Sequence[Pixels], options: ReadOptions) -> list[LineReading]:
        permit = Permitted(options.allow, options.deny)
        # No language's prior: on print the picture alone is right more often. Words of the user's count all the same.
        prior = with_user_words(None, options.words, options.patterns)
        if prior is None:
            return self._base().recognise(crops, lambda lattice: decode_greedily(permit(lattice)))
        return self._base().recognise(
            crops, lambda lattice: search(permit(lattice), prior, BeamSettings())[0].reading()
        )


def _scripts_asked_for(languages: Sequence[Language]) -> list[Script]:
    """What Hand is to take lines for: the scripts of the languages, and Latin, as foreign words are everywhere."""
    asked = [
        language.scripts[0] for language in languages if language.scripts[:1] and language.scripts[0] in HAND_SCRIPTS
    ]
    return list(dict.fromkeys([Script.LATIN] * (Language.AUTO in languages) + asked + [Script.LATIN]))


def _mean_confidence(readings: Sequence[LineReading]) -> float:
    return sum(reading.confidence for reading in readings) / len(readings)


def _is_read_by_base(language: Language) -> bool:
    """Whether Hand has no letters of it, but the base recogniser has."""
    return bool(EAST_ASIAN.intersection(language.scripts[:1]))
