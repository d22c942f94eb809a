"""The languages that can be asked for, by name, ISO 639 code or BCP 47 tag.

The embedded recogniser reads Latin script, Chinese and Japanese; the languages listed here are written in these.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from enum import Enum
from functools import cache

from unscrawl.exceptions import UnknownLanguage

__all__ = ["EAST_ASIAN_LETTER", "Language", "LanguageChoice", "resolve_languages"]

EAST_ASIAN_LETTER = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""A Chinese character or kana."""


class Language(Enum):
    """A language: ``Language.SPANISH``; its value is the ISO 639-3 code (``mul`` for ``AUTO``)."""

    AUTO = "mul"
    AFRIKAANS = "afr"
    ALBANIAN = "sqi"
    AZERBAIJANI = "aze"
    BASQUE = "eus"
    BEMBA = "bem"
    BOSNIAN = "bos"
    BRETON = "bre"
    CATALAN = "cat"
    CEBUANO = "ceb"
    CHICHEWA = "nya"
    CHINESE = "zho"
    CORSICAN = "cos"
    CROATIAN = "hrv"
    CZECH = "ces"
    DANISH = "dan"
    DUTCH = "nld"
    ENGLISH = "eng"
    ESPERANTO = "epo"
    ESTONIAN = "est"
    FAROESE = "fao"
    FILIPINO = "fil"
    FINNISH = "fin"
    FRENCH = "fra"
    FRISIAN = "fry"
    GALICIAN = "glg"
    GERMAN = "deu"
    HAITIAN_CREOLE = "hat"
    HUNGARIAN = "hun"
    ICELANDIC = "isl"
    ILOCANO = "ilo"
    INDONESIAN = "ind"
    IRISH = "gle"
    ITALIAN = "ita"
    JAPANESE = "jpn"
    JAVANESE = "jav"
    KURDISH = "kur"
    LATIN = "lat"
    LATVIAN = "lav"
    LITHUANIAN = "lit"
    LOW_GERMAN = "nds"
    LUXEMBOURGISH = "ltz"
    MALAGASY = "mlg"
    MALAY = "msa"
    MALTESE = "mlt"
    MAORI = "mri"
    NORWEGIAN = "nor"
    OCCITAN = "oci"
    OROMO = "orm"
    POLISH = "pol"
    PORTUGUESE = "por"
    QUECHUA = "que"
    ROMANIAN = "ron"
    ROMANSH = "roh"
    RWANDA = "kin"
    SCOTTISH_GAELIC = "gla"
    SERBIAN_LATIN = "srp"
    SHONA = "sna"
    SLOVAK = "slk"
    SLOVENE = "slv"
    SOMALI = "som"
    SOTHO_SOUTHERN = "sot"
    SPANISH = "spa"
    SUNDANESE = "sun"
    SWAHILI = "swa"
    SWEDISH = "swe"
    TAGALOG = "tgl"
    TSWANA = "tsn"
    TURKISH = "tur"
    TURKMEN = "tuk"
    UZBEK = "uzb"
    VIETNAMESE = "vie"
    WELSH = "cym"
    XHOSA = "xho"
    ZULU = "zul"

    @property
    def iso_639_3(self) -> str:
        """The three-letter code, e.g. ``"spa"``."""
        return self.value

    @property
    def iso_639_1(self) -> str | None:
        """The two-letter code, e.g. ``"es"``, or None where the language has none."""
        return _TWO_LETTERS.get(self.value)

    @property
    def title(self) -> str:
        """The English name as written in running text, e.g. ``"Haitian Creole"``."""
        return self.name.replace("_", " ").title()

    @property
    def tag(self) -> str:
        """The BCP 47 tag: the shortest code there is."""
        return self.iso_639_1 or self.value


LanguageChoice = Language | str
"""What a caller may give for a language: a member, its name, or a code; codes may be joined by ``+``."""

_PAIRS = """
afr:af sqi:sq aze:az eus:eu bos:bs bre:br cat:ca nya:ny zho:zh cos:co hrv:hr ces:cs dan:da nld:nl eng:en epo:eo
est:et fao:fo fin:fi fra:fr fry:fy glg:gl deu:de hat:ht hun:hu isl:is ind:id gle:ga ita:it jpn:ja jav:jv kur:ku
lat:la lav:lv lit:lt ltz:lb mlg:mg msa:ms mlt:mt mri:mi nor:no oci:oc orm:om pol:pl por:pt que:qu ron:ro roh:rm
kin:rw gla:gd srp:sr sna:sn slk:sk slv:sl som:so sot:st spa:es sun:su swa:sw swe:sv tgl:tl tsn:tn tur:tr tuk:tk
uzb:uz vie:vi cym:cy xho:xh zul:zu
"""
_TWO_LETTERS = dict(pair.split(":") for pair in _PAIRS.split())


@cache
def _names() -> dict[str, Language]:
    """Every accepted spelling in lower case -> language."""
    names: dict[str, Language] = {"auto": Language.AUTO}
    for language in Language:
        for spelling in (language.name, language.title, language.value, language.iso_639_1):
            if spelling:
                names[spelling.lower()] = language
    return names


def _resolve_one(name: str) -> Language:
    key = name.strip().lower()
    names = _names()
    # A regional tag such as es-MX or pt_BR means its base language.
    found = names.get(key) or names.get(key.replace("_", "-").split("-")[0])
    if found is not None:
        return found
    close = difflib.get_close_matches(key, names, n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(repr(c) for c in close)}?" if close else "Give an English name or ISO 639 code."
    raise UnknownLanguage(f"There is no language {name!r} here.", remedy=hint)


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
