"""Scripts that Tesseract reads. Its data and fonts come from the system: where they are missing, tests are skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import unscrawl
from tests.pictures import printed
from unscrawl import Language
from unscrawl.cli.languages import command
from unscrawl.exceptions import ExitCode, LanguageDataMissing
from unscrawl.imaging.page_image import Pixels
from unscrawl.languages import Script
from unscrawl.pipeline import least_confidence
from unscrawl.reading import LineReading, Symbol
from unscrawl.recognition import tessdata
from unscrawl.recognition.coverage import measured_error, reader_of
from unscrawl.recognition.other_scripts import OtherScripts, _find_script
from unscrawl.recognition.tessdata import data_names, find_folder, install_command, missing_data, remedy_for
from unscrawl.recognition.tesseract import TesseractReader, _Piece, _place

FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
EXAMPLE = Path(__file__).parent.parent / "examples" / "note.jpg"
RUSSIAN = ["Все люди рождаются свободными", "и равными в своих правах."]
HEBREW = ["כל בני האדם נולדו בני חורין", "ושווים בערכם ובזכויותיהם."]
VIETNAMESE = ["Mọi người sinh ra đều được tự do", "và bình đẳng về nhân phẩm và quyền"]
ENGLISH = "All human beings are born free and equal"


def needs(*names: str) -> pytest.MarkDecorator:
    missing = [name for name in names if find_folder(name) is None]
    return pytest.mark.skipif(bool(missing) or not FONT.is_file(), reason=f"no font, or no data: {missing}")


def page(lines: list[str]) -> Pixels:
    """Print lines in a font that has many scripts; Hebrew from the right edge."""
    font = ImageFont.truetype(str(FONT), 34)
    picture = Image.new("RGB", (900, 60 * len(lines) + 80), "white")
    for number, line in enumerate(lines):
        rtl = any("א" <= character <= "ת" for character in line)
        place = (860 if rtl else 40, 40 + 60 * number)
        ImageDraw.Draw(picture).text(place, line, "black", font, anchor="ra" if rtl else "la")
    return np.asarray(picture)


@pytest.fixture
def bare_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A system on which no data are installed; data put into the folder are found."""
    monkeypatch.setattr(tessdata, "_SYSTEM_FOLDERS", ())
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    return tmp_path


@needs("rus")
def test_a_named_language_is_read(engine: unscrawl.OcrEngine) -> None:
    result = engine.recognize(page(RUSSIAN), language="ru")
    assert result.text == "\n".join(RUSSIAN)
    assert result.language is Language.RUSSIAN
    assert [word.text for word in result.lines[0].words] == RUSSIAN[0].split()
    left, _, right, _ = result.lines[0].words[1].bbox
    font = ImageFont.truetype(str(FONT), 34)
    assert left == pytest.approx(40 + font.getlength("Все "), abs=12)
    assert right == pytest.approx(40 + font.getlength("Все люди"), abs=12)


@needs("heb")
def test_right_to_left_text_is_in_logical_order(engine: unscrawl.OcrEngine) -> None:
    result = engine.recognize(page(HEBREW), language="Hebrew")
    assert result.text == "\n".join(HEBREW)
    lefts = [word.bbox[0] for word in result.lines[0].words]
    assert lefts == sorted(lefts, reverse=True)
    assert all(word.quad[0][0] < word.quad[1][0] for word in result.words)


@needs("Cyrillic")
@pytest.mark.parametrize("mode", ["auto", "printed"])
def test_another_script_is_found_line_by_line(engine: unscrawl.OcrEngine, mode: str) -> None:
    result = engine.recognize(page([ENGLISH, *RUSSIAN]), mode=mode)
    assert result.text.split("\n") == [ENGLISH, *RUSSIAN]
    assert [line.language for line in result.lines] == [Language.ENGLISH, Language.RUSSIAN, Language.RUSSIAN]
    assert result.pages[0].warnings == ()


@needs("Cyrillic")
def test_a_script_that_was_not_asked_for_is_read_with_a_warning(engine: unscrawl.OcrEngine) -> None:
    result = engine.recognize(page(RUSSIAN), language="Spanish")
    assert result.text == "\n".join(RUSSIAN)
    assert "2 lines are in Cyrillic script, in which Spanish is not written." in result.pages[0].warnings


@needs("rus")
def test_latin_lines_among_a_named_language(engine: unscrawl.OcrEngine) -> None:
    assert engine.recognize(page([*RUSSIAN, ENGLISH]), language="ru+en").text.split("\n") == [*RUSSIAN, ENGLISH]


@pytest.mark.skipif(not FONT.is_file(), reason="no font")
def test_what_cannot_be_read_is_not_passed_over_in_silence(engine: unscrawl.OcrEngine, bare_system: Path) -> None:
    (warning,) = engine.recognize(page(HEBREW)).pages[0].warnings
    assert warning.startswith("2 lines are in Hebrew script; the text given is a guess. Tesseract's data")
    assert remedy_for(["Hebrew"]) in warning
    (warning,) = engine.recognize(page([ENGLISH, ENGLISH, HEBREW[0]])).pages[0].warnings
    assert warning.startswith("1 line is in Hebrew script")
    # One line of five in Latin script may look like another.
    assert engine.recognize(page([ENGLISH] * 4 + HEBREW[:1])).pages[0].warnings == ()


@needs("Cyrillic", "Hebrew")
def test_what_tesseract_is_not_sure_of_is_not_believed() -> None:
    scribbles = np.full((3, 48, 600, 3), 255, np.uint8)
    noise = np.random.default_rng(0).integers(0, 2, (3, 24, 500, 1), np.uint8) * 255
    scribbles[:, 12:36, 50:550] = noise
    ours = LineReading(tuple(Symbol(letter, 0, 1, 0.5) for letter in "guess"))
    readings = [ours, ours, ours]
    found = {0: Script.CYRILLIC, 1: Script.CYRILLIC}
    scripts = OtherScripts(threads=1)
    (warning,) = scripts.read_found(list(scribbles), readings, found, (), [])
    assert readings == [ours, ours, ours]
    assert warning.startswith("2 lines are probably in Cyrillic script, but could not be read with confidence")
    # One line of nine may be anything.
    page_of_nine = [*scribbles, *scribbles, *scribbles]
    assert scripts.read_found(page_of_nine, [ours] * 9, {8: Script.HEBREW}, (), []) == []


def test_handwriting_is_not_taken_for_another_script(engine: unscrawl.OcrEngine) -> None:
    picture = np.asarray(Image.open(EXAMPLE).convert("RGB"))
    crops = [picture[top:bottom, left:right] for left, top, right, bottom in _boxes(engine.recognize(picture))]
    assert crops
    assert OtherScripts(threads=1).find(crops, range(len(crops)), lambda: []) == {}
    assert OtherScripts(threads=1).foreign_share(crops) == 0


def _boxes(result: unscrawl.Result) -> list[tuple[int, int, int, int]]:
    return [tuple(max(0, round(side)) for side in line.bbox) for line in result.lines]  # type: ignore[misc]


@pytest.mark.skipif(not FONT.is_file(), reason="no font")
def test_scripts_are_told_whichever_way_up_they_are() -> None:
    scripts = OtherScripts(threads=1)
    lines = [page([text])[38:84, 30:620] for text in RUSSIAN] + [page([text])[38:84, 400:870] for text in HEBREW]
    assert scripts.find(lines, range(4), lambda: []) == dict(
        enumerate((Script.CYRILLIC, Script.CYRILLIC, Script.HEBREW, Script.HEBREW))
    )
    assert scripts.foreign_share([line[::-1, ::-1] for line in lines]) > 0.5
    assert scripts.foreign_share([page([ENGLISH])[38:84, 30:620]]) == 0


def test_a_line_in_doubt_follows_the_others_on_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = {
        10: {Script.LATIN: 0.1, Script.THAI: 0.9, Script.LAO: 0.0},
        20: {Script.LATIN: 0.7, Script.THAI: 0.3, Script.LAO: 0.0},
        30: {Script.LATIN: 0.1, Script.THAI: 0.5, Script.LAO: 0.4},
        40: {Script.LATIN: 0.1, Script.THAI: 0.2, Script.LAO: 0.7},
    }
    scripts = OtherScripts(threads=1)
    monkeypatch.setattr(scripts, "_finder", lambda: scripts)
    monkeypatch.setattr(scripts, "look", lambda crops: [looks[len(crop)] for crop in crops], raising=False)
    sure, in_doubt, either, other = (np.zeros((height, 50, 3), np.uint8) for height in looks)
    assert scripts.find([sure, in_doubt], [0], lambda: [1]) == {0: Script.THAI, 1: Script.THAI}
    assert scripts.find([in_doubt, in_doubt], [0], lambda: [1]) == {}
    # Two lines that are each in one of two scripts are both in the one that fits them better together.
    assert scripts.find([either, other], [0, 1], lambda: []) == {0: Script.LAO, 1: Script.LAO}


def test_latin_pages_come_without_warnings(engine: unscrawl.OcrEngine) -> None:
    result = engine.recognize(printed([ENGLISH, "Kila mtu ana haki ya kuishi", "12.34  56,78"]))
    assert result.pages[0].warnings == ()


def test_missing_data_name_the_command(
    engine: unscrawl.OcrEngine, bare_system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in ("apt-get", "sudo") else None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    with pytest.raises(
        LanguageDataMissing, match=r"Russian and Thai.*: sudo apt-get install -y tesseract-ocr-rus"
    ) as e:
        engine.recognize(printed(["anything"]), language="ru+th+en")
    assert e.value.exit_code is ExitCode.SETUP


@pytest.mark.parametrize(
    ("program", "command"),
    [
        ("apt-get", "apt-get install -y tesseract-ocr-chi-tra tesseract-ocr-script-cyrl"),
        ("dnf", "dnf install -y tesseract-langpack-chi_tra tesseract-script-cyrillic"),
        ("brew", "brew install tesseract-lang"),
        ("pacman", None),
    ],
)
def test_commands_of_package_managers(
    program: str, command: str | None, monkeypatch: pytest.MonkeyPatch, bare_system: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name == program else None)
    found = install_command(["chi_tra", "Cyrillic"])
    assert (found and " ".join(found)) == command
    if command is None:
        assert "chi_tra.traineddata" in remedy_for(["chi_tra"]) or "pacman -S" in remedy_for(["chi_tra"])
        assert "script/Cyrillic.traineddata" in remedy_for(["Cyrillic"])


def test_data_of_scripts_stand_in_for_languages_that_have_none(bare_system: Path) -> None:
    assert data_names(Language.CHECHEN, Script.CYRILLIC) == ("Cyrillic",)
    assert data_names(Language.SERBIAN_LATIN, Script.LATIN)[0] == "srp_latn"
    assert missing_data([Language.CHECHEN, Language.ENGLISH, Language.AUTO, Language.RUSSIAN]) == ["Cyrillic", "rus"]
    (bare_system / "script").mkdir()
    (bare_system / "script" / "Cyrillic.traineddata").touch()
    assert find_folder("Cyrillic") == (bare_system, "script/Cyrillic")
    assert missing_data([Language.CHECHEN, Language.RUSSIAN]) == []


@needs("Cyrillic")
def test_a_short_line_among_others_of_another_script_is_not_left_to_look_alikes(engine: unscrawl.OcrEngine) -> None:
    lines = [*RUSSIAN, "мира и всех"]
    assert engine.recognize(page(lines)).text.split("\n") == lines


@needs("vie")
@pytest.mark.parametrize("mode", ["auto", "printed"])
@pytest.mark.parametrize("language", ["vi", "auto"])
def test_letters_that_the_networks_lack_are_read_in_print(engine: unscrawl.OcrEngine, mode: str, language: str) -> None:
    result = engine.recognize(page(VIETNAMESE), mode=mode, language=language)
    assert result.text.split("\n") == VIETNAMESE
    assert result.language is Language.VIETNAMESE
    assert result.pages[0].warnings == ()


@pytest.mark.skipif(not FONT.is_file(), reason="no font")
def test_without_data_they_come_with_advice(engine: unscrawl.OcrEngine, bare_system: Path) -> None:
    (warning,) = engine.recognize(page(VIETNAMESE), language="vi").pages[0].warnings
    assert warning.endswith("unscrawl languages install vi")
    assert missing_data([Language.VIETNAMESE, Language.IGBO]) == ["vie", "Vietnamese"]
    assert reader_of(Language.VIETNAMESE, handwriting=False) == "PP-OCRv6"
    # Tesseract does not read handwriting: there is nothing to gain.
    assert engine.recognize(page(VIETNAMESE), language="vi", mode="handwritten").pages[0].warnings == ()


def test_scripts_without_spaces_are_read_with_languages_own_data(bare_system: Path) -> None:
    for name in ("Thai", "tha", "Cyrillic", "rus"):
        (bare_system / f"{name}.traineddata").touch()
    assert _find_script(Script.THAI) == (bare_system, "tha")
    assert _find_script(Script.CYRILLIC) == (bare_system, "Cyrillic")
    (bare_system / "tha.traineddata").unlink()
    assert _find_script(Script.THAI) == (bare_system, "Thai")


@needs("rus")
def test_lines_are_read_whether_or_not_paper_is_around_them() -> None:
    """Letters up to the edges, as our lines are cut: the places are those within the picture all the same."""
    font = ImageFont.truetype(str(FONT), 34)
    left, top, right, bottom = font.getbbox(RUSSIAN[0])
    picture = Image.new("RGB", (round(right - left), round(bottom - top)), "white")
    ImageDraw.Draw(picture).text((-left, -top), RUSSIAN[0], "black", font)
    folder, name = find_folder("rus") or (Path(), "")
    for sure in (0.0, 2.0):  # in one way, and in all
        (reading,) = TesseractReader(threads=1).read([np.asarray(picture)], folder, name, sure=sure)
        assert reading.text == RUSSIAN[0]
        assert reading.symbols[0].start == pytest.approx(0, abs=0.01)
        assert reading.symbols[-1].end == pytest.approx(1, abs=0.01)


def test_long_lines_of_other_scripts_are_believed_sooner() -> None:
    tibetan = LineReading(tuple(Symbol(letter, 0, 1, 0.4) for letter in "དེ་ཡང་འཛམ་གླིང་ནང་"))
    latin = LineReading(tuple(Symbol(letter, 0, 1, 0.4) for letter in "de yang dzam gling nang"))
    assert least_confidence(tibetan) < 0.4 < least_confidence(latin)
    assert least_confidence(LineReading(tibetan.symbols[:2])) > 0.4


def test_words_get_the_places_of_their_pieces() -> None:
    thai = _place("สวัสดี โลก", [_Piece(4, 0.0, 0.3, 0.9), _Piece(2, 0.3, 0.5, 0.7), _Piece(3, 0.6, 1.0, 0.9)])
    assert "".join(symbol.text for symbol in thai) == "สวัสดี โลก"
    assert (thai[0].start, thai[5].end) == pytest.approx((0.0, 0.5))
    assert (thai[7].start, thai[9].end) == pytest.approx((0.6, 1.0))
    hebrew = _place("כל בני", [_Piece(2, 0.7, 1.0, 0.9), _Piece(3, 0.0, 0.6, 0.9)])
    assert [round(symbol.start, 2) for symbol in hebrew] == [0.85, 0.7, 0.0, 0.4, 0.2, 0.0]
    assert _place("", []) == _place("x", []) == ()


def test_every_language_has_a_reader() -> None:
    for language in Language:
        if language is not Language.AUTO:
            assert reader_of(language, handwriting=False).split()[0] in ("Hand", "PP-OCRv6", "Tesseract")
    handwritten = [each for each in Language if each.scripts and reader_of(each, handwriting=True) == "Hand"]
    assert len(handwritten) > 60


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "unscrawl", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )


def test_languages_are_listed() -> None:
    rows = run("languages").stdout.splitlines()
    assert len(rows) == len(Language)
    error = measured_error(Language.RUSSIAN)
    assert error is not None
    assert next(row for row in rows if row.startswith("Russian")).endswith(f"{error:.1%}")
    assert measured_error(Language.CYRILLIC) is None
    assert any(row.split()[:3] == ["Russian", "ru", "Cyrillic"] for row in rows)


@needs("rus")
def test_install_leaves_alone_what_is_there() -> None:
    done = run("languages", "install", "ru", "en", PATH="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Russian, English: ready.\n", "")


def test_install_of_an_unknown_language_is_wrong_usage() -> None:
    done = run("languages", "install", "Rusian")
    assert done.returncode == ExitCode.USAGE
    assert "Russian" in done.stderr


def test_install_runs_the_package_manager_and_reports_its_failure(
    bare_system: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    manager = bare_system / "apt-get"
    manager.write_text("#!/bin/sh\necho no network\nexit 100\n", encoding="utf-8")
    manager.chmod(0o755)
    monkeypatch.setenv("PATH", str(bare_system))
    assert command.main(["install", "Russian"], standalone_mode=False) is ExitCode.SETUP
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err.startswith("apt-get install -y tesseract-ocr-rus\nno network\n")
    manager.unlink()
    assert command.main(["install", "Russian"], standalone_mode=False) is ExitCode.SETUP
    assert "rus.traineddata" in capfd.readouterr().err
