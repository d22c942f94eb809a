"""Sends what a conversation says, with httpx2: once for threads, once for ``asyncio``."""

from __future__ import annotations

import asyncio
import os
import time
import weakref
from collections.abc import Mapping
from importlib.metadata import version
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpx2

from unscrawl.client.answers import Answer
from unscrawl.client.flow import Conversation, Flow, Pause, Send
from unscrawl.exceptions import InvalidOption, ServiceTimeout, ServiceUnreachable
from unscrawl.imaging import Source
from unscrawl.options import ReadOptions
from unscrawl.result import Document

__all__ = ["TIMEOUT", "RemoteReader", "service_address"]

TIMEOUT = 300.0
"""Seconds that one reading may take in all, if nothing else is said: a few pages in a queue."""

CONNECT_SECONDS = 10.0


def service_address(base_url: str | None, environment: Mapping[str, str] = os.environ) -> str | None:
    """The address of the service to use; None to read on this machine.

    Args:
        base_url: As the caller gives it; None for what the environment variable ``UNSCRAWL_URL`` says.
        environment: Environment variables.

    Raises:
        InvalidOption: If it is no http or https URL.
    """
    address = base_url if base_url is not None else environment.get("UNSCRAWL_URL")
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidOption(
            f"The address of a service is an http or https URL, not {address!r}.",
            remedy="Give for example base_url='http://localhost:8000'.",
        )
    return address.rstrip("/")


class RemoteReader:
    """Has inputs read by a service. May be used from several threads.

    Args:
        address: The service's URL.
        client_id: The client; None to call without credentials.
        client_secret: Its secret.
        timeout: How many seconds one reading may take in all.

    Raises:
        InvalidOption: If the time is not above 0, or only half of the credentials is given.
    """

    def __init__(
        self, address: str, client_id: str | None = None, client_secret: str | None = None, timeout: float = TIMEOUT
    ) -> None:
        if not 0 < timeout < float("inf"):
            raise InvalidOption(f"timeout must be a number of seconds above 0, not {timeout!r}.")
        self._address = address
        self._conversation = Conversation(client_id, client_secret, timeout)
        self._settings: dict[str, Any] = {
            "base_url": address,
            "headers": {"User-Agent": f"unscrawl/{version('unscrawl')}"},
            # A redirect would send the picture and the token to somebody who was not named.
            "follow_redirects": False,
        }
        self._lock = Lock()
        self._client: httpx2.Client | None = None

    def __repr__(self) -> str:
        return f"RemoteReader({self._address!r})"

    def read(self, source: Source, options: ReadOptions) -> Document:
        """Have an opened input read.

        Raises:
            OcrException: If that fails; ``status`` has the service's answer, ``retryable`` whether to try again.
        """
        flow = self._conversation.read(source, options)
        answer: Answer | Exception | None = None
        while True:
            try:
                step = _next(flow, answer)
            except StopIteration as done:
                document: Document = done.value
                return document
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                answer = None
                continue
            try:
                client = self._connected()
                answer = _answer(client.send(_request(client, step)))
            except httpx2.HTTPError as error:
                answer = self._failure(error)

    async def read_async(self, source: Source, options: ReadOptions) -> Document:
        """The same without holding up the event loop."""
        flow = self._conversation.read(source, options)
        answer: Answer | Exception | None = None
        # One for each reading: they belong to the loop that they are first used in.
        async with httpx2.AsyncClient(**self._settings) as client:
            while True:
                try:
                    step = _next(flow, answer)
                except StopIteration as done:
                    document: Document = done.value
                    return document
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                    answer = None
                    continue
                try:
                    answer = _answer(await client.send(_request(client, step)))
                except httpx2.HTTPError as error:
                    answer = self._failure(error)

    def close(self) -> None:
        """Close the connections; new ones are made if it is used again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    def _connected(self) -> httpx2.Client:
        with self._lock:
            if self._client is None:
                self._client = httpx2.Client(**self._settings)
                # Whoever drops an engine without closing it leaves no socket behind.
                weakref.finalize(self, self._client.close)
            return self._client

    def _failure(self, error: httpx2.HTTPError) -> Exception:
        """What a failure of the transport means."""
        if isinstance(error, httpx2.TimeoutException) and not isinstance(error, httpx2.ConnectTimeout):
            made: Exception = ServiceTimeout(f"The service at {self._address} gave no answer in time.")
        else:
            reason = str(error) or type(error).__name__
            made = ServiceUnreachable(f"The service at {self._address} cannot be reached: {reason}.")
        made.__cause__ = error
        return made


def _next(flow: Flow, answer: Answer | Exception | None) -> Send | Pause:
    if isinstance(answer, Exception):
        return flow.throw(answer)
    return flow.send(answer)


def _request(client: httpx2.Client | httpx2.AsyncClient, step: Send) -> httpx2.Request:
    timeout = httpx2.Timeout(step.seconds, connect=min(CONNECT_SECONDS, step.seconds))
    return client.build_request(
        step.method,
        step.path,
        headers=dict(step.headers),
        data=dict(step.form) if step.form is not None else None,
        files={"file": step.file} if step.file is not None else None,
        timeout=timeout,
    )


def _answer(response: httpx2.Response) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, response.content)
