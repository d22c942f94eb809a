"""Every format comes in as upright RGB, whichever way it is handed over."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageSequence

from tests.bad_inputs import png_with_size, sample_picture, saved
from unscrawl.exceptions import (
    DamagedInput,
    InvalidOption,
    LimitExceeded,
    MissingDependency,
    OcrException,
    UnsupportedFormat,
)
from unscrawl.imaging import ImageInput, PageFailure, PageImage, open_source
from unscrawl.options import ReadOptions

DATA = Path(__file__).parent / "data"


def read(source: ImageInput, **options: Any) -> list[PageImage]:
    pages = list(open_source(source, ReadOptions(**options)).read_pages())
    for page in pages:
        assert isinstance(page, PageImage)
        assert page.pixels.dtype == np.uint8
        assert page.pixels.ndim == 3
        assert page.pixels.shape[2] == 3
        assert page.pixels.flags.c_contiguous
        assert not page.pixels.flags.writeable
    return [page for page in pages if isinstance(page, PageImage)]


def read_one(source: ImageInput, **options: Any) -> PageImage:
    (page,) = read(source, **options)
    return page


@pytest.mark.parametrize(
    ("form", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("DIB", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
        ("TIFF", {"big_tiff": True}, 0),
        ("GIF", {}, 0),
        ("PPM", {}, 0),
        ("JPEG2000", {"irreversible": False}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {}, 60),
        ("JPEG", {"quality": 95, "subsampling": 0}, 40),
        ("TIFF", {"compression": "jpeg"}, 60),
        ("AVIF", {"quality": 95, "subsampling": "4:4:4"}, 60),
    ],
)
def test_round_trip(form: str, options: dict[str, Any], tolerance: int, tmp_path: Path) -> None:
    picture = sample_picture()
    data = saved(picture, form, **options)
    expected = np.asarray(picture).astype(int)
    path = tmp_path / "wrong-ending.xyz"  # the content tells, not the name
    path.write_bytes(data)
    for source in (data, bytearray(data), memoryview(data), str(path), path, io.BytesIO(data)):
        page = read_one(source)
        assert np.abs(page.pixels.astype(int) - expected).max() <= tolerance
        assert page.original_size == (64, 48)
        assert page.number == 1


def test_names(tmp_path: Path) -> None:
    data = saved(sample_picture(), "PNG")
    path = tmp_path / "note.png"
    path.write_bytes(data)
    options = ReadOptions()
    assert open_source(path, options).name == str(path)
    assert open_source(data, options).name == "<bytes>"
    assert open_source(io.BytesIO(data), options).name == "<stream>"
    assert open_source(sample_picture(), options).name == "<image>"
    assert open_source(np.zeros((3, 3), np.uint8), options).name == "<array>"
    with path.open("rb") as file:
        assert open_source(file, options).name == str(path)
        assert not file.closed


def test_later_changes_of_the_file_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    path.write_bytes(saved(sample_picture(), "PNG"))
    source = open_source(path, ReadOptions())
    path.unlink()
    first, second = list(source.read_pages()), list(source.read_pages())
    assert isinstance(first[0], PageImage)
    assert isinstance(second[0], PageImage)
    assert (first[0].pixels == second[0].pixels).all()


def test_tiff_pages_and_ranges() -> None:
    shades = [Image.new("RGB", (10 + i, 20), (i * 20, 0, 0)) for i in range(6)]
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate"):
        data = saved(shades[0], "TIFF", save_all=True, append_images=shades[1:], compression=compression)
        assert open_source(data, ReadOptions(pages="2")).page_count == 6
        pages = read(data, pages="2-3,6")
        assert [page.number for page in pages] == [2, 3, 6]
        assert [page.pixels[0, 0, 0] for page in pages] == [20, 40, 100]
        assert [page.original_size[0] for page in pages] == [11, 12, 15]
    with pytest.raises(InvalidOption):
        open_source(data, ReadOptions(pages="9-"))
    with pytest.raises(LimitExceeded) as caught:
        open_source(data, ReadOptions(max_pages=5))
    assert caught.value.limit == "max_pages"
    assert len(read(data, max_pages=5, pages="2-6")) == 5


def test_a_broken_tiff_page_leaves_the_others() -> None:
    shades = [Image.new("L", (40, 40), i * 20) for i in range(3)]
    data = bytearray(saved(shades[0], "TIFF", save_all=True, append_images=shades[1:], compression="tiff_lzw"))
    with Image.open(io.BytesIO(bytes(data))) as image:
        image.seek(1)
        start, length = image.tag_v2[273][0], image.tag_v2[279][0]  # type: ignore[attr-defined]
    data[start : start + length] = b"\xff" * length
    pages = list(open_source(bytes(data), ReadOptions()).read_pages())
    assert [type(page) for page in pages] == [PageImage, PageFailure, PageImage]
    assert isinstance(pages[1], PageFailure)
    assert isinstance(pages[1].error, DamagedInput)
    assert pages[1].error.__cause__ is not None
    with pytest.raises(DamagedInput):
        list(open_source(bytes(data), ReadOptions(pages="2")).read_pages())


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_frames(form: str) -> None:
    frames = [Image.new("RGB", (32, 32), (60 * i, 0, 0)) for i in range(4)]
    options = {"lossless": True} if form == "WEBP" else {}
    data = saved(frames[0], form, save_all=True, append_images=frames[1:], **options)
    assert [page.pixels[9, 9, 0] for page in read(data)] == [0, 60, 120, 180]
    assert [page.number for page in read(data, pages="3-")] == [3, 4]


def test_frames_agree_with_pillow() -> None:
    frames = [sample_picture().rotate(angle) for angle in (0, 90, 180, 270)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], disposal=2)
    with Image.open(io.BytesIO(data)) as image:
        expected = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    for page, pixels in zip(read(data), expected, strict=True):
        assert (page.pixels == pixels).all()


def test_of_a_phone_s_mpo_the_photograph_is_read() -> None:
    data = saved(sample_picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))])
    assert read_one(data).original_size == (64, 48)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "PA", "CMYK", "YCbCr", "HSV", "LAB", "I", "F"])
def test_modes_of_pillow(mode: str) -> None:
    picture = sample_picture()
    if mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(picture, *profiles, outputMode="LAB")
        assert converted is not None
    elif mode == "PA":
        converted = picture.convert("P").convert("PA")
    else:
        converted = picture.convert(mode)
    pixels = read_one(converted).pixels
    assert pixels[40, 40].min() > 240  # the paper
    assert pixels[24, 30].max() < 15  # the stroke


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_deep_grey(mode: str, bits: int) -> None:
    values = np.linspace(0, 2**bits - 1, 256).reshape(16, 16)
    if mode == "I;16B":
        image = Image.frombytes(mode, (16, 16), values.astype(">u2").tobytes())
    else:
        image = Image.fromarray(values.astype(np.uint16 if mode == "I;16" else np.int32))
        assert image.mode == mode
    pixels = read_one(image).pixels
    assert np.abs(pixels[..., 0].ravel().astype(int) - np.arange(256)).max() <= 1
    if mode != "I;16B":
        for form in ("PNG", "TIFF") if mode == "I;16" else ("TIFF",):
            assert np.abs(read_one(saved(image, form)).pixels.astype(int) - pixels).max() <= 1


def test_colour_png_of_16_bits() -> None:
    row = b"\0" + struct.pack(">HHH", 65535, 32768, 0) * 5
    pixels = read_one(png_with_size(5, 1, row, depth=16, colour=2)).pixels
    assert pixels[0, 0].tolist() == [255, 128, 0]


@pytest.mark.parametrize("adobe", [True, False])
def test_cmyk_jpeg_with_and_without_adobe_s_inversion(adobe: bool) -> None:
    data = saved(sample_picture(mode="CMYK"), "JPEG", quality=95)
    start = data.index(b"\xff\xee")
    assert data[start + 4 : start + 9] == b"Adobe"
    if not adobe:
        # Without the mark, decoders take the values as they stand: paper then has to be stored as 0.
        size = int.from_bytes(data[start + 2 : start + 4], "big")
        inverted = Image.eval(sample_picture(mode="CMYK"), lambda value: 255 - value)
        data = saved(inverted, "JPEG", quality=95)
        data = data[:start] + data[start + 2 + size :]
    pixels = read_one(data).pixels
    assert pixels[40, 40].min() > 240
    assert pixels[24, 30].max() < 30


def test_a_broken_colour_profile_is_ignored() -> None:
    for profile in (b"rubbish", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()):
        pixels = read_one(saved(sample_picture(mode="CMYK"), "JPEG", quality=95, icc_profile=profile)).pixels
        assert pixels[40, 40].min() > 240


def test_dpi() -> None:
    picture = sample_picture()
    for form in ("JPEG", "PNG", "TIFF", "BMP"):
        assert read_one(saved(picture, form, dpi=(300, 300))).dpi == pytest.approx(300, abs=0.1)
        assert read_one(saved(picture, form, dpi=(5, 5))).dpi is None
    assert read_one(saved(picture, "JPEG")).dpi is None
    exif = Image.Exif()
    exif[0x011A] = exif[0x011B] = 200.0
    exif[0x0128] = 2
    data = saved(picture, "JPEG", exif=exif)
    start = data.index(b"\xff\xe0")
    assert read_one(data[:start] + data[start + 18 :]).dpi == 200  # the JFIF block cut out


FORMS = ["PNG", "JPEG", "BMP", "TIFF", "GIF", "WEBP", "JPEG2000", "PPM", "AVIF"]


@pytest.mark.parametrize("form", FORMS)
def test_pillow_s_warnings_stay_inside(
    form: str, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    frames: dict[str, Any] = {}
    if form in ("TIFF", "GIF", "WEBP"):
        frames = {"save_all": True, "append_images": [sample_picture().rotate(180)]}
    data = saved(sample_picture(), form, **frames)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 2000)  # the picture has 3,072: here Pillow warns
    assert read(data)[0].original_size == (64, 48)
    assert not recwarn.list


@pytest.mark.parametrize("form", FORMS)
def test_our_limit_comes_in_place_of_pillow_s(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(sample_picture(), form)
    with pytest.raises(LimitExceeded):
        open_source(data, ReadOptions(max_megapixels=0.003))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)  # over twice that, Pillow refuses
    if form == "WEBP":
        # Its reader cannot be told; Pillow's real limit concerns WebP pictures of over 178 megapixels.
        with pytest.raises(LimitExceeded):
            open_source(data, ReadOptions())
    else:
        assert read_one(data).original_size == (64, 48)


def test_a_picture_over_pillow_s_limit_and_under_ours() -> None:
    assert read_one(saved(Image.new("L", (10_000, 9_500), 255), "PNG")).original_size == (10_000, 9_500)


def test_slips_in_tags_are_not_warned_of(recwarn: pytest.WarningsRecorder) -> None:
    exif = Image.Exif()
    exif[0x010F] = "a maker with a long name"
    exif[0x0112] = 6
    for form in ("JPEG", "WEBP", "PNG"):
        data = saved(sample_picture(), form, exif=exif)
        start = data.index(b"MM\0*")
        # The maker's name now stands far outside.
        broken = data[: start + 18] + b"\x7f\xff\xff\xff" + data[start + 22 :]
        if form == "PNG":
            end = data.index(b"eXIf") + 4 + len(exif.tobytes()[6:])
            checksum = zlib.crc32(broken[data.index(b"eXIf") : end])
            broken = broken[:end] + struct.pack(">I", checksum) + broken[end + 4 :]
        assert read_one(broken).pixels.shape == (64, 48, 3)
    assert not recwarn.list


def test_arrays() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
    assert (read_one(colours).pixels == colours).all()
    assert (read_one(colours[:, ::-1]).pixels == colours[:, ::-1]).all()
    assert (read_one(colours.astype(np.uint16) * 257).pixels == colours).all()
    assert (read_one(colours.astype(">u2") * 257).pixels == colours).all()
    assert (read_one(colours / 255.0).pixels == colours).all()
    assert (read_one(colours.astype(np.float16) / 255).pixels == colours).all()
    assert (read_one(colours == 255).pixels == colours).all()
    assert (read_one(colours[..., 0]).pixels == colours[..., :1]).all()
    assert (read_one(colours[..., :1]).pixels == colours[..., :1]).all()
    opaque = np.dstack([colours, np.full((2, 2), 255, np.uint8)])
    assert (read_one(opaque).pixels == colours).all()
    before = colours.copy()
    source = open_source(colours, ReadOptions())
    colours[:] = 7
    (page,) = source.read_pages()
    assert isinstance(page, PageImage)
    assert (page.pixels == before).all()


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(5, np.uint8),
        np.zeros((5, 5, 2), np.uint8),
        np.zeros((5, 5, 5, 3), np.uint8),
        np.zeros((5, 5), np.int64),
        np.full((5, 5), 255.0),
        np.full((5, 5), np.nan),
        np.zeros((5, 5), complex),
        np.array([["a"]]),
    ],
)
def test_arrays_that_are_no_pictures(array: np.ndarray[Any, Any]) -> None:
    with pytest.raises(InvalidOption):
        open_source(array, ReadOptions())


def test_empty_arrays() -> None:
    with pytest.raises(OcrException):
        open_source(np.zeros((0, 5), np.uint8), ReadOptions())


@pytest.mark.parametrize("source", [None, 5, ["a"], object()])
def test_other_things(source: Any) -> None:
    with pytest.raises(TypeError):
        open_source(source, ReadOptions())


def test_heic() -> None:
    pytest.importorskip("pi_heif")
    plain = read_one(DATA / "plain.heic")
    assert plain.original_size == (64, 48)
    red = plain.pixels[4, 4].astype(int)
    assert red[0] > 150
    assert red[1] < 60
    # The file is turned by a quarter, and its EXIF says so too: it must be turned once.
    turned = read_one(DATA / "turned.heic")
    assert turned.pixels.shape == (64, 48, 3)
    red = turned.pixels[4, 43].astype(int)
    assert red[0] > 150
    assert red[1] < 60
    with pytest.raises(LimitExceeded):
        open_source(DATA / "plain.heic", ReadOptions(max_megapixels=0.001))


def test_heic_without_its_package() -> None:
    # In an interpreter of its own, where the import fails as if the package were not there.
    program = (
        "import sys; sys.modules['pi_heif'] = None\n"
        "from unscrawl.imaging import open_source; from unscrawl.options import ReadOptions\n"
        "from unscrawl.exceptions import MissingDependency\n"
        "try: open_source(sys.argv[1], ReadOptions())\n"
        "except MissingDependency as error: print(error)"
    )
    run = [sys.executable, "-c", program, str(DATA / "plain.heic")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(run, capture_output=True, text=True, check=True, env=environment)
    assert "pip install 'unscrawl[heic]'" in answer.stdout
    assert MissingDependency.exit_code == 7


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"<svg xmlns='a'/>", "SVG"),
        (b"AT&TFORM\0\0", "DjVu"),
        (b"PK\3\4" + bytes(26) + b"word/document.xml", "DOCX"),
        (b"PK\3\4" + bytes(26), "ZIP"),
        (b"  <!doctype HTML><p>", "HTML"),
        (b"Hello, world", "plain text"),
        ("Grüße".encode(), "plain text"),
        (b"%!PS-Adobe", "PostScript"),
        (b"\0\0\0\x18ftypmp42" + bytes(20), "video"),
        (b"\0\0\0\x18ftypcrx " + bytes(20), "RAW"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(20), ""),
        (bytes(range(1, 200)), ""),
    ],
)
def test_foreign_formats_are_named(data: bytes, named: str) -> None:
    with pytest.raises((UnsupportedFormat, DamagedInput)) as caught:
        open_source(data, ReadOptions())
    assert named in caught.value.message
