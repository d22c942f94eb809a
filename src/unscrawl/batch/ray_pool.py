"""Workers on many machines, by way of Ray Data: what ``pool.Pool`` is on one.

Tasks are handed to Ray in rounds, since a data set of Ray Data has a beginning and an end. Of each round Ray Data makes
a stream through actors, which it places, feeds as fast as they read, and restarts. One task is one block, given to one
actor at a time and never repeated by Ray: so what dies with an actor is known, and the journal says what comes of it.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from unscrawl.batch.pool import Death
from unscrawl.batch.worker import Answer, Order, Task
from unscrawl.exceptions import ExitCode, MissingDependency, OcrException

# Nothing is sent anywhere: a cluster that is started here would report its use to Ray's makers.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# What goes wrong comes back to us, and its notes would be written into the progress bar. Whoever wants them sets these.
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
os.environ.setdefault("RAY_DATA_LOG_LEVEL", "CRITICAL")

try:
    import ray
    import ray.data
    from ray.data import ActorPoolStrategy, DataContext
    from ray.exceptions import RayError
except ImportError as error:
    raise MissingDependency("Ray is not installed.", remedy="Install it: pip install 'unscrawl[ray]'.") from error

__all__ = ["ClusterUnreachable", "RayPool"]

_TASKS_AN_ACTOR = 200
"""Tasks in a round, for each actor. Actors start anew in each round, which takes them some seconds, and at its end wait
for the slowest: of rounds of minutes that is a hundredth or two."""

_BYTES_A_ROUND = 256_000_000
"""Results of pages that may be in a round to be written; they pass through this process."""


_KNOCK_SECONDS = 10.0
"""How long a cluster may take to answer at all."""


class ClusterUnreachable(OcrException):
    """There is no Ray cluster at the address, or it has gone away."""

    slug = "cluster-unreachable"
    exit_code = ExitCode.SERVICE
    http_status = 503
    retryable = True
    remedy = "See with 'ray status --address ...' whether it runs, and go on with --resume."


class RayPool:
    """Actors for one batch; a context manager, at whose end they are gone.

    Args:
        order: What they do with every input. The folders of inputs and results must be the same on all machines.
        count: How many actors there are, each on one processor; by default as many as the cluster has processors.
        address: Of the cluster, as ``ray.init`` takes it; by default the one that RAY_ADDRESS names or that runs on
            this machine, or else one that is started here.

    Raises:
        ClusterUnreachable: If it does not answer.
    """

    def __init__(self, order: Order, count: int | None, address: str | None) -> None:
        self._order = order
        try:
            _knock(address)
            ray.init(address, logging_level=logging.CRITICAL, log_to_driver=False)
        except (OSError, RuntimeError, ValueError) as error:
            raise ClusterUnreachable(f"There is no Ray cluster at {address or 'this machine'}: {error}") from error
        self._count = count or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._round: list[Task] = []
        self._bytes = 0
        self._rows: Iterator[dict[str, Any]] | None = None
        self._unanswered: set[int] = set()

    def __enter__(self) -> RayPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._rows = None
        with suppress(RayError):
            ray.shutdown()

    @property
    def idle(self) -> int:
        """How many more tasks are taken into the next round; none while one is under way."""
        if self._rows is not None or self._bytes >= _BYTES_A_ROUND:
            return 0
        return self._count * _TASKS_AN_ACTOR - len(self._round)

    @property
    def busy(self) -> int:
        """How many tasks have no answer."""
        return len(self._unanswered) if self._rows is not None else len(self._round)

    def give(self, task: Task) -> None:
        """Take a task into the next round, which must not be full."""
        self._round.append(task)
        self._bytes += sum(map(len, task.results or ()))

    def answers(self, seconds: float) -> Iterator[tuple[Task, Answer | Death]]:
        """What the actors have to tell, for about so many seconds; the round begins if none is under way."""
        if self._rows is None:
            if not self._round:
                return
            self._begin()
        assert self._rows is not None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                row = next(self._rows)
            except StopIteration:
                # What has no answer went with its actor.
                for task in self._end():
                    yield task, Death()
                return
            except RayError as error:
                # A machine went away with answers that were not fetched: which, is not known. All begin again.
                if len(self._unanswered) == len(self._round):
                    raise ClusterUnreachable(f"The Ray cluster does not work: {error}") from error
                self._round = self._end()
                return
            index = int(row["index"])
            self._unanswered.discard(index)
            for answer in pickle.loads(row["answers"]):
                yield self._round[index], answer

    def _end(self) -> list[Task]:
        """End the round.

        Returns:
            The tasks without an answer.
        """
        left = [self._round[index] for index in sorted(self._unanswered)]
        self._rows, self._round, self._bytes, self._unanswered = None, [], 0, set()
        return left

    def _begin(self) -> None:
        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        context.max_errored_blocks = -1
        rows = [{"index": index, "task": pickle.dumps(task)} for index, task in enumerate(self._round)]
        with warnings.catch_warnings():
            # max_task_retries, says Ray, will go in 2.64, which our extra leaves out. Without it, a file that kills
            # whoever reads it would be given to one actor after the other for ever.
            warnings.simplefilter("ignore", DeprecationWarning)
            done = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
                _Reader,
                fn_constructor_args=(self._order,),
                compute=ActorPoolStrategy(size=min(self._count, len(rows)), max_tasks_in_flight_per_actor=1),
                num_cpus=1,
                max_restarts=-1,
                max_task_retries=0,
            )
        self._unanswered = set(range(len(rows)))
        self._rows = iter(done.iter_rows())


def _knock(address: str | None) -> None:
    """Connect once to a given host and port: where nobody answers, Ray ends the process instead of telling.

    Raises:
        OSError: If nobody answers.
    """
    host, colon, port = (address or "").rpartition("://")[2].rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), _KNOCK_SECONDS).close()


class _Reader:
    """What an actor does; the networks are loaded when it starts, and stay.

    Args:
        order: What to do with every input.
    """

    def __init__(self, order: Order) -> None:
        import unscrawl.batch.preload  # noqa: F401 - also sets the libraries' threads to one

        self._order = order

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Do a task; its answers are told together."""
        from unscrawl.batch.worker import answers

        task = pickle.loads(row["task"])
        return {"index": row["index"], "answers": pickle.dumps(list(answers(task, self._order)))}
