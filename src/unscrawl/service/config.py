"""The configuration of a service: one frozen model, filled from flags, the environment and a file.

What is given by a flag counts over the environment (``UNSCRAWL_PORT``), and that over the file (``port = 8000``).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from unscrawl.exceptions import InvalidOption
from unscrawl.service.tiers import BUILT_IN, Tier, tiers_from

__all__ = ["ServiceConfig", "load_config", "variable"]


def _setting(default: Any, help_text: str, metavar: str = "N") -> Any:
    return field(default=default, metadata={"help": help_text, "metavar": metavar})


def _default_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "unscrawl"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceConfig:
    """How a service runs.

    Raises:
        InvalidOption: On construction, if a value is out of range.
    """

    home: Path = field(
        default_factory=_default_home,
        metadata={"help": "Folder of the service's data; made if it is not there.", "metavar": "FOLDER"},
    )
    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 is all.", "ADDRESS")
    port: int = _setting(8000, "Port to listen on.")
    database: str = _setting(
        "", "postgresql://user:password@host/name for several nodes; SQLite in the home folder by default.", "URL"
    )
    workers: int = _setting(0, "Processes that read; by default one for each processor.")
    worker_megabytes: int = _setting(4096, "Address space that a reading process may use.")
    job_seconds: float = _setting(3600.0, "Time that reading one file may take.", "SECONDS")
    sync_seconds: float = _setting(20.0, "How long a request waits for its result before it gets a job.", "SECONDS")
    sync_megabytes: float = _setting(5.0, "Larger files get a job at once.")
    queue_limit: int = _setting(2000, "Jobs that may wait; beyond it requests are refused with 503.")
    retention_hours: float = _setting(24.0, "How long results are kept.", "HOURS")
    body_seconds: float = _setting(60.0, "Time that a client has to send its request.", "SECONDS")
    grace_seconds: float = _setting(30.0, "Time that running jobs have to end when the service stops.", "SECONDS")
    trial: bool = _setting(False, "Let callers without credentials in, on the tier 'trial'.", "")
    callback_hosts: tuple[str, ...] = _setting(
        (), "Hosts that jobs may call back, with commas; none by default.", "NAMES"
    )
    tiers: Mapping[str, Tier] = field(default_factory=lambda: dict(BUILT_IN), metadata={"file_only": True})

    def __post_init__(self) -> None:
        numbers = {each.name: getattr(self, each.name) for each in fields(self) if each.type in ("int", "float")}
        for name, value in numbers.items():
            least = 0 if name in ("workers", "port", "sync_seconds", "sync_megabytes") else 1e-9
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < 10**9:
                raise InvalidOption(f"{name} must be a number above {least:.0f}, not {value!r}.")
        if self.port > 65535:
            raise InvalidOption(f"port must be at most 65535, not {self.port}.")
        if self.database and not self.database.startswith(("postgresql://", "postgres://", "sqlite:")):
            raise InvalidOption("database must begin with postgresql:// (or be left out, for SQLite).")

    @property
    def database_url(self) -> str:
        """Where the data are, as SQLAlchemy writes it."""
        if not self.database:
            return f"sqlite:///{self.home / 'service.db'}"
        scheme, _, rest = self.database.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else self.database

    @property
    def distributed(self) -> bool:
        """Whether several nodes may share the database."""
        return self.database_url.startswith("postgresql")


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return "UNSCRAWL_" + name.upper()


def load_config(
    flags: Mapping[str, Any], environment: Mapping[str, str] = os.environ, file: Path | None = None
) -> ServiceConfig:
    """Put the configuration together.

    Args:
        flags: Settings by name; those that are None are not given.
        environment: Environment variables.
        file: A TOML file; by default what ``UNSCRAWL_CONFIG`` names.

    Raises:
        FileNotFoundError: If there is no such file.
        InvalidOption: If a value is out of range, or a setting does not exist.
    """
    if file is None and environment.get("UNSCRAWL_CONFIG"):
        file = Path(environment["UNSCRAWL_CONFIG"])
    values = _from_file(file) if file else {}
    settings = [each for each in fields(ServiceConfig) if "file_only" not in each.metadata]
    for each in settings:
        text = environment.get(variable(each.name))
        if text is not None:
            values[each.name] = _parse(each.name, str(each.type), text)
        if flags.get(each.name) is not None:
            values[each.name] = flags[each.name]
    if "home" in values:
        values["home"] = Path(values["home"]).expanduser().absolute()
    return ServiceConfig(**values)


def _from_file(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidOption(f"{file} is not in the form of TOML: {error}.") from error
    kinds = {each.name: str(each.type) for each in fields(ServiceConfig)}
    if unknown := table.keys() - kinds.keys():
        raise InvalidOption(
            f"{file}: there is no setting {', '.join(sorted(unknown))}.", remedy=f"Settings are {', '.join(kinds)}."
        )
    tiers = tiers_from(table.pop("tiers", {}))
    if isinstance(table.get("callback_hosts"), list):
        table["callback_hosts"] = tuple(map(str, table["callback_hosts"]))
    for name, value in table.items():
        if kinds[name] == "int" and not (isinstance(value, int) and not isinstance(value, bool)):
            raise InvalidOption(f"{file}: {name} must be a whole number, not {value!r}.")
        if kinds[name] in ("str", "Path") and not isinstance(value, str):
            raise InvalidOption(f"{file}: {name} must be a text, not {value!r}.")
    return {**table, "tiers": tiers}


def _parse(name: str, kind: str, text: str) -> Any:
    """A setting's value from the text of an environment variable."""
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        raise InvalidOption(f"{variable(name)} must be a number, not {text!r}.") from None
    if kind == "bool":
        if text.lower() not in ("0", "1", "true", "false", "yes", "no"):
            raise InvalidOption(f"{variable(name)} must be 1 or 0, not {text!r}.")
        return text.lower() in ("1", "true", "yes")
    if kind.startswith("tuple"):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text
