"""The gate: what is checked before a request's body is read.

FastAPI takes in a whole form before the first line of a handler runs. So whoever may not upload, or not so much, is
refused here, on the level of ASGI; and a body that is slow or longer than announced is cut off while it comes.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from unscrawl.exceptions import BodyTooSlow, LimitExceeded, OcrException, ServiceFailed, Unauthorized
from unscrawl.service.credentials import Caller
from unscrawl.service.problems import MEDIA_TYPE, problem_from, problem_headers
from unscrawl.service.quotas import RateState
from unscrawl.service.state import State
from unscrawl.service.vendor_tasks import VENDOR_TASKS

__all__ = ["Gate", "problem_response"]

_log = logging.getLogger(__name__)

FORM_BYTES = 100_000
"""What a form may have besides its file: fields and boundaries. Requests without a file may have as much."""

BASE64 = 4 / 3
"""By so much a file grows in the vendor's JSON."""

CLOSED = ("/v1/", "/v5.0/")
"""Below these paths nothing is to be had without credentials."""

UPLOADS = {"/v1/recognize": 1.0, "/try": 1.0} | {f"/v5.0/ocr/{task}": BASE64 for task in VENDOR_TASKS}
"""Paths that take a file -> by how much the body may be larger than the file's limit."""

NO_CONTENT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class Gate:
    """ASGI middleware around the whole application.

    It finds out who calls (``request.state.caller``), counts the request, limits the body, and writes a line of log and
    the metrics for each request.

    Args:
        app: What is behind it.
        state: The service.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = str(uuid.uuid4())
        known: dict[str, Any] = scope.setdefault("state", {})
        known["request_id"] = request_id
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in NO_CONTENT_HEADERS.items():
                    headers.setdefault(name, value)
                rate: RateState | None = known.get("rate")
                if rate is not None:
                    for name, value in rate.headers().items():
                        headers.setdefault(name, value)
            await send(message)

        try:
            await self._pass(scope, receive, answer, known)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "(none)")
            self._state.metrics.requests.labels(scope["method"], route, str(status)).inc()
            self._state.metrics.request_seconds.labels(route).observe(seconds)
            caller: Caller | None = known.get("caller")
            _log.info(
                "request",
                extra={
                    "request": request_id,
                    "method": scope["method"],
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    "client": caller.client_id if caller else None,
                },
            )

    async def _pass(self, scope: Scope, receive: Receive, send: Send, known: dict[str, Any]) -> None:
        answered = False
        refusals: list[OcrException] = []

        async def watched(message: Message) -> None:
            nonlocal answered
            # FastAPI makes an answer of its own of what is raised while it reads a body; ours comes instead.
            if not refusals:
                answered = True
                await send(message)

        error: OcrException
        try:
            limit = await run_in_threadpool(self._admit, scope, known)
            await self._app(scope, self._limited(receive, limit, refusals), watched)
            if not refusals:
                return
            error = refusals[0]
        except OcrException as caught:
            error = refusals[0] if refusals else caught
        except Exception as caught:
            if answered:
                raise
            _log.error("unforeseen failure", exc_info=caught, extra={"request": known["request_id"]})
            error = ServiceFailed("The service failed for an unforeseen reason.")
        if not answered:
            response = problem_response(error, known["request_id"], close=_has_body(scope))
            await response(scope, receive, send)

    def _admit(self, scope: Scope, known: dict[str, Any]) -> float:
        """Find out who calls and whether that is allowed; gives the number of bytes that the body may have.

        All in one: each step asks the database, and every way into a thread and back costs more than the question.
        """
        path = scope["path"]
        headers = Headers(scope=scope)
        if path.startswith(CLOSED) or path in UPLOADS:
            closed = path.startswith(CLOSED)
            known["caller"] = caller = self._caller(headers) if closed else self._state.page_caller(headers)
            known["rate"] = self._state.quotas.take_request(caller)
        factor = UPLOADS.get(path)
        if factor is None or scope["method"] != "POST":
            limit = float(FORM_BYTES)
            megabytes = limit / 1e6
        else:
            self._state.jobs.check_admission(known["caller"])
            megabytes = self._state.quotas.tier(known["caller"]).max_megabytes
            limit = megabytes * 1e6 * factor + FORM_BYTES
        announced = int(headers.get("content-length", "0"))  # h11 lets nothing but a number through
        if announced > limit:
            raise _too_large(megabytes, announced / 1e6)
        return limit

    def _caller(self, headers: Headers) -> Caller:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if not scheme and self._state.config.trial:
            return self._state.credentials.trial_caller()
        caller = self._state.credentials.caller(token.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            what = "The token is wrong, expired or revoked" if scheme else "There are no credentials"
            raise Unauthorized(f"401 Unauthorized: {what.lower()}.")
        return caller

    def _limited(self, receive: Receive, limit: float, refusals: list[OcrException]) -> Receive:
        """The body as it comes, cut off where it is too long or too slow; ``refusals`` then has the reason."""
        deadline: float | None = None
        size = 0
        done = False

        async def limited() -> Message:
            nonlocal deadline, size, done
            if done:
                return await receive()  # only waits for the client to go away
            if deadline is None:
                deadline = time.monotonic() + self._state.config.body_seconds
            try:
                message = await asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                seconds = self._state.config.body_seconds
                refusals.append(BodyTooSlow(f"The request did not arrive within {seconds:g} seconds."))
                raise refusals[0] from None
            size += len(message.get("body", b""))
            if size > limit:
                refusals.append(_too_large((limit - FORM_BYTES) / 1e6 or limit / 1e6, size / 1e6))
                raise refusals[0]
            done = not message.get("more_body", False)
            return message

        return limited


def _too_large(megabytes: float, actual: float) -> LimitExceeded:
    return LimitExceeded(
        f"The request is too large: {megabytes:g} MB are allowed.",
        limit="max_megabytes",
        allowed=megabytes,
        actual=actual,
    )


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def problem_response(error: OcrException, instance: str, *, close: bool = False) -> JSONResponse:
    """An error as an answer.

    Args:
        error: What went wrong.
        instance: The id of the request.
        close: Whether to end the connection, as the rest of the body will not be read.
    """
    headers = problem_headers(error)
    if close:
        headers["Connection"] = "close"
    return JSONResponse(
        problem_from(error, instance), status_code=error.http_status, headers=headers, media_type=MEDIA_TYPE
    )
