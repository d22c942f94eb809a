"""EXIF's eight orientations, however the picture comes in, and the way back to the stored raster."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.bad_inputs import saved
from unscrawl.imaging import ImageInput, PageImage, open_source
from unscrawl.imaging.exif import ExifFacts, parse_exif
from unscrawl.imaging.geometry import transform_points
from unscrawl.imaging.orientation import turn_upright, upright_to_stored
from unscrawl.options import ReadOptions

WIDTH, HEIGHT = 40, 24
# Where the stored picture's top left corner is seen once it is upright: EXIF's own wording (row 0, column 0).
CORNER = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}


WRITING: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "TIFF-LZW": {"compression": "tiff_lzw"},
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 95},
}


def stored_picture() -> Image.Image:
    """White with a black top left corner and a grey mark beside it along the top."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    image.paste((0, 0, 0), (0, 0, 8, 8))
    image.paste((120, 120, 120), (8, 0, 16, 8))
    return image


def with_orientation(form: str, orientation: int, **options: Any) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(stored_picture(), form, exif=exif, **options)


def check(page: PageImage, orientation: int, tolerance: int) -> None:
    assert page.original_size == (WIDTH, HEIGHT)
    height, width = page.pixels.shape[:2]
    assert (width, height) == ((HEIGHT, WIDTH) if orientation >= 5 else (WIDTH, HEIGHT))
    corner = CORNER[orientation]
    y = 4 if corner[0] == "t" else height - 4
    x = 4 if corner[1] == "l" else width - 4
    assert page.pixels[y, x].max() <= tolerance
    # Every pixel's centre leads back to the stored pixel of the same colour.
    stored = np.asarray(stored_picture()).astype(int)
    rows, columns = np.mgrid[0:height, 0:width]
    points = np.stack([columns + 0.5, rows + 0.5], axis=-1)
    back = np.floor(transform_points(page.to_original, points)).astype(int)
    assert np.abs(stored[back[..., 1], back[..., 0]] - page.pixels).max() <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("way", ["path", "bytes", "file", "pil"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "TIFF-LZW", "WEBP", "AVIF"])
def test_every_orientation_by_every_way(orientation: int, way: str, form: str, tmp_path: Path) -> None:
    options = WRITING.get(form, {})
    data = with_orientation(form.split("-")[0], orientation, **options)
    source: ImageInput = data
    if way == "path":
        source = tmp_path / "picture"
        source.write_bytes(data)
    elif way == "file":
        source = io.BytesIO(data)
    elif way == "pil":
        source = Image.open(io.BytesIO(data))
        if form.startswith("TIFF"):
            # Pillow turns TIFF pictures on its own as it loads them: its caller's picture is the upright one.
            (page,) = open_source(source, ReadOptions()).read_pages()
            assert isinstance(page, PageImage)
            assert page.pixels.shape[:2] == ((WIDTH, HEIGHT) if orientation >= 5 else (HEIGHT, WIDTH))
            assert (page.to_original == np.eye(3)).all()
            return
    (page,) = open_source(source, ReadOptions()).read_pages()
    assert isinstance(page, PageImage)
    check(page, orientation, {"JPEG": 30, "AVIF": 60}.get(form, 0))


def test_orientation_set_on_a_picture_in_memory() -> None:
    image = stored_picture()
    image.getexif()[0x0112] = 6
    (page,) = open_source(image, ReadOptions()).read_pages()
    assert isinstance(page, PageImage)
    check(page, 6, 0)


@given(
    st.integers(1, 8),
    st.integers(1, 30),
    st.integers(1, 30),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 1, exclude_max=True),
)
def test_the_way_back_finds_a_marked_pixel(orientation: int, width: int, height: int, x: float, y: float) -> None:
    stored = np.zeros((height, width, 3), np.uint8)
    row, column = int(y * height), int(x * width)
    stored[row, column] = 255
    upright = turn_upright(stored, orientation)
    (at,) = np.argwhere(upright[..., 0])
    centre = np.array([at[1] + 0.5, at[0] + 0.5])
    back = transform_points(upright_to_stored(orientation, width, height), centre)
    assert back.tolist() == [column + 0.5, row + 0.5]


@given(st.binary(max_size=200), st.sampled_from([b"", b"Exif\0\0", b"MM\0*\0\0\0\x08", b"II*\0\x08\0\0\0"]))
def test_rubbish_for_exif_does_no_harm(rubbish: bytes, prefix: bytes) -> None:
    facts = parse_exif(prefix + rubbish)
    assert 1 <= facts.orientation <= 8
    assert facts.dpi is None or 50 <= facts.dpi <= 2400


def test_nonsense_orientations_count_as_none() -> None:
    for value in (0, 9, 255):
        exif = Image.Exif()
        exif[0x0112] = value
        assert parse_exif(exif.tobytes()) == ExifFacts()
    assert parse_exif(None) == ExifFacts()
