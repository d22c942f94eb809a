"""``unscrawl serve``: the hosted service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from unscrawl.cli.service_flags import config_from_flags, service_flags

__all__ = ["command"]


@click.command("serve", context_settings={"help_option_names": ["-h", "--help"]})
@service_flags()
def command(config_file: Path | None, **flags: Any) -> None:
    """Run the service: the library over HTTP, with credentials, tiers and jobs.

    Each setting can be given as a flag, as the environment variable in brackets, or in a TOML file; the first of these
    that there is counts. Clients are made with 'unscrawl clients create'. See docs/service.md.
    """
    config = config_from_flags(flags, config_file)

    from unscrawl.service.server import serve

    serve(config)
