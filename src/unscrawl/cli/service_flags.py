"""Flags made from the fields of ``ServiceConfig``, so that the two can never differ."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from unscrawl.exceptions import MissingDependency
from unscrawl.service.config import ServiceConfig, variable

if TYPE_CHECKING:
    from unscrawl.service.database import Database

__all__ = ["config_from_flags", "open_database", "service_flags"]

Command = TypeVar("Command", bound=Callable[..., Any])


def service_flags(names: Iterable[str] | None = None) -> Callable[[Command], Command]:
    """Decorate a command with a flag for each setting, or for those named, and ``--config``."""
    wanted = [each for each in fields(ServiceConfig) if "file_only" not in each.metadata]
    if names is not None:
        wanted = [each for each in wanted if each.name in set(names)]

    def decorate(function: Command) -> Command:
        for each in reversed(wanted):
            function = click.option("--" + each.name.replace("_", "-"), each.name, **_details(each))(function)
        return click.option(
            "--config",
            "config_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help="TOML file with settings and tiers.  [UNSCRAWL_CONFIG]",
        )(function)

    return decorate


def _details(each: Any) -> dict[str, Any]:
    default = each.default
    shown = "" if each.name in ("home", "database", "workers", "callback_hosts") else f" Default: {default}."
    details: dict[str, Any] = {"default": None, "metavar": each.metadata["metavar"]}
    if isinstance(default, bool):
        details = {"default": None, "flag_value": True, "is_flag": True, "type": bool}
        shown = ""
    elif isinstance(default, tuple):
        details["callback"] = lambda context, parameter, text: _parts(text)
    elif isinstance(default, int | float):
        details["type"] = type(default)
    return {**details, "help": f"{each.metadata['help']}{shown}  [{variable(each.name)}]"}


def _parts(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def config_from_flags(flags: dict[str, Any], config_file: Path | None) -> ServiceConfig:
    """The configuration from flags, the environment and a file.

    Raises:
        InvalidOption: If a value makes no sense.
        MissingDependency: If the packages of the service are not installed.
    """
    from unscrawl.service.config import load_config

    for name in ("fastapi", "uvicorn", "sqlalchemy", "alembic", "jinja2", "python_multipart", "prometheus_client"):
        if importlib.util.find_spec(name) is None:
            raise MissingDependency(
                f"The service needs {name}, which is not installed.", remedy="pip install 'unscrawl[service]'"
            )
    return load_config(flags, file=config_file)


def open_database(config: ServiceConfig) -> Database:
    """The service's database, its tables brought to this version's form."""
    from unscrawl.service.database import Database

    database = Database(config.database_url)
    database.migrate()
    return database
