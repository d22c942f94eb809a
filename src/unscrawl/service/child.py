"""The parent's hold on a worker process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from unscrawl.imaging.pdf_protocol import MessageError, receive, send
from unscrawl.service.jobs import Claim
from unscrawl.service.orders import TaskResult
from unscrawl.service.worker import MOST_BYTES

__all__ = ["Child", "ChildDied", "Outcome", "TookTooLong"]

START_SECONDS = 120.0
"""Loading the networks takes one or two seconds, on a machine under load many more."""


class ChildDied(Exception):
    """The process is gone, in the middle of a job."""


class TookTooLong(Exception):
    """The process was ended because the job took longer than allowed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job.

    Attributes:
        pages: How many pages were read.
        forms: The results, empty after a problem.
        problem: The problem document, or None.
    """

    pages: int
    forms: tuple[TaskResult, ...]
    problem: dict[str, Any] | None


class Child:
    """A worker process, ready to read.

    Args:
        megabytes: Address space that it may use.

    Attributes:
        jobs: How many it has been given.
        offline: Whether the network is out of its reach.

    Raises:
        ChildDied: If it does not start.
    """

    def __init__(self, megabytes: int) -> None:
        # The worker finds the same packages as we do; but nothing of our environment, which may hold a password.
        home = str(Path(__file__).parents[2])
        paths = [home, *(path for path in sys.path if path and path != home)]
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "unscrawl.service.worker", str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/" if os.name == "posix" else None,
            env={**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"},
        )
        self.jobs = 0
        head, _ = self._attend(START_SECONDS, lambda: receive(self._out, 0))
        self.offline = bool(head.get("offline"))

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is gone, and waited for."""
        return self._process.returncode is not None

    def run(self, claim: Claim, seconds: float, told: Callable[[int], None]) -> Outcome:
        """Have a job done.

        Args:
            claim: What to do.
            seconds: How long it may take.
            told: Called with the number of pages read so far.

        Raises:
            ChildDied: If the process ends before the job.
            TookTooLong: If it takes too long; the process is ended.
        """
        self.jobs += 1

        def ask() -> tuple[dict[str, Any], bytearray]:
            # Lists of words to expect or of results may be longer than a head.
            send(self._in, {}, json.dumps(claim.order).encode())
            send(self._in, {}, claim.data)
            while True:
                head, body = receive(self._out, MOST_BYTES)
                if "problem" in head:
                    return head, body
                if "done" in head:
                    return {**head, "forms": json.loads(body)}, receive(self._out, MOST_BYTES)[1]
                told(int(head["pages"]))

        head, body = self._attend(seconds, ask)
        if "problem" in head:
            return Outcome(0, (), head["problem"])
        forms, at = [], 0
        for form in head["forms"]:
            forms.append(TaskResult(form["format"], form["media_type"], bytes(body[at : at + form["size"]])))
            at += form["size"]
        return Outcome(int(head["pages"]), tuple(forms), None)

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def close(self) -> None:
        """End the process and give its pipes back."""
        self.kill()
        for pipe in (self._in, self._out):
            pipe.close()
        self._process.wait()

    @property
    def _in(self) -> BinaryIO:
        # Subprocess types its pipes as IO[bytes]; without buffering they are raw files.
        return cast(BinaryIO, self._process.stdin)

    @property
    def _out(self) -> BinaryIO:
        return cast(BinaryIO, self._process.stdout)

    def _attend(
        self, seconds: float, work: Callable[[], tuple[dict[str, Any], bytearray]]
    ) -> tuple[dict[str, Any], bytearray]:
        """Do something with the process, and end it if that takes too long."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self.kill()

        watchdog = threading.Timer(min(seconds, threading.TIMEOUT_MAX), give_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            return work()
        except (OSError, MessageError, KeyError, TypeError, ValueError) as error:
            self.close()
            if late.is_set():
                raise TookTooLong from error
            raise ChildDied from error
        finally:
            watchdog.cancel()
