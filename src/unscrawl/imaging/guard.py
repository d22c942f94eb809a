"""Keeping decoders' accidents inside: any exception becomes one of ours, and no warning gets out."""

from __future__ import annotations

import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from PIL import Image

from unscrawl.exceptions import DamagedInput, LimitExceeded, OcrException
from unscrawl.options import ReadOptions

__all__ = ["decoding", "without_warnings"]

# Before Python 3.14 the filters of warnings belong to the process: two threads that set and restore them at
# the same time can leave the wrong ones behind. Our own threads therefore take turns.
_WARNINGS_LOCK = threading.RLock()


@contextmanager
def _silenced() -> Iterator[None]:
    with _WARNINGS_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def without_warnings(needed: bool) -> AbstractContextManager[None]:
    """Silence warnings if ``needed``.

    Only for the formats in which Pillow warns (of slips in tags, and of pictures over a limit of its own, in
    place of which ours applies): the lock makes threads wait for each other.
    """
    return _silenced() if needed else nullcontext()


@contextmanager
def decoding(what: str, options: ReadOptions) -> Iterator[None]:
    """Turn whatever a decoder raises on hostile bytes into a typed error that keeps it as its cause.

    Args:
        what: What is being decoded, for the message.
        options: For the limits.

    Raises:
        DamagedInput: For nearly everything; decoders raise SyntaxError, struct.error, zlib.error and more.
        LimitExceeded: If Pillow's own guard against decompression bombs strikes.
    """
    try:
        yield
    except OcrException:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        actual: Any = getattr(Image, "MAX_IMAGE_PIXELS", None) or 0
        raise LimitExceeded(
            f"{what} has more pixels than Pillow decodes in this format: {error}",
            limit="max_megapixels",
            allowed=options.max_megapixels,
            actual=2 * actual / 1e6,
        ) from error
    except MemoryError as error:
        raise DamagedInput(f"{what} needs more memory to decode than there is.") from error
    except Exception as error:
        raise DamagedInput(f"{what} is damaged: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """What a decoder's exception says, put so that it makes sense to whoever only has the file."""
    if isinstance(error, SyntaxError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # Pillow wraps what went wrong in a header
    if isinstance(error, struct.error | IndexError | EOFError):
        return "it ends too early"
    if isinstance(error, KeyError):
        return f"it has a value that is not known, {error}"
    if "not identified by this driver" in str(error):
        return "its header makes no sense"
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
