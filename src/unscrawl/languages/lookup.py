"""From any way of naming a language to ``Language``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache

from unscrawl.exceptions import UnknownLanguage
from unscrawl.languages.language import Language

__all__ = ["LanguageChoice", "resolve_languages"]

LanguageChoice = Language | str
"""What a caller may give for a language: a member, its name, or a code; codes may be joined by ``+``."""

# ISO 639-2's bibliographic codes, codes that were replaced, and what other programs say.
_OTHER_NAMES = """
alb sqi, arm hye, baq eus, bur mya, chi zho, cze ces, dut nld, fre fra, geo kat, ger deu, gre ell, ice isl, mac mkd,
mao mri, may msa, per fas, rum ron, slo slk, tib bod, wel cym, iw heb, in ind, ji yid, jw jav, mo ron, tl tgl, nb nor,
nn nor, nob nor, nno nor, cmn zho, arb ara, pes fas, prs fas, zsm msa, ekk est, lvs lav, npi nep, ory ori, swh swa,
uzn uzb, azj aze, als sqi, khk mon, kmr kur, gom kok, pbu pus, plt mlg, quz que, ydd yid, gaz orm, bcl bik, kng kon,
knc kau, gug grn, fuv ful, ayr aym, hmnp hmn, chi_sim zho, chi_tra zho-Hant, zh-CN zho, zh-SG zho, zh-Hans zho,
zh-TW zho-Hant, zh-HK zho-Hant, zh-MO zho-Hant, aze_cyrl aze-Cyrl, uzb_cyrl uzb-Cyrl, srp_latn srp-Latn, sr-Cyrl srp,
az-Latn aze, uz-Latn uzb, sh-Cyrl srp, ku-Arab ckb, bangla ben, belarussian bel, farsi fas, flemish nld, castilian spa,
mandarin zho, kirghiz kir, myanmar mya, nyanja nya, oriya ori, panjabi pan, pilipino fil, sinhalese sin, uighur uig,
ukranian ukr, byelorussian bel, sami sme, gaelic gla, latin_extended und-Latn, multi mul, auto_detect mul
"""

_SEPARATOR = re.compile(r"[\s_-]+")


def _key(spelling: str) -> str:
    return _SEPARATOR.sub("-", spelling.strip().lower())


@cache
def _names() -> dict[str, Language]:
    """Every accepted spelling, as ``_key`` writes it -> language."""
    names: dict[str, Language] = {}
    for name, language in Language.__members__.items():
        names[_key(name)] = language
    for other in _OTHER_NAMES.replace("\n", " ").split(","):
        spelling, value = other.split()
        names[_key(spelling)] = Language(value)
    # Codes come last: where a variant shares the code of its language, the language, being listed by value, wins.
    for language in Language:
        names[_key(language.value)] = names[_key(language.tag)] = language
    return names


def _resolve_one(name: str) -> Language:
    key = _key(name)
    names = _names()
    found = names.get(key) or _resolve_tag(key)
    if found is not None:
        return found
    # A name is not meant by a code that happens to share its letters.
    likely = [spelling for spelling in names if len(spelling) > 3 or len(key) <= 3]
    close = difflib.get_close_matches(key, likely, n=3, cutoff=0.6)
    near = list(dict.fromkeys(names[each].title if len(each) > 3 else each for each in close))
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else "Give an English name or ISO 639 code."
    raise UnknownLanguage(
        f"There is no language {name!r} here.", remedy=f"{hint} 'unscrawl languages' lists all that there are."
    )


def _resolve_tag(key: str) -> Language | None:
    """A tag with more in it than is listed, such as es-MX, means its language; a script must be one of its own."""
    code, *parts = key.split("-")
    language = _names().get(code) if len(code) <= 3 else None
    if language is None or not all(2 <= len(part) <= 8 and part.isalnum() for part in parts):
        return None
    for part in parts:
        if len(part) == 4 and part.isalpha():
            written = _names().get(f"{code}-{part}")
            if written is not None:
                return written
            if not {_SCRIPT_SYNONYMS.get(part, part)} & {script.value.lower() for script in language.scripts}:
                return None
    return language


# Tags may name these; here they are one script.
_SCRIPT_SYNONYMS = {"hans": "hani", "hant": "hani", "kore": "hang", "hira": "jpan", "kana": "jpan"}


def resolve_languages(choice: LanguageChoice | Iterable[LanguageChoice]) -> tuple[Language, ...]:
    """Turn any way of naming languages into members, in the order given and without repeats.

    Args:
        choice: ``Language.SPANISH``, ``"es"``, ``"spa"``, ``"Spanish"``, ``"es-MX"``, ``"eng+spa"``, or a
            list of these.

    Raises:
        UnknownLanguage: If a name is not known; the message has the nearest matches.
    """
    parts: list[LanguageChoice] = [choice] if isinstance(choice, Language | str) else list(choice)
    found: list[Language] = []
    for part in parts:
        if isinstance(part, Language):
            found.append(part)
        elif isinstance(part, str):
            found.extend(_resolve_one(name) for name in part.split("+"))
        else:
            raise UnknownLanguage(
                f"A language is a Language or a string, not {type(part).__name__}.",
                remedy="Give for example Language.SPANISH, 'es' or ['es', 'en'].",
            )
    if not found:
        raise UnknownLanguage("The list of languages is empty.", remedy="Leave it out for automatic choice.")
    return tuple(dict.fromkeys(found))
