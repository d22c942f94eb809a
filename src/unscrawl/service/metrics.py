"""What ``GET /metrics`` shows, in the form of Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

__all__ = ["MEDIA_TYPE", "Metrics"]

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one service.

    Args:
        waiting: Tells how many jobs wait.

    Attributes:
        requests: Requests by method, route and status.
        request_seconds: How long they took, by route.
        jobs: Ended jobs by outcome.
        pages: Pages read.
        reading_seconds: How long jobs ran.
        worker_deaths: Worker processes that died in the middle of a job.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Counter(
            "unscrawl_requests", "Requests.", ("method", "route", "status"), registry=self._registry
        )
        self.request_seconds = Histogram(
            "unscrawl_request_seconds", "Time from request to answer.", ("route",), registry=self._registry
        )
        self.jobs = Counter("unscrawl_jobs", "Ended jobs.", ("outcome",), registry=self._registry)
        self.pages = Counter("unscrawl_pages", "Pages read.", registry=self._registry)
        self.reading_seconds = Histogram(
            "unscrawl_reading_seconds",
            "Time that a worker took for a job.",
            buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
            registry=self._registry,
        )
        self.worker_deaths = Counter("unscrawl_worker_deaths", "Workers that died in a job.", registry=self._registry)
        Gauge("unscrawl_jobs_waiting", "Jobs in the queue.", registry=self._registry).set_function(waiting)

    def render(self) -> bytes:
        """All of it, as text."""
        return generate_latest(self._registry)
