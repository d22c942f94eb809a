"""Hostile and broken inputs, made on the spot.

Each must end in a typed error or in pages, soon and in little memory.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw

from tests.pdf_files import BLACK_SQUARE, pdf_of_objects, pdf_of_pages

__all__ = ["bad_inputs", "png_with_size", "sample_picture", "saved", "valid_inputs"]


def sample_picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """White paper with a black stroke and a coloured corner."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.line([(4, height // 2), (width - 5, height // 2)], fill="black", width=max(1, height // 12))
    draw.rectangle([0, 0, width // 8, height // 8], fill=(200, 30, 30))
    return image.convert(mode)


def saved(image: Image.Image, form: str, **kwargs: Any) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, form, **kwargs)
    return out.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_with_size(width: int, height: int, data: bytes = b"", depth: int = 8, colour: int = 0) -> bytes:
    """A PNG whose header declares a size; its pixels are ``data`` before compression."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(data)) + _chunk(b"IEND", b"")


def _tiff(entries: list[tuple[int, int, int, int]], following: int = 0, body: bytes = b"") -> bytes:
    """A little-endian TIFF of one directory; entries are tag, type (3 short, 4 long), count, value."""
    directory = struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        directory += struct.pack("<HHII", tag, kind, count, value)
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", following) + body


def _tiff_picture(width: int, height: int, compression: int, body: bytes, following: int = 0) -> bytes:
    entries = 10
    at = 8 + 2 + 12 * entries + 4
    return _tiff(
        [
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 1, 8),
            (259, 3, 1, compression),
            (262, 3, 1, 1),
            (273, 4, 1, at),
            (277, 3, 1, 1),
            (278, 4, 1, height),
            (279, 4, 1, len(body)),
            (284, 3, 1, 1),
        ],
        following,
        body,
    )


def _gif(width: int, height: int, frames: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * frames + b";"


def valid_inputs() -> dict[str, bytes]:
    """A small sound file of each format that Pillow can write, and a PDF."""
    picture = sample_picture()
    frames = [sample_picture(), sample_picture().rotate(180)]
    several: dict[str, Any] = {"save_all": True, "append_images": frames[1:]}
    return {
        "jpeg": saved(picture, "JPEG", quality=80),
        "png": saved(picture, "PNG"),
        "bmp": saved(picture, "BMP"),
        "tiff": saved(picture, "TIFF", compression="tiff_lzw", **several),
        "tiff-raw": saved(picture, "TIFF"),
        "gif": saved(picture, "GIF", **several),
        "webp": saved(picture, "WEBP", **several),
        "jpeg2000": saved(picture, "JPEG2000"),
        "avif": saved(picture, "AVIF"),
        "pnm": saved(picture, "PPM"),
        "pdf": pdf_of_pages(BLACK_SQUARE, BLACK_SQUARE),
    }


def bad_inputs() -> dict[str, bytes]:
    """Broken, hostile and merely odd files by name."""
    valid = valid_inputs()
    cases: dict[str, bytes] = {
        "empty": b"",
        "one-byte": b"\xff",
        "zeros": bytes(5000),
        "random": random.Random(1).randbytes(5000),
        "text": b"Dear diary,\nnothing happened today.\n" * 20,
        "text-latin1": "Ça va très bien".encode("latin-1") * 20,
        "html": b"<!DOCTYPE html><html><body>Not found</body></html>",
        "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        "docx": b"PK\3\4" + bytes(26) + b"word/document.xml" + bytes(100),
        "mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(100),
        "heic-header-only": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "avif-header-only": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
        "webp-header-only": b"RIFF\x24\0\0\0WEBPVP8 ",
        "pdf-header-only": b"%PDF-1.7\n",
        "pdf-garbage": b"%PDF-1.4\n" + random.Random(2).randbytes(5000),
        "pdf-no-pages": pdf_of_objects([b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Count 0 /Kids []>>"]),
        "pdf-forged-count": pdf_of_objects(
            [b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Count 2147483647 /Kids []>>"]
        ),
        "pdf-tree-of-itself": pdf_of_objects(
            [
                b"<</Type /Catalog /Pages 2 0 R>>",
                b"<</Type /Pages /Count 2 /Kids [2 0 R 2 0 R] /Parent 2 0 R>>",
            ]
        ),
        "pdf-deep-tree": pdf_of_objects(
            [b"<</Type /Catalog /Pages 2 0 R>>"]
            + [b"<</Type /Pages /Count 1 /Kids [%d 0 R]>>" % (number + 1) for number in range(2, 3000)]
            + [b"<</Type /Page /MediaBox [0 0 9 9]>>"]
        ),
        "pdf-deep-array": pdf_of_pages(BLACK_SQUARE, extra=b"/Foo " + b"[" * 50_000),
        "pdf-huge-page": pdf_of_pages(BLACK_SQUARE, box="0 0 20000000 20000000"),
        "pdf-huge-thin-page": pdf_of_pages(BLACK_SQUARE, box="0 0 14400000 1"),
        "pdf-nan-page": pdf_of_pages(BLACK_SQUARE, box="0 0 nan 1e999"),
        "pdf-tiny-page": pdf_of_pages(BLACK_SQUARE, box="0 0 0.001 0.001"),
        "pdf-inverted-page": pdf_of_pages(BLACK_SQUARE, box="100 200 0 0"),
        "png-bomb-header": png_with_size(2**31 - 1, 2**31 - 1),
        "png-flat-bomb": png_with_size(2**31 - 1, 1),
        "png-tall-bomb": png_with_size(1, 2**31 - 1),
        "png-no-data": png_with_size(100, 100),
        "png-zero-size": png_with_size(0, 10),
        "png-too-much-data": png_with_size(8, 8, bytes(30_000_000)),
        "png-text-bomb": valid["png"][:33]
        + _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000)))
        + valid["png"][33:],
        "png-bad-crc": valid["png"][:60] + bytes([valid["png"][60] ^ 0xFF]) + valid["png"][61:],
        "png-1x1": saved(sample_picture(1, 1), "PNG"),
        "png-20000-wide": saved(Image.new("L", (20_000, 5), 255), "PNG"),
        "png-1-high": saved(Image.new("L", (3000, 1), 255), "PNG"),
        "png-1-wide": saved(Image.new("L", (1, 3000), 255), "PNG"),
        "tiff-bomb": _tiff_picture(60_000, 60_000, 8, zlib.compress(bytes(1_000_000))),
        "tiff-inflating-strip": _tiff_picture(50, 50, 8, zlib.compress(bytes(50_000_000))),
        "tiff-of-itself": _tiff_picture(4, 4, 1, bytes(16), following=8),
        "tiff-directory-outside": b"II*\0" + struct.pack("<I", 2**31),
        "tiff-no-directory": b"II*\0" + bytes(4),
        "tiff-empty-directory": _tiff([]),
        "tiff-huge-tag": _tiff([(256, 4, 2**31, 50), (257, 4, 1, 50), (270, 2, 2**32 - 1, 8)]),
        "tiff-strip-outside": _tiff_picture(4, 4, 1, b""),
        "tiff-odd-compression": _tiff_picture(4, 4, 34_712, bytes(16)),
        "bigtiff-cut": b"II+\0\x08\0\0\0" + struct.pack("<Q", 2**60),
        "gif-many-frames": _gif(1, 1, 100_000),
        "gif-no-frames": _gif(1, 1, 0),
        "gif-huge-canvas": _gif(65_535, 65_535, 1),
        "gif-huge-frame": _gif(1, 1, 1).replace(struct.pack("<HHHH", 0, 0, 1, 1), b"\xff" * 8),
        "gif-endless-extension": _gif(1, 1, 0)[:-1] + b"!\xfe" + b"\x01a" * 100_000,
        "bmp-huge": valid["bmp"][:18] + struct.pack("<ii", 2**31 - 1, 2**31 - 1) + valid["bmp"][26:],
        "bmp-upside-down": valid["bmp"][:18] + struct.pack("<ii", 64, -48) + valid["bmp"][26:],
        "pnm-huge": b"P6 2000000000 2000000000 255\n",
        "pnm-long-number": b"P6 " + b"9" * 10_000,
        "jpeg2000-header-only": valid["jpeg2000"][:90],
        "two-jpegs": valid["jpeg"] + valid["jpeg"],
        "jpeg-and-rubbish": valid["jpeg"] + bytes(1000),
    }
    start = valid["jpeg"].index(b"\xff\xc0") + 5
    cases["jpeg-65k"] = valid["jpeg"][:start] + b"\xff" * 4 + valid["jpeg"][start + 4 :]
    cases["jpeg-zero-size"] = valid["jpeg"][:start] + bytes(4) + valid["jpeg"][start + 4 :]
    cases["jpeg-bad-exif"] = (
        b"\xff\xd8\xff\xe1\x00\x20Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12\x00\x05" + bytes(10) + valid["jpeg"][2:]
    )
    for name, data in valid.items():
        for share in (0.05, 0.3, 0.6, 0.9, 0.99):
            cases[f"{name}-cut-{share:.0%}"] = data[: int(len(data) * share)]
    return cases
