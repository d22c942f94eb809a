"""Pictures that are already in memory: Pillow images and NumPy arrays."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unscrawl.exceptions import InvalidOption
from unscrawl.imaging.depth import integers_to_bytes
from unscrawl.imaging.exif import believable_dpi
from unscrawl.imaging.guard import decoding, without_warnings
from unscrawl.imaging.limits import check_pixels, wanted_pages
from unscrawl.imaging.normalise import to_rgb
from unscrawl.imaging.page_image import PageFailure, PageImage, Pixels
from unscrawl.imaging.rasters import finish_page
from unscrawl.imaging.source import Source
from unscrawl.imaging.transparency import compose
from unscrawl.options import ReadOptions

__all__ = ["PictureSource", "from_array", "from_pillow"]

ROUNDING = 1e-3
"""How far floating-point values may lie outside 0..1: resampling filters overshoot by rounding errors."""

_ARRAY_HELP = (
    "Give grey (height, width), RGB (height, width, 3) or RGBA (height, width, 4), as uint8, uint16, bool or "
    "floating point from 0 to 1."
)


class PictureSource(Source):
    """One page that is already decoded; a copy, so that later changes by the caller do not matter."""

    def __init__(self, page: PageImage, name: str, options: ReadOptions) -> None:
        super().__init__(name, 1, wanted_pages(name, 1, options))
        self._page = page

    def _decode(self) -> Generator[PageImage | PageFailure, None, None]:
        yield self._page


def from_pillow(image: Image.Image, options: ReadOptions) -> Source:
    """Open a Pillow image: of several frames, the one that it stands at.

    Raises:
        DamagedInput: If it is lazy and its file cannot be decoded.
        LimitExceeded: If it has too many pixels.
    """
    name = "<image>"
    check_pixels(name, *image.size, options)
    with decoding(name, options):
        with without_warnings(True):
            # Before asking for the orientation: Pillow turns a TIFF as it loads it, and forgets the tag.
            image.load()
            orientation = image.getexif().get(0x0112, 1)
        dpi = None
        stated = image.info.get("dpi")
        if isinstance(stated, tuple) and len(stated) == 2:
            dpi = believable_dpi(float(stated[0]), float(stated[1]))
        page = finish_page(1, to_rgb(image), orientation if orientation in range(1, 9) else 1, dpi=dpi)
    return PictureSource(page, name, options)


def from_array(array: NDArray[Any], options: ReadOptions) -> Source:
    """Open an array, taken as RGB or grey.

    Raises:
        InvalidOption: If its shape, type or values are none of the allowed ones.
        LimitExceeded: If it has too many pixels.
    """
    name = "<array>"
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise InvalidOption(f"An array of shape {array.shape} is not a picture.", remedy=_ARRAY_HELP)
    check_pixels(name, array.shape[1], array.shape[0], options)
    with decoding(name, options):
        return PictureSource(finish_page(1, _array_to_rgb(array), 1), name, options)


def _array_to_rgb(array: NDArray[Any]) -> Pixels:
    if array.ndim == 3 and array.shape[2] == 4:
        # Apart from each other: an opaque alpha of 65535 says nothing of the depth of the colours.
        return compose(np.dstack([_to_bytes(array[..., :3]), _to_bytes(array[..., 3:], full_scale=True)]))
    values = _to_bytes(array)
    if values.ndim == 2:
        values = values[..., np.newaxis]
    return np.repeat(values, 3, axis=2) if values.shape[2] == 1 else np.array(values)


def _to_bytes(array: NDArray[Any], *, full_scale: bool = False) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return (array >> 8).astype(np.uint8) if full_scale else integers_to_bytes(array)
    if array.dtype.kind == "f":
        low, high = float(array.min()), float(array.max())
        if not (low >= -ROUNDING and high <= 1 + ROUNDING):  # NaN fails it too
            raise InvalidOption(
                f"A floating-point picture runs from 0 to 1, this array from {low:g} to {high:g}.",
                remedy="Divide it by its white, for example by 255.",
            )
        scaled: NDArray[np.uint8] = np.round(np.clip(array, 0, 1) * np.float32(255)).astype(np.uint8)
        return scaled
    raise InvalidOption(f"An array of type {array.dtype} is not a picture.", remedy=_ARRAY_HELP)
