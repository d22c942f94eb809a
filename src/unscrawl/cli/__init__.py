"""The command line: thin commands over the library.

Commands are imported when they run, and heavy libraries inside them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

import click

from unscrawl.cli.commands import COMMANDS, ReadByDefault
from unscrawl.exceptions import ExitCode, OcrException

__all__ = ["main"]

_EPILOG = """\b
Examples:
  unscrawl note.jpg                    print the text of a photo
  unscrawl scan.pdf --pages 1-3        of some pages of a PDF
  unscrawl *.jpg -o texts/             one text file for each picture
  unscrawl note.jpg --format json      words with boxes and confidences
  cat note.jpg | unscrawl -            from standard input

\b
Exit codes: 0 all read, 2 wrong usage, 3 file missing or not readable, 4 not a picture, or damaged, 5 over a limit,
6 password needed, 7 something is not installed, 8 too slow, 9 refused by a service, 1 anything else or failures of
several kinds, 130 Ctrl-C.
"""


@click.command(
    cls=ReadByDefault,
    commands_by_module=COMMANDS,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="unscrawl", message="%(prog)s %(version)s")
def _program() -> None:
    """Read handwritten notes and printed pages into text, on this machine.

    'unscrawl FILE...' reads files; for its options see 'unscrawl read --help'.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit the process with a code of ``ExitCode``."""
    try:
        given = None if arguments is None else list(arguments)
        code = _program.main(args=given, prog_name="unscrawl", standalone_mode=False)
    except click.exceptions.Abort:
        # All is put away: a second Ctrl-C, while running threads are waited for, may end the process at once.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        click.echo("Interrupted.", err=True)
        code = ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = ExitCode.USAGE if isinstance(error, click.UsageError) else ExitCode.FAILED
    except OcrException as error:
        click.echo(f"unscrawl: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        # The reader of our output has gone ('| head'): nothing is left to say, and no flush must fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.OK
    sys.exit(int(code or 0))
