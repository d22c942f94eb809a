"""Tiers: how much a client may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from unscrawl.exceptions import InvalidOption
from unscrawl.options import ReadOptions

__all__ = ["BUILT_IN", "FREE", "TRIAL", "Tier", "tiers_from"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier:
    """The limits of a kind of client; None is no limit.

    Attributes:
        name: What it is called.
        requests_per_minute: Requests of any kind.
        concurrent_jobs: Files queued or being read at one time.
        calls_per_month: Files accepted in a calendar month (UTC).
        pages_per_day: Pages read in a day (UTC).
        pages_per_month: Pages read in a calendar month (UTC).
        max_megabytes: Of one file.
        max_megapixels: Of one page.
        max_pages: To read from one file.

    Raises:
        InvalidOption: If a limit is not above 0.
    """

    name: str
    requests_per_minute: int = 600
    concurrent_jobs: int = 16
    calls_per_month: int | None = None
    pages_per_day: int | None = None
    pages_per_month: int | None = None
    max_megabytes: float = ReadOptions().max_megabytes
    max_megapixels: float = ReadOptions().max_megapixels
    max_pages: int = ReadOptions().max_pages

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            wanted = (int, float) if field.name in ("max_megabytes", "max_megapixels") else (int,)
            unlimited = value is None and field.default is None
            if field.name == "name" or unlimited:
                continue
            if isinstance(value, bool) or not isinstance(value, wanted) or not 0 < value < 10**9:
                raise InvalidOption(f"Tier {self.name}: {field.name} must be a number above 0, not {value!r}.")


FREE = Tier(
    name="free",
    requests_per_minute=60,
    concurrent_jobs=4,
    calls_per_month=150,  # the free tier of the service that the tutorial was written for
    pages_per_day=300,
    pages_per_month=1500,
    max_megabytes=20.0,
    max_megapixels=50.0,
    max_pages=50,
)
"""What a new client gets where nothing else is said."""

TRIAL = Tier(
    name="trial",
    requests_per_minute=60,
    concurrent_jobs=4,
    calls_per_month=1000,
    pages_per_day=100,
    pages_per_month=1000,
    max_megabytes=10.0,
    max_megapixels=25.0,
    max_pages=3,
)
"""What all callers without credentials share, where the service lets them in at all."""

BUILT_IN = {tier.name: tier for tier in (FREE, Tier(name="standard"), TRIAL)}


def tiers_from(tables: Mapping[str, Any]) -> dict[str, Tier]:
    """The built-in tiers, changed and joined by those of a configuration file.

    Args:
        tables: Tier name -> its limits by name; what is left out is as in the built-in tier of this name, or as in
            ``standard``.

    Raises:
        InvalidOption: If a limit does not exist or makes no sense.
    """
    known = {field.name for field in fields(Tier)} - {"name"}
    tiers = dict(BUILT_IN)
    for name, table in tables.items():
        if not isinstance(table, Mapping) or (unknown := table.keys() - known):
            what = ", ".join(sorted(unknown)) if isinstance(table, Mapping) else repr(table)
            raise InvalidOption(f"Tier {name}: there is no limit {what}.", remedy=f"Limits are {', '.join(known)}.")
        base = tiers.get(name, BUILT_IN["standard"])
        values = {field.name: getattr(base, field.name) for field in fields(Tier)}
        # TOML has no null: 0 stands for no limit where there may be none.
        given = {
            key: None if value == 0 and getattr(FREE, key) is not None and _optional(key) else value
            for key, value in table.items()
        }
        tiers[name] = Tier(**{**values, **given, "name": name})
    return tiers


def _optional(name: str) -> bool:
    return name in ("calls_per_month", "pages_per_day", "pages_per_month")
