"""Ctrl-C at a moment when it may not come: while a native library is being imported."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["interrupts_wait"]


@contextmanager
def interrupts_wait() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` at the end of this block, not within it.

    Libraries bound with pybind11 end the process ("terminate called") if an exception comes up while they are being
    imported. Whoever handles Ctrl-C in a way of his own is left alone, and so are threads that get no signals.

    Raises:
        KeyboardInterrupt: At the end, if Ctrl-C was pressed meanwhile.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: pressed.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if pressed.is_set():
            raise KeyboardInterrupt
