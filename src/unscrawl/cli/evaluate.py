"""``unscrawl evaluate``: error rates on pictures whose text is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unscrawl.cli.progress import ProgressBar
from unscrawl.exceptions import ExitCode
from unscrawl.options import RecognitionMode

if TYPE_CHECKING:
    from unscrawl.evaluation import Evaluation, SetEvaluation, TruthItem

__all__ = ["command"]

_FAILURES_SHOWN = 10
"""More of them are only counted: they are mostly of one cause, and the report has all."""

_INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)


def _in_a_folder(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a file in a folder that is not there now, rather than after an hour of reading."""
    if value is not None and not value.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {value.parent}.", context, parameter)
    return value


@click.command("evaluate", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("truths", metavar="TRUTH.jsonl...", nargs=-1, required=True, type=_INPUT)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in RecognitionMode]),
    default=RecognitionMode.AUTO.value,
    show_default=True,
    help="What kind of writing to expect.",
)
@click.option(
    "--kind",
    type=click.Choice(["auto", "lines", "pages"]),
    default="auto",
    show_default=True,
    help="Whether pictures are cut lines or pages. auto: pages have 'lines' or line breaks in their truth, "
    "or stand in a folder named for pages.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N pictures of each set.")
@click.option(
    "--readings",
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="Score these readings instead: a file of {'image', 'text'} a line, as JSON, or a folder with a file in hOCR, "
    "ALTO, PAGE XML, JSON or text for each picture.",
)
@click.option(
    "--report",
    type=_OUTPUT,
    callback=_in_a_folder,
    metavar="FILE",
    help="Write the worst cases there, as HTML.",
)
@click.option(
    "--worst",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="Cases a set in the report.",
)
@click.option(
    "--json",
    "json_file",
    type=_OUTPUT,
    callback=_in_a_folder,
    metavar="FILE",
    help="Write all results there.",
)
def command(
    truths: tuple[Path, ...],
    mode: str,
    kind: str,
    limit: int | None,
    readings: Path | None,
    report: Path | None,
    worst: int,
    json_file: Path | None,
) -> int:
    """Read pictures whose text is known, and count the errors.

    TRUTH.jsonl holds one JSON object a line with "image" (a path relative to the file) and "text"; "group" (the
    writer or document), "language", "kind" and "lines" are used where given. Characters (CER) and words (WER)
    are counted after a normalisation that docs/evaluation.md states; the 95 % intervals resample groups.

    Exits with 1 if pictures could not be read; these count as empty readings.
    """
    from unscrawl.evaluation import Layout, SetEvaluation, load_sets, text_table

    layout = None if kind == "auto" else Layout(kind)
    sets = load_sets(truths, limit=limit, layout=layout)
    with ProgressBar("pictures", sum(len(items) for _, items in sets)) as progress:
        read = _reader(mode) if readings is None else _scorer(readings, sets)
        done = []
        for name, items in sets:
            progress.describe(name)
            done.append(SetEvaluation(name, _evaluate(items, read, progress)))
    click.echo(text_table(done))
    written = _write(done, report, worst, json_file)
    failed = _tell_failures(done)
    if not written:
        return ExitCode.FILE
    return ExitCode.FAILED if failed else ExitCode.OK


def _evaluate(items: tuple[TruthItem, ...], read: Callable[[TruthItem], str], progress: ProgressBar) -> Evaluation:
    from unscrawl.evaluation import evaluate

    return evaluate(items, read, lambda result: progress.advance())


def _reader(mode: str) -> Callable[[TruthItem], str]:
    """Reads items with an engine of this mode."""
    from unscrawl.engine import OcrEngine
    from unscrawl.evaluation import engine_reader

    return engine_reader(OcrEngine(), mode=mode)


def _scorer(file: Path, sets: list[tuple[str, tuple[TruthItem, ...]]]) -> Callable[[TruthItem], str]:
    """Looks items up in a file of readings; says when it has readings that belong to none of them."""
    from unscrawl.evaluation import find_reading, read_readings

    readings = read_readings(file)
    items = sum(len(items) for _, items in sets)
    if len(readings) > items:
        click.echo(f"unscrawl: {file} has {len(readings)} readings for {items} pictures: not all are used.", err=True)
    return lambda item: find_reading(item, readings)


def _write(sets: list[SetEvaluation], report: Path | None, worst: int, json_file: Path | None) -> bool:
    """Write what was asked for; the table is out already, so a full disk must not lose the rest."""
    import json

    from unscrawl.evaluation import evaluation_to_dict, html_report
    from unscrawl.files import write_atomically

    written = True
    outputs: tuple[tuple[Path | None, Callable[[], str]], ...] = (
        (report, lambda: html_report(sets, worst=worst)),
        (json_file, lambda: json.dumps(evaluation_to_dict(sets), ensure_ascii=False, indent=1) + "\n"),
    )
    for path, content in outputs:
        if path is None:
            continue
        try:
            write_atomically(path, content())
        except OSError as error:
            click.echo(f"unscrawl: {path}: {error.strerror or error}", err=True)
            written = False
    return written


def _tell_failures(sets: list[SetEvaluation]) -> int:
    """Tell on standard error what could not be read; returns how many there are."""
    failures = [(entry.name, result) for entry in sets for result in entry.evaluation.failures]
    for name, result in failures[:_FAILURES_SHOWN]:
        click.echo(f"unscrawl: {name}, {result.item.name}: {result.failure}", err=True)
    if len(failures) > _FAILURES_SHOWN:
        click.echo(f"unscrawl: and {len(failures) - _FAILURES_SHOWN} more.", err=True)
    return len(failures)
