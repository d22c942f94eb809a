"""One page as pixels, with the way back to the original."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unscrawl.exceptions import OcrException
from unscrawl.imaging.geometry import Matrix

__all__ = ["PageFailure", "PageImage", "Pixels"]

Pixels = NDArray[np.uint8]
"""A picture: uint8, (height, width, 3), RGB."""


@dataclass(frozen=True, slots=True, eq=False)
class PageImage:
    """One page, upright as far as its metadata tell, in RGB.

    Attributes:
        number: The page's number in its document, counted from 1.
        pixels: uint8 (height, width, 3), RGB, not to be written to.
        to_original: 3x3 matrix that maps points of ``pixels`` to points of the stored picture (before EXIF
            orientation and before any scaling).
        original_size: Width and height of the stored picture in pixels; of a PDF page as rendered.
        dpi: Resolution where the file states a believable one.
    """

    number: int
    pixels: Pixels
    to_original: Matrix
    original_size: tuple[int, int]
    dpi: float | None = None


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page of a document of several that could not be decoded; the others are read all the same."""

    number: int
    error: OcrException
