"""How many pages a minute a batch reads: with more workers, and beside the peers on the same cores.

    python -m benchmarks.batch speed --data ../shared --pages 200
    python -m benchmarks.batch memory --data ../shared --pages 2000

``speed`` reads the pages of the development sets, repeated, in rounds: in each, every contestant reads the same pages,
so that whatever else the machine does falls on all alike. Ours is the whole command, with the start of its processes;
the peers, which have no batch of their own, are processes that are loaded already and take page after page. ``memory``
is one batch, and how the resident memory of its processes grows. Both print a line of JSON, and write nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import psutil

from benchmarks.compare import Worker, find_sets
from benchmarks.machine import cores, describe_machine
from unscrawl.evaluation import Layout, TruthItem

__all__ = ["main"]

PEERS = ("tesseract", "rapidocr", "rapidocr-nocls")

WATCH_SECONDS = 1.0
"""How often memory is looked at."""


def pages(data: Path, count: int) -> list[TruthItem]:
    """The pages of all development sets in turn, repeated until there are so many."""
    sets = find_sets(data, ["pages/*"], {Layout.LINE: 0, Layout.PAGE: None})
    if not sets:
        raise SystemExit(f"There are no pages below {data}.")
    # One of each set after the other, so that the rounds are alike.
    mixed = [item for row in itertools.zip_longest(*(each.items for each in sets)) for item in row if item is not None]
    return list(itertools.islice(itertools.cycle(mixed), count))


def batch(items: list[TruthItem], folder: Path, workers: int, mode: str) -> subprocess.Popen[bytes]:
    """Start a batch over these pages, each under a name of its own, as a page may be in it more than once."""
    source = folder / "in"
    source.mkdir()
    for number, item in enumerate(items):
        (source / f"{number:05}{item.image.suffix}").symlink_to(item.image.absolute())
    command = [sys.executable, "-m", "unscrawl", "batch", str(source), "-o", str(folder / "out")]
    return subprocess.Popen([*command, "--workers", str(workers), "--mode", mode], stdout=subprocess.DEVNULL)


def read_by_batch(items: list[TruthItem], workers: int, mode: str) -> None:
    """Read the pages by ``unscrawl batch``."""
    with tempfile.TemporaryDirectory() as folder:
        if batch(items, Path(folder), workers, mode).wait() != 0:
            raise SystemExit("The batch failed.")


class Peer:
    """An engine in several processes, each of one thread, that are given page after page."""

    def __init__(self, engine: str, first_picture: Path) -> None:
        self._workers = [Worker(engine, sys.executable, first_picture, threads=1) for _ in range(cores())]
        self.unavailable = next((w.hello["unavailable"] for w in self._workers if "unavailable" in w.hello), None)

    def read(self, items: list[TruthItem]) -> None:
        """Read the pages, as many at a time as there are processes."""
        free: SimpleQueue[Worker] = SimpleQueue()
        for worker in self._workers:
            free.put(worker)

        def one(item: TruthItem) -> None:
            worker = free.get()
            worker.read(item)
            free.put(worker)

        with ThreadPoolExecutor(len(self._workers)) as pool:
            list(pool.map(one, items))

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()


def speed(items: list[TruthItem], rounds: int, mode: str) -> dict[str, object]:
    """Pages a minute of each contestant, over all rounds."""
    peers = {name: Peer(name, items[0].image) for name in PEERS}
    readers: dict[str, Callable[[list[TruthItem]], None]] = {
        f"unscrawl, {workers} worker{'s' if workers > 1 else ''}": lambda some, workers=workers: read_by_batch(  # type: ignore[misc]
            some, workers, mode
        )
        for workers in dict.fromkeys((1, cores()))
    }
    readers |= {f"{name}, {cores()} processes": peer.read for name, peer in peers.items() if peer.unavailable is None}
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    size = -(-len(items) // rounds)
    try:
        for start in range(0, len(items), size):
            for name, read in readers.items():
                started = time.monotonic()
                read(items[start : start + size])
                seconds[name].append(time.monotonic() - started)
                print(f"{name}: {size} pages in {seconds[name][-1]:.0f} s", file=sys.stderr)
    finally:
        for peer in peers.values():
            peer.close()
    return {name: round(60 * len(items) / sum(times), 1) for name, times in seconds.items()}


def memory(items: list[TruthItem], mode: str) -> dict[str, object]:
    """Megabytes of the parent and of its largest worker: how much the parent's grow, and how much there were."""
    parents: list[tuple[int, float]] = []
    largest = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process = batch(items, folder, cores(), mode)
        parent = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                own, *others = (each.memory_info().rss / 1e6 for each in [parent, *parent.children(recursive=True)])
            except psutil.NoSuchProcess:
                continue
            parents.append((len(list((folder / "out").glob("*.txt"))), own))
            largest = max([largest, *others])
            time.sleep(WATCH_SECONDS)
    # The first pages load what all need.
    settled = [(done, size) for done, size in parents if done >= len(items) // 10]
    slope = statistics.linear_regression(*zip(*settled, strict=True)).slope if len(settled) > 1 else 0.0
    return {
        "parent_mb_first": round(settled[0][1], 1),
        "parent_mb_last": round(settled[-1][1], 1),
        "parent_mb_per_100_pages": round(100 * slope, 3),
        "largest_worker_mb": round(largest, 1),
    }


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print a line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("what", choices=("speed", "memory"))
    parser.add_argument("--data", type=Path, required=True, help="folder with handwriting/ and printed/")
    parser.add_argument("--pages", type=int, default=200, metavar="N")
    parser.add_argument("--rounds", type=int, default=4, metavar="N")
    parser.add_argument("--mode", default="auto", choices=("auto", "handwritten", "printed"))
    options = parser.parse_args(arguments)
    items = pages(options.data, options.pages)
    found = speed(items, options.rounds, options.mode) if options.what == "speed" else memory(items, options.mode)
    print(json.dumps({"pages": len(items), "mode": options.mode, **found, "machine": describe_machine()}))


if __name__ == "__main__":
    main()
