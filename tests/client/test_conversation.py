"""The client against a real socket whose answers are written here, for what a sound service seldom does."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import unscrawl as ocr
from tests.pictures import printed
from unscrawl import exceptions
from unscrawl.client import flow
from unscrawl.exceptions import (
    DamagedInput,
    Forbidden,
    InvalidOption,
    LimitExceeded,
    OcrException,
    QuotaExceeded,
    ServiceBusy,
    ServiceFailed,
    ServiceTimeout,
    ServiceUnreachable,
    TooManyRequests,
    Unauthorized,
)
from unscrawl.options import Region
from unscrawl.service.orders import options_from_order, order_from_options
from unscrawl.service.routes.fields import option_fields

PICTURE = printed(["hello"])
DOCUMENT = ocr.Document((), "image.png").to_dict()
TOKEN = {"access_token": "t", "expires_in": 3600}

Reply = tuple[int, dict[str, str], Any]


class Script:
    """A server that answers each path with its replies in turn, the last again and again."""

    def __init__(self, url: str, replies: dict[str, list[Reply]]) -> None:
        self.url = url
        self.replies = replies
        self.seen: list[tuple[str, str, dict[str, str]]] = []

    def next(self, path: str) -> Reply:
        waiting = self.replies[path]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.seen]


@contextmanager
def scripted(**replies: list[Reply]) -> Iterator[Script]:
    """A server whose replies for ``/v1/recognize`` are ``recognize``, and for the token ``token``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            path = self.path.partition("?")[0]
            script.seen.append((self.command, path, {key.lower(): value for key, value in self.headers.items()}))
            status, headers, content = script.next(path)
            if callable(content):
                content = content(self)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError):  # some clients here hang up early
                self.wfile.write(body)

        do_GET = do_POST = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    paths = {
        "/connect/token": replies.get("token", [(200, {}, TOKEN)]),
        "/v1/recognize": replies.get("recognize", [(200, {}, DOCUMENT)]),
        "/v1/jobs/7": replies.get("job", []),
        "/v1/jobs/7/result": replies.get("result", [(200, {}, DOCUMENT)]),
    }
    script = Script(f"http://127.0.0.1:{server.server_port}", paths)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "FIRST_PAUSE", 0.01)


def engine_for(script: Script, **more: Any) -> ocr.OcrEngine:
    return ocr.OcrEngine(client_id="id", client_secret="secret", base_url=script.url, **more)


def both(engine: ocr.OcrEngine) -> list[Callable[[], Any]]:
    return [lambda: engine.recognize(PICTURE), lambda: asyncio.run(engine.recognize_async(PICTURE))]


def problem(code: str, status: int, **more: Any) -> dict[str, Any]:
    return {"code": code, "status": status, "title": code, "detail": f"What is wrong: {code}.", **more}


CASES = [
    (401, problem("unauthorized", 401), Unauthorized, False),
    (403, problem("forbidden", 403), Forbidden, False),
    (413, problem("limit-exceeded", 413, limit="max_pages", allowed=3, actual=9), LimitExceeded, False),
    (422, problem("damaged-input", 422), DamagedInput, False),
    (429, problem("quota-exceeded", 429, retryable=False), QuotaExceeded, False),
    (401, b"<html>who are you?</html>", Unauthorized, False),
    (502, b"<html>bad gateway</html>", ServiceFailed, True),
    (418, b"", exceptions.ServiceError, False),
    (307, b"", exceptions.ServiceError, False),
]


@pytest.mark.parametrize(("status", "content", "cls", "retryable"), CASES)
def test_t41_every_failure_is_an_ocr_exception_with_status_and_retryable(
    status: int, content: Any, cls: type[OcrException], retryable: bool
) -> None:
    with scripted(recognize=[(status, {}, content)]) as script, engine_for(script) as engine:
        for call in both(engine):
            with pytest.raises(OcrException) as caught:
                call()
            assert type(caught.value) is cls
            assert (caught.value.status, caught.value.retryable) == (status, retryable)
            assert str(caught.value)


def test_t11_401_has_the_status_and_the_words() -> None:
    with scripted(token=[(401, {}, {"error": "invalid_client"})]) as script, engine_for(script) as engine:
        for call in both(engine):
            with pytest.raises(Unauthorized) as caught:
                call()
            assert caught.value.status == 401
            assert "401" in str(caught.value) and "Unauthorized" in str(caught.value)
        assert script.paths() == ["/connect/token"] * 2  # the picture was not sent


def test_t34_what_a_retry_cannot_help_is_not_tried_again() -> None:
    with scripted(recognize=[(422, {}, problem("damaged-input", 422))]) as script, engine_for(script) as engine:
        with pytest.raises(DamagedInput):
            engine.recognize(PICTURE)
        assert script.paths().count("/v1/recognize") == 1


def test_retries_wait_as_long_as_retry_after_says() -> None:
    busy = (503, {"Retry-After": "1"}, problem("service-busy", 503, retryable=True))
    with scripted(recognize=[busy, (200, {}, DOCUMENT)]) as script, engine_for(script) as engine:
        started = time.monotonic()
        engine.recognize(PICTURE)
        assert time.monotonic() - started >= 1
        keys = {headers["idempotency-key"] for _, path, headers in script.seen if path == "/v1/recognize"}
        assert len(keys) == 1


@pytest.mark.parametrize("wait", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_long_retry_after_is_left_to_the_caller(wait: str) -> None:
    limited = (429, {"Retry-After": wait}, problem("too-many-requests", 429, retryable=True))
    with scripted(recognize=[limited]) as script, engine_for(script) as engine:
        with pytest.raises(TooManyRequests) as caught:
            engine.recognize(PICTURE)
        assert caught.value.retry_after and caught.value.retry_after >= 3600
        assert script.paths().count("/v1/recognize") == 1


def test_retries_end() -> None:
    with scripted(recognize=[(503, {}, b"")]) as script, engine_for(script) as engine:
        with pytest.raises(ServiceBusy):
            engine.recognize(PICTURE)
        assert script.paths().count("/v1/recognize") == 1 + flow.RETRIES


def test_one_token_serves_many_readings_and_is_renewed_once_when_refused() -> None:
    refused: Reply = (401, {}, problem("unauthorized", 401))
    answers = [(200, {}, DOCUMENT), (200, {}, DOCUMENT), refused, (200, {}, DOCUMENT), refused]
    with scripted(recognize=answers) as script, engine_for(script) as engine:
        for _ in range(3):
            engine.recognize(PICTURE)
        assert script.paths().count("/connect/token") == 2
        with pytest.raises(Unauthorized):
            engine.recognize(PICTURE)
        assert script.paths().count("/connect/token") == 3


def test_a_token_near_its_end_is_renewed_in_time() -> None:
    short = {"access_token": "t", "expires_in": 0.2}
    with scripted(token=[(200, {}, short)]) as script, engine_for(script) as engine:
        engine.recognize(PICTURE)
        time.sleep(0.15)
        engine.recognize(PICTURE)
        assert script.paths().count("/connect/token") == 2


def test_jobs_are_waited_for() -> None:
    running, done = {"id": "7", "status": "running"}, {"id": "7", "status": "done"}
    replies: dict[str, list[Reply]] = {"recognize": [(202, {}, running)], "job": [(200, {}, running), (200, {}, done)]}
    for number in range(2):
        with scripted(**{name: list(each) for name, each in replies.items()}) as script, engine_for(script) as engine:
            both(engine)[number]()
            assert script.paths()[1:] == ["/v1/recognize", "/v1/jobs/7", "/v1/jobs/7", "/v1/jobs/7/result"]


@pytest.mark.parametrize(
    "replies",
    [
        {"recognize": [(202, {}, b"no job")]},
        {"token": [(200, {}, b"no token")]},
        {"token": [(200, {}, ["no", "token"])]},
        {"recognize": [(200, {}, b"no document")]},
        {"recognize": [(200, {}, {"schema": "1.0"})]},
    ],
)
def test_answers_that_make_no_sense_are_ocr_exceptions(replies: Any) -> None:
    with scripted(**replies) as script, engine_for(script) as engine:
        for call in both(engine):
            with pytest.raises(OcrException):
                call()


def test_t32_a_service_that_is_too_slow_is_a_timeout() -> None:
    def slow(_: object) -> Any:
        time.sleep(4)
        return DOCUMENT

    with scripted(recognize=[(200, {}, slow)]) as script, engine_for(script, timeout=0.3) as engine:
        for call in both(engine):
            started = time.monotonic()
            with pytest.raises(ServiceTimeout) as caught:
                call()
            assert caught.value.retryable
            assert time.monotonic() - started < 3.5


def test_t32_a_job_that_takes_too_long_is_a_timeout() -> None:
    running = {"id": "7", "status": "running"}
    replies: dict[str, list[Reply]] = {"recognize": [(202, {}, running)], "job": [(200, {}, running)]}
    with scripted(**replies) as script, engine_for(script, timeout=0.5) as engine, pytest.raises(ServiceTimeout):
        engine.recognize(PICTURE)


def test_t32_no_service_at_all_is_an_ocr_exception() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        engine = ocr.OcrEngine(client_id="a", client_secret="b", base_url=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        for call in both(engine):
            with pytest.raises(ServiceUnreachable) as caught:
                call()
            assert caught.value.retryable and caught.value.status is None
        engine.close()


def test_t33_the_tutorials_retries_work() -> None:
    """safe_recognize as the tutorial has it, on a service that fails until its last attempt."""
    failing: Reply = (500, {}, problem("service-failed", 500, retryable=False))
    said = []

    def safe_recognize(engine: ocr.OcrEngine, retries: int = 3) -> Any:
        for attempt in range(1, retries + 1):
            try:
                return engine.recognize()
            except ocr.exceptions.OcrException as e:
                said.append(f"Attempt {attempt} failed: {e}")
        raise RuntimeError("All OCR attempts failed.")

    with scripted(recognize=[failing, failing, (200, {}, DOCUMENT)]) as script, engine_for(script) as engine:
        engine.load_image(PICTURE)
        assert safe_recognize(engine).text == ""
    assert said == [f"Attempt {n} failed: What is wrong: service-failed." for n in (1, 2)]


def test_one_engine_serves_many_threads_and_tasks() -> None:
    with scripted() as script, engine_for(script) as engine:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda _: engine.recognize(PICTURE), range(24)))

        async def many() -> None:
            await asyncio.gather(*(engine.recognize_async(PICTURE) for _ in range(24)))

        asyncio.run(many())
        assert script.paths().count("/v1/recognize") == 48


def test_a_closed_engine_connects_again() -> None:
    with scripted() as script:
        engine = engine_for(script)
        for _ in range(2):
            engine.recognize(PICTURE)
            engine.close()


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://a", "http://", "nonsense"])
def test_addresses_that_make_no_sense_are_refused_at_once(address: str) -> None:
    with pytest.raises(InvalidOption):
        ocr.OcrEngine(base_url=address)


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_timeouts_that_make_no_sense_are_refused_at_once(timeout: float) -> None:
    with pytest.raises(InvalidOption):
        ocr.OcrEngine(base_url="http://localhost", timeout=timeout)


def test_without_an_address_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSCRAWL_URL", raising=False)
    assert ocr.OcrEngine(client_id="a", client_secret="b")._remote is None
    monkeypatch.setenv("UNSCRAWL_URL", "http://localhost:1")
    assert ocr.OcrEngine(client_id="a", client_secret="b")._remote is not None


def test_every_option_arrives_as_it_was_sent() -> None:
    options = ocr.ReadOptions(
        mode=ocr.RecognitionMode.PRINTED,
        language=(ocr.Language.SPANISH, ocr.Language.ENGLISH),
        pages="1-3,7",
        password="se same",
        allow="0123 ",
        deny="|",
        words=("Kowalski", "Gdynia"),
        patterns=(r"INV-\d{4} of \d+", "[A-Z]+"),
        regions=(Region(10, 20, 300, 80), Region(10, 100, 300, 160)),
        single_line=True,
        filters=(ocr.Filter.CONTRAST, ocr.Filter.MEDIAN),
        pdf_dpi=200,
    )
    sent = flow._fields(options)
    assert sent.keys() == {field.name for field in fields(options)} - set(flow.LOCAL)
    # A form carries texts; numbers and switches are parsed by FastAPI on the other side.
    arrived = option_fields(
        **{**sent, "single_line": sent["single_line"] == "true", "pdf_dpi": int(str(sent["pdf_dpi"]))}
    )
    assert arrived == options
    ordered = json.loads(json.dumps(order_from_options("a.png", options, ("json",))))
    assert options_from_order(ordered) == options
