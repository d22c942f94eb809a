"""A real PostgreSQL of the test's own, from the distribution's package."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def find_programs() -> Path | None:
    """The folder with initdb and pg_ctl of the newest PostgreSQL here."""
    if _PROGRAMS:
        return _PROGRAMS[-1]
    found = shutil.which("pg_ctl")
    return Path(found).parent if found else None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A running PostgreSQL."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._made = 0

    def new_database(self) -> str:
        """Make an empty database; gives its URL."""
        self._made += 1
        name = f"test{self._made}"
        with psycopg.connect(f"postgresql://postgres@127.0.0.1:{self._port}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://postgres@127.0.0.1:{self._port}/{name}"


@contextmanager
def cluster(programs: Path) -> Iterator[Cluster]:
    """Run PostgreSQL with its data in a folder of its own."""
    # Not in pytest's: that is root's only where root runs the tests, and PostgreSQL refuses to be root's.
    with tempfile.TemporaryDirectory(prefix="unscrawl-postgres-") as folder:
        yield from _run(programs, Path(folder))


def _run(programs: Path, folder: Path) -> Iterator[Cluster]:
    data, port = folder / "data", free_port()
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_postgres:
        shutil.chown(folder, "postgres")

    def run(*arguments: str | Path) -> None:
        done = subprocess.run([*as_postgres, *map(str, arguments)], capture_output=True, text=True, cwd="/")
        assert done.returncode == 0, done.stdout + done.stderr

    run(programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run(programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield Cluster(port)
    finally:
        run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-t", "120", "stop")
