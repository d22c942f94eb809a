"""What has been done of a batch, so that it can go on after anything.

One SQLite file, written by the batch's parent process only. Every step is committed before the next, so that a process
that is killed loses nothing that it has said to be done; the inputs stand in it too, so that memory does not grow with
their number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from unscrawl.batch.inputs import Found
from unscrawl.exceptions import ExitCode, OcrException

__all__ = ["Entry", "Failure", "Journal", "JournalExists"]

NAME = ".unscrawl-batch.sqlite"
"""The journal's name in the folder of the results."""

_VERSION = "1"

_TABLES = """
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE inputs (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    size INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    pages INTEGER NOT NULL DEFAULT 0,
    failed_pages INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0,
    slug TEXT,
    message TEXT,
    exit_code INTEGER
);
CREATE INDEX inputs_by_state ON inputs (state, id);
CREATE TABLE pages (
    input INTEGER NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    result TEXT,
    PRIMARY KEY (input, number)
) WITHOUT ROWID;
CREATE INDEX pages_by_state ON pages (state, input, number);
"""


class JournalExists(OcrException):
    """The folder has the journal of another batch, or of this one with other options."""

    slug = "batch-exists"
    exit_code = ExitCode.USAGE
    http_status = 409


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an input could not be read or its results not be written."""

    slug: str
    message: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An input in the journal.

    Attributes:
        identity: Its number there.
        path: Where it is.
        name: What its results are called, without an ending.
        size: In bytes, when it was found.
        changed: When it was last changed then, in nanoseconds.
        state: ``waiting``, ``running``, ``open`` (its pages are counted), ``done`` or ``failed``.
        pages: How many of its pages are wanted; 0 while that is not known.
        failed_pages: How many of them could not be read.
        seconds: That workers spent on it.
        deaths: How often a worker died over it.
        failure: Why it failed.
    """

    identity: int
    path: Path
    name: str
    size: int
    changed: int
    state: str
    pages: int
    failed_pages: int
    seconds: float
    deaths: int
    failure: Failure | None


class Journal:
    """The journal of the batch that writes into a folder; a context manager.

    Args:
        folder: Of the results; it is made if it is not there.
        settings: What must be the same when the batch goes on.
        resume: Whether to go on.

    Raises:
        JournalExists: If there is a journal and ``resume`` is not set, the settings differ, or another process uses it.
        OSError: If the folder cannot be made.
        sqlite3.Error: If the journal cannot be written.
    """

    def __init__(self, folder: Path, settings: dict[str, str], *, resume: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        file = folder / NAME
        exists = file.exists()
        if exists and not resume:
            raise JournalExists(
                f"{folder} has a batch already.", remedy="Go on with it by --resume, or give another folder."
            )
        self._base = sqlite3.connect(file, isolation_level=None, timeout=0)
        try:
            self._prepare(settings)
        except BaseException:
            self._base.close()
            raise

    def _prepare(self, settings: dict[str, str]) -> None:
        try:
            # Nobody else writes; the lock is held until the end, so that a second batch notices.
            self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._base.execute("PRAGMA journal_mode = WAL")
            # Commits outlive the process; after a loss of power the last ones may be missing, and are done again.
            self._base.execute("PRAGMA synchronous = NORMAL")
            self._base.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise JournalExists(
                f"Another process works on the batch in {self.folder}.", remedy="Wait for it, or end it."
            ) from error
        facts = {"version": _VERSION, **settings}
        if self._base.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone() is None:
            for statement in _TABLES.split(";\n"):
                self._base.execute(statement)
            self._base.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
        known = dict(self._base.execute("SELECT key, value FROM facts"))
        for key, value in facts.items():
            if known.get(key) != value:
                self._base.execute("ROLLBACK")
                raise JournalExists(
                    f"The batch in {self.folder} was begun with {key} {known.get(key)!r}, not {value!r}.",
                    remedy="Give the same options to go on with it, or another folder.",
                )
        # What was under way when the process ended begins again; what failed gets another chance.
        self._base.execute("UPDATE inputs SET state = 'waiting' WHERE state = 'running'")
        self._base.execute("UPDATE pages SET state = 'waiting' WHERE state = 'running'")
        self._base.execute(
            "UPDATE inputs SET state = CASE WHEN pages > 1 THEN 'open' ELSE 'waiting' END, deaths = 0, slug = NULL,"
            " message = NULL, exit_code = NULL WHERE state = 'failed'"
        )
        self._base.execute("COMMIT")

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()

    def add(self, found: Found) -> bool:
        """Take an input in, unless it is there; one that has changed since begins anew.

        Returns:
            Whether there is something to do for it that was not known before.
        """
        known = self._base.execute("SELECT id, size, changed FROM inputs WHERE path = ?", (str(found.path),)).fetchone()
        if known is None:
            self._base.execute(
                "INSERT INTO inputs (path, name, size, changed) VALUES (?, ?, ?, ?)",
                (str(found.path), self._free_name(found.name), found.size, found.changed),
            )
            return True
        if known[1:] == (found.size, found.changed):
            return False
        self._base.execute("BEGIN")
        self._base.execute("DELETE FROM pages WHERE input = ?", known[:1])
        self._base.execute(
            "UPDATE inputs SET size = ?, changed = ?, state = 'waiting', pages = 0, failed_pages = 0, seconds = 0,"
            " deaths = 0, slug = NULL, message = NULL, exit_code = NULL WHERE id = ?",
            (found.size, found.changed, known[0]),
        )
        self._base.execute("COMMIT")
        return True

    def knows(self, path: Path, size: int, changed: int) -> bool:
        """Whether this version of a file is in the journal."""
        query = "SELECT 1 FROM inputs WHERE path = ? AND size = ? AND changed = ?"
        return self._base.execute(query, (str(path), size, changed)).fetchone() is not None

    def _free_name(self, wanted: str) -> str:
        name, number = wanted, 1
        # Not the name of the report that will lie beside the results.
        while name.lower() == "unscrawl-report" or self._is_taken(name):
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _is_taken(self, name: str) -> bool:
        return self._base.execute("SELECT 1 FROM inputs WHERE name = ?", (name,)).fetchone() is not None

    def next_complete(self) -> Entry | None:
        """A document whose pages are all read, now marked as running."""
        row = self._base.execute(
            f"SELECT {_COLUMNS} FROM inputs WHERE state = 'open' AND NOT EXISTS"
            " (SELECT 1 FROM pages WHERE input = inputs.id AND state != 'done') ORDER BY id LIMIT 1"
        ).fetchone()
        return self._start(row)

    def next_pages(self, most: int) -> tuple[Entry, list[int]] | None:
        """Up to so many waiting pages of one document, now marked as running."""
        first = self._base.execute(
            "SELECT pages.input FROM pages JOIN inputs ON inputs.id = pages.input"
            " WHERE pages.state = 'waiting' AND inputs.state = 'open' ORDER BY pages.input, pages.number LIMIT 1"
        ).fetchone()
        if first is None:
            return None
        rows = self._base.execute(
            "SELECT number FROM pages WHERE input = ? AND state = 'waiting' ORDER BY number LIMIT ?", (first[0], most)
        ).fetchall()
        numbers = [number for (number,) in rows]
        self._base.executemany(
            "UPDATE pages SET state = 'running' WHERE input = ? AND number = ?",
            [(first[0], number) for number in numbers],
        )
        return self.entry(first[0]), numbers

    def next_waiting(self) -> Entry | None:
        """An input that has not been opened, now marked as running."""
        row = self._base.execute(
            f"SELECT {_COLUMNS} FROM inputs WHERE state = 'waiting' ORDER BY id LIMIT 1"
        ).fetchone()
        return self._start(row)

    def _start(self, row: tuple[object, ...] | None) -> Entry | None:
        if row is None:
            return None
        entry = _entry(row)
        self._base.execute("UPDATE inputs SET state = 'running' WHERE id = ?", (entry.identity,))
        return entry

    def entry(self, identity: int) -> Entry:
        """The input of this number."""
        return _entry(self._base.execute(f"SELECT {_COLUMNS} FROM inputs WHERE id = ?", (identity,)).fetchone())

    def open(self, identity: int, numbers: Sequence[int], seconds: float) -> None:
        """Note which pages of a document are wanted."""
        self._base.execute("BEGIN")
        self._base.executemany("INSERT INTO pages (input, number) VALUES (?, ?)", [(identity, n) for n in numbers])
        self._base.execute(
            "UPDATE inputs SET state = 'open', pages = ?, seconds = seconds + ? WHERE id = ?",
            (len(numbers), seconds, identity),
        )
        self._base.execute("COMMIT")

    def page_done(self, identity: int, number: int, result: str, *, failed: bool, seconds: float) -> None:
        """Keep a page's result until its document is complete."""
        self._base.execute("BEGIN")
        self._base.execute(
            "UPDATE pages SET state = 'done', result = ? WHERE input = ? AND number = ?", (result, identity, number)
        )
        self._base.execute(
            "UPDATE inputs SET failed_pages = failed_pages + ?, seconds = seconds + ? WHERE id = ?",
            (int(failed), seconds, identity),
        )
        self._base.execute("COMMIT")

    def page_results(self, identity: int) -> list[str]:
        """The results of a complete document's pages, in order."""
        rows = self._base.execute("SELECT result FROM pages WHERE input = ? ORDER BY number", (identity,))
        return [result for (result,) in rows]

    def done(self, identity: int, pages: int, seconds: float) -> None:
        """Note that all results of an input are written; what was kept of its pages goes."""
        self._base.execute("BEGIN")
        self._base.execute("DELETE FROM pages WHERE input = ?", (identity,))
        self._base.execute(
            "UPDATE inputs SET state = 'done', pages = ?, seconds = seconds + ? WHERE id = ?",
            (pages, seconds, identity),
        )
        self._base.execute("COMMIT")

    def failed(self, identity: int, failure: Failure) -> None:
        """Note that an input cannot be read, or its results not be written."""
        self._base.execute(
            "UPDATE inputs SET state = 'failed', slug = ?, message = ?, exit_code = ? WHERE id = ?",
            (failure.slug, failure.message, failure.exit_code, identity),
        )

    def give_back(self, identity: int, numbers: Sequence[int], *, died: bool) -> int:
        """Let what was running wait again.

        Args:
            identity: The input.
            numbers: Its pages that were being read; none if it was the input as a whole.
            died: Whether the worker died over it.

        Returns:
            How often a worker has died over this input.
        """
        self._base.execute("BEGIN")
        self._base.executemany(
            "UPDATE pages SET state = 'waiting' WHERE input = ? AND number = ? AND state = 'running'",
            [(identity, number) for number in numbers],
        )
        self._base.execute(
            "UPDATE inputs SET deaths = deaths + ?, state ="
            " CASE WHEN state != 'running' THEN state WHEN pages > 1 THEN 'open' ELSE 'waiting' END WHERE id = ?",
            (int(died), identity),
        )
        (deaths,) = self._base.execute("SELECT deaths FROM inputs WHERE id = ?", (identity,)).fetchone()
        self._base.execute("COMMIT")
        return int(deaths)

    def entries(self) -> Iterator[Entry]:
        """All inputs in the order in which they were found, one at a time."""
        for row in self._base.execute(f"SELECT {_COLUMNS} FROM inputs ORDER BY id"):
            yield _entry(row)

    def counts(self) -> dict[str, int]:
        """How many inputs are in each state."""
        return dict(self._base.execute("SELECT state, COUNT(*) FROM inputs GROUP BY state"))

    def expected_pages(self) -> tuple[int, int]:
        """How many pages there are as far as is known, and how many of them are done or given up."""
        total, done = self._base.execute(
            "SELECT COALESCE(SUM(MAX(pages, 1)), 0),"
            " COALESCE(SUM(CASE WHEN state IN ('done', 'failed') THEN MAX(pages, 1) ELSE 0 END), 0) FROM inputs"
        ).fetchone()
        (kept,) = self._base.execute(
            "SELECT COUNT(*) FROM pages JOIN inputs ON inputs.id = pages.input"
            " WHERE pages.state = 'done' AND inputs.state NOT IN ('done', 'failed')"
        ).fetchone()
        return int(total), int(done) + int(kept)


_COLUMNS = "id, path, name, size, changed, state, pages, failed_pages, seconds, deaths, slug, message, exit_code"


def _entry(row: tuple[object, ...]) -> Entry:
    identity, path, name, size, changed, state, pages, failed_pages, seconds, deaths, slug, message, code = row
    failure = None if slug is None else Failure(str(slug), str(message), int(str(code)))
    return Entry(
        int(str(identity)),
        Path(str(path)),
        str(name),
        int(str(size)),
        int(str(changed)),
        str(state),
        int(str(pages)),
        int(str(failed_pages)),
        float(str(seconds)),
        int(str(deaths)),
        failure,
    )
