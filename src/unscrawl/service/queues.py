"""How a job comes to a worker.

The table of jobs is the truth on both ways: whoever wants to run a job claims it there, and only one succeeds. The
embedded queue asks the table itself; the distributed one has procrastinate tell a node at once, over PostgreSQL.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

from unscrawl.exceptions import MissingDependency
from unscrawl.service.jobs import JobStore
from unscrawl.service.runner import Runner

__all__ = ["DistributedQueue", "EmbeddedQueue", "Queue"]

_log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often idle threads look for jobs that nobody announced, such as those of a node that died."""

SWEEP_SECONDS = 10.0
"""How often a node looks for jobs that were announced to a node that died."""

STALLED_SECONDS = 30.0
"""A node of procrastinate that has not been heard of for so long is dead."""


class Queue(Protocol):
    """Brings jobs to workers."""

    async def start(self) -> None:
        """Begin to run jobs."""

    async def announce(self, job_id: str) -> None:
        """Tell that there is a new job."""

    async def stop(self, grace: float) -> None:
        """Take no more jobs, and let those that run end, or put them back after ``grace`` seconds."""


class EmbeddedQueue:
    """A thread for each worker process, in this process.

    Args:
        store: Where the jobs are.
        runner: What runs them.
        workers: How many at one time.
    """

    def __init__(self, store: JobStore, runner: Runner, workers: int) -> None:
        self._store = store
        self._runner = runner
        self._news = threading.Semaphore(0)
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"worker-{number}", daemon=True) for number in range(workers)
        ]

    async def start(self) -> None:
        """Begin to run jobs."""
        for thread in self._threads:
            thread.start()

    async def announce(self, job_id: str) -> None:
        """Wake a thread."""
        self._news.release()

    async def stop(self, grace: float) -> None:
        """Take no more jobs, and let those that run end, or put them back after ``grace`` seconds."""
        self._stopping.set()
        for _ in self._threads:
            self._news.release()
        await asyncio.to_thread(self._runner.stop, grace)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                claim = self._store.claim()
                if claim is None:
                    self._news.acquire(timeout=LOOK_SECONDS)
                elif self._stopping.is_set():
                    self._store.give_back(claim, counted=False)
                else:
                    self._runner.run(claim)
            except Exception:  # a full disk, say: the thread must live on
                _log.exception("a job could not be run")
                self._stopping.wait(LOOK_SECONDS)


class DistributedQueue:
    """procrastinate on PostgreSQL: any node may run any job.

    Args:
        conninfo: Where the database is, as libpq writes it.
        store: Where the jobs are.
        runner: What runs them.
        workers: How many at one time on this node.

    Raises:
        MissingDependency: If procrastinate is not installed.
    """

    def __init__(self, conninfo: str, store: JobStore, runner: Runner, workers: int) -> None:
        if importlib.util.find_spec("procrastinate") is None:
            raise MissingDependency(
                "Jobs on several nodes need procrastinate, which is not installed.",
                remedy="pip install 'unscrawl[service,postgres]'",
            )
        import procrastinate

        self._store = store
        self._runner = runner
        self._workers = workers
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo))
        self._task = self._app.task(name="read", queue="read", pass_context=False)(self._read)
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect, make procrastinate's tables where they are missing, and begin to run jobs."""
        await self._app.open_async()
        if not await self._app.check_connection_async():
            # Another node may do the same at the same moment.
            with suppress(Exception):
                await self._app.schema_manager.apply_schema_async()
            await self._app.check_connection_async()
        worker = self._app.run_worker_async(
            queues=["read"],
            concurrency=self._workers,
            install_signal_handlers=False,
            delete_jobs="always",
            stalled_worker_timeout=STALLED_SECONDS,
        )
        self._loops = [asyncio.create_task(worker), asyncio.create_task(self._sweep())]

    async def announce(self, job_id: str) -> None:
        """Have procrastinate tell a node."""
        from procrastinate.exceptions import AlreadyEnqueued

        with suppress(AlreadyEnqueued):
            await self._task.configure(queueing_lock=job_id).defer_async(job_id=job_id)

    async def stop(self, grace: float) -> None:
        """Take no more jobs, and let those that run end, or put them back after ``grace`` seconds."""
        self._stopping.set()
        worker, sweeper = self._loops
        sweeper.cancel()
        worker.cancel()  # procrastinate then waits for its running tasks
        await asyncio.to_thread(self._runner.stop, grace)
        await asyncio.gather(worker, sweeper, return_exceptions=True)
        for job_id in await asyncio.to_thread(self._store.neglected, 0.0):
            await self.announce(job_id)  # for the other nodes
        await self._app.close_async()
        self._threads.shutdown()

    async def _read(self, job_id: str) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._work, job_id)

    def _work(self, job_id: str) -> None:
        while not self._stopping.is_set():
            claim = self._store.claim(job_id)  # again, if its worker died
            if claim is None:
                return
            if self._stopping.is_set():
                self._store.give_back(claim, counted=False)
                return
            self._runner.run(claim)

    async def _sweep(self) -> None:
        """Announce jobs again whose node is gone."""
        from procrastinate.jobs import Status

        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                manager = self._app.job_manager
                for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                    await manager.finish_job(stalled, status=Status.FAILED, delete_job=True)
                for job_id in await asyncio.to_thread(self._store.neglected, STALLED_SECONDS):
                    await self.announce(job_id)
            except Exception:  # the database is away for a moment, say
                _log.exception("jobs of lost nodes could not be looked for")
