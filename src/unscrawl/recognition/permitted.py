"""Which characters a reading may hold: lattices without the others."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from unscrawl.exceptions import InvalidOption
from unscrawl.languages import Script, script_of
from unscrawl.recognition.lattice import Lattice

__all__ = ["Permitted"]

# The base recogniser writes punctuation in full width too, which is made narrow in Latin lines: U+FF01 to U+FF5E lie
# this far from ASCII.
FULL_WIDTH = 0xFEE0


class Permitted:
    """Takes out of lattices what may not be written, so that the next best character that may be (or none) is read.

    Args:
        allow: The only characters that may be written, and white space; None for all.
        deny: Characters that may not be written, white space among them if it stands here; None for none.
        script: The only script whose letters may be written; None for all.
    """

    def __init__(self, allow: str | None, deny: str | None, script: Script | None = None) -> None:
        self._allow = None if allow is None else unicodedata.normalize("NFC", allow)
        self._deny = unicodedata.normalize("NFC", deny or "")
        self._script = script

    def __call__(self, lattice: Lattice) -> Lattice:
        """The lattice with probabilities of permitted symbols only; each frame sums to 1 again.

        Raises:
            InvalidOption: If none of the recogniser's characters is permitted.
        """
        mask = _mask(lattice.alphabet, self._allow, self._deny, self._script)
        if mask.all():
            return lattice
        probabilities = lattice.probabilities * mask
        sums = probabilities.sum(axis=1, keepdims=True)
        # A frame in which the network saw nothing but what is not permitted is a blank.
        probabilities[sums[:, 0] <= 0.0, 0] = 1.0
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        return replace(lattice, probabilities=probabilities)


@lru_cache(maxsize=24)
def _mask(alphabet: tuple[str, ...], allow: str | None, deny: str, script: Script | None) -> NDArray[np.float32]:
    """float32 (symbols,): 1 for the blank and for what may be written, else 0."""
    permitted = [
        _may_be_written(character, allow, deny) and (script is None or _belongs_to(character) in (script, None))
        for character in alphabet
    ]
    if not any(may and not character.isspace() for may, character in zip(permitted, alphabet, strict=True)):
        told = " and ".join(f"{name} {value!r}" for name, value in (("allow", allow), ("deny", deny)) if value)
        raise InvalidOption(
            f"With {told} nothing can be written: this recogniser knows none of the characters that are left.",
            remedy="Name the characters themselves ('0123456789', not '0-9'). Chinese and Japanese ones are known in "
            "the mode printed and with these languages alone, letters with rare accents in the other modes.",
        )
    mask = np.array([True, *permitted], dtype=np.float32)
    mask.setflags(write=False)  # shared by all threads
    return mask


def _belongs_to(character: str) -> Script | None:
    # The only sign of Hand's that one script alone has.
    return Script.CYRILLIC if character == "\N{NUMERO SIGN}" else script_of(character)


def _may_be_written(character: str, allow: str | None, deny: str) -> bool:
    if character in deny or _narrow(character) in deny:
        return False
    return allow is None or character in allow or character.isspace()


def _narrow(character: str) -> str:
    code = ord(character)
    return chr(code - FULL_WIDTH) if 0xFF01 <= code <= 0xFF5E else character
