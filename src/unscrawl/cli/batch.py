"""``unscrawl batch``: many files, side by side."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from unscrawl.cli.option_flags import read_option_flags
from unscrawl.cli.progress import ProgressBar
from unscrawl.exceptions import ExitCode
from unscrawl.export.forms import FORMS
from unscrawl.options import ReadOptions

if TYPE_CHECKING:
    from unscrawl.batch import Tally
    from unscrawl.batch.journal import Failure

__all__ = ["command"]

_NOTE_SECONDS = 60.0
"""How often a line is written where nobody sees a bar."""


class _Told:
    """What is told while a batch runs: a bar for people, a line a minute for logs."""

    def __init__(self, bar: ProgressBar) -> None:
        self._bar = bar
        self._shown_total = self._shown_done = self._failures = 0
        self._noted, self._noted_counts = time.monotonic(), (0, 0)
        self.codes: set[int] = set()

    def failed(self, name: str, failure: Failure) -> None:
        """Tell that a file failed."""
        self._failures += 1
        self.codes.add(failure.exit_code)
        self._bar.pause()
        message = failure.message
        click.echo(f"unscrawl: {message if message.startswith(name) else f'{name}: {message}'}", err=True)

    def progress(self, tally: Tally) -> None:
        """Show how far it is."""
        label = f"{tally.pages_a_minute:.0f} a minute"
        if self._failures:
            label += f", {self._failures} failed"
        self._bar.describe(label)
        self._bar.add_total(tally.pages - self._shown_total)
        self._bar.advance(tally.pages_done - self._shown_done)
        self._shown_total, self._shown_done = tally.pages, tally.pages_done
        # While a watched folder is quiet, so is the log.
        news = (tally.pages, tally.pages_done) != self._noted_counts
        if not sys.stderr.isatty() and news and time.monotonic() - self._noted >= _NOTE_SECONDS:
            self._noted, self._noted_counts = time.monotonic(), (tally.pages, tally.pages_done)
            left = "" if tally.seconds_left is None else f", {_duration(tally.seconds_left)} left"
            click.echo(f"unscrawl: {tally.pages_done} of {tally.pages} pages, {label}{left}", err=True)


@click.command("batch", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("inputs", nargs=-1, metavar="[IN...]")
@click.option("--list", "lists", multiple=True, metavar="FILE", help="Also read the files named in FILE, one a line.")
@click.option("-o", "--output", required=True, metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "-f",
    "--format",
    "form_names",
    default="text",
    show_default=True,
    metavar="FORMS",
    help=f"Forms of the results, with commas in between: {', '.join(FORMS)}.",
)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes; by default one a processor.")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where the processes are: on this machine, or on those of a Ray cluster (needs: pip install 'unscrawl[ray]').",
)
@click.option("--address", metavar="HOST:PORT", help="Of the Ray cluster.")
@click.option(
    "--resume", is_flag=True, help="Go on with the batch in OUT: done files stay, failed ones are tried again."
)
@click.option("--watch", is_flag=True, help="Then wait for more files in the folders, until Ctrl-C.")
@read_option_flags()
def command(
    inputs: tuple[str, ...],
    lists: tuple[str, ...],
    output: Path,
    form_names: str,
    workers: int | None,
    engine: Literal["local", "ray"],
    address: str | None,
    resume: bool,
    watch: bool,
    **flags: Any,
) -> int:
    """Read many files, several at a time, and write their results into the folder OUT.

    IN is a file, a folder (with all below it) or a pattern ('scans/**/*.tif'). A journal in OUT notes every page, so
    that after Ctrl-C, a crash or a loss of power --resume goes on where it was. A file that cannot be read does not
    stop the others. OUT/unscrawl-report.json tells what became of each.
    """
    options = ReadOptions(**flags)
    forms = _forms(form_names)
    given = [*inputs, *(line for file in lists for line in _lines(file))]
    if address is not None and engine != "ray":
        raise click.UsageError("--address is of a Ray cluster: give --engine ray as well.")
    if not given:
        raise click.UsageError("Give files, folders or patterns to read, or --list FILE.")

    from unscrawl.batch import Order, run_batch

    # What stops services and containers ends it as Ctrl-C does: with its report, and ready to go on.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ProgressBar("pages") as bar:
        told = _Told(bar)
        try:
            tally = run_batch(
                given,
                Order(output.absolute(), forms, options),
                engine=engine,
                address=address,
                workers=workers,
                resume=resume,
                watch=watch,
                progress=told.progress,
                failed=told.failed,
            )
        except KeyboardInterrupt:
            bar.pause()
            click.echo("unscrawl: interrupted; go on with --resume.", err=True)
            return ExitCode.INTERRUPTED
        except OSError as error:
            bar.pause()
            click.echo(f"unscrawl: {output}: {error.strerror or error}", err=True)
            return ExitCode.FILE
    click.echo(_summary(tally))
    if tally.pages_failed:
        told.codes.add(ExitCode.INPUT)
    if not told.codes:
        return ExitCode.OK
    return next(iter(told.codes)) if len(told.codes) == 1 else ExitCode.FAILED


def _forms(names: str) -> tuple[str, ...]:
    forms = tuple(dict.fromkeys(name.strip().lower() for name in names.split(",") if name.strip()))
    for name in forms:
        if name not in FORMS:
            raise click.UsageError(f"There is no form {name!r}. Choose among: {', '.join(FORMS)}.")
    if not forms:
        raise click.UsageError("Say in which form the results should be: --format text.")
    if len({FORMS[name].suffix for name in forms}) < len(forms):
        raise click.UsageError("pdf and pdfa would be written to the same files: choose one of them.")
    return forms


def _lines(file: str) -> list[str]:
    try:
        with click.open_file(file, encoding="utf-8", errors="surrogateescape") as stream:
            return [line.rstrip("\r\n") for line in stream if line.strip()]
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror or error}.") from error


def _summary(tally: Tally) -> str:
    rows = [
        ("files read", str(tally.files_done)),
        ("files failed", str(tally.files_failed)),
        ("pages read", str(tally.pages_now - tally.pages_failed)),
        ("pages failed", str(tally.pages_failed)),
        ("pages a minute", f"{tally.pages_a_minute:.1f}"),
        ("time", _duration(tally.seconds)),
    ]
    width = max(len(value) for _, value in rows)
    return "\n".join(f"{name:<15}{value:>{width}}" for name, value in rows)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
