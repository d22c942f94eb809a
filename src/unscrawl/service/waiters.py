"""Requests that wait for a job."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool

from unscrawl.service.jobs import Job

__all__ = ["Waiters"]

_log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
"""How often to look for jobs that other nodes have ended, which cannot wake us: all waited for in one query."""


class Waiters:
    """Wakes whoever waits for a job on this node."""

    def __init__(self) -> None:
        self._events: dict[str, set[asyncio.Event]] = {}
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def wake(self, job_id: str) -> None:
        """Tell that there is news of a job; from any thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._wake, job_id)

    async def watch(self, ended: Callable[[list[str]], list[str]]) -> None:
        """Wake those whose jobs other nodes have ended, until cancelled.

        Args:
            ended: Gives those of the given jobs that are no longer active.
        """
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._events:
                continue
            try:
                for job_id in await run_in_threadpool(ended, list(self._events)):
                    self._wake(job_id)
            except Exception:  # the database is away for a moment, say
                _log.exception("ended jobs could not be looked for")

    def close(self) -> None:
        """Wake all: the service stops."""
        self._closed = True
        for job_id in list(self._events):
            self._wake(job_id)

    async def wait(self, job_id: str, look: Callable[[], Job], seconds: float) -> Job:
        """Wait until a job is no longer active, but not longer than some seconds.

        Args:
            job_id: Which job.
            look: Gives the job as it is now.
            seconds: How long at most.
        """
        deadline = time.monotonic() + seconds
        event = asyncio.Event()
        self._events.setdefault(job_id, set()).add(event)
        try:
            while True:
                job = await run_in_threadpool(look)
                left = deadline - time.monotonic()
                if not job.state.active or left <= 0 or self._closed:
                    return job
                with suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), left)
                event.clear()
        finally:
            events = self._events[job_id]
            events.discard(event)
            if not events:
                del self._events[job_id]

    def _wake(self, job_id: str) -> None:
        for event in self._events.get(job_id, ()):
            event.set()
