from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from tests.pictures import printed
from unscrawl import OcrEngine, ReadOptions
from unscrawl.cli.read import command
from unscrawl.exceptions import InvalidOption
from unscrawl.imaging.page_image import Pixels

WORDS = ("alpha", "bravo", "charlie")
# The three lines of the page, each in a band of 51 pixels below the margin of 40.
BANDS = [(20, 35 + 51 * number, 300, 86 + 51 * number) for number in range(3)]


@pytest.fixture(scope="module")
def page() -> Pixels:
    return printed(WORDS, width=320)


def test_only_regions_are_read_in_the_order_given(engine: OcrEngine, page: Pixels) -> None:
    result = engine.recognize(page, regions=[BANDS[2], BANDS[0]], mode="printed")
    assert result.text == "charlie\nalpha"
    for word, band in zip(result.words, (BANDS[2], BANDS[0]), strict=True):
        left, top, right, bottom = word.bbox
        assert band[0] <= left < right <= band[2] and band[1] - 5 <= top < bottom <= band[3] + 5
    assert (result.pages[0].width, result.pages[0].height) == (page.shape[1], page.shape[0])


def test_the_box_of_a_result_is_a_region(engine: OcrEngine, page: Pixels) -> None:
    box = next(word.bbox for word in engine.recognize(page, mode="printed").words if word.text == "bravo")
    assert engine.recognize(page, regions=[box], single_line=True, mode="printed").text == "bravo"


def test_regions_are_those_of_the_picture_as_stored(engine: OcrEngine, page: Pixels) -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter before it is looked at
    Image.fromarray(np.ascontiguousarray(np.rot90(page))).save(file, "PNG", exif=exif)
    # What was at (x, y) is stored at (y, width - x).
    left, top, right, bottom = BANDS[1]
    stored = (top, page.shape[1] - right, bottom, page.shape[1] - left)
    result = engine.recognize(file.getvalue(), regions=[stored], mode="printed")
    assert result.text == "bravo"
    x0, y0, x1, y1 = result.words[0].bbox
    assert stored[0] - 5 <= x0 < x1 <= stored[2] + 5 and stored[1] <= y0 < y1 <= stored[3]


def test_a_region_beside_the_page_is_told(engine: OcrEngine, page: Pixels) -> None:
    result = engine.recognize(page, regions=[(5000, 5000, 5100, 5100), (-50, 0, 9999, 86)], mode="printed")
    assert result.text == "alpha"
    assert result.pages[0].warnings == (
        f"Nothing of the region 5000,5000,5100,5100 is on the page, which has 320 x {page.shape[0]} pixels.",
    )


def test_the_command_takes_regions(page: Pixels, tmp_path: Path) -> None:
    Image.fromarray(page).save(tmp_path / "page.png")
    regions = "+".join(",".join(map(str, band)) for band in BANDS[:2])
    done = CliRunner().invoke(command, [str(tmp_path / "page.png"), "--regions", regions, "--mode", "printed"])
    assert done.stdout == "alpha\nbravo\n"


def test_regions_are_shown_one_by_one(engine: OcrEngine, page: Pixels) -> None:
    html = engine.explain(page, regions=BANDS[:2], mode="printed")
    assert "Page 1, region 1" in html and "Page 1, region 2" in html
    assert 'id="t1-1-0"' in html and 'id="t1-2-0"' in html


@pytest.mark.parametrize("regions", ["1,2,3", "a,b,c,d", "10,10,10,20", "30,10,20,20", "1,2,nan,4", "1,2,inf,4", [7]])
def test_what_is_no_rectangle_is_refused(regions: object) -> None:
    with pytest.raises(InvalidOption, match="is no region"):
        ReadOptions(regions=regions)  # type: ignore[arg-type]


def test_parts_of_pixels_count_as_whole_ones() -> None:
    assert ReadOptions(regions="-0.5,1.5,3.2,4").regions == ((0, 1, 4, 4),)  # type: ignore[arg-type]
    assert ReadOptions(regions="").regions == ()  # type: ignore[arg-type]
