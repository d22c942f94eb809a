"""Words that the user expects, mixed into the prior of a language.

A word is taken to be one of the user's with the probability ``WORDS_SHARE``, to follow one of the user's patterns with
``PATTERNS_SHARE``, and else to be any word of the language. What has been read of it tells more and more which: the
prior of a beginning is the sum of what each of the three gives it, and the cost of a character is how much that sum
falls by it. So the search need not decide where a user's word begins, and a text that leaves all of them goes on as if
there were none, less the share that they had.

The three start anew behind white space, and behind a mark that none of the user's words and patterns goes on with.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import regex

from unscrawl.exceptions import InvalidOption
from unscrawl.recognition.beam import REWARD
from unscrawl.recognition.language_model import MOST_CACHED, LanguagePrior, Prior

__all__ = ["UserPrior", "UserState", "with_user_words"]

# How likely a word is one of the user's, or follows one of the patterns, before any of it was seen. Names on dev lines
# are read as well with 0.03 and 0.3 (training/EXPERIMENTS.md).
WORDS_SHARE = 0.1
PATTERNS_SHARE = 0.1
# Log-probability of a character that a pattern admits, and of the end of a match: as if every second character followed
# from the pattern. Where a language has no prior, less would lose to ``EVEN``.
PATTERN_CHARACTER = math.log(0.5)
# Log-probability of any character where a language has no prior: with it, the search neither gains nor loses by a
# character.
EVEN = -REWARD
# Seconds that a pattern may take to say whether a word can become a match; most take microseconds, and a few
# that can match in exponentially many ways would never end.
PATTERN_TIME = 0.1

# Where the user's words are left.
OFF = -1


@dataclass(frozen=True, slots=True)
class UserState:
    """Where in a word a text ends.

    Attributes:
        base: State of the language's prior.
        base_log: Log of what the language, and user's words that have ended in front of a mark, give to the text since
            the word began, times their share; 0 where nothing else is left.
        node: Node of the trie of the user's words; ``OFF`` where none goes on like this.
        spelled: The text since the word began while it can become a match of a pattern, else None.
        begun: Whether a word has begun.
    """

    base: Any
    base_log: float
    node: int
    spelled: str | None
    begun: bool


@dataclass(slots=True)
class _Node:
    children: dict[str, int] = field(default_factory=dict)
    through: int = 0
    ending: int = 0


def with_user_words(base: LanguagePrior | None, words: Sequence[str], patterns: Sequence[str]) -> Prior | None:
    """The prior of a language with the user's words and patterns; ``base`` itself where there are none."""
    return UserPrior(base, words, patterns) if words or patterns else base


class UserPrior:
    """A prior that knows words of the user; only caches change after construction, so threads may share it.

    Args:
        base: The prior of the language; None for none.
        words: The user's words, without white space. Each may also be written with a capital at its start, or in
            capitals.
        patterns: Regular expressions; a word that matches one of them in whole is expected.
    """

    def __init__(self, base: LanguagePrior | None, words: Sequence[str], patterns: Sequence[str]) -> None:
        self._base = base
        self._nodes = _trie(tuple(words))
        self._patterns = [regex.compile(pattern) for pattern in patterns]
        self._words_log = math.log(WORDS_SHARE) - math.log(max(1, self._nodes[0].through))
        self._patterns_log = math.log(PATTERNS_SHARE)
        self._base_log = math.log(1.0 - WORDS_SHARE * bool(words) - PATTERNS_SHARE * bool(patterns))
        self._remembered = lru_cache(MOST_CACHED)(self._step)
        self.start = self._fresh(None if base is None else base.start)

    def step(self, state: UserState, character: str) -> tuple[float, UserState]:
        """Log-probability of ``character`` after a text that ends in ``state``, and the state behind it.

        Raises:
            InvalidOption: If a pattern takes too long.
        """
        if state.begun and state.node == OFF and state.spelled is None and character.isalnum():
            # Inside a word that is none of the user's, most steps: the language's own cache is quicker than ours.
            cost, base = self._base_step(state.base, character)
            return cost, UserState(base, 0.0, OFF, None, True)
        return self._remembered(state, character)

    def end(self, state: UserState) -> float:
        """Log-probability that the word ends here; 0 where there is no word.

        Raises:
            InvalidOption: If a pattern takes too long.
        """
        ending = 0.0 if self._base is None else self._base.end(state.base)
        if not state.begun:
            return ending
        return _log_sum([state.base_log + ending, *self._ended(state)]) - self._mixture(state)

    def _step(self, state: UserState, character: str) -> tuple[float, UserState]:
        cost, base = self._base_step(state.base, character)
        node, spelled = self._child(state.node, character), self._grown(state.spelled, character)
        left = node == OFF and spelled is None
        inside = character.isalnum()
        if left and not inside and not state.begun:
            return cost, self._fresh(base)
        base_log = state.base_log + cost
        if not inside:
            # What the language gives to the mark behind a word that has ended.
            closed = state.base if self._base is None else self._base.closed(state.base)
            follows, _ = self._base_step(closed, character)
            base_log = _log_sum([base_log, *(ended + follows for ended in self._ended(state))])
        after = UserState(base, base_log, node, spelled, True)
        cost = self._mixture(after) - self._mixture(state)
        if not left:
            return cost, after
        return cost, UserState(base, 0.0, OFF, None, True) if inside else self._fresh(base)

    def _fresh(self, base: Any) -> UserState:
        """The state where a word may begin."""
        return UserState(
            base, self._base_log, 0 if self._nodes[0].through else OFF, "" if self._patterns else None, False
        )

    def _mixture(self, state: UserState) -> float:
        """Log-probability of the text since the word began."""
        logs = [state.base_log]
        if state.node != OFF:
            logs.append(self._words_log + math.log(self._nodes[state.node].through))
        if state.spelled is not None:
            logs.append(self._patterns_log + PATTERN_CHARACTER * len(state.spelled))
        return _log_sum(logs)

    def _ended(self, state: UserState) -> Iterable[float]:
        """Log-probabilities that the text since the word began is one of the user's, or matches a pattern, in whole."""
        if state.node != OFF and (ending := self._nodes[state.node].ending):
            yield self._words_log + math.log(ending)
        if state.spelled and self._matches(state.spelled, partial=False):
            yield self._patterns_log + PATTERN_CHARACTER * (len(state.spelled) + 1)

    def _base_step(self, state: Any, character: str) -> tuple[float, Any]:
        return (EVEN, state) if self._base is None else self._base.step(state, character)

    def _child(self, node: int, character: str) -> int:
        return OFF if node == OFF else self._nodes[node].children.get(character, OFF)

    def _grown(self, spelled: str | None, character: str) -> str | None:
        if spelled is None or character.isspace():
            return None
        return grown if self._matches(grown := spelled + character, partial=True) else None

    def _matches(self, spelled: str, *, partial: bool) -> bool:
        """Whether a pattern matches this in whole; with ``partial``, whether one can once more follows."""
        for pattern in self._patterns:
            try:
                if pattern.fullmatch(spelled, partial=partial, timeout=PATTERN_TIME):
                    return True
            except TimeoutError:
                raise InvalidOption(
                    f"The pattern {pattern.pattern!r} takes too long to match {spelled!r}.",
                    remedy="Write it without repetitions of repetitions, such as '(a+)+'.",
                ) from None
        return False


@lru_cache(maxsize=8)
def _trie(words: tuple[str, ...]) -> list[_Node]:
    """The trie of all spellings of the words; the root is the first node."""
    composed = [unicodedata.normalize("NFC", word) for word in words]
    spellings = {form for word in composed for form in (word, word[0].upper() + word[1:], word.upper())}
    nodes = [_Node()]
    for spelling in sorted(spellings):
        node = nodes[0]
        node.through += 1
        for character in spelling:
            if character not in node.children:
                node.children[character] = len(nodes)
                nodes.append(_Node())
            node = nodes[node.children[character]]
            node.through += 1
        node.ending += 1
    return nodes


def _log_sum(logs: Sequence[float]) -> float:
    largest = max(logs)
    return largest + math.log(sum(math.exp(each - largest) for each in logs))
