"""Columns of Japanese and Chinese, written from top to bottom and from right to left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, features

import unscrawl
from unscrawl import Language
from unscrawl.evaluation import character_errors

FONTS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/opentype/ipafont-mincho/ipamp.ttf"),
)
COLUMNS = {
    Language.JAPANESE: [
        "人類社会のすべての構成員",
        "の固有の尊厳と平等で譲る",
        "ことのできない権利とを承",
        "認することは世界における",
    ],
    Language.CHINESE: [
        "鉴于对人类家庭所有成员的",
        "固有尊严及其平等的和不移",
        "的权利的承认乃是世界自由",
        "和正义与和平的重要的基础",
    ],
}


@pytest.mark.skipif(not features.check("raqm"), reason="Pillow cannot set type from top to bottom here")
@pytest.mark.parametrize("language", COLUMNS)
@pytest.mark.parametrize("told", [True, False], ids=["told", "found"])
def test_columns_are_read_from_right_to_left(engine: unscrawl.OcrEngine, language: Language, told: bool) -> None:
    file = next((path for path in FONTS if path.is_file()), None)
    if file is None:
        pytest.skip("no font")
    font = ImageFont.truetype(str(file), 34, layout_engine=ImageFont.Layout.RAQM)
    columns = COLUMNS[language]
    picture = Image.new("RGB", (60 * len(columns) + 80, 560), "white")
    for number, column in enumerate(columns):
        place = (picture.width - 70 - 60 * number, 60)
        ImageDraw.Draw(picture).text(place, column, "black", font, anchor="mt", direction="ttb")
    result = engine.recognize(np.asarray(picture), **({"language": language} if told else {}))
    assert character_errors("\n".join(columns), result.text).rate < 0.05
    assert result.language is language
    # The boxes stand where the columns do: the first on the right, each higher than wide.
    middles = [sum(x for x, _ in line.quad) / 4 for line in result.lines]
    assert middles == sorted(middles, reverse=True)
    for line in result.lines:
        left, top, right, bottom = line.bbox
        assert bottom - top > 5 * (right - left)
