"""Make ``note.jpg``: the tutorial's five lines in a handwriting font, as a phone would photograph the sheet.

    python examples/make_note.py [OUT.jpg]

The same picture every time. Letters are set one by one with a little disorder, on ruled paper, under uneven light,
slightly turned and blurred, and saved as JPEG.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
LINES = ("Buy milk", "Call Alice at 5pm", "Meeting notes:", "- Review Q1 goals", "- Assign tasks")

WIDTH, HEIGHT = 1200, 900
MARGIN, FIRST_BASELINE, SPACING = 130, 190, 140
FONT_SIZE = 112
PAPER, RULE, INK = (247, 244, 233), (190, 205, 225), (38, 48, 96)
TURN_DEGREES = 1.5


def write_lines(rng: np.random.Generator) -> Image.Image:
    """The sheet as it is written, before the camera."""
    font = ImageFont.truetype(HERE / "fonts" / "PatrickHand-Regular.ttf", FONT_SIZE)
    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number in range(len(LINES) + 1):
        y = FIRST_BASELINE + number * SPACING + 8
        draw.line([(0, y), (WIDTH, y)], fill=RULE, width=2)
    for number, text in enumerate(LINES):
        x, y = MARGIN + rng.normal(0, 8), FIRST_BASELINE + number * SPACING
        for letter in text:
            pressure = rng.normal(0, 6)
            shade = tuple(int(channel + pressure) for channel in INK)
            draw.text((x, y + rng.normal(0, 2.0)), letter, font=font, fill=shade, anchor="ls")
            x += font.getlength(letter) * rng.normal(1.0, 0.02)
    return sheet


def photograph(sheet: Image.Image, rng: np.random.Generator) -> np.ndarray:
    """Turn, light, blur and grain: uint8 (height, width, 3), RGB."""
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), TURN_DEGREES, 1.02)
    turned = cv2.warpAffine(
        np.asarray(sheet), turn, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    across, down = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    light = 0.93 - 0.10 * across - 0.08 * down - 0.06 * (across**2 + down**2)
    photo = cv2.GaussianBlur(turned * light[:, :, None], (0, 0), 0.8)
    return np.asarray(np.clip(photo + rng.normal(0, 3.0, photo.shape), 0, 255), dtype=np.uint8)


def main() -> None:
    """Write the picture."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "note.jpg"
    rng = np.random.default_rng(5)
    Image.fromarray(photograph(write_lines(rng), rng)).save(out, quality=85)


if __name__ == "__main__":
    main()
