"""``unscrawl read``: files in, text out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unscrawl.cli.failures import Failures
from unscrawl.cli.option_flags import options_from_flags, read_option_flags
from unscrawl.cli.progress import ProgressBar
from unscrawl.exceptions import OcrException, PasswordRequired

if TYPE_CHECKING:
    from unscrawl.engine import OcrEngine
    from unscrawl.imaging import Source
    from unscrawl.options import ReadOptions
    from unscrawl.result import Document

__all__ = ["command"]

STANDARD_INPUT = "-"
PASSWORD_ATTEMPTS = 3
ENDINGS = {"text": ".txt", "json": ".json"}


@click.command("read", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(list(ENDINGS)),
    help="Form of the result; by default what the name after -o ends with, else text.",
)
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="Write to this file instead of standard output, or into this folder (one that exists, or a name that ends "
    "in '/') a file for each input.",
)
@read_option_flags
def command(files: tuple[str, ...], form: str | None, output: str | None, **flags: Any) -> int:
    """Read pictures and PDFs and print their text.

    FILE is a picture (JPEG, PNG, BMP, TIFF, GIF, WebP, HEIC) or a PDF; '-' is standard input. Nothing but the result
    goes to standard output: of several files one after another, in JSON one document a line. A file that cannot be
    read is reported on standard error, and the others are still read.
    """
    options = options_from_flags(flags)
    to_folder = output is not None and (output.endswith("/") or Path(output).is_dir())
    if form is None:
        form = "json" if output is not None and not to_folder and output.lower().endswith(".json") else "text"

    from unscrawl.engine import OcrEngine

    failures = Failures()
    documents = _read_all(OcrEngine(options), options, files, failures)
    if output is None:
        for document in documents:
            sys.stdout.write(_render(document, form, several=len(files) > 1))
            sys.stdout.flush()
    elif to_folder:
        _write_folder(documents, Path(output), form, failures)
    else:
        _write_file(documents, Path(output), form, several=len(files) > 1, failures=failures)
    return failures.exit_code


def _read_all(
    engine: OcrEngine, options: ReadOptions, files: tuple[str, ...], failures: Failures
) -> Iterator[Document]:
    """Read the files one after another; those that fail are reported and left out."""
    from unscrawl.result import Document

    with ProgressBar("pages") as progress:
        for file in files:
            progress.describe(file)
            try:
                source = _open(file, options, progress)
                progress.add_total(len(source.wanted))
                pages = []
                for page in engine.iter_pages(source):
                    pages.append(page)
                    progress.advance()
                    if page.error is not None:
                        failures.add_page(source.name, page.number, page.error)
            except (OcrException, OSError) as error:
                failures.add(file, error)
            else:
                progress.pause()
                yield Document(tuple(pages), source.name)


def _open(file: str, options: ReadOptions, progress: ProgressBar) -> Source:
    """Open a file; if it needs a password and a person sits at the terminal, ask for it."""
    from unscrawl.imaging import open_source

    if file == STANDARD_INPUT:
        return open_source(sys.stdin.buffer, options)
    for _ in range(PASSWORD_ATTEMPTS):
        try:
            return open_source(file, options)
        except PasswordRequired as error:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise
            progress.pause()
            click.echo(f"unscrawl: {file}: {error.message}", err=True)
            options = replace(options, password=click.prompt("Password", hide_input=True, err=True))
    return open_source(file, options)


def _render(document: Document, form: str, *, several: bool) -> str:
    if form == "json":
        return document.to_json(indent=None if several else 2) + "\n"
    return document.text + "\n"


def _write_file(documents: Iterator[Document], path: Path, form: str, *, several: bool, failures: Failures) -> None:
    from unscrawl.result import write_atomically

    text = "".join(_render(document, form, several=several) for document in documents)
    if not text:
        return  # nothing could be read: an old file in this place is worth more than an empty one
    try:
        write_atomically(path, text)
    except OSError as error:
        failures.add(str(path), error)


def _write_folder(documents: Iterator[Document], folder: Path, form: str, failures: Failures) -> None:
    from unscrawl.result import write_atomically

    taken: set[str] = set()
    for document in documents:
        stem = "stdin" if document.source.startswith("<") else Path(document.source).stem
        name, number = stem, 1
        while name in taken:  # inputs of the same name from different folders
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        target = folder / f"{name}{ENDINGS[form]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(target, _render(document, form, several=False))
        except OSError as error:
            failures.add(str(target), error)
