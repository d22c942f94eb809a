"""Getting at the bytes of an input, never more of them than allowed."""

from __future__ import annotations

import errno
import os
import stat
from typing import Any, BinaryIO

from unscrawl.exceptions import DamagedInput, UnsupportedFormat
from unscrawl.imaging.limits import check_megabytes, most_bytes
from unscrawl.options import ReadOptions

__all__ = ["read_path", "read_stream"]

CHUNK = 1 << 20
"""Bytes asked for at a time: what a stream claims to hold is not believed before it comes."""

_SPECIAL = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_path(path: str, options: ReadOptions) -> bytes:
    """Read a regular file whole.

    Raises:
        DamagedInput: If it is empty.
        FileNotFoundError: If there is none; ``~`` is not expanded.
        IsADirectoryError: If it is a folder.
        LimitExceeded: If it is larger than ``max_megabytes``.
        OSError: If it cannot be read, for example ``PermissionError``.
        UnsupportedFormat: If it is a pipe, a socket or a device.
    """
    if "\0" in path:  # which open() would call a ValueError
        raise FileNotFoundError(errno.ENOENT, "No such file: its name holds a null character", path)
    if os.path.isdir(path):  # noqa: PTH112 - on Windows, open() would call this a lack of permission
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise UnsupportedFormat(f"{path} is a socket, not a file.") from error
        raise
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            what = _SPECIAL.get(stat.S_IFMT(status.st_mode), "something else")
            raise UnsupportedFormat(
                f"{path} is {what}, not a file.",
                remedy="Give a regular file, or an open file object to read from.",
            )
        check_megabytes(path, status.st_size, options)
        return _read_bounded(file, path, options)


def read_stream(stream: BinaryIO, name: str, options: ReadOptions) -> bytes:
    """Read a binary file object from where it stands to its end; it is left open.

    Raises:
        DamagedInput: If nothing comes.
        LimitExceeded: As soon as more than ``max_megabytes`` have come.
        TypeError: If it gives text.
    """
    return _read_bounded(stream, name, options)


def _read_bounded(stream: Any, name: str, options: ReadOptions) -> bytes:
    # A growing array: BytesIO and join() would need twice the memory for a moment.
    data = bytearray()
    limit = most_bytes(options)
    while len(data) <= limit:
        chunk = stream.read(min(CHUNK, limit + 1 - len(data)))
        if chunk is None:
            raise BlockingIOError(errno.EAGAIN, "The stream is not ready: make it blocking", name)
        if not isinstance(chunk, bytes | bytearray | memoryview):
            raise TypeError(f"{name} gives {type(chunk).__name__}, not bytes: open it in binary mode ('rb').")
        if not len(chunk):
            break
        data += chunk
    check_megabytes(name, len(data), options, at_least=True)
    if not data:
        raise DamagedInput(f"{name} is empty{_rewind_hint(stream)}.")
    return bytes(data)


def _rewind_hint(stream: Any) -> str:
    try:
        at = stream.tell()
    except (AttributeError, OSError, ValueError):
        return ""
    return ": it stands at its end, rewind it with seek(0)" if at else ""
