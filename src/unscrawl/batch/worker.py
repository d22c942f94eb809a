"""What a worker process does: it reads, writes results, and tells the parent."""

from __future__ import annotations

import errno
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from unscrawl.batch.journal import Entry, Failure
from unscrawl.exceptions import DamagedInput, ExitCode, OcrException
from unscrawl.export import FORMS, Original, read_result, save
from unscrawl.imaging import Source, open_source
from unscrawl.options import ReadOptions
from unscrawl.pipeline import read_pages
from unscrawl.result import Document, Page

__all__ = ["Answer", "DiskFull", "Failed", "Idle", "Opened", "Order", "PageRead", "Task", "Written", "serve"]

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with every input.

    Attributes:
        output: The folder of the results.
        forms: The names of the forms to write.
        options: How to read.
    """

    output: Path
    forms: tuple[str, ...]
    options: ReadOptions


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do.

    Attributes:
        entry: The input.
        numbers: Pages of it to read; none to open it, and to do all of it if it has one page.
        results: Its read pages, to be written; None where they are still to be read.
    """

    entry: Entry
    numbers: tuple[int, ...] = ()
    results: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The input has several pages, which are to be read one by one."""

    numbers: tuple[int, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class PageRead:
    """A page is read, or its failure known."""

    number: int
    result: str
    failed: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Written:
    """All results of the input are written."""

    pages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The input cannot be read, or its results not be written."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class DiskFull:
    """There is no room for results: going on makes no sense."""

    message: str


@dataclass(frozen=True, slots=True)
class Idle:
    """The task has come to its end, good or bad."""


Answer = Opened | PageRead | Written | Failed | DiskFull | Idle


def serve(connection: Connection, order: Order) -> None:
    """Do tasks until there are no more, or the parent is gone."""
    # Ctrl-C reaches the whole group of processes: what becomes of this one is for the parent to decide.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while (task := connection.recv()) is not None:
            for answer in answers(task, order):
                connection.send(answer)
            connection.send(Idle())
    except (EOFError, OSError):
        return  # the parent is gone; its successor does again what has not been told


def answers(task: Task, order: Order) -> Iterator[Answer]:
    path = task.entry.path
    try:
        _check_unchanged(task.entry)
        if task.results is not None:
            yield _write_pages(task, order)
        elif task.numbers:
            yield from _read_pages(task, order)
        else:
            yield _read_whole(task, order)
    except OcrException as error:
        yield Failed(Failure(error.slug, str(error), int(error.exit_code)))
    except OSError as error:
        if error.errno in _DISK_FULL:
            yield DiskFull(f"{error.strerror} ({error.filename or order.output})")
        else:
            yield Failed(Failure("file", error.strerror or str(error), int(ExitCode.FILE)))
    except MemoryError:
        yield Failed(Failure("memory", f"{path} needs more memory than there is.", int(ExitCode.FAILED)))
    except Exception as error:  # a fault of ours in one file must not stop the others
        yield Failed(Failure("unforeseen", f"{type(error).__name__}: {error}", int(ExitCode.FAILED)))


def _check_unchanged(entry: Entry) -> None:
    status = entry.path.stat()
    if (status.st_size, status.st_mtime_ns) != (entry.size, entry.changed):
        raise DamagedInput(f"{entry.path} has changed since the batch found it.", remedy="Go on with --resume.")


def _read_whole(task: Task, order: Order) -> Opened | Written:
    started = time.monotonic()
    source = open_source(task.entry.path, order.options)
    if len(source.wanted) > 1:
        return Opened(tuple(source.wanted), time.monotonic() - started)
    document = Document(tuple(_pages(source, order.options)), str(task.entry.path))
    _write(document, Original.of(source, order.options), task.entry, order)
    return Written(1, time.monotonic() - started)


def _read_pages(task: Task, order: Order) -> Iterator[PageRead]:
    wanted = ",".join(map(str, task.numbers))
    options = replace(order.options, pages=wanted)
    started = time.monotonic()
    source = open_source(task.entry.path, options)
    try:
        for page in _pages(source, options):
            result = Document((page,), str(task.entry.path)).to_json(indent=None)
            now = time.monotonic()
            yield PageRead(page.number, result, page.error is not None, now - started)
            started = now
    except OcrException as error:
        # Of a single page the failure is raised; in its document, it is that page's.
        (number,) = task.numbers
        failed = Document((Page(number, 0, 0, (), error=str(error)),), str(task.entry.path))
        yield PageRead(number, failed.to_json(indent=None), True, time.monotonic() - started)


def _pages(source: Source, options: ReadOptions) -> Iterator[Page]:
    from unscrawl.batch.preload import MODELS

    return read_pages(source, MODELS, options)


def _write_pages(task: Task, order: Order) -> Written:
    started = time.monotonic()
    assert task.results is not None
    pages = [read_result(result.encode(), task.entry.name).pages[0] for result in task.results]
    document = Document(tuple(pages), str(task.entry.path))
    original = None
    if any(FORMS[form].holds_picture for form in order.forms):
        numbers = ",".join(str(page.number) for page in pages)
        options = replace(order.options, pages=numbers)
        original = Original.of(open_source(task.entry.path, options), options)
    _write(document, original, task.entry, order)
    return Written(len(pages), time.monotonic() - started)


def _write(document: Document, original: Original | None, entry: Entry, order: Order) -> None:
    for name in order.forms:
        target = order.output / f"{entry.name}{FORMS[name].suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        save(document, target, name, original)
