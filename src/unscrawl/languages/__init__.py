"""The languages that can be asked for, by name, ISO 639 code or BCP 47 tag, and the scripts they are written in."""

from __future__ import annotations

import re

from unscrawl.languages.language import Language
from unscrawl.languages.lookup import LanguageChoice, resolve_languages
from unscrawl.languages.scripts import EAST_ASIAN, Script, count_scripts, main_script, script_of

__all__ = [
    "EAST_ASIAN",
    "EAST_ASIAN_LETTER",
    "Language",
    "LanguageChoice",
    "Script",
    "count_scripts",
    "main_script",
    "resolve_languages",
    "script_of",
]

EAST_ASIAN_LETTER = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""A Chinese character or kana."""
