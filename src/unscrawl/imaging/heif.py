"""HEIC and HEIF pictures, decoded by libheif through the optional package pi_heif."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from PIL import Image

from unscrawl.exceptions import MissingDependency, OcrException
from unscrawl.imaging.exif import parse_exif
from unscrawl.imaging.guard import decoding
from unscrawl.imaging.limits import check_pixels, wanted_pages
from unscrawl.imaging.normalise import to_rgb
from unscrawl.imaging.page_image import PageFailure, PageImage
from unscrawl.imaging.rasters import finish_page
from unscrawl.imaging.source import Source
from unscrawl.options import ReadOptions

__all__ = ["HeifSource"]


class HeifSource(Source):
    """A HEIC or HEIF file; of several pictures (bursts, depth maps) the primary one.

    libheif applies the file's rotation and mirroring as it decodes, as the format demands, and the EXIF
    orientation is then only a note of what was done: applying it too would turn the picture twice. The
    stored picture, to which results refer, is therefore the one that libheif gives.

    Args:
        data: The whole file.
        name: Its name.
        options: The limits.

    Raises:
        DamagedInput: If its header cannot be decoded.
        LimitExceeded: If its header declares too many pixels.
        MissingDependency: If pi_heif is not installed.
    """

    def __init__(self, data: bytes, name: str, options: ReadOptions) -> None:
        super().__init__(name, 1, wanted_pages(name, 1, options))
        self._data = data
        self._options = options
        self._open()

    def _open(self) -> Any:
        try:
            import pi_heif
        except ImportError as error:
            raise MissingDependency(
                f"{self.name} is a HEIC picture, and the package that decodes those is not installed.",
                remedy="Install it: pip install 'unscrawl[heic]'.",
            ) from error
        with decoding(self.name, self._options):
            file = pi_heif.open_heif(self._data)
            picture = file[file.primary_index]
            width, height = picture.size
            check_pixels(self.name, width, height, self._options)
            return picture

    def _decode(self) -> Generator[PageImage | PageFailure, None, None]:
        try:
            picture = self._open()
            with decoding(self.name, self._options):
                dpi = parse_exif(picture.info.get("exif")).dpi
                image: Image.Image = picture.to_pillow()
                page = finish_page(1, to_rgb(image), 1, dpi=dpi)
        except OcrException as error:
            yield PageFailure(1, error)
        else:
            yield page
