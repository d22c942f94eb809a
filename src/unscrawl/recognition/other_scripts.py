"""Lines in scripts that our networks do not know: which script it is, and reading them with Tesseract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from unscrawl.exceptions import LanguageDataMissing, MissingDependency
from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import Once
from unscrawl.languages import Language, Script, main_script
from unscrawl.reading import LineReading
from unscrawl.recognition.recogniser import HAND_SCRIPTS
from unscrawl.recognition.script_finder import ScriptFinder
from unscrawl.recognition.tessdata import (
    BETTER_IN_PRINT,
    OWN_SCRIPTS,
    find_data,
    find_folder,
    missing_data,
    needs_data,
    remedy_for,
    script_data,
)
from unscrawl.recognition.tesseract import TesseractReader

__all__ = ["OtherScripts", "not_asked_for"]

# A line that is so surely of other scripts than ours, taken together, is read as one of them (of 1,557 dev lines in
# Latin script 7 are). A script that is told so surely by itself is on the page; where none is, the one is that all such
# lines together make likeliest.
SURE_OF_SCRIPT = 0.8
# What may with this probability be of a script that is on the page is read in it.
LIKELY_BESIDE_OTHERS = 0.15
# Below this a reading is not believed: on print Tesseract is 0.85 to 0.96 sure of what is in the script that it reads,
# on cursive in Latin script at most 0.47 sure of any.
BELIEVABLE = 0.5
# Beside lines that are believed, others of the same script are down to this: what our networks read is worse. Single
# lines of the printed test pages in Lao, Burmese and Ossetian, read well but for some letters, have 0.48.
BELIEVABLE_BESIDE = 0.3
# Print in Latin script, read by Tesseract because our networks lack letters of its language, has to be surer: the
# language was told by a text that they misread.
BELIEVABLE_PRINT = 0.8
# Of a script for which only languages' own data are installed, so many are read together: each takes its own time.
MOST_TOGETHER = 3
# Where no line of a script is read, and those that look like it are a smaller share of the page than this, they are
# hard cursive or small capitals: on two pages in Latin script 1 of some 20 lines and 8 of 46 were such.
LEAST_UNREAD_SHARE = 0.25


class OtherScripts:
    """Finds lines in other scripts by sight and reads them with Tesseract.

    What it needs is loaded when first used. Safe to use from several threads.

    Args:
        threads: How many lines may be read at a time.
    """

    def __init__(self, threads: int) -> None:
        self._finder = Once(ScriptFinder)
        self._tesseract = Once(lambda: TesseractReader(threads))

    def require(self, languages: Sequence[Language]) -> None:
        """Check that languages can be read.

        Raises:
            LanguageDataMissing: If data are not installed; the message has the command that installs them.
            MissingDependency: If Tesseract is not installed.
        """
        missing = [each for each in languages if needs_data(each) and find_data(each) is None]
        if missing:
            titles = " and ".join(each.title for each in missing)
            raise LanguageDataMissing(
                f"Tesseract's data to read {titles} are not installed.", remedy=remedy_for(missing_data(missing))
            )
        if any(needs_data(each) for each in languages):
            self._tesseract()

    def improves(self, language: Language) -> bool:
        """Whether print in a language of a script that our networks know is better read here, and can be."""
        if language not in BETTER_IN_PRINT or find_data(language) is None:
            return False
        try:
            self._tesseract()
        except MissingDependency:
            return False
        return True

    def advice(self, languages: Sequence[Language]) -> list[str]:
        """What would help to read print in these languages better: one sentence for each that lacks something."""
        return [
            f"Some letters of {each.title} are often misread in print without Tesseract and its data for it: "
            f"unscrawl languages install {each.tag}"
            for each in languages
            if each in BETTER_IN_PRINT and not self.improves(each)
        ]

    def read(self, crops: Sequence[Pixels], languages: Sequence[Language]) -> list[LineReading]:
        """Read lines in one of these languages, all of them with data that are installed.

        Languages of one script are read together; of several scripts the reading counts that is surest of itself.
        """
        by_script: dict[Script, list[Language]] = {}
        for language in languages:
            by_script.setdefault(language.scripts[0], []).append(language)
        found: list[LineReading] = [LineReading(())] * len(crops)
        for same in by_script.values():
            data = list(dict.fromkeys(each for each in map(find_data, same) if each is not None))
            # Tesseract looks for all names of one reading in one folder.
            folder = data[0][0]
            together = "+".join(name for place, name in data if place == folder)
            for index, reading in enumerate(self._tesseract().read(crops, folder, together)):
                if reading.confidence > found[index].confidence:
                    found[index] = reading
        return found

    def read_print(self, crops: Sequence[Pixels], language: Language) -> list[LineReading | None]:
        """Read lines of Latin script in a language that ``improves``; None for what is hardly print in it."""
        readings = self.read(crops, [language])
        return [reading if reading.confidence >= BELIEVABLE_PRINT else None for reading in readings]

    def foreign_share(self, crops: Sequence[Pixels]) -> float:
        """Which share of some snippets, whichever way up, is in a script that our networks do not know."""
        looks = self._finder().look(crops)
        return sum(sum(_foreign(shares).values()) > 1 / 2 for shares in looks) / len(crops)

    def find(
        self, crops: Sequence[Pixels], doubtful: Sequence[int], unknown: Callable[[], Sequence[int]]
    ) -> dict[int, Script]:
        """Find the lines in scripts that our networks do not know.

        Args:
            crops: The lines.
            doubtful: Those in question.
            unknown: Asked for those that are in question too, once another script is found on the page.

        Returns:
            The scripts of such lines, by the lines' indices.
        """
        looks = dict(zip(doubtful, self._finder().look([crops[index] for index in doubtful]), strict=True))
        foreign = [_foreign(shares) for shares in looks.values()]
        foreign = [shares for shares in foreign if sum(shares.values()) >= SURE_OF_SCRIPT]
        if not foreign:
            return {}
        together = {script: sum(shares[script] for shares in foreign) for script in foreign[0]}
        likeliest = map(_likeliest, foreign)
        here = {script for script, share in likeliest if share >= SURE_OF_SCRIPT} or {_likeliest(together)[0]}
        found: dict[int, Script] = {}
        more = [index for index in unknown() if index not in looks]
        looks |= dict(zip(more, self._finder().look([crops[index] for index in more]), strict=True))
        for index, shares in looks.items():
            script, share = _likeliest({script: shares[script] for script in here})
            if share >= LIKELY_BESIDE_OTHERS:
                found[index] = script
        return found

    def read_found(
        self,
        crops: Sequence[Pixels],
        readings: list[LineReading],
        found: Mapping[int, Script],
        by_hand: Collection[int],
        languages: Sequence[Language],
    ) -> list[str]:
        """Put readings in other scripts in place of those that our networks only think they can read.

        Args:
            crops: The lines.
            readings: What our networks read; changed in place.
            found: The lines in question, by their indices.
            by_hand: Those that Hand has read in their script: they are changed only where Tesseract is surer.
            languages: Those that are named.

        Returns:
            Warnings.
        """
        warnings = []
        mostly = 2 * len(found) >= len(crops)
        for script in dict.fromkeys(found.values()):
            indices = [index for index, each in found.items() if each is script]
            name = _name(script)
            named = [
                each
                for each in languages
                if needs_data(each) and script in each.scripts and find_data(each) is not None
            ]
            try:
                seen = self._read_script([crops[index] for index in indices], script, named)
            except (LanguageDataMissing, MissingDependency) as error:
                unread = sum(index not in by_hand for index in indices)
                if unread and unread >= LEAST_UNREAD_SHARE * len(crops):
                    warnings.append(f"{_lines(unread)} in {name} script; the text given is a guess. {error}")
                continue
            least = BELIEVABLE_BESIDE if any(each.confidence >= BELIEVABLE for each in seen) else BELIEVABLE
            unread = 0
            for index, reading in zip(indices, seen, strict=True):
                # Small capitals in Latin script look like Cyrillic ones: on a page of which most is in our scripts,
                # Tesseract has to be surer than our network is.
                surer = reading.confidence > readings[index].confidence
                if reading.confidence >= least and (surer or (mostly and index not in by_hand)):
                    readings[index] = reading
                elif index not in by_hand:
                    unread += 1
            if unread and (unread < len(indices) or unread >= LEAST_UNREAD_SHARE * len(crops)):
                warnings.append(
                    f"{_lines(unread)} probably in {name} script, but could not be read with confidence; the text "
                    "given is a guess." + ("" if script in HAND_SCRIPTS else " Only print is read in this script.")
                )
        return warnings

    def _read_script(self, crops: Sequence[Pixels], script: Script, named: Sequence[Language]) -> list[LineReading]:
        """Read lines in the languages of their script that are named, or in any.

        Raises:
            LanguageDataMissing: If there are no data for the script.
            MissingDependency: If Tesseract is not installed.
        """
        if named:
            return self.read(crops, named)
        data = _find_script(script)
        if data is None:
            raise LanguageDataMissing(
                "Tesseract's data to read it are not installed.", remedy=remedy_for([script_data(script)])
            )
        return self._tesseract().read(crops, *data)


def not_asked_for(
    readings: Sequence[LineReading], found: Mapping[int, Script], languages: Sequence[Language]
) -> list[str]:
    """Warnings: which of the lines that were found in other scripts are not in one of the languages asked for."""
    if Language.AUTO in languages:
        return []
    read = Counter(script for index, script in found.items() if main_script(readings[index].text) is script)
    titles = " or ".join(language.title for language in languages)
    return [
        f"{_lines(count)} in {_name(script)} script, in which {titles} is not written."
        for script, count in read.items()
        if not any(script in language.scripts for language in languages)
    ]


def _foreign(shares: Mapping[Script, float]) -> dict[Script, float]:
    """What is not of our networks' scripts."""
    return {script: share for script, share in shares.items() if script not in OWN_SCRIPTS}


def _likeliest(shares: Mapping[Script, float]) -> tuple[Script, float]:
    return max(shares.items(), key=lambda each: each[1])


def _name(script: Script) -> str:
    return script.name.replace("_", " ").title()


def _lines(count: int) -> str:
    return "1 line is" if count == 1 else f"{count} lines are"


def _find_script(script: Script) -> tuple[Path, str] | None:
    """Data that read a script: those for all its languages, else those of the languages that are installed."""
    whole = find_folder(script_data(script))
    # Of scripts without spaces, and of Hangul, the data for all languages put one between any two letters.
    if whole is not None and script.spaced and script is not Script.HANGUL:
        return whole
    own = [find_data(language) for language in Language if language.scripts[:1] == (script,)]
    found = list(dict.fromkeys(each for each in own if each is not None))[:MOST_TOGETHER]
    return (found[0][0], "+".join(name for place, name in found if place == found[0][0])) if found else whole
