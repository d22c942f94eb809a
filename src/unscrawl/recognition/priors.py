"""The priors of all languages that have one, each loaded when it is first asked for."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from unscrawl.inference import Once
from unscrawl.languages import Language, Script
from unscrawl.recognition.character_model import CharacterModel
from unscrawl.recognition.language_model import LanguageModel, LanguagePrior

__all__ = ["LANGUAGE_FOLDER", "UNIVERSAL", "LanguagePriors"]

LANGUAGE_FOLDER = Path(__file__).parent.parent / "models" / "languages"

# Languages whose words are listed under another name: our list of Croatian is wordfreq's of all Serbo-Croatian.
SAME_WORDS = {
    Language.BOSNIAN: Language.CROATIAN,
    Language.SERBIAN_LATIN: Language.CROATIAN,
    Language.SERBO_CROATIAN: Language.CROATIAN,
    Language.TAGALOG: Language.FILIPINO,
}

# What stands for any language of a script: its prior knows how letters follow each other in all of them, and no words.
UNIVERSAL = {Script.LATIN: Language.EXTENDED_LATIN, Script.CYRILLIC: Language.CYRILLIC}


class LanguagePriors:
    """What is loaded is kept. Safe to use from several threads."""

    def __init__(self) -> None:
        self._priors = {language: Once(partial(_load, language)) for language in Language}

    def of(self, language: Language) -> LanguagePrior | None:
        """The prior of a language, or None if there is none."""
        return self._priors[language]()


def _load(language: Language) -> LanguagePrior | None:
    path = LANGUAGE_FOLDER / f"{SAME_WORDS.get(language, language).value}.npz"
    if not path.is_file():
        return None
    return CharacterModel.load(path) if language is Language.SOURCE_CODE else LanguageModel.load(path)
