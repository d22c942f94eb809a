"""Which commands there are; each is imported only when it is needed."""

from __future__ import annotations

import importlib
from typing import Any

import click

__all__ = ["COMMANDS", "ReadByDefault"]

COMMANDS = {
    "read": "unscrawl.cli.read",
    "batch": "unscrawl.cli.batch",
    "find": "unscrawl.cli.find",
    "redact": "unscrawl.cli.redact",
    "mcp": "unscrawl.cli.mcp",
    "explain": "unscrawl.cli.explain",
    "evaluate": "unscrawl.cli.evaluate",
    "languages": "unscrawl.cli.languages",
    "doctor": "unscrawl.cli.doctor",
    "serve": "unscrawl.cli.serve",
    "clients": "unscrawl.cli.clients",
}
"""Command name -> the module that holds it as ``command``."""


class ReadByDefault(click.Group):
    """A group whose arguments mean ``read`` when they do not begin with a command's name."""

    def __init__(self, *args: Any, commands_by_module: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = commands_by_module

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands' names, in the order of the table."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or None if there is none of this name."""
        module = self._modules.get(cmd_name)
        command: click.Command | None = importlib.import_module(module).command if module else None
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``read`` in front of anything that is not a command or an option of the program itself."""
        own_options = {name for option in self.get_params(ctx) for name in option.opts}
        if args and args[0] not in self._modules and args[0] not in own_options:
            args = ["read", *args]
        return super().parse_args(ctx, args)
