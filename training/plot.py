"""Draw a run's log: loss over lines, and dev error where it was measured.

python -m training.plot runs/hand/log.jsonl out.png
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

__all__ = ["main"]

SIZE = (900, 480)
MARGIN = 60


def main() -> None:
    """Run the command line."""
    rows = [json.loads(row) for row in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    points = [(row["lines"], row["loss"]) for row in rows if "loss" in row]
    picture = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(13)
    right, top = max(x for x, _ in points), max(y for _, y in points)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            MARGIN + x / right * (SIZE[0] - 2 * MARGIN),
            SIZE[1] - MARGIN - y / top * (SIZE[1] - 2 * MARGIN),
        )

    for tick in range(5):
        y = place(0, top * tick / 4)[1]
        draw.line([(MARGIN, y), (SIZE[0] - MARGIN, y)], fill="lightgrey")
        draw.text((8, y - 7), f"{top * tick / 4:.2f}", fill="black", font=font)
        x = place(right * tick / 4, 0)[0]
        draw.text((x - 20, SIZE[1] - MARGIN + 8), f"{right * tick / 4:,.0f}", fill="black", font=font)
    draw.text((SIZE[0] // 2 - 60, SIZE[1] - 24), "lines seen", fill="black", font=font)
    draw.text((8, 8), "CTC loss a line", fill="black", font=font)
    draw.line([place(x, y) for x, y in points], fill="navy", width=2)
    for row in rows:
        if "dev" in row:
            text = ", ".join(f"{name} {rate}" for name, rate in row["dev"].items())
            draw.text((MARGIN, 26), f"dev CER %: {text}", fill="darkred", font=font)
    picture.save(sys.argv[2])


if __name__ == "__main__":
    main()
