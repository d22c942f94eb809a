from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue

import pytest

from tests.service import running
from tests.service.conftest import png
from unscrawl.exceptions import Forbidden, InvalidRequest
from unscrawl.service.webhooks import check_callback_url

pytestmark = pytest.mark.timeout(600)  # real processes start and read, on a machine that may be busy

Received = tuple[dict[str, str], bytes]


@contextmanager
def receiver() -> Iterator[tuple[str, Queue[Received]]]:
    """A client's own server; gives its address and what it receives."""
    got: Queue[Received] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_job_calls_back_signed_and_once(tmp_path: Path) -> None:
    with (
        receiver() as (url, got),
        running.service(home=tmp_path, callback_hosts=("127.0.0.1",), sync_seconds=0) as service,
        service.api("alice") as api,
    ):
        for data, status in ((png("a"), "done"), (b"no picture", "failed")):
            job = api.recognize(data, callback_url=url).json()["id"]
            headers, body = got.get(timeout=120)
            assert json.loads(body) == {"job": job, "status": status}
            # As a client's server checks it, with nothing of ours.
            message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            key = api.made.webhook_key.removeprefix("whsec_").encode()
            signed = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
            assert headers["webhook-signature"] == f"v1,{signed}"
            assert api.wait(job)["status"] == status
        refused = api.recognize(png("a"), callback_url="http://localhost/hook")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert api.http.get("/v1/usage").json()["month"]["calls"] == 2
    assert got.empty()


@pytest.mark.parametrize(
    "url", ["", "example.org", "ftp://example.org", "http://", "http://[", "http://a:b@example.org", "http://a\nb"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        check_callback_url(url, ["example.org"])


@pytest.mark.parametrize("url", ["http://169.254.169.254/x", "http://example.org.evil.net/", "http://EVIL.example.org"])
def test_hosts_that_are_not_named_are_not_called(url: str) -> None:
    with pytest.raises(Forbidden):
        check_callback_url(url, ["example.org"])
    check_callback_url("https://EXAMPLE.org:8443/hook", ["example.org"])
