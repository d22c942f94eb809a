"""PDF documents, rendered by PDFium in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

import numpy as np

from unscrawl.exceptions import (
    DamagedInput,
    InputTimeout,
    LimitExceeded,
    MissingDependency,
    OcrException,
    PasswordRequired,
    UnsupportedFormat,
)
from unscrawl.imaging.geometry import identity
from unscrawl.imaging.limits import MEGA, most_pixels, wanted_pages
from unscrawl.imaging.page_image import PageFailure, PageImage
from unscrawl.imaging.pdf_protocol import MessageError, receive, send
from unscrawl.imaging.source import Source
from unscrawl.options import ReadOptions

__all__ = ["PdfSource"]

ROW_PADDING = 4
"""Bytes by which a rendered row may be longer than its pixels."""


class PdfSource(Source):
    """A PDF document.

    Args:
        data: The whole file.
        name: Its name.
        options: The limits, the page range, the resolution and the password.

    Raises:
        DamagedInput: If PDFium cannot open it, or crashes on it, or it has no pages.
        InputTimeout: If opening takes longer than ``page_timeout``.
        InvalidOption: If the page range names none of its pages.
        LimitExceeded: If too many pages are wanted.
        PasswordRequired: If it is encrypted and the password is missing or wrong.
        UnsupportedFormat: If its kind of encryption is unknown.
    """

    def __init__(self, data: bytes, name: str, options: ReadOptions) -> None:
        self._data = data
        self._options = options
        with _Worker(data, name, options) as worker:  # not kept: a source that nobody reads must not hold a process
            count = worker.page_count
        super().__init__(name, count, wanted_pages(name, count, options))

    def _decode(self) -> Generator[PageImage | PageFailure, None, None]:
        worker: _Worker | None = None
        try:
            for number in self.wanted:
                try:
                    if worker is None or not worker.alive:
                        if worker is not None:
                            worker.close()
                        worker = _Worker(self._data, self.name, self._options)
                    page = worker.render(number)
                except OcrException as error:
                    yield PageFailure(number, error)
                else:
                    yield page
                    del page  # not beside the next one
        finally:
            if worker is not None:
                worker.close()


class _Worker:
    """The worker process, with the document open in it."""

    def __init__(self, data: bytes, name: str, options: ReadOptions) -> None:
        self._name = name
        self._options = options
        self._process = _start()
        try:
            head, _ = self._ask(
                {"ask": "open", "password": options.password}, f"Opening {name}", f"{name} is damaged", data
            )
            self._refuse(head, name)
            self.page_count = int(head["pages"])
        except BaseException:  # KeyboardInterrupt too
            self.close()
            raise

    def __enter__(self) -> _Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process at once (it holds nothing worth saving) and give its pipes back."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def render(self, number: int) -> PageImage:
        """Render a page, counted from 1.

        Raises:
            DamagedInput: If it cannot be rendered, or PDFium crashes on it.
            InputTimeout: If it takes longer than ``page_timeout``.
            LimitExceeded: If it has too many pixels even at the least resolution.
        """
        what = f"Page {number} of {self._name}"
        request = {"ask": "render", "page": number - 1, "dpi": self._options.pdf_dpi}
        head, body = self._ask(request, f"Rendering page {number} of {self._name}", f"{what} is damaged")
        self._refuse(head, what)
        try:
            width, height, stride = int(head["width"]), int(head["height"]), int(head["stride"])
            dpi = float(head["dpi"])
            if min(width, height) < 1 or not 3 * width <= stride <= 3 * width + ROW_PADDING:
                raise ValueError("size")
            rows = np.frombuffer(body, dtype=np.uint8, count=height * stride).reshape(height, stride)
        except (KeyError, TypeError, ValueError) as error:
            self._process.kill()
            self._process.wait()
            raise DamagedInput(f"{what} is damaged: its rendering came to nothing.") from error
        pixels = np.ascontiguousarray(rows[:, : 3 * width]).reshape(height, width, 3)
        pixels.flags.writeable = False
        return PageImage(number, pixels, identity(), (width, height), dpi)

    def _ask(
        self, request: dict[str, Any], doing: str, damaged: str, body: bytes = b""
    ) -> tuple[dict[str, Any], bytearray]:
        """Send a request and wait for its answer, not longer than ``page_timeout``."""
        seconds = self._options.page_timeout
        limit = most_pixels(self._options)
        request = {**request, "most_pixels": limit, "seconds": seconds}
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        # Killing the process ends every wait on its pipes, and does so on every system.
        watchdog = threading.Timer(min(seconds, threading.TIMEOUT_MAX), give_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            # Subprocess types its pipes as IO[bytes]; without buffering they are raw files.
            send(cast(BinaryIO, self._process.stdin), request, body)
            # A bitmap has at most the allowed pixels, and at most as many rows, each with its padding.
            return receive(cast(BinaryIO, self._process.stdout), (3 + ROW_PADDING) * limit)
        except (OSError, MessageError) as error:
            # Waited for, too: a dying process still counts as alive, and would be asked for the next page.
            self._process.kill()
            self._process.wait()
            if late.is_set():
                raise InputTimeout(f"{doing} took longer than {seconds:g} seconds.") from error
            raise DamagedInput(f"{damaged}: {self._cause_of_death()}.") from error
        finally:
            watchdog.cancel()
            watchdog.join()  # if it is just about to strike, it must not strike the next request

    def _cause_of_death(self) -> str:
        code = self._process.wait()
        if code < 0:
            return f"its decoder was ended by signal {-code}, for a crash or want of memory"
        return "its decoder ended unexpectedly"

    def _refuse(self, head: dict[str, Any], what: str) -> None:
        """Raise what the worker reports."""
        kind = head.get("error")
        if kind is None:
            return
        reason = str(head.get("reason", ""))
        options = self._options
        if kind == "password":
            if options.password:
                raise PasswordRequired(
                    f"The password given for {what} is wrong.",
                    remedy="Check capitals and spaces: --password on the command line, password= in Python.",
                )
            raise PasswordRequired(f"{what} is encrypted, and no password was given.")
        if kind == "security":
            raise UnsupportedFormat(f"{what} is encrypted in a way that PDFium cannot open.", remedy="")
        if kind == "empty":
            raise DamagedInput(f"{what} is a PDF without pages.")
        if kind == "setup":
            raise MissingDependency(
                f"PDFs cannot be rendered: {reason}.", remedy="Install it again: pip install pypdfium2."
            )
        if kind == "pixels":
            actual = float(head.get("actual", 0)) / MEGA
            raise LimitExceeded(
                f"{what} has {actual:,.6g} megapixels even at the least resolution, 72 dpi; "
                f"the limit is {options.max_megapixels:g}.",
                limit="max_megapixels",
                allowed=options.max_megapixels,
                actual=actual,
            )
        if kind == "memory":
            raise DamagedInput(f"{what} needs more memory to decode than a PDF may have.")
        raise DamagedInput(f"{what} is damaged: {reason.rstrip('.')}.")


def _start() -> subprocess.Popen[bytes]:
    # The worker finds the same packages as we do, wherever this program took them from. -P: not those that
    # happen to lie in the current folder.
    home = str(Path(__file__).parents[2])
    paths = [home, *(path for path in sys.path if path and path != home)]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "unscrawl.imaging.pdf_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
