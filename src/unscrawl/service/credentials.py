"""Clients, their secrets and their tokens.

Secrets and tokens are random and long (256 bits), so that a plain SHA-256 of them is enough to keep: guessing is
hopeless, and there is nothing to slow down. They are shown once and never stored.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as random_source
import time
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from unscrawl.exceptions import InvalidOption, Unauthorized
from unscrawl.service.database import Database
from unscrawl.service.tables import clients, secrets, tokens, usage

__all__ = ["TOKEN_SECONDS", "TRIAL_CLIENT", "Caller", "ClientSummary", "Credentials", "NewSecret"]

TOKEN_SECONDS = 3600
"""How long a token is good for, as in the service that the tutorial was written for."""

SESSION_SECONDS = 8 * 3600
"""How long somebody who signed in on the web page stays signed in: a working day."""

ROTATION_SECONDS = 24 * 3600
"""How long the old secret still works after a rotation, so that programs can be changed one by one."""

LIVE_SECRETS = 2

LONGEST_NAME = 100

TRIAL_CLIENT = "trial"
"""Id of the client that all callers without credentials share; it has no secret."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever sends a request.

    Attributes:
        client_id: Which client.
        name: What it is called.
        tier: The name of its tier.
        admin: Whether it may see and change all clients.
    """

    client_id: str
    name: str
    tier: str
    admin: bool


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret just made, the only time that it is to be seen.

    Attributes:
        client_id: Whose.
        secret: The secret itself.
        webhook_key: What signs the callbacks of the client's jobs.
    """

    client_id: str
    secret: str
    webhook_key: str


@dataclass(frozen=True, slots=True)
class ClientSummary:
    """A client, for lists.

    Attributes:
        client_id: Which.
        name: What it is called.
        tier: The name of its tier.
        admin: Whether it is an administrator.
        created: When, in seconds since 1970.
        revoked: When, or None.
        live_secrets: How many secrets work now.
        calls_this_month: Files accepted in this calendar month.
        pages_this_month: Pages read in this calendar month.
    """

    client_id: str
    name: str
    tier: str
    admin: bool
    created: float
    revoked: float | None
    live_secrets: int
    calls_this_month: int
    pages_this_month: int


# Asked by every request, so built once.
_NOW = sa.bindparam("now", type_=sa.Float)
_HOLDER = (
    sa.select(clients)
    .join(tokens, tokens.c.client_id == clients.c.id)
    .join(secrets, secrets.c.id == tokens.c.secret_id)
    .where(tokens.c.digest == sa.bindparam("digest"), tokens.c.kind == sa.bindparam("kind"), tokens.c.expires > _NOW)
    .where(sa.or_(secrets.c.expires.is_(None), secrets.c.expires > _NOW))
    .where(clients.c.revoked.is_(None))
)


class Credentials:
    """Clients and what proves who they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, tier: str, *, admin: bool = False) -> NewSecret:
        """Make a client with its first secret.

        Raises:
            InvalidOption: If the name is taken, empty, too long, or has control characters.
        """
        name = name.strip()
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise InvalidOption(f"The name of a client has 1 to {LONGEST_NAME} printable characters, not {name!r}.")
        client_id, webhook_key = str(uuid.uuid4()), "whsec_" + random_source.token_urlsafe(32)
        with self._database.write() as connection:
            if connection.scalar(sa.select(clients.c.id).where(clients.c.name == name)) is not None:
                raise InvalidOption(f"There is a client {name!r} already.", remedy="Choose another name, or rotate it.")
            connection.execute(
                clients.insert().values(
                    id=client_id, name=name, tier=tier, admin=admin, webhook_key=webhook_key, created=time.time()
                )
            )
            return NewSecret(client_id, _add_secret(connection, client_id), webhook_key)

    def ensure_trial(self) -> None:
        """Make the client that callers without credentials share."""
        insert = self._database.insert(clients).values(
            id=TRIAL_CLIENT, name="(trial)", tier="trial", admin=False, webhook_key="", created=time.time()
        )
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_nothing())

    def trial_caller(self) -> Caller:
        """Who a caller without credentials is."""
        return Caller(TRIAL_CLIENT, "(trial)", "trial", admin=False)

    def rotate(self, client: str) -> NewSecret:
        """Give a client a new secret; the one before works for another day, older ones end now.

        Args:
            client: Its id or name.

        Raises:
            InvalidOption: If there is no such client, or it is revoked.
        """
        now = time.time()
        with self._database.write() as connection:
            row = _find(connection, client)
            if row.revoked is not None:
                raise InvalidOption(f"The client {row.name!r} is revoked.", remedy="Make a new one.")
            live = _live_secrets(connection, row.id, now)
            for secret in live[LIVE_SECRETS - 1 :]:
                connection.execute(secrets.delete().where(secrets.c.id == secret.id))
            for secret in live[: LIVE_SECRETS - 1]:
                expires = min(secret.expires or now + ROTATION_SECONDS, now + ROTATION_SECONDS)
                connection.execute(secrets.update().where(secrets.c.id == secret.id).values(expires=expires))
            return NewSecret(row.id, _add_secret(connection, row.id), row.webhook_key)

    def revoke(self, client: str) -> None:
        """End all secrets and tokens of a client, now and for good.

        Args:
            client: Its id or name.

        Raises:
            InvalidOption: If there is no such client.
        """
        with self._database.write() as connection:
            row = _find(connection, client)
            if row.revoked is None:
                connection.execute(clients.update().where(clients.c.id == row.id).values(revoked=time.time()))
            connection.execute(secrets.delete().where(secrets.c.client_id == row.id))  # and with them the tokens

    def set_tier(self, client: str, tier: str) -> None:
        """Put a client on another tier.

        Raises:
            InvalidOption: If there is no such client.
        """
        with self._database.write() as connection:
            row = _find(connection, client)
            connection.execute(clients.update().where(clients.c.id == row.id).values(tier=tier))

    def list(self, month: str) -> list[ClientSummary]:
        """All clients by name, with their usage in a month such as ``"2026-11"``."""
        now = time.time()
        live = (
            sa.select(sa.func.count())
            .where(secrets.c.client_id == clients.c.id, sa.or_(secrets.c.expires.is_(None), secrets.c.expires > now))
            .scalar_subquery()
        )
        used = sa.and_(usage.c.client_id == clients.c.id, usage.c.period == month)
        query = (
            sa.select(clients, live.label("live"), usage.c.calls, usage.c.pages)
            .select_from(clients.outerjoin(usage, used))
            .order_by(clients.c.name)
        )
        with self._database.read() as connection:
            return [
                ClientSummary(
                    row.id, row.name, row.tier, row.admin, row.created, row.revoked, row.live, row.calls or 0,
                    row.pages or 0,
                )
                for row in connection.execute(query)
            ]  # fmt: skip

    def issue_token(self, client_id: str, secret: str, kind: str = "bearer") -> str:
        """Exchange a client's id and secret for a token.

        Args:
            client_id: As the client gives it.
            secret: As the client gives it.
            kind: ``"bearer"`` of programs or ``"session"`` of the web page.

        Raises:
            Unauthorized: If they do not belong together; which half is wrong is not told, and takes no other time.
        """
        now = time.time()
        digest = _digest(secret)
        token = random_source.token_urlsafe(32)
        lifetime = SESSION_SECONDS if kind == "session" else TOKEN_SECONDS
        with self._database.write() as connection:
            # PostgreSQL has no NUL in texts, and we none in ids.
            live = _live_secrets(connection, client_id.replace("\0", ""), now)
            # Always as many comparisons as there may be secrets, whoever asks.
            stored = [each.digest for each in live] + [_digest("")] * (LIVE_SECRETS - len(live))
            found = [hmac.compare_digest(digest, each) for each in stored]
            if True not in found[: len(live)]:
                raise Unauthorized("401 Unauthorized: the client_id or the client_secret is wrong, or was revoked.")
            connection.execute(
                tokens.insert().values(
                    digest=_digest(token),
                    kind=kind,
                    client_id=client_id,
                    secret_id=live[found.index(True)].id,
                    expires=now + lifetime,
                )
            )
        return token

    def caller(self, token: str, kind: str = "bearer") -> Caller | None:
        """Who holds a token; None if it is none of ours, or has expired or been revoked."""
        asked = {"digest": _digest(token), "kind": kind, "now": time.time()}
        with self._database.read() as connection:
            row = connection.execute(_HOLDER, asked).one_or_none()
        return None if row is None else Caller(row.id, row.name, row.tier, row.admin)

    def end_token(self, token: str) -> None:
        """Make a token worthless; one that is not ours is no error (RFC 7009, section 2.2)."""
        with self._database.write() as connection:
            connection.execute(tokens.delete().where(tokens.c.digest == _digest(token)))

    def forget_expired(self) -> None:
        """Delete tokens and secrets that no longer work."""
        now = time.time()
        with self._database.write() as connection:
            connection.execute(tokens.delete().where(tokens.c.expires <= now))
            connection.execute(secrets.delete().where(secrets.c.expires <= now))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _add_secret(connection: Connection, client_id: str) -> str:
    secret = random_source.token_urlsafe(32)
    connection.execute(
        secrets.insert().values(
            id=str(uuid.uuid4()), client_id=client_id, digest=_digest(secret), created=time.time(), expires=None
        )
    )
    return secret


def _live_secrets(connection: Connection, client_id: str, now: float) -> list[Row[tuple[object, ...]]]:
    """The secrets that work now, the newest first."""
    query = (
        sa.select(secrets)
        .where(secrets.c.client_id == client_id, sa.or_(secrets.c.expires.is_(None), secrets.c.expires > now))
        .order_by(secrets.c.created.desc())
    )
    return list(connection.execute(query))


def _find(connection: Connection, client: str) -> Row[tuple[object, ...]]:
    row = connection.execute(
        sa.select(clients).where(sa.or_(clients.c.id == client, clients.c.name == client))
        .where(clients.c.id != TRIAL_CLIENT)
    ).first()  # fmt: skip
    if row is None:
        raise InvalidOption(f"There is no client {client!r}.", remedy="'unscrawl clients list' shows all.")
    return row
