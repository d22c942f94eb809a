"""Pictures inside a PDF: JPEG and PNG data as they are, everything else decoded."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from unscrawl.imaging.exif import parse_exif
from unscrawl.imaging.geometry import Matrix, identity
from unscrawl.imaging.orientation import SIDEWAYS, upright_to_stored
from unscrawl.imaging.page_image import PageImage, Pixels

__all__ = ["Picture", "copied", "encoded"]

_JPEG_QUALITY = 92
"""For photographs in a compression that PDF does not know (HEIC, AVIF): without loss they would be ten times as
large, and at this quality no difference can be seen."""

# JPEG's kinds of frames, and those that every PDF reader decodes: baseline, extended, progressive, with Huffman codes.
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_KNOWN_FRAMES = {0xC0, 0xC1, 0xC2}

_GREY, _RGB, _PALETTE = 0, 2, 3
"""PNG's types of colour that have no transparency."""

_SPACES = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}
_PROFILED = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
"""What an ICC profile calls its colours -> samples of a pixel."""


_MOST_PROFILE_BYTES = 8_000_000
"""Profiles of presses have 2 MB; more is a trap."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a PDF holds it.

    Attributes:
        data: Its coded bytes.
        size: Width and height in pixels.
        upright_size: Those of its upright view.
        upright_to_drawn: 3x3 matrix from its upright view to its own pixels.
        upright_to_stored: Likewise to those of the stored picture that results refer to.
        filters: How PDF decodes it.
        depth: Bits of a sample.
        samples: Of a pixel.
        profile: Its colours' ICC profile.
        palette: RGB, three bytes a colour.
        inverted: Whether white is 0, as in the CMYK that Adobe's programs write.
    """

    data: bytes = field(repr=False)
    size: tuple[int, int]
    upright_size: tuple[int, int]
    upright_to_drawn: Matrix
    upright_to_stored: Matrix
    filters: dict[str, Any]
    depth: int
    samples: int
    profile: bytes | None = None
    palette: bytes | None = None
    inverted: bool = False

    @property
    def is_plain_cmyk(self) -> bool:
        """Whether it is made for a printing press and does not say for which."""
        return self.samples == 4 and self.profile is None

    def add_to(self, pdf: pikepdf.Pdf) -> Any:
        """Make it an object of a PDF."""
        width, height = self.size
        space: Any = _SPACES[self.samples]
        if self.profile is not None:
            profile = pdf.make_stream(self.profile)
            profile.N = self.samples
            profile.Alternate = space
            space = Array([Name.ICCBased, profile])
        if self.palette is not None:
            space = Array([Name.Indexed, Name.DeviceRGB, len(self.palette) // 3 - 1, pikepdf.String(self.palette)])
        stream = pikepdf.Stream(
            pdf,
            self.data,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=width,
            Height=height,
            ColorSpace=space,
            BitsPerComponent=self.depth,
            **self.filters,
        )
        if self.inverted:
            stream.Decode = Array([1, 0] * self.samples)
        return pdf.make_indirect(stream)


def copied(data: bytes) -> Picture | None:
    """The only picture of a JPEG or PNG file, coded as it is there; None if PDF cannot hold that."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(data)
    return None


def encoded(page: PageImage, *, photograph: bool) -> Picture:
    """A decoded page.

    Args:
        page: Its pixels, upright.
        photograph: Whether it had been compressed with loss, so that a little more does not matter.
    """
    pixels = _fewest_samples(page.pixels)
    out = io.BytesIO()
    if photograph:
        Image.fromarray(pixels).save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    elif pixels.ndim == 2 and not ((pixels != 0) & (pixels != 255)).any():
        Image.fromarray(pixels).convert("1", dither=Image.Dither.NONE).save(out, "PNG")
    else:
        Image.fromarray(pixels).save(out, "PNG")
    picture = copied(out.getvalue())
    assert picture is not None  # Pillow writes what we know
    return replace(picture, upright_to_stored=page.to_original)


def _fewest_samples(pixels: Pixels) -> Pixels:
    """Grey pixels as (height, width), others as they are."""
    grey = np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(pixels[..., 1], pixels[..., 2])
    return np.ascontiguousarray(pixels[..., 0]) if grey else pixels


def _picture(data: bytes, size: tuple[int, int], orientation: int, **facts: Any) -> Picture:
    width, height = size
    upright = (height, width) if orientation in SIDEWAYS else size
    to_stored = upright_to_stored(orientation, width, height) if orientation != 1 else identity()
    return Picture(data, size, upright, to_stored, to_stored, **facts)


def _jpeg(data: bytes) -> Picture | None:
    frame, exif, profile, adobe = None, b"", b"", False
    for mark, start, end in _jpeg_segments(data):
        if mark in _FRAMES:
            depth, height, width, samples = struct.unpack_from(">BHHB", data, start)
            if mark not in _KNOWN_FRAMES or depth != 8 or not width or not height or samples not in _SPACES:
                return None
            frame = width, height, samples
        elif mark == 0xE1 and data.startswith(b"Exif\0\0", start):
            exif = exif or data[start:end]
        elif mark == 0xE2 and data.startswith(b"ICC_PROFILE\0", start):
            profile += data[start + 14 : end]  # after the part's number and the count of parts
        elif mark == 0xEE and data.startswith(b"Adobe", start):
            adobe = True
    if frame is None:
        return None
    width, height, samples = frame
    return _picture(
        data,
        (width, height),
        parse_exif(exif).orientation,
        filters={"Filter": Name.DCTDecode},
        depth=8,
        samples=samples,
        profile=_fitting(profile, samples),
        inverted=samples == 4 and adobe,
    )


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Mark, start and end of every segment before the picture's data."""
    at = 2
    while at + 4 < len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        if data[at + 1] == 0xFF:  # padding
            at += 1
            continue
        end = at + 2 + int(struct.unpack_from(">H", data, at + 2)[0])
        if end > len(data):
            return
        yield data[at + 1], at + 4, end
        at = end


def _png(data: bytes) -> Picture | None:
    chunks = _png_chunks(data)
    header = chunks.get(b"IHDR", b"")
    if len(header) != 13 or not chunks.get(b"IDAT"):
        return None
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    palette = chunks.get(b"PLTE")
    if interlaced or colour not in (_GREY, _RGB, _PALETTE) or b"tRNS" in chunks:
        return None
    # The orientation may stand in a text, in ImageMagick's own form.
    if (colour == _PALETTE and not palette) or b"Raw profile type exif" in data:
        return None
    samples = 3 if colour == _RGB else 1
    return _picture(
        chunks[b"IDAT"],
        (width, height),
        parse_exif(chunks.get(b"eXIf")).orientation,
        filters={
            "Filter": Name.FlateDecode,
            "DecodeParms": Dictionary(Predictor=15, Colors=samples, BitsPerComponent=depth, Columns=width),
        },
        depth=depth,
        samples=samples,
        profile=None if colour == _PALETTE else _fitting(_png_profile(chunks.get(b"iCCP", b"")), samples),
        palette=palette if colour == _PALETTE else None,
    )


def _png_profile(chunk: bytes) -> bytes:
    """The ICC profile in an ``iCCP`` chunk: a name, a zero, the method, compressed data."""
    _, _, rest = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], _MOST_PROFILE_BYTES)
    except zlib.error:
        return b""


def _png_chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG by their names; those of one name joined, as IDAT has to be."""
    chunks: dict[bytes, list[bytes]] = {}
    at = 8
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        chunks.setdefault(name, []).append(data[at + 8 : at + 8 + size])
        at += 12 + size
    return {name: b"".join(parts) for name, parts in chunks.items()}


def _fitting(profile: bytes, samples: int) -> bytes | None:
    """The profile if it is one for so many samples; cameras and scanners attach wrong ones."""
    if len(profile) < 128 or profile[36:40] != b"acsp":
        return None
    return profile if _PROFILED.get(profile[16:20]) == samples else None
