"""The characters that Hand can write: Latin, Cyrillic and Greek letters of living languages, and what notes contain.

As in the truth, quotes are straight and every dash is ``-``.
"""

from __future__ import annotations

import string

__all__ = ["ALPHABET"]


def _range(first: int, last: int) -> str:
    return "".join(chr(code) for code in range(first, last + 1))


_ASCII = " " + string.digits + string.ascii_letters + string.punctuation
_LATIN_1 = _range(0xC0, 0xD6) + _range(0xD8, 0xF6) + _range(0xF8, 0xFF)
_EXTENDED_A = _range(0x100, 0x17E)
_SINGLES = "ƁɓƊɗƏəƐɛƎǝƔɣƘƙƝɲŊŋƆɔƠơƯưƳƴȘșȚțẞẸẹỌọṢṣẀẁẂẃẄẅỲỳḌḍḤḥṬṭẒẓǍǎǏǐǑǒǓǔǦǧǨǩ"
_VIETNAMESE = _range(0x1EA0, 0x1EF9)
# Tones on letters that Unicode does not have composed (Yoruba, Guarani), and hooked letters of Serer.
_MARKS, _HOOKED = "\u0300\u0301\u0303\u0304", "ƤƥƬƭ"
_CYRILLIC = _range(0x400, 0x45F) + "ҐґҒғҖҗҚқҢңҮүҰұҲҳҶҷҺһӘәӢӣӨөӮӯ№"
_GREEK = "Ά" + _range(0x388, 0x38A) + "Ό" + _range(0x38E, 0x3A1) + _range(0x3A3, 0x3CE)
_SIGNS = "€£¥¢§°«»…•·→←↑↓✓×÷±µ©®™¶†‡²³¹½¼¾¿¡ªº≤≥≈≠∞√☐☑"

ALPHABET = "".join(
    dict.fromkeys(
        _ASCII + _LATIN_1 + _EXTENDED_A + _SINGLES + _VIETNAMESE + _SIGNS + _MARKS + _HOOKED + _CYRILLIC + _GREEK
    )
)
"""Symbol 0 is CTC's blank, symbol i + 1 is ``ALPHABET[i]``. Only ever append: checkpoints count on the order."""
