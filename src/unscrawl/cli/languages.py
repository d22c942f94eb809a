"""``unscrawl languages``: which there are, what reads them, and installing what is missing."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from unscrawl.exceptions import ExitCode, OcrException

if TYPE_CHECKING:
    from unscrawl.languages import Language

__all__ = ["command"]

_HELP = {"help_option_names": ["-h", "--help"]}


@click.group("languages", invoke_without_command=True, context_settings=_HELP)
@click.pass_context
def command(context: click.Context) -> None:
    """List the languages, or install what some of them need.

    A language can be named by its English name or any of its codes, in any case.
    """
    if context.invoked_subcommand is None:
        _print_table()


@command.command("install", context_settings=_HELP)
@click.argument("names", nargs=-1, required=True, metavar="LANGUAGE...")
def install(names: tuple[str, ...]) -> int:
    """Install what is missing to read languages, with this system's package manager.

    The command that is run is shown first. Exits with 7 if something is missing still.
    """
    from unscrawl.languages import resolve_languages
    from unscrawl.recognition.other_scripts import OtherScripts
    from unscrawl.recognition.tessdata import gains_from_data, install_command, missing_data, remedy_for
    from unscrawl.recognition.tesseract import load_tesserocr

    languages = resolve_languages(names)
    missing = missing_data(languages)
    if missing:
        run = install_command(missing)
        if run is None:
            click.echo(f"unscrawl: No package manager that carries Tesseract's data. {remedy_for(missing)}", err=True)
            return ExitCode.SETUP
        click.echo(shlex.join(run), err=True)
        # Progress of the package manager is no result: it goes where messages go.
        if subprocess.run(run, check=False, stdout=sys.stderr).returncode != 0:
            click.echo("unscrawl: That failed; its messages stand above.", err=True)
            return ExitCode.SETUP
    try:
        OtherScripts(threads=1).require(languages)
        if any(map(gains_from_data, languages)):
            load_tesserocr()
    except OcrException as error:
        click.echo(f"unscrawl: {error}", err=True)
        return error.exit_code
    click.echo(f"{', '.join(language.title for language in languages)}: ready.")
    return ExitCode.OK


def _print_table() -> None:
    from unscrawl.languages import Language

    rows = [_row(language) for language in Language if language is not Language.AUTO]
    header = ("Name", "Code", "Script", "Print", "Handwriting", "CER")
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if sys.stdout.isatty() and shutil.get_terminal_size().lines < len(rows):
        click.echo("\nInstall what is missing with 'unscrawl languages install NAME'.", err=True)


def _row(language: Language) -> tuple[str, ...]:
    from unscrawl.recognition.coverage import measured_error, reader_of

    printed, handwritten = reader_of(language, handwriting=False), reader_of(language, handwriting=True)
    error = measured_error(language)
    scripts = ", ".join(script.name.replace("_", " ").title() for script in language.scripts)
    return (
        language.title,
        language.tag,
        scripts,
        printed,
        handwritten,
        "" if error is None else f"{error:.1%}",
    )
