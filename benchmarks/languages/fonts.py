"""Debian fonts for each script."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from unscrawl.languages import Script

__all__ = ["FONT_FOLDER", "covers", "fonts_for", "letters"]

FONT_FOLDER = Path("/usr/share/fonts")

# The first two of a script that are installed and have all letters of a text print its pages.
_LATIN = ("LiberationSerif-Regular", "DejaVuSans", "GentiumPlus-Regular", "NotoSans-Regular", "NotoSerif-Regular")
_FONTS = {
    Script.LATIN: _LATIN,
    Script.CYRILLIC: _LATIN,
    Script.GREEK: ("LiberationSerif-Regular", "DejaVuSans", "GentiumPlus-Regular", "NotoSans-Regular"),
    Script.ARABIC: ("NotoNaskhArabic-Regular", "Amiri-Regular", "Scheherazade-Regular", "NotoSansArabic-Regular"),
    Script.HEBREW: ("FrankRuehlCLM-Medium", "LiberationSans-Regular", "NotoSerifHebrew-Regular", "DejaVuSans"),
    Script.DEVANAGARI: ("NotoSansDevanagari-Regular", "Lohit-Devanagari", "NotoSerifDevanagari-Regular"),
    Script.BENGALI: ("NotoSansBengali-Regular", "Lohit-Bengali", "NotoSerifBengali-Regular"),
    Script.GURMUKHI: ("NotoSansGurmukhi-Regular", "Lohit-Gurmukhi", "NotoSerifGurmukhi-Regular"),
    Script.GUJARATI: ("NotoSansGujarati-Regular", "Lohit-Gujarati", "NotoSerifGujarati-Regular"),
    Script.ODIA: ("NotoSansOriya-Regular", "Lohit-Odia"),
    Script.TAMIL: ("NotoSansTamil-Regular", "Lohit-Tamil", "NotoSerifTamil-Regular"),
    Script.TELUGU: ("NotoSansTelugu-Regular", "Lohit-Telugu", "NotoSerifTelugu-Regular"),
    Script.KANNADA: ("NotoSansKannada-Regular", "Lohit-Kannada", "NotoSerifKannada-Regular"),
    Script.MALAYALAM: ("NotoSansMalayalam-Regular", "Lohit-Malayalam", "NotoSerifMalayalam-Regular"),
    Script.SINHALA: ("NotoSansSinhala-Regular", "lklug", "NotoSerifSinhala-Regular"),
    Script.THAI: ("Garuda", "Norasi", "NotoSansThai-Regular", "NotoSerifThai-Regular"),
    Script.LAO: ("Phetsarath_OT", "DejaVuSans", "NotoSansLao-Regular", "NotoSerifLao-Regular"),
    Script.KHMER: ("KhmerOS", "NotoSansKhmer-Regular", "NotoSerifKhmer-Regular"),
    Script.MYANMAR: ("Padauk-Regular", "NotoSansMyanmar-Regular", "NotoSerifMyanmar-Regular"),
    Script.TIBETAN: ("NotoSerifTibetan-Regular", "TibetanMachineUni", "DDC_Uchen"),
    Script.GEORGIAN: ("DejaVuSans", "DejaVuSerif", "FreeSerif"),
    Script.ARMENIAN: ("DejaVuSerif", "DejaVuSans", "FreeSerif"),
    Script.ETHIOPIC: ("AbyssinicaSIL-Regular", "NotoSansEthiopic-Regular", "NotoSerifEthiopic-Regular"),
    Script.HANGUL: ("NanumMyeongjo", "UnDotum", "NanumGothic", "NotoSansCJK-Regular"),
    Script.JAPANESE: ("ipamp", "NotoSansCJK-Regular", "ipagp"),
    Script.HAN: ("NotoSansCJK-Regular", "uming", "wqy-zenhei", "NotoSerifCJK-Regular"),
    Script.CHEROKEE: ("FreeSans", "FreeSerif", "NotoSansCherokee-Regular"),
    Script.CANADIAN_SYLLABICS: ("FreeSans", "DejaVuSans", "NotoSansCanadianAboriginal-Regular"),
    Script.SYRIAC: ("NotoSansSyriac-Regular",),
    Script.THAANA: ("NotoSansThaana-Regular",),
}

FONTS_A_LANGUAGE = 2


@cache
def _installed() -> dict[str, Path]:
    """Name without its ending -> file."""
    return {path.stem: path for path in sorted(FONT_FOLDER.rglob("*")) if path.suffix in (".ttf", ".otf", ".ttc")}


@cache
def letters(path: Path) -> frozenset[int]:
    """The code points that a font has."""
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())


def covers(path: Path, text: str) -> bool:
    """Whether a font has all characters of a text."""
    return letters(path) >= {ord(character) for character in text if not character.isspace()} - {0x200C, 0x200D}


def fonts_for(script: Script, text: str) -> list[Path]:
    """The fonts, at most two, that print a text of this script."""
    found = [_installed()[name] for name in _FONTS[script] if name in _installed()]
    return [path for path in found if covers(path, text)][:FONTS_A_LANGUAGE]
