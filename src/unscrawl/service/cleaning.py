"""Pictures made more legible and given back as pictures: what the reader does in passing, as a task of its own."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image

from unscrawl.detection.direction import text_direction
from unscrawl.imaging.filters import binarise, double
from unscrawl.imaging.limits import check_pixels
from unscrawl.imaging.page_image import PageImage, Pixels
from unscrawl.imaging.polarity import dark_on_light
from unscrawl.imaging.scale import within_side_limit
from unscrawl.imaging.sheet import find_tilted_sheet
from unscrawl.imaging.warping import flattened, rotated
from unscrawl.options import ReadOptions
from unscrawl.pipeline import Models

__all__ = ["CLEANERS", "clean"]

LEAST_SLANT = 0.7
"""Degrees. Ascenders and descenders let short level lines seem to slant by up to 0.5."""
LARGEST_SLANT = 45.0
"""Beyond it, it is not the page that slants, but the text that runs up or down it."""
LEAST_AGREEMENT = 0.5
"""Of text in all directions no slant can be told: that of ``preparation``."""


def _black_and_white(page: PageImage, models: Models, options: ReadOptions) -> Pixels:
    return binarise(dark_on_light(page.pixels))


def _straightened(page: PageImage, models: Models, options: ReadOptions) -> Pixels:
    """Rotated so that its text lies level; as it is where that cannot be told."""
    page = within_side_limit(page)
    direction = text_direction(models.detector().detect(dark_on_light(page.pixels)))
    slanted = LEAST_SLANT <= abs(direction.degrees) <= LARGEST_SLANT
    return (
        rotated(page, direction.degrees).pixels if slanted and direction.agreement >= LEAST_AGREEMENT else page.pixels
    )


def _flattened(page: PageImage, models: Models, options: ReadOptions) -> Pixels:
    """A sheet that was photographed at an angle, seen from above; as it is where no such sheet stands out."""
    page = within_side_limit(page)
    sheet = find_tilted_sheet(page.pixels)
    return page.pixels if sheet is None else flattened(page, sheet).pixels


def _enlarged(page: PageImage, models: Models, options: ReadOptions) -> Pixels:
    """Twice as wide and as high."""
    height, width = page.pixels.shape[:2]
    check_pixels("The enlarged picture", 2 * width, 2 * height, options)
    return double(page.pixels)


CLEANERS: dict[str, Callable[[PageImage, Models, ReadOptions], Pixels]] = {
    "binarise": _black_and_white,
    "deskew": _straightened,
    "dewarp": _flattened,
    "upscale": _enlarged,
}
"""By the name of the task."""


def clean(task: str, page: PageImage, models: Models, options: ReadOptions) -> bytes:
    """A page after a task of ``CLEANERS``, as PNG.

    Raises:
        LimitExceeded: If it would have more pixels than a page may have.
    """
    picture = Image.fromarray(CLEANERS[task](page, models, options))
    if task == "binarise":
        picture = picture.convert("1", dither=Image.Dither.NONE)
    file = io.BytesIO()
    picture.save(file, "PNG", **({"dpi": (page.dpi, page.dpi)} if page.dpi else {}))
    return file.getvalue()
