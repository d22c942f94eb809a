"""Lines in scripts that our networks do not know: which script it is, and reading them with Tesseract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from unscrawl.exceptions import LanguageDataMissing, MissingDependency
from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import Once
from unscrawl.languages import Language, Script, main_script
from unscrawl.reading import LineReading
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

__all__ = ["OtherScripts"]

# Which scripts are tried first on a line of unknown script: those with the most readers.
_TRIED_FIRST = (
    Script.CYRILLIC, Script.ARABIC, Script.DEVANAGARI, Script.GREEK, Script.HANGUL, Script.HEBREW, Script.THAI,
    Script.BENGALI, Script.TAMIL, Script.TELUGU,
)  # fmt: skip

# Tesseract's mean confidence on the printed test pages is 0.90 to 0.95 in the right script.
SURELY = 0.88
# Of a script for which only languages' own data are installed, so many are read together: each takes its own time.
MOST_TOGETHER = 3
# Below this a reading is not believed to be of its script: on print Tesseract is 0.85 to 0.96 sure of the right one, on
# cursive in Latin script at most 0.47 sure of any.
BELIEVABLE = 0.7
# Fewer lines that no script fits are more likely an ornament than writing, unless they are all there is.
LEAST_UNREAD = 2
# Where so many lines are in none of the installed scripts, the others are not tried.
MOST_TRIALS = 2


class OtherScripts:
    """Reads with Tesseract; what it needs is loaded when first used. Safe to use from several threads.

    Args:
        threads: How many lines may be read at a time.
    """

    def __init__(self, threads: int) -> None:
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

    def read_suspects(
        self,
        crops: Sequence[Pixels],
        readings: list[LineReading],
        suspects: Sequence[int],
        doubtful: Sequence[int],
        languages: Sequence[Language],
    ) -> list[str]:
        """Put readings in other scripts in place of those that our networks only think they can read.

        Args:
            crops: The lines.
            readings: What our networks read; changed in place.
            suspects: The lines in question.
            doubtful: Lines that are in question too, once another script was found on the page.
            languages: Those asked for; ``require`` has been called for them.

        Returns:
            Warnings.
        """
        unread = set(suspects)
        others = [language for language in languages if needs_data(language)]
        if others and unread:
            asked = self.read([crops[index] for index in suspects], others)
            for index, reading in zip(suspects, asked, strict=True):
                if reading.confidence >= BELIEVABLE:
                    readings[index] = reading
                    unread.discard(index)
        found: Counter[Script] = Counter()
        problem = "None of the scripts fits for which Tesseract's data are installed."
        # The longest lines tell most.
        for trial, index in enumerate(sorted(unread, key=lambda each: -crops[each].shape[1])):
            if trial == MOST_TRIALS and not found:
                break
            try:
                tried = self._try_scripts(crops[index], first=tuple(found))
            except MissingDependency as error:
                problem = str(error)
                break
            if tried is not None:
                script, readings[index] = tried
                found[script] += 1
                unread.discard(index)
        if found:
            for index in doubtful:
                seen = self._try_scripts(crops[index], among=tuple(found)) if index not in suspects else None
                if seen is not None and main_script(seen[1].text) is seen[0]:
                    readings[index] = seen[1]
                    found[seen[0]] += 1
        if len(unread) < min(LEAST_UNREAD, len(crops)):
            unread.clear()
        return _warnings(found, len(unread), problem, languages)

    def _try_scripts(
        self, crop: Pixels, first: Sequence[Script] = (), among: Sequence[Script] = ()
    ) -> tuple[Script, LineReading] | None:
        """Find the script of a line by reading it in all for which data are installed.

        Args:
            crop: The line.
            first: Scripts to try before the others.
            among: Scripts to try and no others; empty for all.

        Returns:
            The script and the reading, or None where no reading can be believed.

        Raises:
            MissingDependency: If Tesseract is not installed.
        """
        best: tuple[Script, LineReading] | None = None
        for script in among or dict.fromkeys((*first, *_TRIED_FIRST, *Script)):
            data = None if script in OWN_SCRIPTS else _find_script(script)
            if data is None:
                continue
            reading = self._tesseract().read([crop], *data, sure=0.0)[0]
            if best is None or reading.confidence > best[1].confidence:
                best = script, reading
            if reading.confidence >= SURELY:
                break
        return best if best is not None and best[1].confidence >= BELIEVABLE else None


def _warnings(found: Mapping[Script, int], unread: int, problem: str, languages: Sequence[Language]) -> list[str]:
    """What to say of lines in scripts that were not asked for, and of those that could not be read."""
    said = []
    asked = " or ".join(language.title for language in languages)
    for script, count in found.items():
        if Language.AUTO not in languages and not any(script in language.scripts for language in languages):
            name = script.name.replace("_", " ").title()
            said.append(f"{_lines(count)} in {name} script, in which {asked} is not written.")
    if unread:
        said.append(
            f"{_lines(unread)} probably in a script that could not be read; the text given for "
            f"{'it' if unread == 1 else 'them'} is a guess. {problem} Name the language "
            "to be told what to install; 'unscrawl languages' lists all."
        )
    return said


def _lines(count: int) -> str:
    return "1 line is" if count == 1 else f"{count} lines are"


def _find_script(script: Script) -> tuple[Path, str] | None:
    """Data that read a script: those for all its languages, else those of the languages that are installed."""
    whole = find_folder(script_data(script))
    # Of scripts without spaces, the data for all languages put one between any two letters.
    if whole is not None and script.spaced:
        return whole
    own = [find_data(language) for language in Language if language.scripts[:1] == (script,)]
    found = list(dict.fromkeys(each for each in own if each is not None))[:MOST_TOGETHER]
    return (found[0][0], "+".join(name for place, name in found if place == found[0][0])) if found else whole
