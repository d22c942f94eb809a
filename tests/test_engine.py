from __future__ import annotations

import io
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import unscrawl
from tests.pictures import NOTE, NOTE_TEXT, printed
from unscrawl.exceptions import InvalidOption, UnknownLanguage, UnsupportedFormat
from unscrawl.imaging import ImageInput


def test_every_kind_of_input_gives_the_same_text(engine: unscrawl.OcrEngine) -> None:
    data = NOTE.read_bytes()
    with Image.open(NOTE) as picture:
        picture.load()
        with NOTE.open("rb") as file:
            inputs: list[ImageInput] = [
                NOTE,
                str(NOTE),
                data,
                bytearray(data),
                io.BytesIO(data),
                file,
                picture,
                np.asarray(picture),
            ]
            assert {engine.recognize(each).text for each in inputs} == {NOTE_TEXT}


def test_eight_threads_read_as_one(engine: unscrawl.OcrEngine) -> None:
    pictures = [printed([f"Page number {n}", f"has {n * 37} words"]) for n in range(12)]
    alone = [engine.recognize(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(engine.recognize, pictures))
    assert together == alone
    assert alone[7].text == "Page number 7\nhas 259 words"


def test_boxes_lie_around_their_words(engine: unscrawl.OcrEngine) -> None:
    picture = printed(["first second", "third"], size=40)
    page = engine.recognize(picture).pages[0]
    ink = picture.min(axis=2) < 128
    for word in page.words:
        left, top, right, bottom = (round(side) for side in word.bbox)
        assert ink[max(0, top) : bottom, max(0, left) : right].any(), word
    first, second, third = page.words
    assert first.bbox[2] <= second.bbox[0] + 10
    assert first.bbox[3] <= third.bbox[1] + 10
    # All ink is inside some word.
    left_ink = ink.copy()
    for word in page.words:
        left, top, right, bottom = (round(side) for side in word.bbox)
        left_ink[max(0, top) : bottom, max(0, left) : right] = False
    assert left_ink.sum() < 0.02 * ink.sum()


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_exif_orientation_is_obeyed_and_boxes_are_in_the_stored_picture(
    engine: unscrawl.OcrEngine, orientation: int
) -> None:
    upright = Image.fromarray(printed(["turned by the camera", "second line here"]))
    back = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}[orientation]
    stored = upright.transpose(back)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    stored.save(file, "PNG", exif=exif)
    page = engine.recognize(file.getvalue()).pages[0]
    assert page.text == "turned by the camera\nsecond line here"
    assert (page.width, page.height) == stored.size
    ink = np.asarray(stored.convert("L")) < 128
    for word in page.words:
        left, top, right, bottom = (max(0, round(side)) for side in word.bbox)
        assert ink[top:bottom, left:right].any()


def test_light_writing_on_dark_ground(engine: unscrawl.OcrEngine) -> None:
    assert engine.recognize(255 - printed(["chalk on slate"])).text == "chalk on slate"


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_blank_pages_give_no_text(engine: unscrawl.OcrEngine, shade: int) -> None:
    assert engine.recognize(np.full((900, 700, 3), shade, np.uint8)).text == ""


def _noise(kind: str, rng: np.random.Generator) -> np.ndarray:
    if kind == "white noise":
        return rng.integers(0, 256, (600, 800, 3), dtype=np.uint8)
    if kind == "grain":
        return np.clip(rng.normal(225, 12, (600, 800)), 0, 255).astype(np.uint8)
    if kind == "salt and pepper":
        return np.where(rng.random((600, 800)) < 0.03, 0, 255).astype(np.uint8)
    clouds = cv2.resize(rng.integers(0, 256, (12, 16), dtype=np.uint8), (800, 600), interpolation=cv2.INTER_CUBIC)
    return np.asarray(clouds)


@pytest.mark.parametrize("kind", ["white noise", "grain", "salt and pepper", "clouds"])
@pytest.mark.parametrize("single_line", [False, True])
def test_noise_gives_no_invented_text(engine: unscrawl.OcrEngine, kind: str, single_line: bool) -> None:
    for seed in range(3):
        picture = _noise(kind, np.random.default_rng(seed))
        assert engine.recognize(picture, single_line=single_line).text == ""


def test_single_line_reads_a_cut_line_without_looking_for_lines(engine: unscrawl.OcrEngine) -> None:
    line = printed(["cut to the letters"], margin=2)[2:50]
    assert engine.recognize(line, single_line=True).text == "cut to the letters"


def test_rows_and_columns_come_in_reading_order(engine: unscrawl.OcrEngine) -> None:
    left = printed([f"left column row {n}" for n in "abcde"], size=28)
    right = printed([f"right column row {n}" for n in "abcde"], size=28)
    text = engine.recognize(np.hstack([left, right])).text
    assert text.split("\n") == [f"{side} column row {n}" for side in ("left", "right") for n in "abcde"]


def test_multi_page_documents_keep_their_pages_apart(engine: unscrawl.OcrEngine, tmp_path: Path) -> None:
    path = tmp_path / "pages.tiff"
    pages = [Image.fromarray(printed([f"This is page {n}"])) for n in (1, 2, 3)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    assert engine.recognize(path).text == "This is page 1\n\nThis is page 2\n\nThis is page 3"
    assert [page.number for page in engine.recognize(path, pages="2-").pages] == [2, 3]
    engine.load_image(path, pages="3")
    assert engine.recognize().text == "This is page 3"


def test_wrong_options_are_told() -> None:
    engine = unscrawl.OcrEngine()
    with pytest.raises(InvalidOption, match="moode"):
        engine.recognize(NOTE, moode="printed")
    with pytest.raises(InvalidOption, match="handwritten"):
        engine.set_recognition_mode("cursive")
    with pytest.raises(UnknownLanguage, match="Spanish"):
        engine.set_language("Spannish")
    with pytest.raises(InvalidOption, match="threads"):
        unscrawl.OcrEngine(threads=0)
    engine.load_image(NOTE)
    with pytest.raises(InvalidOption, match="load_image"):
        engine.recognize(pages="1")


def test_context_manager_lets_go_of_the_image() -> None:
    with unscrawl.OcrEngine() as engine:
        engine.load_image(printed(["kept"]))
    with pytest.raises(unscrawl.exceptions.NoImageLoaded):
        engine.recognize()
    assert engine.recognize(printed(["used again"])).text == "used again"


def test_failed_loading_keeps_what_was_loaded(engine: unscrawl.OcrEngine) -> None:
    engine.load_image(printed(["still here"]))
    with pytest.raises(UnsupportedFormat):
        engine.load_image(b"plain text, no picture at all")
    assert engine.recognize().text == "still here"


def test_results_are_immutable_picklable_and_saved_whole(engine: unscrawl.OcrEngine, tmp_path: Path) -> None:
    result = engine.recognize(NOTE)
    assert pickle.loads(pickle.dumps(result)) == result
    with pytest.raises(AttributeError):
        result.pages[0].number = 9  # type: ignore[misc]
    result.save(tmp_path / "note.txt")
    assert (tmp_path / "note.txt").read_text(encoding="utf-8") == NOTE_TEXT + "\n"
    result.save(tmp_path / "note.json")
    with pytest.raises(ValueError, match=r"\.json"):
        result.save(tmp_path / "note.xyz")
    with pytest.raises(FileNotFoundError):
        result.save(tmp_path / "missing" / "note.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["note.json", "note.txt"]
