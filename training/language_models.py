"""Build the language models that the recogniser's beam search uses.

    python -m training.language_models ../shared/handwriting src/unscrawl/models/languages

From wordfreq's lists (Robyn Speer; data CC BY-SA 4.0): words of Latin script by frequency. Which words follow each
other is counted in the transcripts of the training lines and in collections of quotations (Debian's fortunes), so only
languages that have some of these know it. See ``unscrawl/recognition/language_model.py`` for what is stored.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from wordfreq import get_frequency_dict

from training.texts import FORTUNE_SETS, normalise, quotations
from unscrawl.recognition.language_model import (
    END,
    LEAST_PAIR_LOG,
    LOG_STEP,
    NGRAM_ORDER,
    START,
    LanguageModel,
    pair_key,
)

__all__ = ["LANGUAGES", "build", "flatten", "main"]

# ISO 639-3 (as Language's values) -> wordfreq's code.
LANGUAGES = {
    "eng": "en", "fra": "fr", "deu": "de", "spa": "es", "ita": "it", "por": "pt", "nld": "nl", "pol": "pl",
    "ces": "cs", "slk": "sk", "slv": "sl", "hrv": "sh", "ron": "ro", "hun": "hu", "fin": "fi", "swe": "sv",
    "dan": "da", "nor": "nb", "isl": "is", "cat": "ca", "tur": "tr", "lit": "lt", "lav": "lv", "ind": "id",
    "msa": "ms", "fil": "fil", "vie": "vi",
}  # fmt: skip

# More words for the languages that are read most; rarer words are mostly names and other languages.
MOST_WORDS, MANY_WORDS = 90_000, 50_000
LARGE = {"eng", "fra", "deu", "spa", "ita"}
# Damps the gap between frequent and rare words: handwriting has more rare ones than the web (proof of concept).
POWER = 0.75
FREQUENT_WORDS = 1500
LEAST_NGRAM_SHARE = 2e-7
# Absolute discounting (Ney, Essen and Kneser, 1994): what every pair met cedes to those not met.
DISCOUNT = 0.75
# A word never met in the texts counts as this often.
UNSEEN_COUNT = 0.1
LARGEST_PAIR_LOG = 8.0


def main() -> None:
    """Build all of them."""
    transcripts, out = _transcripts(Path(sys.argv[1])), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    guess = {code: _frequent(name) for code, name in LANGUAGES.items()}
    (out / "frequent.json").write_text(json.dumps(guess, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    for code, name in LANGUAGES.items():
        path = out / f"{code}.npz"
        texts = transcripts.get(name, []) + (quotations(FORTUNE_SETS[name]) if name in FORTUNE_SETS else [])
        build(name, MOST_WORDS if code in LARGE else MANY_WORDS, texts, path)
        print(code, path.stat().st_size // 1024, "KB", flush=True)


def _frequent(language: str) -> dict[str, float]:
    """A language's most frequent words with their shares: what languages are told apart by."""
    shares = {}
    for word, share in get_frequency_dict(language, "best").items():
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


def build(language: str, most: int, texts: list[str], path: Path) -> None:
    """Build and save one language's model."""
    words: Counter[str] = Counter()
    for word, frequency in get_frequency_dict(language, "best").items():
        if len(words) >= most:
            break
        word = word.replace("’", "'").lower()
        if any(c.isalpha() for c in word) and all(c.isalpha() or c in "'-." for c in word):
            words[word] += frequency**POWER
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
    np.savez_compressed(path, **arrays)
    if texts:
        keys, factors = _pairs(LanguageModel.load(path), texts)
        np.savez_compressed(path, **arrays, pairs_keys=keys, pairs_factors=factors)


def _pairs(model: LanguageModel, texts: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
    """Count which words follow each other, split as the model itself splits texts."""
    met: Counter[tuple[str, str]] = Counter()
    for text in texts:
        state = START
        for character in text + " ":
            following = model.step(state, character)[1]
            if state.word and not following.word:
                met[state.previous, state.word] += 1
            state = following
    alone, before, kinds = Counter[str](), Counter[str](), Counter[str]()
    for (previous, word), count in met.items():
        alone[word] += count
        before[previous] += count
        kinds[previous] += 1
    total = sum(alone.values())
    logs: dict[int, float] = {}
    for previous, count in before.items():
        ceded = DISCOUNT * kinds[previous] / count
        logs[pair_key(previous, "")] = math.log(ceded)
    for (previous, word), count in met.items():
        ceded = DISCOUNT * kinds[previous] / before[previous]
        share = (count - DISCOUNT) / before[previous]
        logs[pair_key(previous, word)] = math.log(share * total / (alone[word] + UNSEEN_COUNT) + ceded)
    keys = sorted(logs)
    steps = [round((min(LARGEST_PAIR_LOG, max(LEAST_PAIR_LOG, logs[key])) - LEAST_PAIR_LOG) / LOG_STEP) for key in keys]
    return np.array(keys, np.uint32), np.array(steps, np.uint8)


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
