"""Many files, read side by side by worker processes, with a journal to go on from: :func:`run_batch`.

The names are loaded on first use: worker processes import modules of this package, and should start quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unscrawl.lazy import names_on_demand

if TYPE_CHECKING:
    from unscrawl.batch.journal import Journal, JournalExists
    from unscrawl.batch.runner import Order, Stopped, run_batch
    from unscrawl.batch.tally import Tally

__all__ = ["Journal", "JournalExists", "Order", "Stopped", "Tally", "run_batch"]

__getattr__ = names_on_demand(
    __name__,
    {
        "Journal": "journal",
        "JournalExists": "journal",
        "Order": "runner",
        "Stopped": "runner",
        "Tally": "tally",
        "run_batch": "runner",
    },
)
