"""The conversation with a service, without a socket: a generator yields what to send and is sent what came back."""

from __future__ import annotations

import io
import logging
import random
import time
import uuid
from collections.abc import Generator, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from threading import Lock
from typing import Any

from unscrawl.client.answers import Answer, error_from
from unscrawl.exceptions import OcrException, QuotaExceeded, ServiceError, ServiceFailed, ServiceTimeout, Unauthorized
from unscrawl.export import read_result
from unscrawl.imaging import PageFailure, Source
from unscrawl.options import ReadOptions, Region
from unscrawl.result import Document

__all__ = ["Conversation", "Flow", "Pause", "Send"]

_log = logging.getLogger(__name__)

RETRIES = 4
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
"""A service that asks to wait longer than this is not waited for: the caller gets the error, and decides."""

POLL_SECONDS = 20.0
"""How long one request waits for a job to end."""

TOKEN_MARGIN = 60.0
"""Seconds before its end that a token is no longer used."""

LOCAL = ("max_megabytes", "max_megapixels", "max_pages", "page_timeout")
"""Options that are checked here; the service has limits of its own."""


Form = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Send:
    """Something to send.

    Attributes:
        method: Of HTTP.
        path: Below the service's address.
        seconds: How long to wait for the answer.
        headers: By name.
        form: Fields of a form; one that has a list is sent once for each value.
        file: A file to go with it: its name and its bytes.
    """

    method: str
    path: str
    seconds: float
    headers: Mapping[str, str]
    form: Form | None = None
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A time to wait, in seconds."""

    seconds: float


Flow = Generator[Send | Pause, Any, Document]
"""Yields what to do; is sent an ``Answer`` for each ``Send``, and may have errors of the transport thrown in."""

_Step = Generator[Send | Pause, Any, Answer]


class Conversation:
    """What is to be said to one service by one client. May be used from several threads.

    Args:
        client_id: The client; None to call without credentials.
        client_secret: Its secret.
        timeout: How many seconds one reading may take in all.
    """

    def __init__(self, client_id: str | None, client_secret: str | None, timeout: float) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._timeout = timeout
        self._token: tuple[str, float] | None = None
        self._lock = Lock()

    def read(self, source: Source, options: ReadOptions) -> Flow:
        """Have an opened input read."""
        deadline = time.monotonic() + self._timeout
        # With the key a repeated request is done, and counted, only once.
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        form = {"format": "json", **_fields(options)}
        answer: Answer = yield from self._ask("POST", "/v1/recognize", deadline, headers, form, _file(source))
        if answer.status == 202:
            answer = yield from self._await(answer, deadline)
        document = read_result(answer.body, source.name)
        return Document(document.pages, source.name)

    def _await(self, answer: Answer, deadline: float) -> _Step:
        """Wait for a job, and get its result."""
        job = answer.json()
        while True:
            if not isinstance(job, dict) or not isinstance(job.get("id"), str):
                raise ServiceFailed("The service answered with something else than a job.")
            path = f"/v1/jobs/{job['id']}"
            if job.get("status") not in ("queued", "running"):
                return (yield from self._ask("GET", f"{path}/result", deadline))
            wait = max(0.0, min(POLL_SECONDS, deadline - time.monotonic()))
            started = time.monotonic()
            answer = yield from self._ask("GET", f"{path}?wait={wait:.1f}", deadline)
            job = answer.json()
            if time.monotonic() - started < FIRST_PAUSE:  # a service that does not wait is not to be hammered
                yield Pause(FIRST_PAUSE)

    def _ask(
        self,
        method: str,
        path: str,
        deadline: float,
        headers: Mapping[str, str] | None = None,
        form: Form | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> _Step:
        """Send something with a token, again where that can help; gives the answer, which is a success."""
        renewed = False
        failures = 0
        while True:
            try:
                token = yield from self._get_token(deadline)
                bearer = {"Authorization": f"Bearer {token}"} if token else {}
                answer = yield Send(method, path, _left(deadline), {**(headers or {}), **bearer}, form, file)
                if answer.status < 300:
                    return answer  # type: ignore[no-any-return]  # sent in by the transport
                raise error_from(answer)
            except Unauthorized:
                if renewed or self._token is None:
                    raise
                renewed = True  # revoked, or the service has started anew: one try with a new token
                with self._lock:
                    self._token = None
            except OcrException as error:
                failures += 1
                pause = _pause(error, failures)
                if pause is None or time.monotonic() + pause >= deadline:
                    raise
                _log.info("The service did not answer with a result; next try in %.1f s: %s", pause, error)
                yield Pause(pause)

    def _get_token(self, deadline: float) -> Generator[Send | Pause, Any, str | None]:
        """A token that is good for a while; None where there are no credentials."""
        if self._client_id is None or self._client_secret is None:
            return None
        with self._lock:
            if self._token is not None and time.monotonic() < self._token[1]:
                return self._token[0]
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        answer: Answer = yield Send("POST", "/connect/token", _left(deadline), {}, form)
        if answer.status != 200:
            raise error_from(answer)
        content = answer.json()
        try:
            token, seconds = str(content["access_token"]), float(content["expires_in"])
        except (KeyError, TypeError, ValueError) as error:
            raise ServiceFailed("The service answered with something else than a token.") from error
        with self._lock:
            self._token = (token, time.monotonic() + max(seconds - TOKEN_MARGIN, seconds / 2))
        return token


def _left(deadline: float) -> float:
    """The seconds that are left of a reading's time.

    Raises:
        ServiceTimeout: If there are none.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise ServiceTimeout("The service did not answer with a result in the time that it has.")
    return left


def _pause(error: OcrException, failures: int) -> float | None:
    """How long to wait before the next try; None if there is to be none."""
    if not error.retryable or failures > RETRIES or isinstance(error, QuotaExceeded):
        return None
    asked = error.retry_after if isinstance(error, ServiceError) else None
    if asked is not None:
        # A little more, and not all at the same moment.
        return None if asked > LONGEST_PAUSE else asked * random.uniform(1.0, 1.1)
    return FIRST_PAUSE * float(2 ** (failures - 1)) * random.uniform(1.0, 1.5)


def _fields(options: ReadOptions) -> dict[str, str | list[str]]:
    """The options that differ from the defaults, as fields of a form."""
    texts: dict[str, str | list[str]] = {}
    for field in fields(options):
        value = getattr(options, field.name)
        if value == field.default or field.name in LOCAL:
            continue
        text: str | list[str]
        if isinstance(value, Enum):
            text = str(value.value)
        elif isinstance(value, bool):
            text = "true" if value else "false"
        elif field.metadata["repeated"]:
            text = list(value)
        elif isinstance(value, tuple) and isinstance(value[0], Enum):
            text = "+".join(each.value for each in value)
        elif isinstance(value, tuple) and isinstance(value[0], Region):
            text = "+".join(map(str, value))
        elif isinstance(value, tuple):
            text = " ".join(value)
        else:
            text = str(value)
        texts[field.name] = text
    return texts


def _file(source: Source) -> tuple[str, bytes]:
    """An input as it is sent: the file itself, or, of pixels in memory, a PNG."""
    if source.file is not None:
        return source.name.replace("\\", "/").rpartition("/")[2] or "upload", source.file
    from PIL import Image

    (page,) = source.read_pages()
    if isinstance(page, PageFailure):
        raise page.error
    file = io.BytesIO()
    dpi = {"dpi": (page.dpi, page.dpi)} if page.dpi else {}
    Image.fromarray(page.pixels).save(file, "PNG", compress_level=1, **dpi)
    return "image.png", file.getvalue()
