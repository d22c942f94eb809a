"""The scripts that languages are written in, and which script a character belongs to."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import Counter
from enum import Enum
from functools import cache

__all__ = ["BLOCKS", "EAST_ASIAN", "Script", "count_scripts", "main_script", "script_of"]


class Script(Enum):
    """A script; its value is the ISO 15924 code."""

    ARABIC = "Arab"
    ARMENIAN = "Armn"
    BENGALI = "Beng"
    CANADIAN_SYLLABICS = "Cans"
    CHEROKEE = "Cher"
    CYRILLIC = "Cyrl"
    DEVANAGARI = "Deva"
    ETHIOPIC = "Ethi"
    GEORGIAN = "Geor"
    GREEK = "Grek"
    GUJARATI = "Gujr"
    GURMUKHI = "Guru"
    HANGUL = "Hang"
    HAN = "Hani"
    HEBREW = "Hebr"
    JAPANESE = "Jpan"
    KANNADA = "Knda"
    KHMER = "Khmr"
    LAO = "Laoo"
    LATIN = "Latn"
    MALAYALAM = "Mlym"
    MYANMAR = "Mymr"
    ODIA = "Orya"
    SINHALA = "Sinh"
    SYRIAC = "Syrc"
    TAMIL = "Taml"
    TELUGU = "Telu"
    THAANA = "Thaa"
    THAI = "Thai"
    TIBETAN = "Tibt"

    @property
    def right_to_left(self) -> bool:
        """Whether it is written from right to left."""
        return self in (Script.ARABIC, Script.HEBREW, Script.SYRIAC, Script.THAANA)

    @property
    def spaced(self) -> bool:
        """Whether words are kept apart by spaces; in the others a space is a pause, or nothing."""
        return self not in _UNSPACED


EAST_ASIAN = frozenset({Script.HAN, Script.JAPANESE})
"""Scripts with Chinese characters, written across or from top to bottom."""

_UNSPACED = EAST_ASIAN | {Script.THAI, Script.LAO, Script.KHMER, Script.MYANMAR, Script.TIBETAN}

BLOCKS = (
    (0x0041, 0x024F, Script.LATIN),
    (0x0250, 0x02AF, Script.LATIN),
    (0x0370, 0x03FF, Script.GREEK),
    (0x0400, 0x052F, Script.CYRILLIC),
    (0x0530, 0x058F, Script.ARMENIAN),
    (0x0590, 0x05FF, Script.HEBREW),
    (0x0600, 0x06FF, Script.ARABIC),
    (0x0700, 0x074F, Script.SYRIAC),
    (0x0750, 0x077F, Script.ARABIC),
    (0x0780, 0x07BF, Script.THAANA),
    (0x0860, 0x086F, Script.SYRIAC),
    (0x0870, 0x08FF, Script.ARABIC),
    (0x0900, 0x097F, Script.DEVANAGARI),
    (0x0980, 0x09FF, Script.BENGALI),
    (0x0A00, 0x0A7F, Script.GURMUKHI),
    (0x0A80, 0x0AFF, Script.GUJARATI),
    (0x0B00, 0x0B7F, Script.ODIA),
    (0x0B80, 0x0BFF, Script.TAMIL),
    (0x0C00, 0x0C7F, Script.TELUGU),
    (0x0C80, 0x0CFF, Script.KANNADA),
    (0x0D00, 0x0D7F, Script.MALAYALAM),
    (0x0D80, 0x0DFF, Script.SINHALA),
    (0x0E00, 0x0E7F, Script.THAI),
    (0x0E80, 0x0EFF, Script.LAO),
    (0x0F00, 0x0FFF, Script.TIBETAN),
    (0x1000, 0x109F, Script.MYANMAR),
    (0x10A0, 0x10FF, Script.GEORGIAN),
    (0x1100, 0x11FF, Script.HANGUL),
    (0x1200, 0x139F, Script.ETHIOPIC),
    (0x13A0, 0x13FF, Script.CHEROKEE),
    (0x1400, 0x167F, Script.CANADIAN_SYLLABICS),
    (0x1780, 0x17FF, Script.KHMER),
    (0x1C80, 0x1C8F, Script.CYRILLIC),
    (0x1C90, 0x1CBF, Script.GEORGIAN),
    (0x1D00, 0x1DBF, Script.LATIN),
    (0x1E00, 0x1EFF, Script.LATIN),
    (0x1F00, 0x1FFF, Script.GREEK),
    (0x2C60, 0x2C7F, Script.LATIN),
    (0x2D00, 0x2D2F, Script.GEORGIAN),
    (0x2D80, 0x2DDF, Script.ETHIOPIC),
    (0x2DE0, 0x2DFF, Script.CYRILLIC),
    (0x3005, 0x3007, Script.HAN),
    (0x3040, 0x30FF, Script.JAPANESE),
    (0x3130, 0x318F, Script.HANGUL),
    (0x31F0, 0x31FF, Script.JAPANESE),
    (0x3400, 0x4DBF, Script.HAN),
    (0x4E00, 0x9FFF, Script.HAN),
    (0xA640, 0xA69F, Script.CYRILLIC),
    (0xA720, 0xA7FF, Script.LATIN),
    (0xA8E0, 0xA8FF, Script.DEVANAGARI),
    (0xAB00, 0xAB2F, Script.ETHIOPIC),
    (0xAB30, 0xAB6F, Script.LATIN),
    (0xAB70, 0xABBF, Script.CHEROKEE),
    (0xAC00, 0xD7AF, Script.HANGUL),
    (0xF900, 0xFAFF, Script.HAN),
    (0xFB00, 0xFB06, Script.LATIN),
    (0xFB13, 0xFB17, Script.ARMENIAN),
    (0xFB1D, 0xFB4F, Script.HEBREW),
    (0xFB50, 0xFDFF, Script.ARABIC),
    (0xFE70, 0xFEFF, Script.ARABIC),
    (0xFF21, 0xFF5A, Script.LATIN),
    (0xFF66, 0xFF9D, Script.JAPANESE),
    (0x20000, 0x3134F, Script.HAN),
)
"""First and last code point of the blocks that hold a script's letters (Unicode 15, Blocks.txt)."""

_STARTS = [first for first, _, _ in BLOCKS]


@cache
def script_of(character: str) -> Script | None:
    """The script of a letter or of a mark that belongs to one; None for digits, punctuation and signs."""
    if unicodedata.category(character)[0] not in "LM":
        return None
    code = ord(character)
    place = bisect_right(_STARTS, code) - 1
    if place < 0:
        return None
    _, last, script = BLOCKS[place]
    return script if code <= last else None


def count_scripts(text: str) -> Counter[Script]:
    """How many letters of each script there are."""
    found = Counter(script for character in text if (script := script_of(character)) is not None)
    if Script.JAPANESE in found and Script.HAN in found:
        # Kana among Chinese characters: the characters are Japanese as well.
        found[Script.JAPANESE] += found.pop(Script.HAN)
    return found


def main_script(text: str) -> Script | None:
    """The script of most letters; None where there are no letters."""
    found = count_scripts(text)
    return found.most_common(1)[0][0] if found else None
