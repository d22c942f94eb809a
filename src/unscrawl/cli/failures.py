"""Failures of single files: told on standard error as they happen, summed up in the exit code."""

from __future__ import annotations

import click

from unscrawl.exceptions import ExitCode, OcrException

__all__ = ["Failures"]


class Failures:
    """Collects what went wrong while the other files are still done."""

    def __init__(self) -> None:
        self._codes: set[ExitCode] = set()

    @property
    def exit_code(self) -> ExitCode:
        """OK without failures, the failures' own code if they share one, FAILED otherwise."""
        if not self._codes:
            return ExitCode.OK
        return next(iter(self._codes)) if len(self._codes) == 1 else ExitCode.FAILED

    def add(self, name: str, error: OcrException | OSError) -> None:
        """Report that the file of this name could not be read or written."""
        if isinstance(error, OcrException):
            self._report(name, str(error), error.exit_code)
        else:
            self._report(name, error.strerror or str(error), ExitCode.FILE)

    def add_page(self, name: str, number: int, message: str) -> None:
        """Report that one page of a file could not be read."""
        self._report(f"{name}, page {number}", message, ExitCode.INPUT)

    def _report(self, name: str, message: str, code: ExitCode) -> None:
        # Many messages begin with the name already: "scan.tif is empty."
        click.echo(f"unscrawl: {message if message.startswith(name) else f'{name}: {message}'}", err=True)
        self._codes.add(code)
