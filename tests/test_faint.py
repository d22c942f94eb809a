"""Writing that shines through from the back of the page, and faint writing that belongs to it."""

from __future__ import annotations

import cv2
import numpy as np

import unscrawl
from tests.pictures import printed
from unscrawl.imaging.page_image import Pixels

FRONT = ["The meeting is on Monday", "at a quarter past nine", "in the old town hall"]
BACK = ["bring the minutes of June", "of the last three weeks"]


def paled(picture: Pixels, share: float) -> Pixels:
    """Its ink as dark as this share of what it was."""
    return np.asarray(255 - (255 - picture.astype(np.float32)) * share, dtype=np.uint8)


def test_what_shines_through_is_not_read(engine: unscrawl.OcrEngine) -> None:
    front = printed(FRONT, size=40)
    back = cv2.GaussianBlur(paled(printed(BACK, size=40)[:, ::-1], 0.3), (0, 0), 1.5)
    height, width = max(front.shape[0], back.shape[0]), max(front.shape[1], back.shape[1])
    page = np.full((2 * height, width, 3), 255, np.uint8)
    page[: front.shape[0], : front.shape[1]] = front
    page[height : height + back.shape[0], : back.shape[1]] = back
    assert engine.recognize(page).text.split("\n") == FRONT


def test_a_pencilled_line_under_print_is_read(engine: unscrawl.OcrEngine) -> None:
    front, pencil = printed(FRONT, size=40), paled(printed(BACK[:1], size=40), 0.35)
    page = np.full((front.shape[0] + pencil.shape[0], max(front.shape[1], pencil.shape[1]), 3), 255, np.uint8)
    page[: front.shape[0], : front.shape[1]] = front
    page[front.shape[0] :, : pencil.shape[1]] = pencil
    assert engine.recognize(page).text.split("\n") == [*FRONT, BACK[0]]
