"""``unscrawl explain``: shows what the engine saw on a page, and why it read it so."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from unscrawl.cli.failures import Failures
from unscrawl.cli.option_flags import read_option_flags
from unscrawl.exceptions import OcrException
from unscrawl.options import ReadOptions

__all__ = ["command"]

STANDARD_INPUT = "-"


@click.command("explain", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", required=True, metavar="FILE.html", help="Write the page there.")
@read_option_flags()
def command(file: str, output: str, **flags: Any) -> int:
    """Show how FILE is read: one HTML page that stands alone.

    It shows each page as the networks saw it, what was done to it and why, its lines in reading order with their
    outlines, each character of which the engine is unsure, and what it saw but did not believe to be text. It repeats
    the picture and its text: mind to whom you give it.
    """
    options = ReadOptions(**flags)

    from unscrawl.engine import OcrEngine
    from unscrawl.files import write_atomically

    failures = Failures()
    try:
        html = OcrEngine(options).explain(sys.stdin.buffer if file == STANDARD_INPUT else file)
    except (OcrException, OSError) as error:
        failures.add(file, error)
        return failures.exit_code
    try:
        write_atomically(Path(output), html)
    except OSError as error:
        failures.add(output, error)
    return failures.exit_code
