"""Searchable PDFs, looked at with PDFium, Poppler and pikepdf."""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import unicodedata
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageCms, ImageFont

from tests.export.samples import (
    ARABIC,
    COMBINED,
    HAN,
    HEBREW,
    HEIGHT,
    LANGUAGES,
    MIXED,
    POINTED,
    WIDTH,
    document,
    line,
    moved,
    original,
    pdfium_text,
    pdfium_words,
    picture,
    rendered,
    right_to_left,
)
from unscrawl import OcrEngine
from unscrawl.exceptions import ExportFailed
from unscrawl.export import write
from unscrawl.imaging.geometry import Matrix
from unscrawl.imaging.orientation import upright_to_stored
from unscrawl.result import Document

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="Poppler is not installed")

# Marks that tell a text's direction, which Poppler puts around it.
_DIRECTIONS = dict.fromkeys([0x200E, 0x200F, 0x202A, 0x202B, 0x202C])


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def raw_picture(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return bytes(pdf.pages[0].Resources.XObject.Picture.read_raw_bytes())


def poppler_lines(data: bytes, tmp_path: Path) -> list[str]:
    file = tmp_path / "poppler.pdf"
    file.write_bytes(data)
    done = subprocess.run(["pdftotext", "-nopgbrk", file, "-"], capture_output=True, check=True)
    text = unicodedata.normalize("NFC", done.stdout.decode().translate(_DIRECTIONS))
    return [row.strip() for row in text.splitlines() if row.strip()]


def poppler_words(data: bytes, tmp_path: Path) -> list[tuple[str, tuple[float, ...]]]:
    file = tmp_path / "poppler.pdf"
    file.write_bytes(data)
    done = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True, text=True)
    pattern = r'<word xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">(.*)</word>'
    found = re.findall(pattern, done.stdout)
    return [(html.unescape(text), tuple(map(float, box))) for *box, text in found]


TEXTS = {
    "hebrew": right_to_left(HEBREW, 100),
    "hebrew from the right": right_to_left(HEBREW, 100, from_the_right=True),
    "hebrew with points": right_to_left(POINTED, 100),
    "arabic": right_to_left(ARABIC, 100),
    "han": line(HAN),
    "marks and beyond the first plane": line(COMBINED),
    "latin": line("Buy milk, 5 pm"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_pdfium_reads_what_was_read(name: str) -> None:
    data = write(document(TEXTS[name]), "pdf", original())
    assert unicodedata.normalize("NFC", pdfium_text(data)) == unicodedata.normalize("NFC", TEXTS[name].text)


@needs_poppler
@pytest.mark.parametrize("name", TEXTS)
def test_poppler_reads_what_was_read(name: str, tmp_path: Path) -> None:
    data = write(document(TEXTS[name]), "pdf", original())
    assert poppler_lines(data, tmp_path) == [unicodedata.normalize("NFC", TEXTS[name].text)]


def test_numbers_in_text_from_right_to_left_keep_their_digits() -> None:
    data = write(document(right_to_left(MIXED, 100)), "pdf", original())
    assert pdfium_text(data) == MIXED


@needs_poppler
def test_every_word_is_found_where_it_stands(tmp_path: Path) -> None:
    data = write(LANGUAGES, "pdf", original())
    scale = 841.89 / WIDTH
    found = poppler_words(data, tmp_path)
    expected = [word for each in LANGUAGES.lines for word in each.words]
    assert len(found) == len(expected)
    for _, box in found:
        nearest = min(float(np.abs(np.array(word.bbox) * scale - np.array(box)).max()) for word in expected)
        assert nearest < 1.5  # points, of words 50 points high


def test_pdfium_finds_words_where_they_stand() -> None:
    lines = line("words of many widths", 100), line("iiii WWWW", 300)
    data = write(document(*lines), "pdf", original())
    words = pdfium_words(data)
    expected = [word for each in lines for word in each.words]
    assert [text for text, _ in words] == [word.text for word in expected]
    for (_, box), word in zip(words, expected, strict=True):
        assert np.allclose(box, np.array(word.bbox) * 841.89 / WIDTH, atol=1)


def test_words_that_touch_stay_apart(tmp_path: Path) -> None:
    data = write(document(line("no gaps between these", gap=0)), "pdf", original())
    assert pdfium_text(data) == "no gaps between these"
    if shutil.which("pdftotext"):
        assert poppler_lines(data, tmp_path) == ["no gaps between these"]


def turn(degrees: float) -> Matrix:
    """A turn about the middle of the page."""
    angle = np.deg2rad(degrees)
    there, back = np.eye(3), np.eye(3)
    there[:2, 2], back[:2, 2] = (WIDTH / 2, HEIGHT / 2), (-WIDTH / 2, -HEIGHT / 2)
    about = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return np.asarray(there @ about @ back)


@needs_poppler
@pytest.mark.parametrize("degrees", [-1.8, 0.7, 2.5, 90.6])
def test_words_of_a_line_that_rises_a_little_stay_whole(degrees: float, tmp_path: Path) -> None:
    upright = [line("by photographed", 280, left=220), line("handwriting crept", 390, left=220)]
    lines = moved(upright, turn(degrees))
    data = write(document(*lines), "pdf", original())
    assert poppler_lines(data, tmp_path) == ["by photographed", "handwriting crept"]
    words = poppler_words(data, tmp_path)
    for (_, box), word in zip(words, (word for each in lines for word in each.words), strict=True):
        expected = np.array(word.bbox) * 841.89 / WIDTH
        np.testing.assert_allclose(box, expected, atol=15)  # points, of words 50 points high


@pytest.mark.parametrize("degrees", [12, 45])
def test_slanted_text_is_found_where_it_stands(degrees: float) -> None:
    (slanted,) = moved([line("a slanted line", 320, left=300)], turn(degrees))
    data = write(document(slanted), "pdf", original())
    words = pdfium_words(data)
    assert [text for text, _ in words] == ["a", "slanted", "line"]
    for (_, box), word in zip(words, slanted.words, strict=True):
        centre = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        left, top, right, bottom = (edge * 841.89 / WIDTH for edge in word.bbox)
        assert np.allclose(centre, ((left + right) / 2, (top + bottom) / 2), atol=3)


@pytest.mark.parametrize("form", ["progressive", "grey", "cmyk", "baseline"])
def test_jpeg_is_kept_byte_for_byte(form: str) -> None:
    image = picture()
    if form == "grey":
        image = image.convert("L")
    if form == "cmyk":
        image = image.convert("CMYK")
    jpeg = encoded(image, "JPEG", quality=90, progressive=form == "progressive")
    data = write(document(line("text")), "pdf", original(jpeg))
    assert raw_picture(data) == jpeg
    shown = rendered(data, scale=WIDTH / 841.89).resize((WIDTH, HEIGHT))
    expected = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(int)
    # Renderers turn CMYK into RGB in ways of their own.
    assert np.abs(np.asarray(shown).astype(int) - expected).mean() < (25 if form == "cmyk" else 2)


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "I;16"])
def test_png_data_are_kept_byte_for_byte(mode: str) -> None:
    image = Image.fromarray(np.arange(700 * 1000, dtype=np.uint16).reshape(700, 1000)) if mode == "I;16" else None
    png = encoded(image or picture().convert(mode, dither=Image.Dither.NONE), "PNG")
    data = write(document(line("text")), "pdf", original(png))
    stored = raw_picture(data)
    assert len(stored) > 50
    assert stored in png  # Pillow writes one piece of data for so small a picture, or several that are joined
    if mode != "I;16":
        shown = rendered(data, scale=WIDTH / 841.89).resize((WIDTH, HEIGHT))
        expected = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
        assert np.abs(np.asarray(shown).astype(int) - expected).mean() < 2


@pytest.mark.parametrize(
    ("form", "options"),
    [("TIFF", {}), ("WEBP", {"lossless": True}), ("GIF", {}), ("BMP", {}), ("PNG", {"transparency": (255, 255, 255)})],
)
def test_other_pictures_are_kept_without_loss(form: str, options: dict[str, Any]) -> None:
    data = write(document(line("text")), "pdf", original(encoded(picture(), form, **options)))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        picture_object: Any = pdf.pages[0].Resources.XObject.Picture
        kept = pikepdf.PdfImage(picture_object).as_pil_image().convert("RGB")
    assert np.array_equal(np.asarray(kept), np.asarray(picture()))


def test_black_and_white_needs_one_bit_a_pixel() -> None:
    image = Image.new("1", (WIDTH, HEIGHT), 1)
    image.paste(0, (100, 100, 300, 200))
    data = write(document(line("text")), "pdf", original(encoded(image, "TIFF")))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert int(pdf.pages[0].Resources.XObject.Picture.BitsPerComponent) == 1


def test_colour_profile_of_a_photo_goes_along() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form in ("JPEG", "PNG"):
        data = write(document(line("text")), "pdf", original(encoded(picture(), form, icc_profile=profile)))
        with pikepdf.open(io.BytesIO(data)) as pdf:
            space = pdf.pages[0].Resources.XObject.Picture.ColorSpace
            assert space[0] == "/ICCBased"
            assert bytes(space[1].read_bytes()) == profile


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_photos_are_shown_upright_with_the_text_in_its_place(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = encoded(picture(), form, exif=exif)
    # A word as people see it, where the stored picture has it.
    upright_size = (HEIGHT, WIDTH) if orientation >= 5 else (WIDTH, HEIGHT)
    lines = moved([line("upright word", 100, left=100)], upright_to_stored(orientation, WIDTH, HEIGHT))
    data = write(document(*lines), "pdf", original(stored))
    shown = rendered(data, scale=WIDTH / 841.89).resize(upright_size)
    expected = np.asarray(_upright(orientation)).astype(int)
    assert np.abs(np.asarray(shown).astype(int) - expected).mean() < 3
    scale = 841.89 / WIDTH
    words = pdfium_words(data)
    assert [text for text, _ in words] == ["upright", "word"]
    assert np.allclose(words[0][1], np.array([100, 100, 310, 160]) * scale, atol=1)


def _upright(orientation: int) -> Image.Image:
    image = picture()
    turns = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_270],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_90],
    }
    for turn in turns.get(orientation, []):
        image = image.transpose(turn)
    return image


def test_page_is_as_large_as_its_resolution_says() -> None:
    data = write(document(line("text"), dpi=200), "pdf", original(encoded(picture(), "PNG", dpi=(200, 200))))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [float(edge) for edge in pdf.pages[0].mediabox] == pytest.approx([0, 0, 360, 252])


def test_pages_of_a_tiff_become_pages() -> None:
    first, second = picture(), Image.new("L", (500, 400), 200)
    tiff = encoded(first, "TIFF", save_all=True, append_images=[second])
    (one,) = document(line("page one")).pages
    (two,) = document(line("page two", 20), width=500, height=400).pages
    read = Document((one, type(two)(2, 500, 400, two.lines)), "scan.tif")
    data = write(read, "pdf", original(tiff))
    assert [pdfium_text(data, page) for page in (0, 1)] == ["page one", "page two"]
    assert rendered(data, 1).size == (842, 674)


@pytest.mark.parametrize("kind", ["array", "image"])
def test_pictures_in_memory(kind: str, engine: OcrEngine) -> None:
    page = np.asarray(picture())
    result = engine.recognize(page if kind == "array" else Image.fromarray(page))
    shown = rendered(result.write("pdf"), scale=WIDTH / 841.89).resize((WIDTH, HEIGHT))
    assert np.abs(np.asarray(shown).astype(int) - page).mean() < 2


def test_the_same_result_gives_the_same_bytes() -> None:
    assert write(LANGUAGES, "pdf", original()) == write(LANGUAGES, "pdf", original())


def test_a_page_without_text_is_only_its_picture() -> None:
    assert pdfium_text(write(document(), "pdf", original())) == ""


def test_a_file_that_is_gone_or_changed_is_told(tmp_path: Path) -> None:
    file = tmp_path / "note.png"
    picture().save(file)
    source = original(str(file))
    assert write(document(line("text")), "pdf", source)
    file.write_bytes(file.read_bytes() + b"more")
    with pytest.raises(ExportFailed, match="has changed"):
        write(document(line("text")), "pdf", source)
    file.unlink()
    with pytest.raises(ExportFailed, match="cannot be read"):
        write(document(line("text")), "pdf", source)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "CMYK"])
def test_pdfa_holds_all_that_it_needs(form: str) -> None:
    image = picture().convert("CMYK") if form == "CMYK" else picture()
    data = write(LANGUAGES, "pdfa", original(encoded(image, "JPEG" if form == "CMYK" else form)))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        metadata = pdf.open_metadata()
        assert metadata.pdfa_status == "2B"
        assert metadata["dc:title"] == pdf.docinfo.Title == "note.png"
        (intent,) = pdf.Root.OutputIntents
        profile = ImageCms.ImageCmsProfile(io.BytesIO(intent.DestOutputProfile.read_bytes()))
        assert profile.profile.xcolor_space.strip() == "RGB"
        assert "/ID" in pdf.trailer and "/Encrypt" not in pdf.trailer
        page = pdf.pages[0]
        assert page.Resources.XObject.Picture.ColorSpace != "/DeviceCMYK"
        assert "/SMask" not in page.Resources.XObject.Picture
        font = page.Resources.Font.UnscrawlText
        (descendant,) = font.DescendantFonts
        assert len(descendant.FontDescriptor.FontFile2.read_bytes()) > 100
        assert "/ToUnicode" in font
    assert HEBREW in pdfium_text(data)


def test_font_has_the_measures_that_the_pdf_states() -> None:
    """As PDF/A demands."""
    program = (files("unscrawl.export") / "data" / "glyphless.ttf").read_bytes()
    font = ImageFont.truetype(io.BytesIO(program), 1000)
    assert font.getlength(" ") == 500
    assert font.getmetrics() == (800, 200)
