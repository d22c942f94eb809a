"""From a service's answers to errors: every one is an ``OcrException`` with ``status`` and ``retryable``."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from unscrawl import exceptions
from unscrawl.exceptions import (
    Forbidden,
    JobExpired,
    JobNotFound,
    OcrException,
    ServiceBusy,
    ServiceError,
    ServiceFailed,
    TooManyRequests,
    Unauthorized,
)

__all__ = ["Answer", "error_from"]

_BY_SLUG = {
    cls.slug: cls
    for cls in (getattr(exceptions, name) for name in exceptions.__all__)
    if isinstance(cls, type) and issubclass(cls, OcrException)
}

# For what stands between us and the service, such as a proxy, and does not speak of problems as it does.
_BY_STATUS: dict[int, type[ServiceError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: JobNotFound,
    410: JobExpired,
    429: TooManyRequests,
    503: ServiceBusy,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: The HTTP status.
        headers: By name in lower case.
        body: All of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def retry_after(self) -> float | None:
        """The seconds that the service asks to wait."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        try:
            return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
        except (ValueError, TypeError):
            return None


def error_from(answer: Answer) -> OcrException:
    """The error that an answer tells of; the class is the one that the same failure has on this machine."""
    content = answer.json()
    problem: dict[str, Any] = content if isinstance(content, dict) else {}
    phrase = HTTPStatus(answer.status).phrase if answer.status in HTTPStatus._value2member_map_ else ""
    title = f"{answer.status} {phrase}".strip()
    detail = problem.get("detail") or problem.get("error_description")
    message = str(detail) if detail else f"The service answered {title}."
    if answer.status == HTTPStatus.UNAUTHORIZED and title not in message:
        message = f"{title}: {message}"
    fallback = _BY_STATUS.get(answer.status, ServiceFailed if answer.status >= 500 else ServiceError)
    cls = _BY_SLUG.get(str(problem.get("code")), fallback)
    error = cls.__new__(cls)
    # Not the class's own way: it would make a message of its own.
    OcrException.__init__(error, message, remedy="" if problem.get("code") else None)
    error.status = answer.status
    values: dict[str, Any] = {"retry_after": answer.retry_after}
    for name in ("limit", "allowed", "actual"):
        if name in problem:
            values[name] = problem[name]
    if isinstance(problem.get("retryable"), bool):
        values["retryable"] = problem["retryable"]
    error.__dict__.update(values)
    return error
