"""Transparent pictures are laid on the background that shows their ink."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.bad_inputs import saved
from unscrawl.imaging import ImageInput, PageImage, open_source
from unscrawl.options import ReadOptions


def pixels_of(source: ImageInput) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    (page,) = open_source(source, ReadOptions()).read_pages()
    assert isinstance(page, PageImage)
    return page.pixels


def ink(colour: tuple[int, int, int], under: int = 0) -> Image.Image:
    image = Image.new("RGBA", (60, 40), (under, under, under, 0))
    ImageDraw.Draw(image).rectangle([10, 18, 50, 22], fill=(*colour, 255))
    return image


@pytest.mark.parametrize("under", [0, 255])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "RGBa", "La"])
@pytest.mark.parametrize(("colour", "background"), [((10, 10, 40), 255), ((250, 250, 220), 0)])
def test_ink_contrasts(colour: tuple[int, int, int], background: int, mode: str, under: int) -> None:
    image = ink(colour, under)
    image = {"La": image.convert("LA"), "LA": image, "RGBa": image, "RGBA": image}[mode].convert(mode)
    pixels = pixels_of(image)
    assert (pixels[0, 0] == background).all()
    assert abs(int(pixels[20, 30].mean()) - background) > 150


def test_files_with_transparency() -> None:
    image = ink((0, 0, 0))
    palette = Image.new("P", (60, 40), 0)
    palette.putpalette([0, 0, 0, 0, 0, 0, 255, 0, 0])
    ImageDraw.Draw(palette).rectangle([10, 18, 50, 22], fill=1)
    for data in (
        saved(image, "PNG"),
        saved(image, "WEBP", lossless=True),
        saved(image, "TIFF"),
        saved(palette, "PNG", transparency=0),
        saved(palette, "PNG", transparency=b"\0\xff"),
        saved(palette, "GIF", transparency=0),
        saved(Image.eval(image.getchannel("A"), lambda a: 255 - a), "PNG", transparency=255),
    ):
        pixels = pixels_of(data)
        assert (pixels[0, 0] == 255).all()
        assert pixels[20, 30].max() == 0


def test_a_scan_with_cut_off_corners_keeps_its_paper() -> None:
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse([0, 0, 59, 39], fill=(240, 240, 235, 255))
    draw.rectangle([15, 15, 45, 20], fill=(0, 0, 0, 255))
    assert (pixels_of(image)[0, 0] == 255).all()


def test_half_transparent_and_wholly_transparent() -> None:
    half = Image.new("RGBA", (10, 10), (0, 0, 0, 128))
    assert (pixels_of(half) == 127).all()
    nothing = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert (pixels_of(nothing) == 255).all()
    array = np.zeros((10, 10, 4), np.uint16)
    array[4:6, :, 3] = 65535
    assert (pixels_of(array)[0] == 255).all()
