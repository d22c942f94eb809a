"""Pictures that are cleaned and given back, held against what was done to them before."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.pictures import printed
from unscrawl import OcrEngine, ReadOptions
from unscrawl.detection.direction import text_direction
from unscrawl.exceptions import LimitExceeded
from unscrawl.imaging.geometry import identity
from unscrawl.imaging.page_image import PageImage, Pixels
from unscrawl.imaging.warping import rotated
from unscrawl.pipeline import Models
from unscrawl.service.cleaning import clean

TEXT = ["Dear Anna, thank you", "for the apples that came", "with Monday's post."]


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(1)


def page_of(pixels: Pixels, dpi: float | None = None) -> PageImage:
    return PageImage(1, pixels, identity(), (pixels.shape[1], pixels.shape[0]), dpi)


def made(task: str, pixels: Pixels, models: Models, **options: float) -> Pixels:
    data = clean(task, page_of(pixels), models, ReadOptions(**options))  # type: ignore[arg-type]
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("degrees", [-7.0, 3.0, 20.0])
def test_slanted_pages_are_made_level(models: Models, degrees: float) -> None:
    slanted = rotated(page_of(printed(TEXT, 40)), degrees).pixels
    level = made("deskew", slanted, models)
    assert abs(text_direction(models.detector().detect(level)).degrees) < 0.5
    assert level.shape != slanted.shape


def test_level_and_empty_pages_are_left_as_they_are(models: Models) -> None:
    for pixels in (printed(TEXT, 40), np.full((200, 300, 3), 255, np.uint8)):
        assert np.array_equal(made("deskew", pixels, models), pixels)
        assert np.array_equal(made("dewarp", pixels, models), pixels)


def test_a_sheet_photographed_at_an_angle_is_flattened(models: Models, engine: OcrEngine) -> None:
    sheet = printed(TEXT, 40, margin=90)
    height, width = sheet.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array([[220, 110], [700, 100], [840, 520], [90, 530]], np.float32)
    photo = cv2.warpPerspective(sheet, cv2.getPerspectiveTransform(corners, seen), (940, 620), borderValue=(70, 70, 70))
    flat = made("dewarp", np.asarray(photo, np.uint8), models)
    assert (flat[[2, 2, -3, -3], [2, -3, 2, -3]] > 200).all()  # paper up to the corners
    assert engine.recognize(flat, mode="printed").text.splitlines()[0] == TEXT[0]


def test_black_and_white_is_nothing_else_even_in_the_shade_and_on_dark_ground(models: Models) -> None:
    page = printed(TEXT, 40).astype(np.float32)
    shade = np.linspace(0.4, 1.0, page.shape[1])[None, :, None]
    ink = page[..., 0] < 128
    for pixels in (page * shade, 255 - page * 0.8):
        data = clean("binarise", page_of(pixels.astype(np.uint8)), models, ReadOptions())
        picture = Image.open(io.BytesIO(data))
        assert picture.mode == "1"
        assert (np.asarray(picture) != ink).mean() > 0.99


def test_enlarging_doubles_but_not_beyond_the_limit(models: Models) -> None:
    page = printed(TEXT, 40)
    height, width = page.shape[:2]
    assert made("upscale", page, models).shape == (2 * height, 2 * width, 3)
    with pytest.raises(LimitExceeded):
        made("upscale", page, models, max_megapixels=3.9 * height * width / 1e6)


def test_resolution_is_kept(models: Models) -> None:
    data = clean("binarise", page_of(printed(TEXT), 300.0), models, ReadOptions())
    assert Image.open(io.BytesIO(data)).info["dpi"] == pytest.approx((300, 300), abs=0.1)
