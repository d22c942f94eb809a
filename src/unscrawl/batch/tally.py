"""How far a batch is."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Tally"]


@dataclass(slots=True)
class Tally:
    """Counts of one run; changed as it goes.

    Attributes:
        pages: Pages there are, as far as is known, those of earlier runs among them.
        pages_done: Of these, the ones that are read, or given up with their file.
        pages_now: Pages that this run has read.
        pages_failed: Pages that this run could not read, in files whose other pages it could.
        files_done: Files whose results this run has written.
        files_failed: Files that failed in this run, those that were not found among them.
        seconds: Since it began.
    """

    pages: int = 0
    pages_done: int = 0
    pages_now: int = 0
    pages_failed: int = 0
    files_done: int = 0
    files_failed: int = 0
    seconds: float = 0.0

    @property
    def pages_a_minute(self) -> float:
        """How fast this run reads."""
        return 60 * self.pages_now / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long it will take, if it goes on like this; None while nothing is read."""
        return (self.pages - self.pages_done) * self.seconds / self.pages_now if self.pages_now else None
