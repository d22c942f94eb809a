"""A batch from its beginning to its end.

The parent finds the inputs, keeps the journal and hands out tasks; workers open, read and write. An input of one page
is one task. One of several is opened, its pages are read by as many workers as are free, a few at a time, and kept in
the journal until the last is there; then its results are written. So whatever is killed, no more than the pages in
flight are lost, and whatever ends, ends with whole files.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from unscrawl.batch.inputs import find_inputs
from unscrawl.batch.journal import Failure, Journal
from unscrawl.batch.pool import Death, Pool
from unscrawl.batch.report import write_report
from unscrawl.batch.tally import Tally
from unscrawl.batch.worker import Answer, DiskFull, Failed, Opened, Order, PageRead, Task, Written
from unscrawl.exceptions import ExitCode, OcrException
from unscrawl.inference import available_cpus

if TYPE_CHECKING:
    from unscrawl.batch.ray_pool import RayPool

__all__ = ["Order", "Stopped", "run_batch"]

_PAGES_A_TASK = 4
"""Pages of one document that a worker reads in a row: opening a PDF once for each page takes longer than for several,
and with many at a time the last worker would be busy alone."""

_DEATHS = 2
"""A file over which so many workers have died is given up: one death may be the system's, out of memory."""

_PATIENCE = 0.5
"""Seconds to wait for workers before counting again."""

_WATCH_SECONDS = 2.0
"""How often a watched folder is looked into; a file that has not changed in between is taken to be complete."""

_COUNT_SHARE = 0.02
"""Of the time may be spent on counting how far it is: among a million inputs that takes a second, each time."""

_PART = re.compile(r"\..+\.[a-z0-9_]{8}\.part")
"""What files are called while they are written (``unscrawl.files``)."""


class Stopped(OcrException):
    """The batch cannot go on, though not because of one of its inputs: the disk is full."""

    slug = "batch-stopped"
    exit_code = ExitCode.FILE
    http_status = 507
    remedy = "Make room, and go on with --resume."


def run_batch(
    given: Sequence[str],
    order: Order,
    *,
    engine: Literal["local", "ray"] = "local",
    address: str | None = None,
    workers: int | None = None,
    resume: bool = False,
    watch: bool = False,
    progress: Callable[[Tally], None] = lambda tally: None,
    failed: Callable[[str, Failure], None] = lambda name, failure: None,
) -> Tally:
    """Read many files.

    Args:
        given: Files, folders and glob patterns.
        order: What to do with each.
        engine: Where the workers are: ``local``, processes on this machine, or ``ray``, on those of a Ray cluster.
        address: Of the cluster, as ``ray.init`` takes it.
        workers: How many; by default one for each processor that may be used.
        resume: Whether to go on with the batch whose journal is in the folder of the results.
        watch: Whether to wait for more files, until interrupted.
        progress: Told how far it is, after every change and while waiting.
        failed: Told of every input that fails, as it does.

    Returns:
        The counts of this run.

    Raises:
        ClusterUnreachable: If the Ray cluster does not answer.
        JournalExists: If the folder has the journal of another batch.
        MissingDependency: If Ray is asked for and not installed.
        KeyboardInterrupt: As it comes; the workers are ended, and the journal is good to go on from.
        Stopped: If the disk is full.
        OSError: If the folder of the results cannot be made.
    """
    start = _starter(order, engine, address, workers)
    try:
        with Journal(order.output, _settings(order), resume=resume) as journal:
            return _Run(given, order, journal, progress, failed).go(start, watch=watch)
    except sqlite3.Error as error:
        raise Stopped(f"The journal in {order.output} cannot be written: {error}.") from error


def _starter(order: Order, engine: str, address: str | None, workers: int | None) -> Callable[[], Pool | RayPool]:
    """What starts the workers; whether it can is known before there is a journal."""
    if engine == "ray":
        from unscrawl.batch.ray_pool import RayPool

        return lambda: RayPool(order, workers, address)
    return lambda: Pool(order, workers or available_cpus())


def _settings(order: Order) -> dict[str, str]:
    options = {
        name: value
        for name, value in asdict(order.options).items()
        if name != "password"  # which must not be written down
    }
    return {"forms": ",".join(order.forms), "options": json.dumps(options, default=str, sort_keys=True)}


class _Run:
    """The state of one run."""

    def __init__(
        self,
        given: Sequence[str],
        order: Order,
        journal: Journal,
        progress: Callable[[Tally], None],
        failed: Callable[[str, Failure], None],
    ) -> None:
        self._given, self._order, self._journal = given, order, journal
        self._progress, self._failed = progress, failed
        self._tally = Tally()
        self._missing: list[tuple[str, Failure]] = []
        self._started = time.monotonic()
        self._count_at = 0.0

    def go(self, start: Callable[[], Pool | RayPool], *, watch: bool) -> Tally:
        self._sweep()
        self._find()
        try:
            with start() as pool:
                self._work(pool, watch=watch)
        finally:
            # The workers are gone: what they were writing is litter.
            self._sweep()
            with suppress(OSError, sqlite3.Error):  # where there is no room for it, the batch's own error counts
                self._count(now=True)
                write_report(self._journal, self._order, self._tally, self._missing)
        return self._tally

    def _work(self, pool: Pool | RayPool, *, watch: bool) -> None:
        looked = time.monotonic()
        seen: dict[Path, tuple[int, int]] = {}
        while True:
            while pool.idle and (task := self._next()) is not None:
                pool.give(task)
            if not pool.busy and not watch:
                return
            for task, answer in pool.answers(_PATIENCE):
                self._take(task, answer)
            if not pool.busy:
                time.sleep(_PATIENCE)
            if watch and time.monotonic() - looked >= _WATCH_SECONDS:
                seen = self._look(seen)
                looked = time.monotonic()
            self._count()
            self._progress(self._tally)

    def _next(self) -> Task | None:
        """The next task: first what lets go of kept pages, last what opens more."""
        if (complete := self._journal.next_complete()) is not None:
            return Task(complete, results=tuple(self._journal.page_results(complete.identity)))
        if (pages := self._journal.next_pages(_PAGES_A_TASK)) is not None:
            return Task(pages[0], tuple(pages[1]))
        if (waiting := self._journal.next_waiting()) is not None:
            return Task(waiting)
        return None

    def _take(self, task: Task, answer: Answer | Death) -> None:
        identity = task.entry.identity
        if isinstance(answer, Opened):
            self._journal.open(identity, answer.numbers, answer.seconds)
        elif isinstance(answer, PageRead):
            self._journal.page_done(
                identity, answer.number, answer.result, failed=answer.failed, seconds=answer.seconds
            )
            self._tally.pages_now += 1
            self._tally.pages_failed += answer.failed
        elif isinstance(answer, Written):
            self._journal.done(identity, answer.pages, answer.seconds)
            self._tally.pages_now += task.results is None
            self._tally.files_done += 1
        elif isinstance(answer, Failed):
            self._give_up(task, answer.failure)
        elif isinstance(answer, DiskFull):
            self._journal.give_back(identity, task.numbers, died=False)
            raise Stopped(f"{answer.message}.")
        elif isinstance(answer, Death):
            deaths = self._journal.give_back(identity, task.numbers, died=True)
            if deaths >= _DEATHS:
                message = f"The process that read it died, {deaths} times."
                self._give_up(task, Failure("worker-died", message, int(ExitCode.FAILED)))

    def _give_up(self, task: Task, failure: Failure) -> None:
        # Other workers may be at other pages of it, and fail in the same way.
        if self._journal.entry(task.entry.identity).state == "failed":
            return
        self._journal.failed(task.entry.identity, failure)
        self._tally.files_failed += 1
        self._failed(str(task.entry.path), failure)

    def _find(self) -> None:
        for found in find_inputs(self._given, self._order.output, self._miss):
            self._journal.add(found)

    def _look(self, seen: dict[Path, tuple[int, int]]) -> dict[Path, tuple[int, int]]:
        """Take in new files that are complete.

        Args:
            seen: Size and time of the files that were new at the last look.

        Returns:
            Those of the files that are new now and may still grow.
        """
        growing: dict[Path, tuple[int, int]] = {}
        for found in find_inputs(self._given, self._order.output, lambda name, error: None):
            version = found.size, found.changed
            if self._journal.knows(found.path, *version):
                continue
            if seen.get(found.path) == version:
                self._journal.add(found)
            else:
                growing[found.path] = version
        return growing

    def _miss(self, name: str, error: OSError) -> None:
        failure = Failure("file", error.strerror or str(error), int(ExitCode.FILE))
        self._missing.append((name, failure))
        self._tally.files_failed += 1
        self._failed(name, failure)

    def _count(self, *, now: bool = False) -> None:
        began = time.monotonic()
        self._tally.seconds = began - self._started
        if now or began >= self._count_at:
            self._tally.pages, self._tally.pages_done = self._journal.expected_pages()
            ended = time.monotonic()
            self._count_at = ended + (ended - began) / _COUNT_SHARE

    def _sweep(self) -> None:
        """Remove what processes that were killed were writing."""
        for path in self._order.output.rglob(".*.part"):
            if _PART.fullmatch(path.name):
                path.unlink(missing_ok=True)
