"""Pictures that Pillow decodes."""

from __future__ import annotations

import io
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    features,
)

from unscrawl.exceptions import DamagedInput, OcrException, UnsupportedFormat
from unscrawl.imaging.exif import ExifFacts, believable_dpi, parse_exif
from unscrawl.imaging.gif import count_gif_frames
from unscrawl.imaging.guard import decoding, without_warnings
from unscrawl.imaging.limits import MOST_PAGES, check_pixels, wanted_pages
from unscrawl.imaging.normalise import to_rgb
from unscrawl.imaging.orientation import SIDEWAYS, turn_upright, upright_to_stored
from unscrawl.imaging.page_image import PageFailure, PageImage, Pixels
from unscrawl.imaging.sniff import Format
from unscrawl.imaging.source import Source
from unscrawl.imaging.tiff import TiffPages, find_tiff_pages
from unscrawl.options import ReadOptions

__all__ = ["RasterSource", "finish_page"]


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """Pillow's JPEG reader, kept from parsing EXIF on opening, of which it warns; ``exif`` does that for us.

    Of the several pictures of an MPO (3-D cameras, phones' gain maps) this reads the first, which is the
    photograph.
    """

    def getexif(self) -> Image.Exif:
        return Image.Exif()


class _Tiff(TiffImagePlugin.TiffImageFile):
    """Pillow's TIFF reader, without its own check of the pixel limit before decoding: ours has been made."""

    def load_prepare(self) -> None:
        if self._im is None:
            self.im = Image.new(self.mode, self._tile_size, None).im
        super().load_prepare()


@dataclass(frozen=True, slots=True)
class _Decoder:
    """How to open a format.

    The reader's class is called directly, never ``Image.open``: exactly one decoder sees the bytes, and
    Pillow's process-wide pixel limit, which warns or raises there, does not come before ours.

    Attributes:
        reader: Pillow's class for it.
        noisy: Whether it warns.
        animated: Whether it has frames that build upon each other.
        feature: What Pillow must have been built with.
    """

    reader: Callable[[Any], ImageFile.ImageFile]
    noisy: bool = False
    animated: bool = False
    feature: str | None = None


_DECODERS = {
    Format.JPEG: _Decoder(_Jpeg, feature="jpg"),
    Format.PNG: _Decoder(PngImagePlugin.PngImageFile),
    Format.BMP: _Decoder(BmpImagePlugin.BmpImageFile),
    Format.DIB: _Decoder(BmpImagePlugin.DibImageFile),
    Format.TIFF: _Decoder(_Tiff, noisy=True),
    Format.GIF: _Decoder(GifImagePlugin.GifImageFile, noisy=True, animated=True),
    Format.WEBP: _Decoder(WebPImagePlugin.WebPImageFile, animated=True, feature="webp"),
    Format.JPEG2000: _Decoder(Jpeg2KImagePlugin.Jpeg2KImageFile, feature="jpg_2000"),
    Format.PNM: _Decoder(PpmImagePlugin.PpmImageFile),
    Format.AVIF: _Decoder(AvifImagePlugin.AvifImageFile, noisy=True, animated=True, feature="avif"),
}


class RasterSource(Source):
    """A picture file, of one or several pictures.

    Args:
        data: The whole file.
        name: Its name.
        kind: Its format.
        options: The limits and the page range.

    Raises:
        DamagedInput: If its header cannot be decoded.
        InvalidOption: If the page range names none of its pictures.
        LimitExceeded: If its header declares too many pixels, or too many pictures are wanted.
        UnsupportedFormat: If Pillow was built without the format.
    """

    def __init__(self, data: bytes, name: str, kind: Format, options: ReadOptions) -> None:
        self._data = data
        self._kind = kind
        self._decoder = _DECODERS[kind]
        self._options = options
        self._noisy = self._decoder.noisy or (kind is Format.PNG and b"acTL" in data)
        if self._decoder.feature and not features.check(self._decoder.feature):
            raise UnsupportedFormat(f"{name} is in {kind.value}, for which this build of Pillow has no decoder.")
        self.name = name
        count = self._count()
        super().__init__(name, count, wanted_pages(name, count, options))
        # Check the header at once, unless it is that of only one of several wanted pages: a bad one must not
        # keep the others from being read. Frames of an animation share one header.
        if len(self.wanted) == 1 or kind is not Format.TIFF:
            self._open(self.wanted[0]).close()

    @cached_property
    def _tiff(self) -> TiffPages:
        return find_tiff_pages(self._data, MOST_PAGES + 1)

    def _count(self) -> int:
        if self._kind is Format.TIFF:
            count = len(self._tiff.offsets)
        elif self._kind is Format.GIF:
            count = count_gif_frames(self._data, MOST_PAGES + 1)
        elif self._decoder.animated:
            with self._open(None) as image:
                count = int(getattr(image, "n_frames", 1))
        else:
            count = 1
        if count < 1:
            raise DamagedInput(f"{self.name} is a {self._kind.value} file without a picture in it.")
        return count

    def _open(self, number: int | None) -> ImageFile.ImageFile:
        """Open the file at a page; its header is read and its declared size checked, nothing is decoded."""
        data = self._data
        what = self._label(number)
        if self._kind is Format.TIFF and number is not None and len(self._tiff.offsets) > 1:
            data = self._tiff.only(data, number - 1)
        with decoding(what, self._options):
            with without_warnings(self._noisy):
                image = self._decoder.reader(io.BytesIO(data))
            check_pixels(what, *image.size, self._options)
            return image

    def _label(self, number: int | None) -> str:
        """What messages call a page."""
        return self.name if number is None or self.page_count < 2 else f"Page {number} of {self.name}"

    def _decode(self) -> Generator[PageImage | PageFailure, None, None]:
        animation: ImageFile.ImageFile | None = None
        broken: OcrException | None = None
        try:
            for number in self.wanted:
                if broken is not None:
                    # Frames build upon each other: after one that failed, none can be trusted.
                    yield PageFailure(number, broken)
                    continue
                try:
                    if self._decoder.animated:
                        animation = animation or self._open(None)
                        page = self._read(animation, number)
                    else:
                        with self._open(number) as image:
                            page = self._read(image, number)
                except OcrException as error:
                    if self._decoder.animated:
                        broken = error
                    yield PageFailure(number, error)
                else:
                    yield page
                    del page  # not beside the next one
        finally:
            if animation is not None:
                animation.close()

    def _read(self, image: ImageFile.ImageFile, number: int) -> PageImage:
        what = self._label(number)
        with decoding(what, self._options):
            turned_by_pillow = 1
            with without_warnings(self._noisy):
                if self._decoder.animated:
                    image.seek(number - 1)
                check_pixels(what, *image.size, self._options)  # a GIF's frame may enlarge the picture
                if self._kind is Format.TIFF:
                    # Pillow turns TIFF pictures upright as it decodes them, and no others.
                    turned_by_pillow = image.getexif().get(0x0112, 1)
                image.load()
            facts = parse_exif(_exif_block(image))
            return finish_page(
                number,
                to_rgb(image),
                facts.orientation if self._kind is not Format.TIFF else 1,
                dpi=self._dpi(image, facts),
                turned_already=turned_by_pillow if turned_by_pillow in range(1, 9) else 1,
            )

    def _dpi(self, image: Image.Image, facts: ExifFacts) -> float | None:
        # Without a density of its own, Pillow gives a JPEG that has EXIF the placeholder 72.
        stated = image.info.get("dpi")
        if self._kind is Format.JPEG and "jfif_density" not in image.info and "exif" in image.info:
            stated = None
        try:
            return believable_dpi(float(stated[0]), float(stated[1])) if stated else facts.dpi
        except (TypeError, ValueError, ZeroDivisionError, IndexError, OverflowError):
            return facts.dpi


def finish_page(
    number: int, stored: Pixels, orientation: int, *, dpi: float | None = None, turned_already: int = 1
) -> PageImage:
    """Turn the pixels upright and note the way back.

    Args:
        number: The page's number, from 1.
        stored: RGB pixels (height, width, 3).
        orientation: EXIF's, still to be applied.
        dpi: The resolution, where it is known.
        turned_already: EXIF's orientation that the decoder has applied to ``stored``.
    """
    upright = turn_upright(stored, orientation)
    if not upright.flags.c_contiguous:
        upright = upright.copy()
    upright.flags.writeable = False
    applied = orientation if orientation != 1 else turned_already
    height, width = upright.shape[:2]
    if applied in SIDEWAYS:
        width, height = height, width
    return PageImage(number, upright, upright_to_stored(applied, width, height), (width, height), dpi)


def _exif_block(image: Image.Image) -> bytes | None:
    block = image.info.get("exif")
    if isinstance(block, bytes):
        return block
    # ImageMagick's older form for PNG: a text of three header lines and hexadecimal digits.
    text = image.info.get("Raw profile type exif")
    if isinstance(text, str):
        with suppress(ValueError):
            return bytes.fromhex("".join(text.split("\n")[3:]))
    return None
