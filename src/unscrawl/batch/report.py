"""What became of every file, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from unscrawl.batch.journal import Entry, Failure, Journal
from unscrawl.batch.tally import Tally
from unscrawl.batch.worker import Order
from unscrawl.export import FORMS
from unscrawl.files import write_atomically

__all__ = ["NAME", "write_report"]

NAME = "unscrawl-report.json"
"""The report's name in the folder of the results."""


def write_report(journal: Journal, order: Order, tally: Tally, missing: Sequence[tuple[str, Failure]]) -> Path:
    """Write the report into the folder of the results.

    Args:
        journal: Of the batch, all runs together.
        order: What was to be done.
        tally: Of this run.
        missing: What was given and could not be found or looked into.
    """
    target = journal.folder / NAME
    write_atomically(target, _pieces(journal, order, tally, missing))
    return target


def _pieces(journal: Journal, order: Order, tally: Tally, missing: Sequence[tuple[str, Failure]]) -> Iterator[bytes]:
    """The file piece by piece, since a batch may have millions of inputs."""
    counts = journal.counts()
    head = {
        "schema": "1.0",
        "files": {
            "done": counts.get("done", 0),
            "failed": counts.get("failed", 0) + len(missing),
            "left": sum(count for state, count in counts.items() if state not in ("done", "failed")),
        },
        "run": {
            "pages": tally.pages_now,
            "seconds": round(tally.seconds, 1),
            "pages_a_minute": round(tally.pages_a_minute, 2),
        },
    }
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b',\n"inputs": ['
    separator = b"\n"
    for entry in journal.entries():
        yield separator + _line(_input(entry, order))
        separator = b",\n"
    for name, failure in missing:
        yield separator + _line({"input": name, "state": "failed", "error": _error(failure)})
        separator = b",\n"
    yield b"\n]}\n"


def _line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogateescape")


def _input(entry: Entry, order: Order) -> dict[str, Any]:
    return {
        "input": str(entry.path),
        "state": entry.state if entry.state in ("done", "failed") else "left",
        "outputs": [f"{entry.name}{FORMS[form].suffix}" for form in order.forms] if entry.state == "done" else [],
        "pages": entry.pages,
        "failed_pages": entry.failed_pages,
        "seconds": round(entry.seconds, 2),
        "error": None if entry.failure is None else _error(entry.failure),
    }


def _error(failure: Failure) -> dict[str, Any]:
    return {"slug": failure.slug, "message": failure.message, "exit_code": failure.exit_code}
