from __future__ import annotations

from pathlib import Path

from benchmarks.languages.table import render
from benchmarks.languages.texts import sentences
from unscrawl import Language

PARAGRAPHS = [
    "Все люди рождаются свободными и равными в своём достоинстве.",
    "United Nations Department of Public Information, New York",
    "Каждый чело\u00adвек имеет право на жизнь, на свободу.",
]


def test_sentences_are_those_in_the_language(tmp_path: Path) -> None:
    (tmp_path / "declaration").mkdir()
    body = "".join(f"<p>{text}</p>\n" for text in [*PARAGRAPHS, "short"])
    (tmp_path / "declaration" / "rus.html").write_text(f"<body><h1>Title</h1>{body}</body>", encoding="utf-8")
    assert sentences(tmp_path, Language.RUSSIAN) == [PARAGRAPHS[0], "Каждый человек имеет право на жизнь, на свободу."]
    assert sentences(tmp_path, Language.UKRAINIAN) == []


def test_only_what_training_never_sees_is_printed(tmp_path: Path) -> None:
    from benchmarks.languages.texts import HELD_OUT_PARAGRAPHS

    trained = (Path(__file__).parent.parent / "training" / "texts.py").read_text(encoding="utf-8")
    assert f"\nHELD_OUT_PARAGRAPHS = {HELD_OUT_PARAGRAPHS}\n" in trained
    (tmp_path / "declaration").mkdir()
    body = "<p>-</p>\n" * HELD_OUT_PARAGRAPHS + f"<p>{PARAGRAPHS[0]}</p>"
    (tmp_path / "declaration" / "rus.html").write_text(body, encoding="utf-8")
    assert sentences(tmp_path, Language.RUSSIAN) == []


def test_the_table_has_rates_over_both_fonts_and_their_median() -> None:
    results = {
        "rus": {"A": {"unscrawl": [1, 100]}, "B": {"unscrawl": [3, 100], "tesseract": [0, 100]}},
        "tha": {"A": {"unscrawl": [24, 200]}},
    }
    rows = render(results).splitlines()
    assert "| **median of 2 languages** | 7.0 | - | 0.0 (of 1) | - |" in rows
    assert "| **languages above 10%** | 1 | 0 | 0 | 0 |" in rows
    assert "| Russian (2) | 2.0 | - | 0.0 (1) | - |" in rows
    assert "| Thai (1) | 12.0 | - | - | - |" in rows
