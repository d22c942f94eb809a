"""What is refused before, or while, a request's body arrives."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import running
from tests.service.conftest import png
from tests.service.running import Api, Service
from unscrawl.service import server
from unscrawl.service.tiers import BUILT_IN, Tier

pytestmark = pytest.mark.timeout(600)  # real processes start and read, on a machine that may be busy

SMALL = Tier(name="small", max_megabytes=0.2, requests_per_minute=100_000)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that is impatient, and takes small files only."""
    home = tmp_path_factory.mktemp("home")
    with running.service(home=home, body_seconds=2.0, sync_seconds=60, tiers={**BUILT_IN, "small": SMALL}) as service:
        yield service


@pytest.fixture(scope="module")
def small(strict: Service) -> Iterator[Api]:
    with strict.api("small", "small") as api:
        yield api


def connect(api: Api) -> socket.socket:
    host, _, port = api.url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def head(api: Api, *lines: str, token: bool = True) -> bytes:
    own = [f"Authorization: {api.http.headers['authorization']}"] if token else []
    form = "Content-Type: multipart/form-data; boundary=x"
    return "\r\n".join(["POST /v1/recognize HTTP/1.1", "Host: x", form, *own, *lines, "", ""]).encode()


def answer(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def test_an_announced_size_over_the_limit_is_refused_before_the_body(small: Api) -> None:
    with connect(small) as connection:
        connection.sendall(head(small, "Content-Length: 50000000"))
        received = answer(connection)
    assert received.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"limit-exceeded"' in received and b'"max_megabytes"' in received


def test_strangers_are_refused_before_the_body(small: Api) -> None:
    with connect(small) as connection:
        connection.sendall(head(small, "Content-Length: 100000", token=False))
        assert answer(connection).startswith(b"HTTP/1.1 401 ")


def test_a_body_that_does_not_tell_its_size_is_cut_off(small: Api) -> None:
    sent = 0
    with connect(small) as connection:
        connection.sendall(head(small, "Transfer-Encoding: chunked"))
        part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        try:
            while sent < 100_000_000:
                connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
                sent += 0x10000
        except OSError:
            pass  # the other side has closed
        assert sent < 20_000_000  # what fits into the buffers on the way


def test_a_body_that_trickles_is_cut_off(small: Api) -> None:
    started = time.monotonic()
    with connect(small) as connection:
        connection.sendall(head(small, "Content-Length: 1000"))
        connection.sendall(b"--x\r\n")
        received = answer(connection)
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b"body-too-slow" in received
    assert time.monotonic() - started >= 2


def test_header_lines_that_trickle_are_cut_off(small: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADER_SECONDS", 1.0)
    with connect(small) as silent, connect(small) as slow:
        slow.sendall(b"POST /v1/recognize HTTP/1.1\r\nHost:")
        for connection in (silent, slow):
            with pytest.raises(ConnectionError):
                assert answer(connection) == b""
                raise ConnectionError


def test_after_all_that_files_are_still_read(small: Api) -> None:
    for _ in range(3):  # on one connection
        assert small.text(png("still here")) == "still here"


def test_forms_without_a_file_are_small(small: Api) -> None:
    refused = small.http.post("/connect/token", data={"client_id": "a" * 200_000})
    assert refused.status_code == 413


def test_no_upload_is_left_on_disk(strict: Service, small: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    small.text(png("gone"))
    with strict.state.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM uploads").scalar() == 0
    home = Path(strict.state.config.home)
    assert {path.name.partition(".db")[0] for path in home.iterdir()} == {"service"}
    assert home.stat().st_mode & 0o077 == 0 or (home / "service.db").stat().st_mode & 0o077 == 0
