"""From any of Pillow's modes to RGB with eight bits a sample."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageChops, ImageCms

from unscrawl.imaging.depth import float_to_bytes, integers_to_bytes
from unscrawl.imaging.page_image import Pixels
from unscrawl.imaging.transparency import compose

__all__ = ["to_rgb"]

_PREMULTIPLIED = {"La": "LA", "RGBa": "RGBA"}
_WITH_ALPHA = {"LA", "PA", "RGBA"}


def to_rgb(image: Image.Image) -> Pixels:
    """The pixels as uint8 (height, width, 3), RGB; transparent parts laid on a contrasting background.

    Args:
        image: Of any mode, loaded or not; it is not changed beyond being loaded.

    Raises:
        Exception: Whatever Pillow raises on damaged data or modes without a conversion.
    """
    image.load()
    if image.mode in _PREMULTIPLIED:
        image = image.convert(_PREMULTIPLIED[image.mode])
    if image.mode in _WITH_ALPHA or (image.mode in ("1", "L", "P", "RGB") and "transparency" in image.info):
        return compose(np.asarray(image.convert("RGBA")))
    if image.mode == "I" or image.mode.startswith("I;16"):
        return _grey_to_rgb(integers_to_bytes(np.asarray(image)))
    if image.mode in ("1", "L"):
        return _grey_to_rgb(np.asarray(image.convert("L")))
    if image.mode == "F":
        return _grey_to_rgb(float_to_bytes(np.asarray(image)))
    if image.mode == "CMYK":
        image = _from_cmyk(image)
    elif image.mode == "LAB":
        image = _from_lab(image)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _grey_to_rgb(grey: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Pixels:
    return np.repeat(grey[..., np.newaxis], 3, axis=2)


def _from_cmyk(image: Image.Image) -> Image.Image:
    # Adobe writes the inks of CMYK JPEGs inverted and marks the file as its own. Pillow takes every such
    # JPEG to be inverted; those without the mark are not.
    if image.format in ("JPEG", "MPO") and "adobe" not in image.info:
        image = ImageChops.invert(image)
    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # broken, or for another colour space: better slightly wrong colours than no text
        else:
            if converted is not None:
                return converted
    return image.convert("RGB")


def _from_lab(image: Image.Image) -> Image.Image:
    transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # it is None only with inPlace=True
    return converted
