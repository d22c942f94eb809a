"""Batches on a real Ray cluster: two nodes of one processor each, both on this machine."""

from __future__ import annotations

import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from tests.batch.test_batch import litter, report, scan, start, states, texts, until
from tests.test_cli import unscrawl
from unscrawl.exceptions import ExitCode

PAGES = 12

pytest.importorskip("ray", reason="Ray is not installed: pip install 'unscrawl[ray]'", exc_type=ImportError)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


class Cluster:
    """Two nodes that can be killed.

    Args:
        folder: For the cluster's own files; its path must be short, for sockets stand in it.
    """

    def __init__(self, folder: Path) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._folder = folder
        self.address = f"127.0.0.1:{port}"
        self._port = str(port)
        self.nodes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start both nodes."""
        here = ("--temp-dir", str(self._folder), "--include-dashboard", "false", "--disable-usage-stats")
        self._start("--head", "--port", self._port, *here)
        self._start("--address", self.address)

    def _start(self, *arguments: str) -> None:
        ray = Path(sys.executable).with_name("ray")
        command = [str(ray), "start", "--block", "--num-cpus", "1", *arguments]
        with (self._folder / "nodes.log").open("ab") as log:
            self.nodes.append(subprocess.Popen(command, stdout=log, stderr=log))
        until(lambda: self._told().count(b"Ray runtime started") == len(self.nodes))

    def _told(self) -> bytes:
        told = (self._folder / "nodes.log").read_bytes()
        assert all(node.poll() is None for node in self.nodes), told.decode(errors="replace")
        return told

    def readers(self) -> list[psutil.Process]:
        """The actors' processes."""
        found = []
        for node in self.nodes:
            with suppress(psutil.Error):
                found += [c for c in psutil.Process(node.pid).children(recursive=True) if "MapWorker" in c.name()]
        return found

    def kill(self, index: int) -> None:
        """Kill a node with all that runs on it, as a loss of power does."""
        node = self.nodes.pop(index)
        with suppress(psutil.Error):
            for process in [*psutil.Process(node.pid).children(recursive=True), psutil.Process(node.pid)]:
                with suppress(psutil.Error):
                    process.kill()
        node.wait()


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    # Of our own, or Ray writes one into the home folder.
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    folder = Path(tempfile.mkdtemp(prefix="ray"))
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        while cluster.nodes:
            cluster.kill(0)
        shutil.rmtree(folder)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    for number in range(PAGES):
        scan(folder / f"{number:02}.png", f"page number {number}")
    scan(folder / "sub" / "many.tif", *(f"leaf number {number}" for number in range(6)))
    (folder / "bad.png").write_bytes(b"no picture")
    return folder


EXPECTED = {
    **{f"{number:02}.txt": f"page number {number}" for number in range(PAGES)},
    "sub/many.txt": "\n\n".join(f"leaf number {number}" for number in range(6)),
}


def deaths(out: Path) -> int:
    with closing(sqlite3.connect(out / ".unscrawl-batch.sqlite")) as journal:
        return int(journal.execute("SELECT SUM(deaths) FROM inputs").fetchone()[0])


def test_a_cluster_gives_the_same_results_though_a_worker_is_killed(
    cluster: Cluster, inputs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options = ("-f", "json,text", "--mode", "printed")
    process = start(inputs, "-o", out, *options, "--engine", "ray", "--address", cluster.address)
    seen: set[int] = set()
    killed: psutil.Process | None = None
    while process.poll() is None:
        readers = cluster.readers()
        seen |= {reader.pid for reader in readers}
        if killed is None and len(readers) == 2 and len(texts(out)) >= 2:
            killed = readers[0]
            killed.kill()
        time.sleep(0.05)
    _, errors = process.communicate()
    assert killed is not None
    assert process.returncode == ExitCode.INPUT, errors  # for the bad file
    assert texts(out) == EXPECTED
    assert states(out).pop("bad.png") == "failed"
    assert litter(out) == []
    assert deaths(out) <= 1  # none if it had just handed over its page
    # One process for each actor, that stays: two in each of up to four rounds, and one for the killed one.
    assert len(seen) <= 9 < PAGES
    told = [line for line in errors.splitlines() if not line.startswith("unscrawl: ")]
    assert all("RAY_BACKEND_LOG_LEVEL" in line for line in told)  # that it is silent, Ray's core tells

    here = tmp_path / "here"
    unscrawl("batch", inputs, "-o", here, *options, "--workers", "2")
    for path in here.rglob("*.json"):
        if path.name != "unscrawl-report.json":
            assert path.read_bytes() == (out / path.relative_to(here)).read_bytes()

    # The journal is the same: what was begun there is gone on with here.
    scan(inputs / "more.png", "one more")
    done = unscrawl("batch", inputs, "-o", out, *options, "--resume")
    assert done.returncode == ExitCode.INPUT
    assert texts(out) == {**EXPECTED, "more.txt": "one more"}
    assert report(out)["run"]["pages"] == 1


def test_a_killed_machine_and_a_killed_parent_cost_nothing(cluster: Cluster, inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = (inputs, "-o", out, "--mode", "printed", "--engine", "ray", "--address", cluster.address)
    process = start(*arguments)
    until(lambda: len(texts(out)) >= 2 and len(cluster.readers()) == 2)
    cluster.kill(1)
    until(lambda: len(texts(out)) >= 5)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    until(lambda: cluster.readers() == [])  # Ray ends what belongs to nobody
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.txt")}
    done = unscrawl("batch", *arguments, "--resume")
    assert done.returncode == ExitCode.INPUT, done.stderr
    assert texts(out) == EXPECTED
    # Only what was in flight, or done and not yet told, is read again.
    again = [path for path, changed in before.items() if path.stat().st_mtime_ns != changed]
    assert len(again) <= 2
    assert litter(out) == []


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path) -> None:
    scan(tmp_path / "a.png", "a page")
    done = unscrawl("batch", tmp_path / "a.png", "-o", tmp_path / "out", "--engine", "ray", "--address", "127.0.0.1:1")
    assert done.returncode == ExitCode.SERVICE, done.stderr
    assert "127.0.0.1:1" in done.stderr and "Traceback" not in done.stderr
