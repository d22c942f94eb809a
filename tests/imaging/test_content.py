"""Paths and streams: errors of the file system stay Python's own, and no more is read than allowed."""

from __future__ import annotations

import io
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from tests.bad_inputs import sample_picture, saved
from unscrawl.exceptions import DamagedInput, LimitExceeded, UnsupportedFormat
from unscrawl.imaging import open_source
from unscrawl.options import ReadOptions

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")


def test_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.png", "", "~/note.png", "a\0b"):
        with pytest.raises(FileNotFoundError) as caught:
            open_source(path, ReadOptions())
        assert caught.value.filename == str(path)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        open_source(tmp_path, ReadOptions())
    assert str(tmp_path) in str(caught.value)


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(PermissionError):
        open_source(path, ReadOptions())


@posix
def test_pipes_devices_and_sockets_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    plug = socket.socket(socket.AF_UNIX)
    plug.bind(str(tmp_path / "plug"))
    with plug:
        for path in (pipe, Path("/dev/zero"), Path("/dev/null"), tmp_path / "plug"):
            with pytest.raises(UnsupportedFormat):
                open_source(path, ReadOptions())


@posix
def test_names_that_are_not_unicode(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")
    Path(path).write_bytes(saved(sample_picture(), "PNG"))
    assert open_source(path, ReadOptions()).page_count == 1


def test_too_large(tmp_path: Path) -> None:
    data = saved(sample_picture(), "BMP")
    allowed = ReadOptions(max_megabytes=len(data) / 1e6)
    limited = ReadOptions(max_megabytes=(len(data) - 1) / 1e6)
    path = tmp_path / "large.bmp"
    path.write_bytes(data)
    for make in (lambda: data, lambda: path, lambda: io.BytesIO(data), lambda: memoryview(data)):
        assert open_source(make(), allowed).page_count == 1
        with pytest.raises(LimitExceeded) as caught:
            open_source(make(), limited)
        assert caught.value.limit == "max_megabytes"


class Endless(io.RawIOBase):
    """A stream without end that counts what was taken from it."""

    taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        assert size > 0
        self.taken += size
        return bytes(size)


def test_streams_are_not_read_beyond_the_limit() -> None:
    stream = Endless()
    with pytest.raises(LimitExceeded):
        open_source(stream, ReadOptions(max_megabytes=3))  # type: ignore[arg-type]
    assert stream.taken == 3_000_001


@posix
def test_a_pipe_by_its_file_object() -> None:
    data = saved(sample_picture(400, 300), "BMP")
    out, into = os.pipe()

    def write() -> None:
        with os.fdopen(into, "wb") as file:
            file.write(data)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(out, "rb") as file:
        assert open_source(file, ReadOptions()).page_count == 1
    writer.join()


def test_streams_of_the_wrong_kind() -> None:
    with pytest.raises(TypeError, match="binary mode"):
        open_source(io.StringIO("text"), ReadOptions())  # type: ignore[arg-type]
    stream = io.BytesIO(saved(sample_picture(), "PNG"))
    stream.read()
    with pytest.raises(DamagedInput, match="seek"):
        open_source(stream, ReadOptions())
