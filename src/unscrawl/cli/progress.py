"""A progress bar on standard error, for people: only on a terminal, only when the work takes longer than a moment."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rich.progress

__all__ = ["ProgressBar"]

# Work shorter than this needs no bar.
QUIET_SECONDS = 1.0


class ProgressBar:
    """Counts units of work; a context manager.

    Args:
        unit: What is counted, in the plural: ``"pages"``.
        total: How many there will be; None while that is not known.
    """

    def __init__(self, unit: str, total: int | None = None) -> None:
        self._unit, self._total, self._done = unit, total, 0
        self._label = ""
        self._started = time.monotonic()
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()

    def pause(self) -> None:
        """Take the bar away, so that results can be written to the same terminal; it comes back with the next unit."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def add_total(self, count: int) -> None:
        """Expect so many units more."""
        self._total = (self._total or 0) + count
        self._show()

    def describe(self, label: str) -> None:
        """Name what is being worked on."""
        self._label = label
        self._show()

    def advance(self, count: int = 1) -> None:
        """Count units as done."""
        self._done += count
        self._show()

    def _show(self) -> None:
        if self._bar is None:
            if not sys.stderr.isatty() or time.monotonic() - self._started < QUIET_SECONDS:
                return
            self._bar = self._start_bar()
            self._task = self._bar.add_task("", total=self._total)
        assert self._task is not None
        self._bar.update(self._task, completed=self._done, total=self._total, description=self._label)

    def _start_bar(self) -> rich.progress.Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(self._unit),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            transient=True,
            redirect_stdout=False,  # results go to standard output, whatever is shown here
        )
        bar.start()
        return bar
