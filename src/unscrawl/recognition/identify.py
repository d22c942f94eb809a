"""Which language a text is in: told by its frequent words for decoding, by all its letters for the result."""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from unscrawl.exceptions import UnknownLanguage
from unscrawl.inference import Once
from unscrawl.languages import EAST_ASIAN, Language, Script, resolve_languages

__all__ = ["LanguageGuesser", "identify", "is_source_code"]

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")

# Naive Bayes: what a word that is not among a language's frequent ones costs there. Common words of a language stand
# far above, so misread words count against all languages alike.
UNKNOWN_WORD = math.log(3e-6)
# Languages less likely than the first by more than this factor are out of the question.
LARGEST_FACTOR = math.log(1000.0)
# A text is so much less likely in one of the languages of which no list of words is known, all of them small.
RARE = math.log(0.01)

# What lines of program code have, as a recogniser sees them...
_CODE_SIGN = re.compile(
    r"""
      \w\ ?\(\ ?\)                                # a call without arguments
    | [^\W_]_[^\W_]                               # a name of two words
    | [=!<>+*/-]\ ?=\ ?[\w"'\[({-]               # a comparison, a change in place
    | ^\ ?(?:def|class)\ \w.*[(:]
    | ^\ ?(?:for|while|if|elif|with)\b.*[:)]\ ?$
    | ^\ ?(?:else|try|finally)\ ?:\ ?$
    | ^\ ?return\ [\w()\[\]]+$
    | ^\ ?(?:import|from)\ \w+
    """,
    re.VERBOSE | re.IGNORECASE,
)
# ... and what "Milk (2)" and "TOTAL = 5.00" have too: a call that is the whole line, an assignment.
_MAYBE_CODE_SIGN = re.compile(r"""^ ?[\w.]+ ?\(.*\) ?$|^ ?[\w.\[\]-]+ ?= ?[\w"'\[({-]""")
# All of 18 handwritten programs, read without any prior, have signs in 0.25 of their lines or more; of 180 pages of
# other kinds none with two signs has more than 0.13.
CODE_SHARE = 0.2
LEAST_CODE_LINES = 2


class LanguageGuesser:
    """Guesses among languages.

    Args:
        common: ISO 639-3 code -> word in lower case -> share of the language's words.
        rare: The same of languages that few texts are in.
    """

    def __init__(self, common: Mapping[str, Mapping[str, float]], rare: Mapping[str, Mapping[str, float]]) -> None:
        self._scores = {
            code: {word: math.log(share) for word, share in shares.items()}
            for code, shares in {**common, **rare}.items()
        }
        self._rare = frozenset(rare)

    @classmethod
    def load(cls, path: Path) -> LanguageGuesser:
        """Read the arguments of the constructor, by their names, from compressed JSON."""
        return cls(**json.loads(gzip.decompress(path.read_bytes())))

    def likely(self, texts: Iterable[str], most: int) -> list[str]:
        """The ISO 639-3 codes of the likeliest languages, best first: one where it is plain, none without words."""
        words = [word for text in texts for word in _WORD.findall(text.lower())]
        totals = {
            code: sum(
                (max(scores.get(word, UNKNOWN_WORD), UNKNOWN_WORD) for word in words), RARE * (code in self._rare)
            )
            for code, scores in self._scores.items()
        }
        ranked = sorted(totals, key=lambda code: -totals[code])
        known = any(word in scores for word in words for scores in self._scores.values())
        return [code for code in ranked[:most] if known and totals[code] > totals[ranked[0]] - LARGEST_FACTOR]

    def known_share(self, text: str) -> float:
        """The largest share of a text that one language's frequent words make up, 0 to 1; 1 for a text without words.

        Counted in letters: words of one or two letters are in some language by chance.
        """
        words = _WORD.findall(text.lower())
        if not words:
            return 1.0
        known = max(sum(len(word) for word in words if word in scores) for scores in self._scores.values())
        return known / sum(map(len, words))


def identify(text: str, script: Script, among: Sequence[Language] = ()) -> Language | None:
    """The language that a text is in.

    Args:
        text: Some words; the more, the surer.
        script: What most of its letters are.
        among: Languages to choose from, where one of them is written in the script; otherwise from all.

    Returns:
        The language; None where it is one of which nothing is known.
    """
    possible = [each for each in among if script in each.scripts]
    if not possible:
        possible = [each for each in Language if each.scripts[:1] == (script,) and "-" not in each.value]
    if len(possible) == 1:
        return possible[0]
    if script in EAST_ASIAN:
        # Kana make it Japanese; which Chinese language Chinese characters are in is not told by a few of them.
        return _first(possible, Language.JAPANESE if script is Script.JAPANESE else Language.CHINESE)
    for code, _ in _identifier().rank(text):
        try:
            (language,) = resolve_languages(code)
        except UnknownLanguage:
            continue
        if language in possible:
            return language
    return None


def is_source_code(texts: Iterable[str]) -> bool:
    """Whether the lines of a page are a program.

    Args:
        texts: The lines, read without any language's prior.
    """
    lines = [text for text in texts if text.strip()]
    sure = sum(bool(_CODE_SIGN.search(text)) for text in lines)
    maybe = sum(bool(_MAYBE_CODE_SIGN.search(text) and not _CODE_SIGN.search(text)) for text in lines)
    return sure > 0 and sure + maybe >= max(LEAST_CODE_LINES, CODE_SHARE * len(lines))


def _first(possible: Sequence[Language], usual: Language) -> Language:
    return usual if usual in possible else possible[0]


def _load_identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


# A model of 140 languages. Loading takes most of a second, so only when it is needed.
_identifier = Once(_load_identifier)
