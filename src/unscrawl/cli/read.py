"""``unscrawl read``: files in, text out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unscrawl.cli.failures import Failures
from unscrawl.cli.option_flags import read_option_flags
from unscrawl.cli.progress import ProgressBar
from unscrawl.exceptions import InvalidOption, OcrException, PasswordRequired
from unscrawl.export.forms import FORMS, Form, form_of_file
from unscrawl.options import ReadOptions

if TYPE_CHECKING:
    from unscrawl.engine import OcrEngine
    from unscrawl.export import Result
    from unscrawl.imaging import Source

__all__ = ["command", "read_all"]

STANDARD_INPUT = "-"
PASSWORD_ATTEMPTS = 3


@click.command("read", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-f",
    "--format",
    "form_name",
    type=click.Choice(list(FORMS)),
    help="Form of the result; by default what the name after -o ends with, else text.",
)
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="Write to this file instead of standard output, or into this folder (one that exists, or a name that ends "
    "in '/') a file for each input.",
)
@read_option_flags()
def command(files: tuple[str, ...], form_name: str | None, output: str | None, **flags: Any) -> int:
    """Read pictures and PDFs and print their text.

    FILE is a picture (JPEG, PNG, BMP, TIFF, GIF, WebP, HEIC) or a PDF; '-' is standard input. Nothing but the result
    goes to standard output: of several files one after another, in JSON one document a line. A file that cannot be
    read is reported on standard error, and the others are still read.
    """
    options = ReadOptions(**flags)
    to_folder = output is not None and (output.endswith("/") or Path(output).is_dir())
    form = _form(form_name, None if to_folder else output)
    several = len(files) > 1
    if several and not to_folder and not form.joinable:
        raise click.UsageError(f"Of several files, {form.title} needs a folder: -o FOLDER/.")

    from unscrawl.engine import OcrEngine

    failures = Failures()
    results = read_all(OcrEngine(options), options, files, failures)
    if output is None:
        _print(results, form, several=several, failures=failures)
    elif to_folder:
        _write_folder(results, Path(output), form, failures)
    else:
        _write_file(results, Path(output), form, several=several, failures=failures)
    return failures.exit_code


def _form(name: str | None, file: str | None) -> Form:
    """The form asked for, by name or by the file to be written."""
    if name is not None:
        return FORMS[name]
    if file is None:
        return FORMS["text"]
    try:
        return form_of_file(file)
    except InvalidOption:
        if Path(file).suffix.lower() == ".xml":  # could be either of two
            raise
        return FORMS["text"]


def read_all(engine: OcrEngine, options: ReadOptions, files: tuple[str, ...], failures: Failures) -> Iterator[Result]:
    """Read the files one after another; those that fail are reported and left out."""
    from unscrawl.export import Original, Result

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
                    for warning in page.warnings:
                        progress.pause()
                        click.echo(f"unscrawl: {source.name}: {warning}", err=True)
            except (OcrException, OSError) as error:
                failures.add(file, error)
            else:
                progress.pause()
                yield Result(tuple(pages), source.name, Original.of(source, options))


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


def _render(result: Result, form: Form, *, several: bool) -> bytes:
    if several and form.name == "json":
        return (result.to_json(indent=None) + "\n").encode()
    return result.write(form.name)


def _print(results: Iterator[Result], form: Form, *, several: bool, failures: Failures) -> None:
    if form.binary and sys.stdout.isatty():
        raise click.UsageError(f"{form.title} is nothing for a terminal: name a file with -o.")
    for result in results:
        try:
            content = _render(result, form, several=several)
        except OcrException as error:
            failures.add(result.source, error)
            continue
        if form.binary:
            sys.stdout.buffer.write(content)
        else:
            sys.stdout.write(content.decode())
        sys.stdout.flush()


def _write_file(results: Iterator[Result], path: Path, form: Form, *, several: bool, failures: Failures) -> None:
    from unscrawl.files import write_atomically

    try:
        if not several:
            for result in results:
                result.save(path, form.name)
        elif content := b"".join(_render(result, form, several=True) for result in results):
            write_atomically(path, content)
        # Where nothing could be read, an old file in this place is worth more than an empty one.
    except (OcrException, OSError) as error:
        failures.add(str(path), error)


def _write_folder(results: Iterator[Result], folder: Path, form: Form, failures: Failures) -> None:
    taken: set[str] = set()
    for result in results:
        stem = "stdin" if result.source.startswith("<") else Path(result.source).stem
        name, number = stem, 1
        while name in taken:  # inputs of the same name from different folders
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        target = folder / f"{name}{form.suffix}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            result.save(target, form.name)
        except (OcrException, OSError) as error:
            failures.add(str(target), error)
