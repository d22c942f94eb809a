"""Command-line flags made from the fields of ``ReadOptions``, so that the two can never differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import click

from unscrawl.options import ReadOptions, RecognitionMode

__all__ = ["read_option_flags"]

Command = TypeVar("Command", bound=Callable[..., Any])


def read_option_flags(*without: str) -> Callable[[Command], Command]:
    """Decorate a command with a flag for every field of ``ReadOptions``.

    Args:
        without: Fields that the command itself has flags for.
    """

    def decorate(function: Command) -> Command:
        for field in reversed(fields(ReadOptions)):
            if field.name in without:
                continue
            flag = "--" + field.name.replace("_", "-")
            help_text = field.metadata["help"]
            default = field.default
            extra: dict[str, Any] = {"default": default, "show_default": default is not None}
            if isinstance(default, Enum):
                choices = [mode.value for mode in RecognitionMode]
                extra |= {"type": click.Choice(choices), "default": default.value}
            elif isinstance(default, bool):
                extra |= {"is_flag": True, "show_default": False}
            elif default == ():
                extra |= {
                    "default": "",
                    "show_default": False,
                    "metavar": field.metadata["metavar"],
                    "callback": _from_file,
                }
            elif isinstance(default, tuple):
                extra |= {"default": "auto", "metavar": field.metadata["metavar"]}
            else:
                kind = str if default is None else type(default)
                extra |= {"type": kind, "metavar": field.metadata["metavar"]}
            function = click.option(flag, field.name, help=help_text, **extra)(function)
        return function

    return decorate


def _from_file(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """What a list is given as: the text itself, or with '@' in front the name of a file that holds it."""
    if not value.startswith("@"):
        return value
    path = Path(value[1:])
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise click.BadParameter(f"{path} cannot be read: {error.strerror}.", context, parameter) from None
    except UnicodeDecodeError:
        raise click.BadParameter(f"{path} is not text in UTF-8.", context, parameter) from None
