"""``unscrawl redact``: black out what nobody else should read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unscrawl.cli.failures import Failures
from unscrawl.cli.option_flags import read_option_flags
from unscrawl.exceptions import ExitCode, OcrException
from unscrawl.options import ReadOptions

if TYPE_CHECKING:
    from unscrawl.search import Matcher

__all__ = ["command"]


@click.command("redact", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", metavar="FILE")
@click.option(
    "--words",
    multiple=True,
    metavar="TEXT",
    help="Words, in any capitals, also where a letter in five was misread. May be given several times.",
)
@click.option(
    "--pattern", "patterns", multiple=True, metavar="REGEX", help="A regular expression. May be given several times."
)
@click.option("--emails", is_flag=True, help="E-mail addresses.")
@click.option("--phones", is_flag=True, help="Telephone numbers.")
@click.option("-o", "--output", required=True, metavar="OUT.pdf", type=click.Path(dir_okay=False, path_type=Path))
@read_option_flags("words", "patterns")
def command(
    file: str,
    words: tuple[str, ...],
    patterns: tuple[str, ...],
    emails: bool,
    phones: bool,
    output: Path,
    **flags: Any,
) -> int:
    """Black out words in a picture or PDF: their pixels and their text.

    OUT.pdf is made of painted pictures of all pages; nothing else of FILE goes into it. Only what was read right can
    be found: look through OUT.pdf before you give it away. Where nothing is found, no file is written and the exit
    code is 1.
    """
    matchers = _matchers(words, patterns, emails=emails, phones=phones)
    if output.suffix.lower() != ".pdf":
        raise click.UsageError("The output is a PDF: end its name in .pdf.")
    if Path(file).exists() and output.exists() and output.samefile(file):
        raise click.UsageError("The file that is read is never written over: name another output.")

    from unscrawl.cli.read import read_all
    from unscrawl.engine import OcrEngine
    from unscrawl.files import write_atomically
    from unscrawl.search import redact

    # What is to be blacked out is also expected, so that fewer of its places are misread and missed.
    options = ReadOptions(**(flags | {"words": words}))
    failures = Failures()
    for result in read_all(OcrEngine(options), options, (file,), failures):
        try:
            assert result.original is not None  # read_all() gives it
            redaction = redact(result, result.original, matchers)
            if not redaction.matches:
                click.echo(f"unscrawl: {file}: nothing was found, and nothing is written.", err=True)
                return ExitCode.FAILED
            write_atomically(output, redaction.pdf)
        except (OcrException, OSError) as error:
            failures.add(file, error)
        else:
            places = len(redaction.matches)
            click.echo(f"{places} place{'s' * (places != 1)} blacked out.", err=True)
    return failures.exit_code


def _matchers(words: tuple[str, ...], patterns: tuple[str, ...], *, emails: bool, phones: bool) -> list[Matcher]:
    from unscrawl.search import EMAIL, PHONE, Words, pattern

    matchers: list[Matcher] = [*map(Words, words), *map(pattern, patterns)]
    if emails:
        matchers.append(EMAIL)
    if phones:
        matchers.append(PHONE)
    if not matchers:
        raise click.UsageError("Say what to black out: --words, --pattern, --emails or --phones.")
    return matchers
