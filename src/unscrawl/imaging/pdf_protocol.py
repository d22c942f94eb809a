"""Messages between the reader of PDFs and its worker process.

Each is a JSON head and raw bytes, preceded by the sizes of both. Only the standard library is imported: the
worker starts anew for each document.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

__all__ = ["MessageError", "receive", "send"]

_SIZES = struct.Struct(">IQ")

MOST_HEAD_BYTES = 1 << 16
"""A head holds a few numbers and a sentence. Whatever is longer is not one of ours: the worker reads hostile
files, so that what it says is not trusted either."""


class MessageError(Exception):
    """The other side is gone, or says what it must not."""


def send(pipe: BinaryIO, head: dict[str, Any], body: Any = b"") -> None:
    """Write a message to an unbuffered pipe.

    Raises:
        OSError: If nobody reads.
    """
    encoded = json.dumps(head).encode()
    view = memoryview(body).cast("B")
    _write_all(pipe, memoryview(_SIZES.pack(len(encoded), len(view)) + encoded))
    _write_all(pipe, view)


def receive(pipe: BinaryIO, most: int) -> tuple[dict[str, Any], bytearray]:
    """Read a message of at most ``most`` raw bytes from an unbuffered pipe.

    Raises:
        MessageError: If the pipe ends, or the message is too large or malformed.
    """
    head_size, body_size = _SIZES.unpack(_read_all(pipe, _SIZES.size))
    if head_size > MOST_HEAD_BYTES or body_size > most:
        raise MessageError("message too large")
    try:
        head = json.loads(_read_all(pipe, head_size))
    except ValueError as error:
        raise MessageError("malformed message") from error
    if not isinstance(head, dict):
        raise MessageError("malformed message")
    return head, _read_all(pipe, body_size)


def _write_all(pipe: BinaryIO, view: memoryview) -> None:
    while view:
        view = view[pipe.write(view) :]


def _read_all(pipe: BinaryIO, size: int) -> bytearray:
    buffer = bytearray(size)
    view = memoryview(buffer)
    while view:
        # Typeshed gives readinto() to raw and buffered files, but not to BinaryIO.
        got = pipe.readinto(view)  # type: ignore[attr-defined]
        if not got:
            raise MessageError("end of messages")
        view = view[got:]
    return buffer
