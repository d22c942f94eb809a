from __future__ import annotations

import numpy as np
import pytest

from tests.pictures import printed
from unscrawl.imaging.light import even_light, ink_darkness
from unscrawl.imaging.page_image import Pixels


def faded(share: float) -> Pixels:
    """A printed page with this share of its contrast, on grey paper under a lamp at its left."""
    page = printed(["Milk, bread and eggs", "and a birthday card"]).astype(np.float32)
    light = np.linspace(1.0, 0.5, page.shape[1], dtype=np.float32)[None, :, None]
    return ((200 - share * (200 - page * 200 / 255)) * light).astype(np.uint8)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.15])
def test_darkness_does_not_depend_on_the_light(share: float) -> None:
    assert ink_darkness(faded(share)) == pytest.approx(share, abs=0.06)


def test_paper_has_no_ink() -> None:
    assert ink_darkness(np.full((300, 400, 3), 180, np.uint8)) == pytest.approx(0, abs=1e-6)
    assert ink_darkness(np.zeros((300, 400, 3), np.uint8)) == pytest.approx(0, abs=1e-6)
    assert ink_darkness(np.full((1, 1, 3), 7, np.uint8)) == pytest.approx(0, abs=1e-6)


def test_faint_ink_becomes_dark_and_the_paper_white_all_over() -> None:
    page = faded(0.15)
    even = even_light(page, ink_darkness(page))
    assert even.shape == page.shape and even.dtype == np.uint8
    paper = even[5:20]
    assert paper.min() > 215
    ink = np.quantile(even, 0.01)
    assert ink < 130
    assert not np.shares_memory(even, page)


def test_long_pages_are_evened_to_the_last_row() -> None:
    page = np.full((700, 50, 3), 120, np.uint8)
    assert (even_light(page, 0.1) >= 254).all()
