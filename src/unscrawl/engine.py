"""``OcrEngine``: the object of the tutorial, reading on this machine or by way of a service."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any

from unscrawl.exceptions import InvalidOption, NoImageLoaded
from unscrawl.export import Original, Result
from unscrawl.imaging import ImageInput, Source, open_source
from unscrawl.inference import available_cpus
from unscrawl.languages import LanguageChoice
from unscrawl.options import ReadOptions, RecognitionMode
from unscrawl.pipeline import Models, read_pages
from unscrawl.result import Page

if TYPE_CHECKING:
    from unscrawl.client.transport import RemoteReader

__all__ = ["OcrEngine"]

_log = logging.getLogger(__name__)

# One page gains little from more threads (measured: detection 1.9 times as fast on 2), and many pages are better
# read side by side.
MOST_THREADS = 4

# Options that play a part when an input is opened; the others only when it is read.
_OPENING = frozenset({"pages", "password", "pdf_dpi", "max_megabytes", "max_megapixels", "max_pages", "page_timeout"})


class OcrEngine:
    """Reads pictures of text. Nothing leaves this machine, unless the address of a service is given.

    ::

        engine = OcrEngine()
        engine.load_image("note.jpg")
        engine.set_recognition_mode(RecognitionMode.HANDWRITTEN)
        print(engine.recognize().text)

    One engine may be used from several threads with ``recognize(image)``; ``load_image`` and ``recognize()`` share
    one slot, as in the tutorial, so keep that pair to one thread.

    Args:
        options: The defaults of all readings.
        client_id: Who calls a service; ignored where this machine reads, which needs no account.
        client_secret: Likewise.
        base_url: The address of a service that is to read, see ``docs/service.md``; by default that of the environment
            variable ``UNSCRAWL_URL``, and this machine where there is none.
        timeout: How many seconds one reading by a service may take in all; 300 by default.
        threads: How many threads one page may use on this machine; by default as many as there are processors, at
            most 4.

    Raises:
        InvalidOption: If ``threads`` is not at least 1, or ``base_url`` or ``timeout`` makes no sense.
    """

    def __init__(
        self,
        options: ReadOptions | None = None,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        threads: int | None = None,
    ) -> None:
        if threads is not None and threads < 1:
            raise InvalidOption(f"threads must be at least 1, not {threads!r}.")
        self._remote = _connect(base_url, client_id, client_secret, timeout)
        if self._remote is None and (client_id is not None or client_secret is not None):
            _log.info("Credentials are not needed: this engine reads on this machine.")
        self._options = options or ReadOptions()
        self._models = Models(threads or min(available_cpus(), MOST_THREADS))
        self._loaded: Source | None = None
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"OcrEngine({self._options!r})"

    @property
    def options(self) -> ReadOptions:
        """The options that the next reading uses."""
        return self._options

    def set_recognition_mode(self, mode: RecognitionMode | str) -> None:
        """Choose what kind of writing to expect in all that follows.

        Raises:
            InvalidOption: If there is no such mode.
        """
        with self._lock:
            self._options = self._options.with_mode(mode)

    def set_language(self, language: LanguageChoice | Iterable[LanguageChoice]) -> None:
        """Choose the language or languages of all that follows: ``Language.SPANISH``, ``"es"``, ``["es", "en"]``.

        Raises:
            UnknownLanguage: If there is no such language.
        """
        with self._lock:
            self._options = self._options.with_language(language)

    def load_image(self, source: ImageInput, **changes: Any) -> None:
        """Open a picture or PDF, to be read by ``recognize()``; the last one loaded counts.

        Args:
            source: A path, bytes, a binary file object, a PIL image, or an array (RGB, or grey).
            **changes: Fields of ``ReadOptions`` that differ for this input, e.g. ``pages="1-3"``.

        Raises:
            FileNotFoundError: If the path is wrong.
            OcrException: If the input is no picture or PDF, is damaged, or is over a limit.
        """
        opened = open_source(source, self._changed(changes))
        with self._lock:
            self._loaded = opened

    def recognize(self, source: ImageInput | None = None, **changes: Any) -> Result:
        """Read the loaded input, or the one given here.

        May be called again and again for one loaded input.

        Args:
            source: What to read; None for what ``load_image`` has loaded. See there for what it may be.
            **changes: Fields of ``ReadOptions`` that differ for this reading, e.g. ``single_line=True``.

        Raises:
            NoImageLoaded: If there is nothing to read.
            FileNotFoundError: If the path is wrong.
            OcrException: If the input cannot be opened or read.
        """
        opened = self._open(source, changes)
        options = self._changed(changes)
        if self._remote is not None:
            pages = self._remote.read(opened, options).pages
        else:
            pages = tuple(read_pages(opened, self._models, options))
        return Result(pages, opened.name, Original.of(opened, options))

    async def recognize_async(self, source: ImageInput | None = None, **changes: Any) -> Result:
        """Read as ``recognize`` does, without holding up the event loop.

        A service is waited for without a thread; on this machine a thread reads.
        """
        if self._remote is None:
            return await asyncio.to_thread(self.recognize, source, **changes)
        opened = await asyncio.to_thread(self._open, source, changes)
        options = self._changed(changes)
        document = await self._remote.read_async(opened, options)
        return Result(document.pages, opened.name, Original.of(opened, options))

    def iter_pages(self, source: ImageInput | Source | None = None, **changes: Any) -> Iterator[Page]:
        """Read page by page: each page is read when it is asked for. Takes and raises what ``recognize`` does.

        A service reads all pages before the first is given.
        """
        opened, options = self._open(source, changes), self._changed(changes)
        if self._remote is not None:
            return iter(self._remote.read(opened, options).pages)
        return read_pages(opened, self._models, options)

    def explain(self, source: ImageInput | None = None, **changes: Any) -> str:
        """Read as ``recognize`` does, and show how: what was done to each page and why, its lines, what is doubtful.

        This machine reads, also where the engine has a service to read for it: results of a service do not tell how.

        Args:
            source: What to read; None for what ``load_image`` has loaded.
            **changes: As for ``recognize``.

        Returns:
            An HTML document that stands alone. It repeats the picture and its text.

        Raises:
            NoImageLoaded: If there is nothing to read.
            FileNotFoundError: If the path is wrong.
            OcrException: If the input cannot be opened or read.
        """
        from unscrawl.explain import explain_html

        return explain_html(self._open(source, changes), self._models, self._changed(changes))

    def close(self) -> None:
        """Let go of the loaded input, the networks (loaded again if the engine is used again) and connections."""
        with self._lock:
            self._loaded = None
            self._models = self._models.fresh()
        if self._remote is not None:
            self._remote.close()

    def __enter__(self) -> OcrEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _changed(self, changes: dict[str, Any]) -> ReadOptions:
        """The engine's options with a call's changes."""
        if not changes:
            return self._options
        known = {field.name for field in fields(ReadOptions)}
        if unknown := changes.keys() - known:
            raise InvalidOption(
                f"There is no option {', '.join(sorted(unknown))}.",
                remedy=f"Options are {', '.join(sorted(known))}.",
            )
        return replace(self._options, **changes)

    def _open(self, source: ImageInput | Source | None, changes: dict[str, Any]) -> Source:
        if isinstance(source, Source):
            return source
        if source is not None:
            return open_source(source, self._changed(changes))
        if late := changes.keys() & _OPENING:
            raise InvalidOption(f"{', '.join(sorted(late))}: give this to load_image(), which opens the input.")
        with self._lock:
            if self._loaded is None:
                raise NoImageLoaded("There is nothing to read.")
            return self._loaded


def _connect(
    base_url: str | None, client_id: str | None, client_secret: str | None, timeout: float | None
) -> RemoteReader | None:
    """The way to a service; None where this machine is to read."""
    if base_url is None and not os.environ.get("UNSCRAWL_URL"):
        return None
    # An HTTP client is only loaded where it is needed.
    from unscrawl.client.transport import TIMEOUT, RemoteReader, service_address

    address = service_address(base_url)
    if address is None:
        return None
    return RemoteReader(address, client_id, client_secret, TIMEOUT if timeout is None else timeout)
