"""How Hand's lines become text: each line gets the work that its doubt is worth.

A line of which Hand is sure at every character is left as it was read. Any other is searched, with the prior of the one
language that a few telling lines of the page have chosen in a narrow search. Where Hand is unsure of a line as a whole
it is shown the line once more, narrower and larger; each look gives the readings that are likeliest by it, and both
vote on all. The last word among the readings left has a network that knows running text, and the line before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unscrawl.imaging.page_image import Pixels
from unscrawl.inference import Once
from unscrawl.languages import Language, Script, count_scripts
from unscrawl.options import ReadOptions
from unscrawl.reading import LineReading
from unscrawl.recognition.beam import FLOOR, BeamSettings, Hypothesis, search
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.identify import LanguageGuesser, is_source_code
from unscrawl.recognition.language_model import Prior
from unscrawl.recognition.lattice import Lattice
from unscrawl.recognition.marks import with_other_marks
from unscrawl.recognition.permitted import Permitted
from unscrawl.recognition.priors import UNIVERSAL, LanguagePriors
from unscrawl.recognition.recogniser import LineRecogniser, Look
from unscrawl.recognition.text_network import TextNetwork
from unscrawl.recognition.user_words import with_user_words
from unscrawl.recognition.voting import vote

__all__ = ["FIRST_LOOK", "HandDecoder", "HandReadings", "candidates"]

# How lines are shown to Hand, and where it is less sure than ``UNSURE`` once more: the less two looks have in common,
# the less they err alike. Lines of dev pages, 75 to 99 of each of five sets, sums of the error rates and columns of
# pixels a line (of its own width): 38.7 at 1.45 for stretches of 1.2 and 1.0, untrimmed, below 0.9, 37.1 at 1.78 with
# a third; 35.5 at 1.56 for these, 35.4 at 1.62 below 0.92, 35.3 at 1.78 below 0.95; with a third, as wide as the first
# and trimmed like the second, 34.9 at 2.5. By itself a look at 1.2 is as good untrimmed as trimmed by 0.03 to 0.1.
FIRST_LOOK = Look(stretch=1.2, trim=0.03)
SECOND_LOOK = Look(stretch=0.85, trim=0.10)
UNSURE = 0.92
# A line of which Hand is so sure at every character is left to it: most lines of print.
SURE = 0.9
# Of each look so many readings, and variants of the best of them, are weighed. Dev lines, sum of the five sets' error
# rates: 33.1 for the best reading without the text network; with it 32.4 for three readings and no variants, 31.6 with
# three variants, with six, and with twenty. Other weights of Hand gained 0.1 by the second three.
OPINIONS, VARIANTS = 3, 6
# So many characters of the line before are told to the text network. Lines of dev pages, sum of the five sets: 33.6
# without them, 33.2 with them, 33.2 with 40 or with all, 33.2 with the next line as well.
CONTEXT = 20
# What the text network says of a reading counts so much of what the language's prior does, and each character is
# rewarded by so much of it, since longer texts are less likely: with the line before 33.5 for half of this, 33.2 for
# seven tenths, 33.0 for this, 32.8 for a fifth more; single lines 33.9, 33.6, 33.5, 33.4.
TEXT_WEIGHT = 1.0
TEXT_REWARD = 2.4
# Where Hand's doubt is less than ``DOUBT`` the text network counts less, and other marks are less likely; below
# ``LEAST_DOUBT``, as in most lines of print, neither is asked: what is plain to see needs no guess, names and sums are
# not known to novels, and accents in old print are not ours.
DOUBT = 0.06
LEAST_DOUBT = 0.01
# With words of the user's at hand a line is searched unless no other letter would be followed anyway: where Hand is
# wrong about a name it is often sure, since it writes a common word instead.
SURE_BESIDE_USER_WORDS = 1.0 - FLOOR
# Where the words leave several languages open, so many are tried.
MOST_CANDIDATES = 3
# Where the language is not known and no word tells it. Single lines of hard hands have no word that is read right:
# with English alone 13.3 and 4.8 % of the characters of 50 lines each were wrong (CREMMA 19, Copiste), with five 12.5
# and 4.6.
FALLBACKS = {
    Script.LATIN: (Language.ENGLISH, Language.FRENCH, Language.GERMAN, Language.SPANISH, Language.ITALIAN),
    Script.CYRILLIC: (Language.RUSSIAN, Language.UKRAINIAN, Language.BULGARIAN),
    Script.GREEK: (Language.GREEK,),
}
# A line in which Hand sees Latin letters, though another script is likelier, is in Latin where known words of one
# language make up so much of it: small letters in Cyrillic look like other ones in Latin, and make few words.
PLAIN_WORDS = 0.4
# A line in which Hand sees so many letters, and such a share of letters, of other scripts than were asked for is in one
# of them: of 650 dev lines in Latin script none has, and one a share above 0.1.
FOREIGN_LETTERS, FOREIGN_SHARE = 4, 0.2
# So few words may mislead: then these are tried as well.
FEW_WORDS = 12
# So many lines choose among the candidates, in a search so narrow. Single dev lines have the same error rates, within
# 0.2 points, as if they chose in the search that reads, in a fifth of its time.
LANGUAGE_SAMPLE = 6
LANGUAGE_WIDTH = 4
# Lines are in none of the languages thought of where the letters of all others together make them likelier by so much
# (in natural logarithms). Six French or English lines of a dev page reach 4, single ones, when they are misread, 7; six
# of Kyrgyz, which was taken for Russian, 196.
NONE_OF_THEM = 10.0


class HandReadings(NamedTuple):
    """Lines as Hand reads them.

    Attributes:
        greedy: What Hand sees in each line by itself, whose confidences tell how sure it is.
        readings: The readings.
        foreign: The scripts of lines that are in another one of Hand's than Latin, by the lines' indices: those asked
            for, else the one that Hand sees.
    """

    greedy: list[LineReading]
    readings: list[LineReading]
    foreign: dict[int, Script]


class HandDecoder:
    """Reads lines with Hand; safe to use from several threads.

    Args:
        hand: The recogniser.
        guesser: Guesses languages from words.
        priors: Of the languages.
    """

    def __init__(self, hand: Once[LineRecogniser], guesser: Once[LanguageGuesser], priors: LanguagePriors) -> None:
        self._hand, self._guesser, self._priors = hand, guesser, priors
        self._texts = Once(TextNetwork)

    def read(
        self, crops: Sequence[Pixels], options: ReadOptions, scripts: Sequence[Script] = (Script.LATIN,)
    ) -> HandReadings:
        """Read the lines of a page.

        Args:
            crops: uint8 (height, width, 3), RGB, upright lines.
            options: Languages, permitted characters, and the user's words and patterns are heeded.
            scripts: What lines may be in, of ``HAND_SCRIPTS``, the likeliest first; each line is in one of them.

        Raises:
            InvalidOption: If no character that Hand knows is permitted, or a pattern takes too long.
            ModelUnavailable: If weights are missing.
        """
        seen = self._hand().recognise(crops, _whole, FIRST_LOOK)
        by_script: dict[Script, list[int]] = {}
        for index, lattice in enumerate(seen):
            by_script.setdefault(self._script_of_line(lattice, scripts), []).append(index)
        greedy, readings = [LineReading(())] * len(crops), [LineReading(())] * len(crops)
        for script, indices in by_script.items():
            permit = Permitted(options.allow, options.deny, script)
            lattices = [permit(seen[index]) for index in indices]
            found = self._read_script([crops[index] for index in indices], lattices, options, script, permit)
            for index, first, last in zip(indices, *found, strict=True):
                greedy[index], readings[index] = first, last
        by_script.pop(Script.LATIN, None)
        foreign = {index: script for script, indices in by_script.items() for index in indices}
        return HandReadings(greedy, readings, self._not_asked_for(seen) if {*scripts} == {Script.LATIN} else foreign)

    def _script_of_line(self, lattice: Lattice, scripts: Sequence[Script]) -> Script:
        """Which of some scripts a line is in, by the letters that Hand sees; where these make no sense, the first."""
        if len(scripts) == 1:
            return scripts[0]
        letters = count_scripts(decode_greedily(lattice).text)
        if letters.total() - letters[Script.LATIN] > FOREIGN_SHARE * letters.total():
            return max((each for each in scripts if each is not Script.LATIN), key=lambda each: letters[each])
        return Script.LATIN if self._makes_sense_in_latin(lattice) else scripts[0]

    def _makes_sense_in_latin(self, lattice: Lattice) -> bool:
        return self._guesser().known_share(_in_latin(lattice)) >= PLAIN_WORDS

    def _not_asked_for(self, lattices: Sequence[Lattice]) -> dict[int, Script]:
        """Which lines are not in Latin script, by the letters that Hand sees, and in which: one for all.

        Cyrillic and Greek letters look alike in many hands, and hardly a page has both: where one of them was asked
        for, no line is in the other. Where most lines are in one, so are others that have any such letter, unless they
        make sense in Latin script. In programs brackets and signs are misread as all kinds of letters.
        """
        found: dict[int, Counter[Script]] = {}
        maybe = []
        for index, lattice in enumerate(lattices):
            letters = count_scripts(decode_greedily(lattice).text)
            others = letters.copy()
            del others[Script.LATIN]
            if others.total() >= FOREIGN_LETTERS and others.total() > FOREIGN_SHARE * letters.total():
                found[index] = others
            elif others:
                maybe.append(index)
        if not found or is_source_code(map(_in_latin, lattices)):
            return {}
        script = sum(found.values(), Counter[Script]()).most_common(1)[0][0]
        if 2 * len(found) > len(lattices):
            found |= {index: Counter() for index in maybe if not self._makes_sense_in_latin(lattices[index])}
        return dict.fromkeys(found, script)

    def _read_script(
        self,
        crops: Sequence[Pixels],
        lattices: Sequence[Lattice],
        options: ReadOptions,
        script: Script,
        permit: Permitted,
    ) -> tuple[list[LineReading], list[LineReading]]:
        """Read lines of one script, of which Hand has already seen ``lattices``, where only what ``permit`` lets is."""
        greedy = [decode_greedily(lattice) for lattice in lattices]
        readings = list(greedy)
        sure = SURE_BESIDE_USER_WORDS if options.words or options.patterns else SURE
        open_lines = [i for i, r in enumerate(greedy) if any(s.confidence < sure for s in r.symbols)]
        if not open_lines:
            return greedy, readings
        settings = [BeamSettings.for_line(reading.confidence) for reading in greedy]
        language, prior = self._choose_prior(lattices, greedy, open_lines, options, script)
        known = self._priors.of(language)
        letters = frozenset[str]() if known is None else known.letters
        doubts = {index: _doubt_weight(greedy[index].confidence) for index in open_lines}
        seen = {index: with_other_marks(lattices[index], letters, doubts[index]) for index in open_lines}
        found = {index: search(seen[index], prior, settings[index], OPINIONS, VARIANTS) for index in open_lines}
        scored = {index: [(each, each.score) for each in hypotheses] for index, hypotheses in found.items()}
        unsure = [index for index in open_lines if greedy[index].confidence < UNSURE]
        again = self._hand().recognise([crops[index] for index in unsure], permit, SECOND_LOOK)
        for index, lattice in zip(unsure, again, strict=True):
            looks = [seen[index], with_other_marks(lattice, letters, doubts[index])]
            more = search(looks[-1], prior, settings[index], OPINIONS, VARIANTS)
            scored[index] = vote(found[index] + more, looks)
        asked = self._makes_sense_of(language, options)
        weights = [settings[index].alpha * doubts[index] if asked else 0.0 for index in scored]
        texts = [each.text for each in greedy]
        for index, line in scored.items():
            texts[index] = max(line, key=itemgetter(1))[0].text
        before = [texts[index - 1] if index else "" for index in scored]
        chosen = self._choose(list(scored.values()), weights, before)
        for index, reading in zip(scored, chosen, strict=True):
            readings[index] = replace(reading, by_itself=greedy[index].confidence)
        return greedy, readings

    def _makes_sense_of(self, language: Language, options: ReadOptions) -> bool:
        """Whether the text network is to be asked: it would speak against names and numbers that the user expects."""
        return language in self._texts().languages and not options.words and not options.patterns

    def _choose(
        self, lines: Sequence[Sequence[tuple[Hypothesis, float]]], weights: Sequence[float], before: Sequence[str]
    ) -> list[LineReading]:
        """The best reading of each line.

        Args:
            lines: What is left of each, with scores.
            weights: What the language counts in each, where the text network is to be asked, else 0.
            before: The texts of the lines before.
        """
        asked = [
            (hypothesis.text, start)
            for line, weight, start in zip(lines, weights, before, strict=True)
            for hypothesis, _ in line
            if weight
        ]
        sense = iter(self._sense(asked))
        chosen = []
        for line, weight in zip(lines, weights, strict=True):
            scores = [score + weight * next(sense) if weight else score for _, score in line]
            chosen.append(line[int(np.argmax(scores))][0].reading())
        return chosen

    def _choose_prior(
        self,
        lattices: Sequence[Lattice],
        greedy: Sequence[LineReading],
        open_lines: Sequence[int],
        options: ReadOptions,
        script: Script,
    ) -> tuple[Language, Prior | None]:
        """The language with which the longest open lines, which hold most words, are likeliest, and its prior.

        Where the letters of all languages of the script together make them likelier than each that was thought of, it
        is none of these.
        """
        languages = candidates(self._guesser(), options.language, greedy, script)
        priors = [
            (language, with_user_words(self._priors.of(language), options.words, options.patterns))
            for language in languages
        ]
        if len(priors) == 1:
            return priors[0]
        telling = sorted(open_lines, key=lambda index: -len(greedy[index].symbols))[:LANGUAGE_SAMPLE]
        settings = [replace(BeamSettings.for_line(greedy[i].confidence), width=LANGUAGE_WIDTH) for i in telling]
        found = [
            search(lattices[index], prior, each)[0]
            for _, prior in priors
            for index, each in zip(telling, settings, strict=True)
        ]
        scores = np.array([hypothesis.score for hypothesis in found]).reshape(len(priors), -1)
        if languages[-1] is UNIVERSAL.get(script):
            totals = scores.sum(axis=1)
            if totals[-1] > totals[:-1].max() + NONE_OF_THEM:
                return priors[-1]
            priors, scores = priors[:-1], scores[:-1]
        if self._texts().languages.issuperset(language for language, _ in priors):
            weights = np.array([each.alpha for each in settings])
            texts = [(hypothesis.text, "") for hypothesis in found[: scores.size]]
            scores += weights * self._sense(texts).reshape(scores.shape)
        return priors[int(scores.sum(axis=1).argmax())]

    def _sense(self, texts: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """What the text network says of texts behind lines, where the language's prior has the weight 1.

        It is not told apart from what it says of the line before, of which it says the same before any reading.
        """
        whole = [_continued(before, text) for text, before in texts]
        return TEXT_WEIGHT * self._texts().log_likelihoods(whole) + TEXT_REWARD * np.array([len(t) for t, _ in texts])


def _doubt_weight(confidence: float) -> float:
    """How much what language knows may change in a line of which Hand is so sure; 0 where it need not be asked."""
    doubt = 1 - confidence
    return min(1.0, doubt / DOUBT) if doubt >= LEAST_DOUBT else 0.0


def _continued(before: str, text: str) -> str:
    """A text behind the end of the line before, as in running text: of a word that is divided without the hyphen."""
    end = before[-CONTEXT:]
    return end[:-1] + text if end.endswith("-") else f"{end} {text}".lstrip()


def _whole(lattice: Lattice) -> Lattice:
    return lattice


def _in_latin(lattice: Lattice) -> str:
    """What Hand reads by itself where only letters of Latin script are permitted."""
    return decode_greedily(Permitted(None, None, Script.LATIN)(lattice)).text


def candidates(
    guesser: LanguageGuesser,
    asked: Sequence[Language],
    readings: Sequence[LineReading],
    script: Script = Script.LATIN,
) -> list[Language]:
    """The languages in a script that the readings may be in, likeliest first, of those asked for.

    Where none is asked for, the last of them stands for any other.
    """
    wanted = [language for language in asked if script in language.scripts]
    if len(wanted) == 1 and Language.AUTO not in asked:
        return wanted
    if not wanted and script is Script.LATIN and is_source_code(reading.text for reading in readings):
        return [Language.SOURCE_CODE]
    likely = guesser.likely((reading.text for reading in readings), MOST_CANDIDATES)
    guessed = [language for language in map(Language, likely) if script in language.scripts]
    if wanted:
        return [language for language in guessed if language in wanted] or wanted[:MOST_CANDIDATES]
    if not guessed or sum(len(reading.text.split()) for reading in readings) < FEW_WORDS:
        guessed = list(dict.fromkeys([*guessed, *FALLBACKS[script]]))
    return [*guessed, UNIVERSAL[script]] if script in UNIVERSAL else guessed
