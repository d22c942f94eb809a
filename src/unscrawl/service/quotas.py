"""Counting what clients use, exactly once, and refusing what is more than their tier allows."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from unscrawl.exceptions import QuotaExceeded, TooManyRequests
from unscrawl.service.credentials import Caller
from unscrawl.service.database import Database
from unscrawl.service.tables import buckets, usage
from unscrawl.service.tiers import Tier

__all__ = ["WINDOW_SECONDS", "Quotas", "RateState", "this_month"]

WINDOW_SECONDS = 60
"""The rate limit is one of requests a minute."""


@dataclass(frozen=True, slots=True)
class RateState:
    """A client's rate limit after a request.

    Attributes:
        limit: Requests a minute.
        remaining: Requests that may follow at once.
        reset: Seconds until all of ``limit`` may follow again.
    """

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers-10."""
        return {
            "RateLimit-Policy": f'"requests";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"requests";r={self.remaining};t={self.reset}',
        }


# What every request says to the database is built once.
_CLIENT = sa.bindparam("client", type_=sa.String)
_BUCKET = sa.select(buckets).where(buckets.c.client_id == _CLIENT).with_for_update()
_TAKEN = (
    buckets.update()
    .where(buckets.c.client_id == _CLIENT)
    .values(level=sa.bindparam("left"), updated=sa.bindparam("now"))
)
_USED = sa.select(usage).where(
    usage.c.client_id == _CLIENT, usage.c.period.in_(sa.bindparam("periods", expanding=True))
)


class Quotas:
    """What each client has used, and may use.

    Args:
        database: Where it is counted.
        tiers: All tiers by name.
    """

    def __init__(self, database: Database, tiers: Mapping[str, Tier]) -> None:
        self._database = database
        self._tiers = tiers
        counted = database.insert(usage)
        self._count_up = counted.on_conflict_do_update(
            index_elements=[usage.c.client_id, usage.c.period],
            set_={name: usage.c[name] + counted.excluded[name] for name in ("calls", "pages")},
        )

    def tier(self, caller: Caller) -> Tier:
        """A caller's tier; the free one if its own is no longer configured."""
        return self._tiers.get(caller.tier) or self._tiers["free"]

    def take_request(self, caller: Caller) -> RateState:
        """Count a request against the rate limit.

        A bucket holds a minute's requests and fills up evenly: short bursts are welcome, a steady rate above the
        limit is not.

        Raises:
            TooManyRequests: If the bucket is empty; such a request is not counted.
        """
        limit = self.tier(caller).requests_per_minute
        speed = limit / WINDOW_SECONDS
        with self._database.write() as connection:
            now = time.time()
            row = connection.execute(_BUCKET, {"client": caller.client_id}).one_or_none()
            if row is None:
                fresh = self._database.insert(buckets).values(client_id=caller.client_id, level=limit, updated=now)
                connection.execute(fresh.on_conflict_do_nothing())
                row = connection.execute(_BUCKET, {"client": caller.client_id}).one()
            # Another node's clock may be ahead of ours.
            level = min(float(limit), row.level + max(0.0, now - row.updated) * speed)
            if level < 1:
                raise TooManyRequests(
                    f"The tier {caller.tier!r} allows {limit} requests a minute.", retry_after=(1 - level) / speed
                )
            level -= 1
            connection.execute(_TAKEN, {"client": caller.client_id, "left": level, "now": now})
        return RateState(limit, int(level), math.ceil((limit - level) / speed))

    def check(self, connection: Connection, caller: Caller) -> None:
        """Refuse a caller who has used up the calls or pages of this day or month.

        Raises:
            QuotaExceeded: With the time until the next period.
        """
        tier = self.tier(caller)
        now = datetime.now(UTC)
        day, month = _day(now), this_month(now)
        asked = {"client": caller.client_id, "periods": [day, month]}
        used = {row.period: row for row in connection.execute(_USED, asked)}
        for period, what, limit in (
            (month, "calls", tier.calls_per_month),
            (month, "pages", tier.pages_per_month),
            (day, "pages", tier.pages_per_day),
        ):
            if limit is not None and period in used and getattr(used[period], what) >= limit:
                span = "month" if period == month else "day"
                raise QuotaExceeded(
                    f"The {limit} {what} a {span} of the tier {caller.tier!r} are used up.",
                    retry_after=_seconds_left(now, span),
                )

    def count_call(self, connection: Connection, caller: Caller) -> None:
        """Count an accepted file, in the transaction that accepts it; call ``check`` before, with the client locked."""
        self._add(connection, caller.client_id, calls=1, pages=0)

    def count_pages(self, connection: Connection, client_id: str, pages: int) -> None:
        """Count read pages, in the transaction that ends their job."""
        self._add(connection, client_id, calls=0, pages=pages)

    def report(self, caller: Caller) -> dict[str, Any]:
        """What a client has used and may use, for ``GET /v1/usage``."""
        now = datetime.now(UTC)
        query = sa.select(usage).where(usage.c.client_id == caller.client_id)
        with self._database.read() as connection:
            used = {row.period: row for row in connection.execute(query)}
        tier = self.tier(caller)
        day, month = used.get(_day(now)), used.get(this_month(now))
        return {
            "client": caller.name,
            "tier": tier.name,
            "month": {
                "period": this_month(now),
                "calls": month.calls if month else 0,
                "calls_limit": tier.calls_per_month,
                "pages": month.pages if month else 0,
                "pages_limit": tier.pages_per_month,
            },
            "day": {"period": _day(now), "pages": day.pages if day else 0, "pages_limit": tier.pages_per_day},
            "limits": {
                "requests_per_minute": tier.requests_per_minute,
                "concurrent_jobs": tier.concurrent_jobs,
                "max_megabytes": tier.max_megabytes,
                "max_megapixels": tier.max_megapixels,
                "max_pages": tier.max_pages,
            },
        }

    def _add(self, connection: Connection, client_id: str, *, calls: int, pages: int) -> None:
        now = datetime.now(UTC)
        periods = (_day(now), this_month(now))
        counts = [{"client_id": client_id, "period": period, "calls": calls, "pages": pages} for period in periods]
        connection.execute(self._count_up, counts)


def this_month(now: datetime | None = None) -> str:
    """The calendar month, UTC, such as ``"2026-11"``."""
    return (now or datetime.now(UTC)).strftime("%Y-%m")


def _day(now: datetime) -> str:
    return now.strftime("%Y-%m-%d")


def _seconds_left(now: datetime, span: str) -> float:
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    in_next_month = start.replace(day=1) + timedelta(days=32)
    end = start + timedelta(days=1) if span == "day" else in_next_month.replace(day=1)
    return (end - now).total_seconds()
