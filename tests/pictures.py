"""Small pictures for tests, made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from unscrawl.imaging.page_image import Pixels

ROOT = Path(__file__).parent.parent
NOTE = ROOT / "examples" / "note.jpg"
NOTE_TEXT = "Buy milk\nCall Alice at 5pm\nMeeting notes:\n- Review Q1 goals\n- Assign tasks"
SHARED = ROOT.parent / "shared"


HAND_FONT = ROOT / "examples" / "fonts" / "PatrickHand-Regular.ttf"


def printed(
    lines: Sequence[str], size: int = 32, margin: int = 40, width: int = 0, font_file: Path | None = None
) -> Pixels:
    """Print lines black on white, by default in Pillow's own font."""
    font = ImageFont.load_default(size) if font_file is None else ImageFont.truetype(font_file, size)
    width = width or int(max(font.getlength(line) for line in lines)) + 2 * margin
    picture = Image.new("RGB", (width, int(len(lines) * size * 1.6) + 2 * margin), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((margin, margin + number * size * 1.6), line, fill="black", font=font)
    return np.asarray(picture)
