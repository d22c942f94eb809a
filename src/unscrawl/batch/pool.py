"""Worker processes: started, given tasks, listened to, replaced when they die."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any

from unscrawl.batch.worker import Answer, Idle, Order, Task, serve

__all__ = ["Death", "Pool"]

_TASKS_A_LIFE = 500
"""After so many tasks a worker is replaced, so that whatever a library leaks stays bounded; starting one takes
hundredths of a second."""

_STOP_SECONDS = 2.0
"""How long an idle worker may take to end itself."""


@dataclass(frozen=True, slots=True)
class Death:
    """A worker died over its task."""


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    task: Task | None = None
    tasks: int = 0


class Pool:
    """Worker processes for one batch; a context manager, at whose end they are killed.

    Args:
        order: What they do with every input.
        count: How many there are.
    """

    def __init__(self, order: Order, count: int) -> None:
        self._order = order
        self._context = _context()
        self._workers = [self._start() for _ in range(count)]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.kill()
            worker.connection.close()
        for worker in self._workers:
            worker.process.join()

    @property
    def idle(self) -> int:
        """How many workers have nothing to do."""
        return sum(1 for worker in self._workers if worker.task is None)

    @property
    def busy(self) -> int:
        """How many workers have a task."""
        return len(self._workers) - self.idle

    @property
    def process_ids(self) -> list[int]:
        """The workers' process numbers."""
        return [worker.process.pid for worker in self._workers if worker.process.pid is not None]

    def give(self, task: Task) -> None:
        """Give a task to an idle worker, of which there must be one."""
        index = next(i for i, worker in enumerate(self._workers) if worker.task is None)
        worker = self._workers[index]
        if worker.tasks >= _TASKS_A_LIFE or not worker.process.is_alive():
            worker = self._replace(index)
        worker.task = task
        worker.tasks += 1
        with suppress(OSError):  # it has just died: answers() tells
            worker.connection.send(task)

    def answers(self, seconds: float) -> Iterator[tuple[Task, Answer | Death]]:
        """What the workers have to tell, waiting up to so many seconds for the first of them."""
        watched: list[Any] = []
        for worker in self._workers:
            if worker.task is not None:
                watched += [worker.connection, worker.process.sentinel]
        if not watched:
            return
        ready = set(wait(watched, seconds))
        for index, worker in enumerate(self._workers):
            task = worker.task
            if task is None or not {worker.connection, worker.process.sentinel} & ready:
                continue
            try:
                # Also what a worker has said before it died.
                while worker.task is not None and worker.connection.poll():
                    answer = worker.connection.recv()
                    if isinstance(answer, Idle):
                        worker.task = None
                    yield task, answer
            except (EOFError, OSError):
                pass
            if worker.task is not None and not worker.process.is_alive():
                self._replace(index)
                yield task, Death()

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        # mypy knows Process of the concrete contexts only.
        process: BaseProcess = self._context.Process(target=serve, args=(theirs, self._order), daemon=True)  # type: ignore[attr-defined]
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _replace(self, index: int) -> _Worker:
        old = self._workers[index]
        with suppress(OSError):
            old.connection.send(None)
        old.process.join(_STOP_SECONDS)
        old.process.kill()
        old.process.join()
        old.connection.close()
        self._workers[index] = self._start()
        return self._workers[index]


def _context() -> BaseContext:
    """Processes forked from one that has loaded the networks and does nothing else; on Windows, new ones."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["unscrawl.batch.preload"])
    return context
