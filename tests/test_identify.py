from __future__ import annotations

import pytest

from unscrawl.languages import Language, Script, main_script
from unscrawl.recognition.identify import identify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Все люди рождаются свободными и равными", Language.RUSSIAN),
        ("Всі люди народжуються вільними і рівними", Language.UKRAINIAN),
        ("Всички хора се раждат свободни и равни", Language.BULGARIAN),
        ("تمام افراد بشر آزاد به دنیا می‌آیند", Language.PERSIAN),
        ("Kila mtu ana haki ya kuishi", Language.SWAHILI),
        ("โดยที่การยอมรับ", Language.THAI),
        ("世界における自由", Language.JAPANESE),
        ("人人生而自由", Language.CHINESE),
    ],
)
def test_the_language_is_told_by_the_text(text: str, language: Language) -> None:
    script = main_script(text)
    assert script is not None
    assert identify(text, script) is language


def test_the_language_is_one_of_those_named() -> None:
    russian = "Все люди рождаются свободными"
    assert identify(russian, Script.CYRILLIC, [Language.BULGARIAN, Language.ENGLISH]) is Language.BULGARIAN
    assert identify(russian, Script.CYRILLIC, [Language.ENGLISH]) is Language.RUSSIAN
