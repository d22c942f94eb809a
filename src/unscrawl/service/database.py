"""The service's database: SQLite in one file, or PostgreSQL; the same tables and the same code on both."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from unscrawl.exceptions import MissingDependency

__all__ = ["Database"]

BUSY_SECONDS = 30.0
"""How long a process waits for another that writes the same SQLite file, such as 'unscrawl clients'."""

CONNECTIONS = 20
"""To PostgreSQL kept open at most; the threads of the service are more (anyio's 40), and wait for one another."""

SQLITE_CONNECTIONS = 4
"""Each holds two files open. One writes at a time, and reads take less than a thread's turn: more are of no use."""

MIGRATION_LOCK = 0x756E7363
"""Number of the PostgreSQL lock that lets only one node at a time change the tables ("unsc")."""


class Database:
    """Connections to the service's database. May be used from several threads.

    Args:
        url: As SQLAlchemy writes it.

    Raises:
        MissingDependency: If the driver of PostgreSQL is not installed.
    """

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self.url = url
        self.postgres = parsed.get_backend_name() == "postgresql"
        options: dict[str, Any]
        if self.postgres:
            if importlib.util.find_spec("psycopg") is None:
                raise MissingDependency(
                    "PostgreSQL needs a driver that is not installed.",
                    remedy="pip install 'unscrawl[service,postgres]'",
                )
            options = {"pool_size": CONNECTIONS, "max_overflow": CONNECTIONS, "pool_pre_ping": True}
        else:
            Path(parsed.database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            waiting = {"timeout": BUSY_SECONDS, "check_same_thread": False}
            options = {"pool_size": SQLITE_CONNECTIONS, "max_overflow": 0, "connect_args": waiting}
        self._engine = sa.create_engine(url, **options)
        if not self.postgres:
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        # SQLite lets one write at a time, and makes the others sleep for whole milliseconds: waiting for a lock is
        # much quicker.
        self._turn = nullcontext() if self.postgres else threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all that is written in it appears at once, or, after an exception, not at all."""
        with self._turn, self._engine.connect() as connection:
            if not self.postgres:
                # Reading first and writing later in one transaction must not find that another wrote in between.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def migrate(self) -> None:
        """Bring the tables to this version's form."""
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.write() as connection:
            if self.postgres:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        if not self.postgres:
            Path(str(sa.make_url(self.url).database)).chmod(0o600)

    def insert(self, table: sa.Table) -> Any:
        """An INSERT that can be told what to do on a conflict; both databases say it alike, SQLAlchemy apart."""
        if self.postgres:
            from sqlalchemy.dialects import postgresql

            return postgresql.insert(table)
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _prepare_sqlite(connection: Any, record: object) -> None:
    # Transactions begin where write() says so, not where Python's driver guesses.
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",  # readers do not wait for the writer
        "synchronous = NORMAL",  # with WAL a crash of the service loses nothing
        "foreign_keys = ON",
        "secure_delete = ON",  # uploads and results are overwritten, not only forgotten
    ):
        connection.execute(f"PRAGMA {pragma}")
