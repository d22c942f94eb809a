from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import unscrawl
from tests.pictures import NOTE, NOTE_TEXT, printed
from unscrawl.cli.explain import command


def plain(html: str) -> str:
    """The text of the list of lines."""
    items = re.findall(r'<span class="said" dir="auto">(.*?)</span><span class="share', html)
    return "\n".join(re.sub(r"<.*?>", "", item) for item in items)


def test_the_page_shows_all_lines_in_order_and_needs_nothing_else(engine: unscrawl.OcrEngine) -> None:
    html = engine.explain(NOTE)
    assert plain(html) == NOTE_TEXT
    assert html.count("<polygon") == len(NOTE_TEXT.splitlines())
    assert "Nothing: it lay upright" in html
    assert "<script" not in html and not re.search(r'(?:href|src)="(?!data:)', html)


def test_changes_are_told_with_their_reason(engine: unscrawl.OcrEngine) -> None:
    page = np.ascontiguousarray(np.rot90(255 - printed(["Dear Anna, thank you", "for the apples"], 36), 2))
    html = engine.explain(page)
    assert "Colours inverted" in html and "the ground is dark" in html
    assert "Turned by 180°" in html


def test_text_and_names_cannot_become_markup(engine: unscrawl.OcrEngine, tmp_path: Path) -> None:
    path = tmp_path / "<b>a & b.jpg"
    path.write_bytes(NOTE.read_bytes())
    html = engine.explain(path, password="secret words")
    assert "<b>a" not in html and "&lt;b&gt;a &amp; b.jpg" in html
    assert "secret words" not in html


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    out = tmp_path / "note.html"
    done = CliRunner().invoke(command, [str(NOTE), "-o", str(out)], standalone_mode=False)
    assert done.return_value == 0 and done.output == ""
    assert plain(out.read_text(encoding="utf-8")) == NOTE_TEXT


@pytest.mark.parametrize(("file", "output"), [("missing.jpg", "out.html"), (str(NOTE), "no-folder/out.html")])
def test_failures_have_an_exit_code(file: str, output: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [file, "-o", str(tmp_path / output)], standalone_mode=False)
    assert done.return_value == 3
    assert list(tmp_path.iterdir()) == []
