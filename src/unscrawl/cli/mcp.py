"""``unscrawl mcp``: a server for assistants."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("mcp", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "folders", nargs=-1, metavar="[FOLDER...]", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
def command(folders: tuple[Path, ...]) -> None:
    """Serve the Model Context Protocol over the standard streams, so that assistants can read pictures.

    Only files in the given folders, and below them, can be read; by default those in the current folder. Nothing is
    written. Needs: pip install 'unscrawl[mcp]'.
    """
    from unscrawl.integrations.mcp import make_server

    make_server(folders or (Path(),)).run("stdio")
