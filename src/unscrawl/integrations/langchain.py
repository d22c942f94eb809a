"""A document loader for LangChain: ``pip install 'unscrawl[langchain]'``.

::

    from unscrawl.integrations.langchain import UnscrawlLoader

    documents = UnscrawlLoader("note.jpg", mode="handwritten").load()
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from unscrawl.engine import OcrEngine
from unscrawl.exceptions import DamagedInput, MissingDependency

try:
    from langchain_core.document_loaders import BaseLoader
    from langchain_core.documents import Document
except ImportError as error:
    raise MissingDependency(
        "The package langchain-core is not installed.", remedy="Install it: pip install 'unscrawl[langchain]'."
    ) from error

__all__ = ["UnscrawlLoader"]


class UnscrawlLoader(BaseLoader):
    """Loads each page of a picture or PDF as a document.

    The metadata of each are ``source`` (the path), ``page`` (from 1), ``confidence`` (0 to 1), ``width`` and ``height``
    (in pixels).

    Args:
        path: A picture or PDF.
        engine: What to read with; by default one of its own. One engine can serve many loaders.
        **options: Fields of ``unscrawl.ReadOptions``, e.g. ``mode="handwritten"``.
    """

    def __init__(self, path: str | os.PathLike[str], *, engine: OcrEngine | None = None, **options: Any) -> None:
        self._path = os.fspath(path)
        self._engine = engine or OcrEngine()
        self._options = options

    def lazy_load(self) -> Iterator[Document]:
        """Read page by page, as the pages are asked for.

        Raises:
            FileNotFoundError: If the path is wrong.
            OcrException: If the input, or one of its pages, cannot be read.
        """
        for page in self._engine.iter_pages(self._path, **self._options):
            if page.error is not None:
                raise DamagedInput(f"Page {page.number} of {self._path}: {page.error}", remedy="")
            metadata = {
                "source": self._path,
                "page": page.number,
                "confidence": page.confidence,
                "width": page.width,
                "height": page.height,
            }
            yield Document(page_content=page.text, metadata=metadata)
