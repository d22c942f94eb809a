"""Many files, read side by side by worker processes, with a journal to go on from: :func:`run_batch`.

The names are loaded on first use: worker processes import modules of this package, and should start quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unscrawl.batch.journal import Journal, JournalExists
    from unscrawl.batch.runner import Order, Stopped, run_batch
    from unscrawl.batch.tally import Tally

__all__ = ["Journal", "JournalExists", "Order", "Stopped", "Tally", "run_batch"]

_HOMES = {
    "Journal": "journal",
    "JournalExists": "journal",
    "Order": "runner",
    "Stopped": "runner",
    "Tally": "tally",
    "run_batch": "runner",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
