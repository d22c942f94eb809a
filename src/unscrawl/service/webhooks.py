"""Callbacks: telling a client's own server that a job has ended, signed as Standard Webhooks has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx2

from unscrawl.exceptions import Forbidden, InvalidRequest
from unscrawl.service.jobs import Callback, JobStore

__all__ = ["check_callback_url", "deliver_callbacks", "signature"]

_log = logging.getLogger(__name__)

CALLBACK_SECONDS = 10.0
LONGEST_URL = 2000


def check_callback_url(url: str, hosts: Sequence[str]) -> None:
    """Refuse to call an address that the administrator has not allowed: it could be inside our own network.

    Raises:
        Forbidden: If its host is not among ``hosts``.
        InvalidRequest: If it is no http or https URL.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or len(url) > LONGEST_URL or not url.isprintable():
        raise InvalidRequest("callback_url must be an http or https URL.")
    if parts.username or parts.password:
        raise InvalidRequest("callback_url must not hold credentials.")
    if host not in hosts:
        raise Forbidden(
            f"This service does not call {host!r} back.",
            remedy="Poll the job, or ask the administrator to allow the host with --callback-hosts.",
        )


def signature(key: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``: HMAC-SHA256 over id, time and body.

    Args:
        key: As shown when the client was made: ``whsec_...``.
        message_id: The value of ``webhook-id``.
        timestamp: The value of ``webhook-timestamp``, in seconds since 1970.
        body: The bytes sent.
    """
    message = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(key.removeprefix("whsec_").encode(), message, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def deliver_callbacks(store: JobStore) -> None:
    """Make the callbacks that are due; those that fail are due again later."""
    due = store.due_callbacks()
    if not due:
        return
    # No redirects: they could lead anywhere. No proxies of the environment: the hosts are named by the administrator.
    with httpx2.Client(timeout=CALLBACK_SECONDS, follow_redirects=False, trust_env=False) as client:
        for callback in due:
            if _deliver(client, callback):
                store.callback_done(callback.job_id)


def _deliver(client: httpx2.Client, callback: Callback) -> bool:
    body = json.dumps({"job": callback.job_id, "status": callback.state}).encode()
    now = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": callback.job_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(callback.key, callback.job_id, now, body),
    }
    try:
        answer = client.post(callback.url, content=body, headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        _log.info("callback failed", extra={"job": callback.job_id, "reason": type(error).__name__})
        return False
    if not answer.is_success:
        _log.info("callback refused", extra={"job": callback.job_id, "status": answer.status_code})
    return answer.is_success
