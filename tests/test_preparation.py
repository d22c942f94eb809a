"""Pages as people really take them, read by the real engine; boxes have their place in the picture as it was given."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

import unscrawl
from tests.pictures import NOTE, NOTE_TEXT, printed
from unscrawl.detection.detector import TextDetector
from unscrawl.imaging.geometry import identity, quarter_turns, transform_points
from unscrawl.imaging.page_image import PageImage, Pixels
from unscrawl.options import ReadOptions
from unscrawl.preparation import PreparedPage, prepare
from unscrawl.recognition.router import Recognition

LINES = ["Dear Anna, thank you for", "the apples and the long", "letter. We shall come in", "October, if it is dry."]


@pytest.fixture(scope="module")
def note() -> Pixels:
    return np.asarray(Image.open(NOTE).convert("RGB"))


@pytest.fixture(scope="module")
def networks() -> tuple[TextDetector, Recognition]:
    return TextDetector(threads=1), Recognition(threads=1)


def prepared(pixels: Pixels, networks: tuple[TextDetector, Recognition]) -> PreparedPage:
    page = PageImage(1, np.ascontiguousarray(pixels), identity(), (pixels.shape[1], pixels.shape[0]))
    return prepare(page, *networks, ReadOptions())


def first_box(engine: unscrawl.OcrEngine, pixels: Pixels) -> np.ndarray:
    return np.array(engine.recognize(np.ascontiguousarray(pixels)).lines[0].quad)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_pages_lie_on_any_side(engine: unscrawl.OcrEngine, note: Pixels, quarters: int) -> None:
    result = engine.recognize(np.ascontiguousarray(np.rot90(note, quarters)))
    assert result.text == NOTE_TEXT
    to_turned = quarter_turns(quarters, note.shape[1], note.shape[0])
    expected = transform_points(to_turned, first_box(engine, note))
    np.testing.assert_allclose(np.array(result.lines[0].quad), expected, atol=12)


def test_an_upright_page_is_left_as_it_is(note: Pixels, networks: tuple[TextDetector, Recognition]) -> None:
    ready = prepared(note, networks)
    assert ready.changes == ()
    assert ready.page.pixels.shape == note.shape and (ready.page.to_original == identity()).all()


def test_a_page_far_aslant_is_straightened(engine: unscrawl.OcrEngine) -> None:
    page = printed(LINES, 36, margin=150)
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 33, 1.0)
    aslant = cv2.warpAffine(page, turn, (width, height), borderValue=(255, 255, 255))
    result = engine.recognize(aslant)
    assert result.text == "\n".join(LINES)
    corners = np.array(result.lines[0].quad)
    slope = np.rad2deg(np.arctan2(*(corners[1] - corners[0])[::-1]))
    assert slope == pytest.approx(-33, abs=2)  # counter-clockwise, y pointing down


def test_a_sheet_photographed_from_one_side_is_flattened(networks: tuple[TextDetector, Recognition]) -> None:
    page = printed(LINES * 3, 40)
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    seen = np.array([[260, 90], [840, 110], [1050, 900], [90, 860]], dtype=np.float32)
    to_photo = cv2.getPerspectiveTransform(corners, seen)
    photo = cv2.warpPerspective(page, to_photo, (1150, 960), flags=cv2.INTER_AREA, borderValue=(60, 50, 40))
    ready = prepared(np.asarray(photo, np.uint8), networks)
    assert [change.what for change in ready.changes] == ["Sheet flattened"]
    # Lines are level and of one height again.
    boxes = np.array([each.quad for each in ready.fragments])
    slopes = np.abs(boxes[:, 1, 1] - boxes[:, 0, 1]) / (boxes[:, 1, 0] - boxes[:, 0, 0])
    assert slopes.max() < 0.03
    now = np.array([[0, 0], [ready.page.pixels.shape[1], ready.page.pixels.shape[0]]], dtype=float)
    np.testing.assert_allclose(transform_points(ready.page.to_original, now), seen[[0, 2]], atol=8)


def test_faint_pencil_is_read(engine: unscrawl.OcrEngine) -> None:
    page = printed(LINES, 36)
    faint = (190 - (255 - page.astype(np.float32)) * 0.07).astype(np.uint8)
    assert engine.recognize(faint).text == "\n".join(LINES)


def test_light_on_dark_is_read(engine: unscrawl.OcrEngine) -> None:
    assert engine.recognize(255 - printed(LINES, 36)).text == "\n".join(LINES)


def test_every_line_of_a_long_screenshot_is_found(engine: unscrawl.OcrEngine) -> None:
    lines = [f"Message {number} of a long chat" for number in range(1, 61)]
    page = np.full((9000, 1080, 3), 255, np.uint8)
    text = printed(lines, 30)
    for number in range(len(lines)):
        top = 40 + number * 48
        page[60 + number * 148 : 108 + number * 148, : text.shape[1]] = text[top : top + 48]
    assert engine.recognize(page).text == "\n".join(lines)


@pytest.mark.parametrize("mode", list(unscrawl.RecognitionMode))
def test_a_page_is_turned_in_every_mode(engine: unscrawl.OcrEngine, mode: unscrawl.RecognitionMode) -> None:
    page = printed(LINES, 36)
    result = engine.recognize(np.ascontiguousarray(np.rot90(page, 2)), mode=mode)
    assert "thank you for" in result.text
