"""All that a running service shares among its requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from unscrawl.exceptions import Unauthorized
from unscrawl.service.config import ServiceConfig
from unscrawl.service.credentials import Caller, Credentials
from unscrawl.service.database import Database
from unscrawl.service.jobs import JobStore
from unscrawl.service.metrics import Metrics
from unscrawl.service.quotas import Quotas

if TYPE_CHECKING:
    from unscrawl.service.queues import Queue
    from unscrawl.service.runner import Runner
    from unscrawl.service.waiters import Waiters

__all__ = ["SESSION_COOKIE", "State", "cookie"]

SESSION_COOKIE = "unscrawl_session"


@dataclass(slots=True)
class State:
    """A running service.

    Attributes:
        config: How it runs.
        database: Where its data are.
        credentials: Who may use it.
        quotas: How much.
        jobs: What is to be read.
        metrics: What is counted.
        runner: The worker processes; set when it starts, as the following.
        queue: How jobs get there.
        waiters: Requests that wait for a job.
        ready: Whether it takes requests now.
    """

    config: ServiceConfig
    database: Database
    credentials: Credentials
    quotas: Quotas
    jobs: JobStore
    metrics: Metrics
    runner: Runner = field(init=False)
    queue: Queue = field(init=False)
    waiters: Waiters = field(init=False)
    ready: bool = False

    @classmethod
    def of(cls, config: ServiceConfig) -> State:
        """A service that is not started yet."""
        database = Database(config.database_url)
        quotas = Quotas(database, config.tiers)
        jobs = JobStore(database, quotas, config.queue_limit)
        return cls(config, database, Credentials(database), quotas, jobs, Metrics(jobs.waiting))

    def session_caller(self, headers: Headers) -> Caller | None:
        """Who is signed in on the web page."""
        token = cookie(headers)
        return self.credentials.caller(token, "session") if token else None

    def page_caller(self, headers: Headers) -> Caller:
        """Who uses the web page: whoever is signed in, or anybody where trials are allowed.

        Raises:
            Unauthorized: If nobody is.
        """
        caller = self.session_caller(headers)
        if caller is None and self.config.trial:
            caller = self.credentials.trial_caller()
        if caller is None:
            raise Unauthorized("401 Unauthorized: nobody is signed in.")
        return caller


def cookie(headers: Headers) -> str | None:
    """The session's token that a browser sends."""
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == SESSION_COOKIE:
            return value
    return None
