"""Runs jobs in worker processes, and replaces those that die."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from unscrawl.exceptions import DamagedInput, InputTimeout
from unscrawl.service.child import Child, ChildDied, Outcome, TookTooLong
from unscrawl.service.jobs import LEASE_SECONDS, Claim, JobStore
from unscrawl.service.metrics import Metrics
from unscrawl.service.problems import problem_from

__all__ = ["MOST_ATTEMPTS", "Runner"]

_log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
"""A file over which three workers died is to blame itself."""

JOBS_A_CHILD = 1000
"""After so many jobs a worker is replaced: should a library leak a little, it does not add up."""


class Runner:
    """Worker processes, and the leases of the jobs that they run.

    Args:
        store: Where the jobs are.
        children: How many processes.
        megabytes: Address space of each.
        seconds: How long a job may take.
        ended: Called with a job's id when there is news of it, from the thread that ran it.
        metrics: Where to count.
    """

    def __init__(
        self,
        store: JobStore,
        *,
        children: int,
        megabytes: int,
        seconds: float,
        ended: Callable[[str], None],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._megabytes = megabytes
        self._seconds = seconds
        self._ended = ended
        self._metrics = metrics
        self._idle: SimpleQueue[Child | None] = SimpleQueue()
        for _ in range(children):
            self._idle.put(None)  # started when first needed
        self._running: dict[str, tuple[Claim, Child]] = {}
        self._active = 0  # calls of run() that have not given their child back
        self._lock = threading.Lock()
        self._closed = False
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep_leases, name="leases", daemon=True)

    def start(self) -> None:
        """Start the first process, so that the first caller does not wait for it, and begin to renew leases."""
        self._idle.get()
        self._idle.put(self._new_child())
        self._keeper.start()

    def run(self, claim: Claim) -> None:
        """Run a job to its end, or put it back if the worker dies or all stops. Waits for a free process."""
        if claim.attempt > MOST_ATTEMPTS:
            self._fail(claim, problem_from(_to_blame(claim)))
            return
        with self._lock:
            closed = self._closed
            self._active += not closed
        if closed:
            self._store.give_back(claim, counted=False)
            return
        child: Child | None = None
        try:
            child = self._ready(self._idle.get())
            if child is None:
                # For want of memory, say. Not the job's fault; it runs out of attempts if this goes on.
                self._store.give_back(claim, counted=True)
            elif not self._begin(claim, child):
                self._store.give_back(claim, counted=False)
            else:
                child = self._run_in(child, claim)
        except BaseException:
            # The database is away, say, in the middle of a job: what the process has still to say of it must not be
            # taken for the answer to the next one.
            if child is not None:
                child.close()
                child = None
            raise
        finally:
            with self._lock:
                self._running.pop(claim.job_id, None)
            self._idle.put(child)
            with self._lock:
                self._active -= 1  # last, so that whoever stops us then finds every process idle
            self._ended(claim.job_id)

    def cancel(self, job_id: str) -> None:
        """End the process of a job that is no longer wanted, if it runs here."""
        with self._lock:
            running = self._running.get(job_id)
        if running is not None:
            running[1].kill()

    def pids(self) -> list[int]:
        """The numbers of the processes that run a job now."""
        with self._lock:
            return [child.pid for _, child in self._running.values()]

    def stop(self, grace: float) -> None:
        """Let running jobs end, put back those that do not, and end all processes; jobs that come later are put back.

        Args:
            grace: How many seconds running jobs have.
        """
        with self._lock:
            self._closed = True
        deadline = time.monotonic() + grace
        while self._active and time.monotonic() < deadline:
            time.sleep(0.05)
        with self._lock:
            self._stopping.set()
            left = list(self._running.values())
        for claim, child in left:
            self._store.give_back(claim, counted=False)  # first, so that whoever waits finds it queued
            child.kill()
        while self._active:
            time.sleep(0.01)
        while True:
            try:
                idle = self._idle.get_nowait()
            except Empty:
                break
            if idle is not None:
                idle.close()
        if self._keeper.is_alive():
            self._keeper.join()

    def _ready(self, child: Child | None) -> Child | None:
        """This process, or a new one in place of one that is worn or not there; None if it does not start."""
        if child is not None:
            if child.jobs < JOBS_A_CHILD:
                return child
            child.close()
        try:
            return self._new_child()
        except ChildDied:
            _log.error("a worker does not start")
            return None

    def _begin(self, claim: Claim, child: Child) -> bool:
        """Note what runs where; False if it is too late for that: all stops."""
        with self._lock:
            if self._stopping.is_set():
                return False
            self._running[claim.job_id] = (claim, child)
            return True

    def _run_in(self, child: Child, claim: Claim) -> Child | None:
        """Run a job in a process; gives the process back, or None if it is gone."""
        started = time.monotonic()
        try:
            outcome = child.run(claim, self._seconds, lambda pages: self._store.progress(claim, pages))
        except TookTooLong:
            self._fail(
                claim, problem_from(InputTimeout(f"Reading took longer than the {self._seconds:g} seconds allowed."))
            )
            return None
        except ChildDied:
            if not self._stopping.is_set():
                _log.warning("worker died", extra={"job": claim.job_id, "attempt": claim.attempt})
                self._metrics.worker_deaths.inc()
                if claim.attempt >= MOST_ATTEMPTS:
                    self._fail(claim, problem_from(_to_blame(claim)))
                else:
                    self._store.give_back(claim, counted=True)
            return None
        self._end(claim, outcome, time.monotonic() - started)
        return child

    def _end(self, claim: Claim, outcome: Outcome, seconds: float) -> None:
        if outcome.problem is not None:
            self._fail(claim, outcome.problem)
        elif self._store.finish(claim, outcome.forms, outcome.pages):
            self._metrics.jobs.labels("done").inc()
            self._metrics.pages.inc(outcome.pages)
            self._metrics.reading_seconds.observe(seconds)
            _log.info("job done", extra={"job": claim.job_id, "pages": outcome.pages, "seconds": round(seconds, 3)})

    def _fail(self, claim: Claim, problem: dict[str, object]) -> None:
        if self._store.fail(claim, {**problem, "instance": claim.job_id}):
            self._metrics.jobs.labels("failed").inc()
            # The detail stays out of the log: it may quote the file's name.
            detail = {"detail": problem["detail"]} if problem["code"] == "service-failed" else {}
            _log.info("job failed", extra={"job": claim.job_id, "code": problem["code"], **detail})

    def _new_child(self) -> Child:
        child = Child(self._megabytes)
        if not child.offline:
            _log.warning("workers can reach the network: no filter of system calls on this system")
        return child

    def _keep_leases(self) -> None:
        while not self._stopping.wait(LEASE_SECONDS / 10):
            with self._lock:
                running = list(self._running.values())
            if not running:
                continue
            try:
                kept = self._store.renew([claim for claim, _ in running])
            except Exception:
                _log.exception("leases could not be renewed")
                continue
            for claim, child in running:
                with self._lock:
                    still = self._running.get(claim.job_id) == (claim, child)
                if claim.job_id not in kept and still:
                    child.kill()  # cancelled, perhaps through another node


def _to_blame(claim: Claim) -> DamagedInput:
    return DamagedInput(f"{claim.order.get('name', 'The file')} made the reader crash {MOST_ATTEMPTS} times.")
