"""Errors as the service tells them: problem documents of RFC 9457."""

from __future__ import annotations

import math
from typing import Any

from unscrawl import exceptions
from unscrawl.exceptions import LimitExceeded, OcrException, QuotaExceeded, Unauthorized

__all__ = ["MEDIA_TYPE", "error_classes", "problem_from", "problem_headers", "title"]

MEDIA_TYPE = "application/problem+json"

_REMEDIES = {
    # The classes' own remedies speak of the command line.
    "password-required": "Give its password in the field 'password'.",
    "input-timeout": "Split the file, or give the pages to read in the field 'pages'.",
    "unauthorized": "Get a token: POST /connect/token with client_id and client_secret.",
}


def error_classes() -> dict[str, type[OcrException]]:
    """All classes of errors by slug."""
    named = (getattr(exceptions, name) for name in exceptions.__all__)
    classes = (each for each in named if isinstance(each, type) and issubclass(each, OcrException))
    return {each.slug: each for each in classes}


def title(cls: type[OcrException]) -> str:
    """A few words for people, the same for all errors of a class: ``"Too many requests"``."""
    return cls.slug.replace("-", " ").capitalize()


def problem_from(error: OcrException, instance: str | None = None, **more: Any) -> dict[str, Any]:
    """The problem document of an error.

    Args:
        error: What went wrong.
        instance: The id of the request or job, that stands in the log too.
        **more: Further members.
    """
    remedy = _REMEDIES.get(error.slug, error.remedy)
    problem: dict[str, Any] = {
        "type": f"/problems/{error.slug}",
        "title": title(type(error)),
        "status": error.http_status,
        "code": error.slug,
        "retryable": error.retryable,
    }
    if isinstance(error, LimitExceeded):
        problem |= {"limit": error.limit, "allowed": error.allowed, "actual": error.actual}
        remedy = "Send a smaller file, or ask the service's administrator for a higher tier."
    problem["detail"] = f"{error.message} {remedy}".strip()
    if instance is not None:
        problem["instance"] = instance
    return {**problem, **more}


def problem_headers(error: OcrException) -> dict[str, str]:
    """The header fields that belong to an error."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="unscrawl"'
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(retry_after)))
        if isinstance(error, QuotaExceeded):
            headers["RateLimit"] = f'"quota";r=0;t={headers["Retry-After"]}'
    return headers
