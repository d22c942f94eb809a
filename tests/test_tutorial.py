"""The tutorial, T8 to T37, where it concerns the embedded engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import unscrawl as ocr
from tests.pictures import NOTE, NOTE_TEXT, SHARED, printed

TUTORIAL = SHARED / "reference" / "tutorial.fr.md"


def run_script(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a fresh process, as ``python ocr_handwritten.py``."""
    path = folder / "ocr_handwritten.py"
    path.write_text(script, encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, str(path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env=environment,
    )


@pytest.mark.skipif(not TUTORIAL.exists(), reason="the tutorial's text is not beside this checkout")
def test_t35_complete_script_runs_with_import_and_path_changed(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    script = max(blocks, key=len)
    script, imports = re.subn(r"^import asposeocrcloud as ocr$", "import unscrawl as ocr", script, flags=re.MULTILINE)
    note = tmp_path / "handwritten_note.jpg"
    note.write_bytes(NOTE.read_bytes())
    script, paths = re.subn(r'"YOUR_DIRECTORY/handwritten_note.jpg"', repr(str(note)), script)
    assert (imports, paths) == (1, 1)

    done = run_script(script, tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"\n=== Recognized Text ===\n{NOTE_TEXT}\n"
    assert done.stderr == ""


def test_t26_note_reads_as_the_tutorial_shows() -> None:
    engine = ocr.OcrEngine(client_id="any", client_secret="thing")
    engine.load_image(str(NOTE))
    engine.set_recognition_mode(ocr.RecognitionMode.HANDWRITTEN)
    result = engine.recognize()
    assert result.text == NOTE_TEXT
    assert engine.recognize().text == NOTE_TEXT  # T33: repeatable without loading again


def test_t13_wrong_path_is_told_by_load_image(engine: ocr.OcrEngine) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        engine.load_image("no/such/note.jpg")
    assert not isinstance(caught.value, ocr.OcrException)
    assert "no/such/note.jpg" in str(caught.value)


def test_t17_recognize_before_loading_says_what_to_do() -> None:
    with pytest.raises(ocr.exceptions.OcrException, match="load_image"):
        ocr.OcrEngine().recognize()


def test_t16_last_loaded_image_wins_and_t37_loops_work(engine: ocr.OcrEngine) -> None:
    words = ("alpha", "bravo", "charlie")
    for word in words:
        engine.load_image(printed([word]))
    assert engine.recognize().text == words[-1]
    read = []
    for word in words:
        engine.load_image(printed([word]))
        engine.set_recognition_mode(ocr.RecognitionMode.PRINTED)
        read.append(engine.recognize().text)
    assert read == list(words)


def test_t18_order_of_mode_and_loading_does_not_matter() -> None:
    engine = ocr.OcrEngine()
    engine.set_recognition_mode(ocr.RecognitionMode.HANDWRITTEN)
    engine.set_language(ocr.Language.ENGLISH)
    engine.load_image(NOTE)
    assert engine.recognize().text == NOTE_TEXT


@pytest.mark.parametrize("ending", ["jpg", "png", "bmp", "tiff", "gif", "webp", "pdf"])
def test_t14_t15_formats_are_read_directly(engine: ocr.OcrEngine, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"page.{ending}"
    Image.fromarray(printed(["Direct from a file"])).save(path)
    assert engine.recognize(path).text == "Direct from a file"


def test_t24_result_has_more_than_text(engine: ocr.OcrEngine) -> None:
    result = engine.recognize(NOTE)
    assert 0.9 < result.confidence <= 1
    assert [line.text for line in result.lines] == NOTE_TEXT.split("\n")
    assert " ".join(word.text for word in result.words).split() == NOTE_TEXT.split()
    assert '"schema"' in result.to_json()


def test_t30_small_pictures_doubled_by_the_tutorials_helper_still_read(engine: ocr.OcrEngine) -> None:
    small = Image.fromarray(printed(["Small but legible"], size=14, margin=15))
    doubled = small.resize((small.width * 2, small.height * 2), Image.Resampling.LANCZOS)
    assert engine.recognize(small).text == "Small but legible"
    assert engine.recognize(doubled).text == "Small but legible"


def test_t34_ocr_exception_can_be_raised_and_retried() -> None:
    calls = []

    def failing_twice() -> str:
        calls.append(1)
        if len(calls) < 3:
            raise ocr.exceptions.OcrException("the engine is busy.")
        return "read"

    for _ in range(3):
        try:
            text = failing_twice()
        except ocr.exceptions.OcrException as error:
            assert str(error) == "the engine is busy."
    assert text == "read"


def test_t38_more_than_sixty_languages() -> None:
    assert len(ocr.Language) > 60
    assert ocr.Language.SPANISH.iso_639_1 == "es"
