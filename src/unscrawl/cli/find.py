"""``unscrawl find``: where something is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unscrawl.cli.failures import Failures
from unscrawl.cli.option_flags import read_option_flags
from unscrawl.exceptions import OcrException
from unscrawl.options import ReadOptions

if TYPE_CHECKING:
    from unscrawl.result import Document
    from unscrawl.search import Match

__all__ = ["command"]

_RESULTS = (".json", ".hocr", ".html", ".xml")
"""Endings of files that have been read already."""


@click.command("find", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("pattern", metavar="PATTERN")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-i", "--ignore-case", is_flag=True, help="Capitals do not matter.")
@click.option("-F", "--fixed-strings", is_flag=True, help="PATTERN is the very text, not a regular expression.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a place.")
@read_option_flags()
def command(
    pattern: str, files: tuple[str, ...], ignore_case: bool, fixed_strings: bool, as_json: bool, **flags: Any
) -> int:
    r"""Tell where something is written.

    PATTERN is a regular expression. FILE is a picture or PDF, which is read, or a result that is there already: JSON,
    hOCR, ALTO or PAGE XML. Every place is a line FILE:PAGE:LINE:LEFT,TOP,RIGHT,BOTTOM: and the line that it is in; the
    box, in pixels, is that of the words found.
    """
    from unscrawl.search import find_matches
    from unscrawl.search import pattern as compiled

    matcher = compiled(pattern, ignore_case=ignore_case, fixed=fixed_strings)
    failures = Failures()
    for name, document in _documents(files, ReadOptions(**flags), failures):
        for match in find_matches(document, [matcher]):
            click.echo(_as_json(name, match) if as_json else _as_line(name, match))
    return failures.exit_code


def _documents(files: tuple[str, ...], options: ReadOptions, failures: Failures) -> Iterator[tuple[str, Document]]:
    """The files' documents; those that are results already are not read again."""
    from unscrawl.cli.read import read_all
    from unscrawl.engine import OcrEngine
    from unscrawl.export import read_document

    engine = OcrEngine(options)
    for file in files:
        if Path(file).suffix.lower() not in _RESULTS:
            for result in read_all(engine, options, (file,), failures):
                yield file, result
            continue
        try:
            yield file, read_document(file)
        except (OcrException, OSError) as error:
            failures.add(file, error)


def _as_line(name: str, match: Match) -> str:
    box = ",".join(f"{edge:.0f}" for edge in match.bbox)
    return f"{name}:{match.page}:{match.line}:{box}: {match.context}"


def _as_json(name: str, match: Match) -> str:
    values = {
        "file": name,
        "page": match.page,
        "line": match.line,
        "bbox": [round(edge, 1) for edge in match.bbox],
        "text": match.text,
        "context": match.context,
    }
    return json.dumps(values, ensure_ascii=False)
