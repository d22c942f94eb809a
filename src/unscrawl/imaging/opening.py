"""The one door for inputs of every kind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unscrawl.imaging.content import read_path, read_stream
from unscrawl.imaging.limits import check_megabytes
from unscrawl.imaging.sniff import Format, sniff
from unscrawl.imaging.source import Source
from unscrawl.options import ReadOptions

__all__ = ["ImageInput", "open_source"]

ImageInput: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | NDArray[Any]
"""A path, a file's bytes, a binary file object, a Pillow image, or an array: grey (height, width), RGB
(height, width, 3) or RGBA (height, width, 4); uint8, uint16, bool, or floating point from 0 to 1."""


def open_source(source: ImageInput, options: ReadOptions) -> Source:
    """Open an input and check all that can be checked without decoding its pages.

    The bytes are read here, once: what happens to the file afterwards does not matter.

    Args:
        source: What to read; see :data:`ImageInput`. A ``str`` is a path, ``bytes`` are content.
        options: The page range, the password and the limits.

    Raises:
        DamagedInput: If it is empty, or its header cannot be decoded.
        FileNotFoundError: If the path does not exist; other errors of the file system keep their types too.
        InputTimeout: If a PDF takes too long to open.
        InvalidOption: If the page range names none of its pages, or an array is no picture.
        LimitExceeded: If it has too many bytes, pixels or pages.
        MissingDependency: If its format needs an optional package.
        PasswordRequired: If it is an encrypted PDF and the password is missing or wrong.
        TypeError: If ``source`` is something else altogether.
        UnsupportedFormat: If its format is none of ours.
    """
    if isinstance(source, Image.Image):
        from unscrawl.imaging.pictures import from_pillow

        return from_pillow(source, options)
    if isinstance(source, np.ndarray):
        from unscrawl.imaging.pictures import from_array

        return from_array(source, options)
    if isinstance(source, bytes | bytearray | memoryview):
        size = source.nbytes if isinstance(source, memoryview) else len(source)
        check_megabytes("<bytes>", size, options)
        return _from_bytes(bytes(source), "<bytes>", options)
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(source)
        opened = _from_bytes(read_path(path, options), path, options)
        opened.path = Path(path).absolute()
        return opened
    if callable(getattr(source, "read", None)):
        name = _stream_name(source)
        return _from_bytes(read_stream(source, name, options), name, options)
    raise TypeError(f"Give a path, bytes, a binary file object, a PIL image or array, not {type(source).__name__}.")


def _from_bytes(data: bytes, name: str, options: ReadOptions) -> Source:
    opened = _decoder_of(data, name, options)
    opened.file = data
    return opened


def _decoder_of(data: bytes, name: str, options: ReadOptions) -> Source:
    # Each decoder is imported when it is needed: they are what makes a start slow.
    kind = sniff(data, name)
    if kind is Format.PDF:
        from unscrawl.imaging.pdf import PdfSource

        return PdfSource(data, name, options)
    if kind is Format.HEIF:
        from unscrawl.imaging.heif import HeifSource

        return HeifSource(data, name, options)
    from unscrawl.imaging.rasters import RasterSource

    return RasterSource(data, name, kind, options)


def _stream_name(stream: object) -> str:
    name = getattr(stream, "name", None)
    return name if isinstance(name, str) and name else "<stream>"
