"""The way back from a result to the picture that was read, for the forms that hold it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from unscrawl.exceptions import ExportFailed
from unscrawl.imaging import Source, open_source
from unscrawl.options import ReadOptions

__all__ = ["Original"]


@dataclass(frozen=True, slots=True)
class Original:
    """What a result was read from.

    Of a file, only where it is and what it held are kept, so that results may be collected by the thousand; bytes and
    pixels that were given from memory are kept themselves.

    Attributes:
        options: How it was opened.
        path: Where the file is; None for what came from memory.
        digest: Of the file's bytes, to notice that it has changed.
        data: The bytes, where they came from memory.
        picture: The decoded picture, where it was pixels in memory.
    """

    options: ReadOptions
    path: Path | None = None
    digest: bytes = b""
    data: bytes | None = field(default=None, repr=False)
    picture: Source | None = None

    @classmethod
    def of(cls, source: Source, options: ReadOptions) -> Original:
        """That of an opened input."""
        if source.file is None:
            return cls(options, picture=source)
        if source.path is None:
            return cls(options, data=source.file)
        return cls(options, source.path, _digest(source.file))

    def file(self) -> bytes | None:
        """The bytes that were read; None where it was pixels in memory.

        Raises:
            ExportFailed: If the file is gone or has changed since.
        """
        if self.path is None:
            return self.data
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise ExportFailed(
                f"{self.path} is needed again and cannot be read: {error.strerror or error}.",
                remedy="Put it back, or read it again from where it is now.",
            ) from error
        if _digest(data) != self.digest:
            raise ExportFailed(f"{self.path} has changed since it was read.", remedy="Read it again.")
        return data

    def source(self) -> Source:
        """The input, opened again.

        Raises:
            ExportFailed: If the file is gone or has changed since.
            OcrException: If it cannot be opened.
        """
        if self.picture is not None:
            return self.picture
        data = self.file()
        assert data is not None
        return open_source(data, self.options)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()
