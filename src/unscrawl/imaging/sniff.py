"""Telling a format by the bytes themselves, never by the name of the file."""

from __future__ import annotations

import struct
from enum import Enum

from unscrawl.exceptions import DamagedInput, UnsupportedFormat

__all__ = ["Format", "sniff"]


class Format(Enum):
    """The formats that can be read."""

    JPEG = "JPEG"
    PNG = "PNG"
    BMP = "BMP"
    DIB = "DIB"
    TIFF = "TIFF"
    GIF = "GIF"
    WEBP = "WebP"
    JPEG2000 = "JPEG 2000"
    PNM = "PNM"
    AVIF = "AVIF"
    HEIF = "HEIF"
    PDF = "PDF"


PDF_HEADER_WITHIN = 1024
"""Bytes in which "%PDF-" may stand: what Acrobat and PDFium allow, since mail gateways put lines in front."""

_READABLE: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"GIF87a", Format.GIF),
    (b"GIF89a", Format.GIF),
    (b"II*\0", Format.TIFF),
    (b"MM\0*", Format.TIFF),
    (b"II+\0\x08\0\0\0", Format.TIFF),
    (b"MM\0+\0\x08\0\0", Format.TIFF),
    (b"BM", Format.BMP),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Format.JPEG2000),
    (b"\xff\x4f\xff\x51", Format.JPEG2000),
)

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}

# Looked through in order: the special ones stand before the general ones.
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"AT&TFORM", "a DjVu document"),
    (b"%!PS", "a PostScript or EPS file"),
    (b"\xc5\xd0\xd3\xc6", "an EPS file"),
    (b"8BPS", "a Photoshop file"),
    (b"gimp xcf", "a GIMP file"),
    (b"FUJIFILMCCD-RAW", "a camera's RAW picture (Fujifilm RAF)"),
    (b"IIRO", "a camera's RAW picture (Olympus ORF)"),
    (b"IIRS", "a camera's RAW picture (Olympus ORF)"),
    (b"IIU\0", "a camera's RAW picture (Panasonic RW2)"),
    (b"FOVb", "a camera's RAW picture (Sigma X3F)"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\x01\0", "a Windows icon"),
    (b"\xd0\xcf\x11\xe0", "an old Microsoft Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
    (b"\0\0\x01\xba", "an MPEG video"),
    (b"OggS", "an Ogg audio or video file"),
    (b"ID3", "an MP3 audio file"),
    (b"fLaC", "a FLAC audio file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"SQLite format 3", "an SQLite database"),
)

_ZIP_CONTENTS: tuple[tuple[bytes, str], ...] = (
    (b"word/", "a Word document (DOCX)"),
    (b"xl/", "an Excel workbook (XLSX)"),
    (b"ppt/", "a PowerPoint presentation (PPTX)"),
    (b"epub+zip", "an e-book (EPUB)"),
    (b"opendocument", "an OpenDocument file"),
)

_TEXT_SAMPLE = 4096
"""Bytes looked at to tell text from binary."""


def sniff(data: bytes, name: str) -> Format:
    """Tell the format of ``data``.

    Args:
        data: The whole input.
        name: Its name, for the message.

    Raises:
        DamagedInput: If it is empty.
        UnsupportedFormat: If it is none of ours; the message names what it looks like.
    """
    if not data:
        raise DamagedInput(f"{name} is empty.")
    for magic, known in _READABLE:
        if data.startswith(magic):
            return known
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Format.WEBP
    if data[:1] == b"P" and data[1:2] in b"123456" and data[2:3] in (b" ", b"\t", b"\r", b"\n", b"#"):
        return Format.PNM
    if data[4:8] == b"ftyp" and (boxed := _boxed(data)):
        return boxed
    if b"%PDF-" in data[:PDF_HEADER_WITHIN]:
        return Format.PDF
    if _is_dib(data):
        return Format.DIB
    looks = _looks_like(data)
    raise UnsupportedFormat(
        f"{name} is {looks}, which cannot be read." if looks else f"{name} is in no format that can be read."
    )


def _boxed(data: bytes) -> Format | None:
    """Tell HEIF from AVIF by the brands of the ISO base media file type box; None for videos and the like."""
    size = min(struct.unpack(">I", data[:4])[0], 512)
    brands = [data[8:12]] + [data[i : i + 4] for i in range(16, size - 3, 4)]
    if brands[0] in _AVIF_BRANDS:
        return Format.AVIF
    if brands[0] in _HEIF_BRANDS - {b"mif1", b"msf1"}:
        return Format.HEIF
    # mif1 says only "pictures inside": what coded them stands among the compatible brands.
    if _AVIF_BRANDS & set(brands):
        return Format.AVIF
    if _HEIF_BRANDS & set(brands):
        return Format.HEIF
    return None


def _is_dib(data: bytes) -> bool:
    """Whether this is a Windows bitmap without its file header, as clipboards give it."""
    if len(data) < 40:
        return False
    header, planes, bits = struct.unpack_from("<I8xHH", data)
    return header in (40, 52, 56, 64, 108, 124) and planes == 1 and bits in (1, 4, 8, 16, 24, 32)


def _looks_like(data: bytes) -> str | None:
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            return what
    if data[:4] == b"PK\3\4":
        return next((what for mark, what in _ZIP_CONTENTS if mark in data[:_TEXT_SAMPLE]), "a ZIP archive")
    if data[4:8] == b"ftyp":
        if data[8:12] == b"crx ":
            return "a camera's RAW picture (Canon CR3)"
        return "an audio file" if data[8:11] == b"M4A" else "a video"
    if data[:4] == b"RIFF":
        return {b"AVI ": "an AVI video", b"WAVE": "a WAV audio file"}.get(data[8:12], "a RIFF file")
    return _kind_of_text(data[:_TEXT_SAMPLE])


def _kind_of_text(sample: bytes) -> str | None:
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "plain text"
    head = sample.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in head:
        return "an SVG drawing"
    if head.startswith((b"<!doctype html", b"<html")) or b"<html" in head:
        return "an HTML page"
    if head.startswith(b"<?xml"):
        return "an XML document"
    # Control characters other than tab, line feed, form feed, carriage return and escape do not stand in
    # text.
    if any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in sample):
        return None
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # Only where more follows may the sample end in the middle of a character.
        if len(sample) < _TEXT_SAMPLE or error.start < len(sample) - 3:
            return None
    return "plain text"
