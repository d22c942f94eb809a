"""Make the font of the invisible text in searchable PDFs: one glyph without ink, half as wide as high.

The glyph is a line from corner to corner and back, which has a box but no area: PDFium does not see single characters
whose glyph has no box.

    pip install fonttools && python scripts/glyphless_font.py

writes ``src/unscrawl/export/data/glyphless.ttf``, the same bytes at every run. ``unscrawl.export.pdf_text`` knows its
measures.
"""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

TARGET = Path(__file__).parent.parent / "src" / "unscrawl" / "export" / "data" / "glyphless.ttf"
UNITS, ADVANCE, ASCENT, DESCENT = 1000, 500, 800, -200
EPOCH = 2082844800  # 1970-01-01 in a font's calendar


def main() -> None:
    """Write the font."""
    builder = FontBuilder(UNITS, isTTF=True)
    glyphs = [".notdef", "any"]
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap({0x20: "any"})
    pen = TTGlyphPen(None)
    pen.moveTo((0, DESCENT))
    pen.lineTo((ADVANCE, ASCENT))
    pen.closePath()
    builder.setupGlyf(dict.fromkeys(glyphs, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (ADVANCE, 0)))
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupNameTable({"familyName": "Glyphless", "styleName": "Regular", "psName": "Glyphless"})
    builder.setupOS2(sTypoAscender=ASCENT, sTypoDescender=DESCENT, usWinAscent=ASCENT, usWinDescent=-DESCENT)
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(created=EPOCH, modified=EPOCH)
    builder.font.recalcTimestamp = False
    builder.save(TARGET)


if __name__ == "__main__":
    main()
