"""What every kind of input looks like once it is open."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from unscrawl.imaging.page_image import PageFailure, PageImage

__all__ = ["Source"]


class Source(ABC):
    """An opened input: checked as far as that is cheap, its pages not yet decoded.

    Attributes:
        name: A path, or for example ``"<bytes>"``.
        page_count: How many pages it has, wanted or not.
        wanted: The numbers of the pages to read, counted from 1, ascending.
        file: The input's bytes as they came; None where it was pixels in memory.
        path: Where they were read from, absolute; None where they were given as bytes or a stream.
    """

    file: bytes | None = None
    path: Path | None = None

    def __init__(self, name: str, page_count: int, wanted: Sequence[int]) -> None:
        self.name = name
        self.page_count = page_count
        self.wanted = wanted

    def read_pages(self) -> Iterator[PageImage | PageFailure]:
        """Decode the wanted pages one after the other; each call starts from the first.

        Yields:
            A page, or, where several are wanted, what kept it from being decoded.

        Raises:
            OcrException: If only one page is wanted and it cannot be decoded.
        """
        # closing(): whoever abandons the outer iterator must end the inner one too, which may hold a process.
        with closing(self._decode()) as pages:
            for page in pages:
                if isinstance(page, PageFailure) and len(self.wanted) == 1:
                    raise page.error
                yield page

    @abstractmethod
    def _decode(self) -> Generator[PageImage | PageFailure, None, None]:
        """Yield every wanted page as a picture or a failure."""
