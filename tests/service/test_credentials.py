from __future__ import annotations

import threading
import time
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from unscrawl.exceptions import InvalidOption, Unauthorized
from unscrawl.service.credentials import ROTATION_SECONDS, SESSION_SECONDS, TOKEN_SECONDS, Credentials
from unscrawl.service.database import Database
from unscrawl.service.quotas import this_month
from unscrawl.service.tables import metadata


@pytest.fixture
def credentials(database: Database) -> Credentials:
    return Credentials(database)


def later(seconds: float) -> object:
    now = time.time()
    return patch("unscrawl.service.credentials.time.time", lambda: now + seconds)


def test_token_tells_who_calls(credentials: Credentials) -> None:
    made = credentials.create("alice", "free")
    caller = credentials.caller(credentials.issue_token(made.client_id, made.secret))
    assert caller is not None
    assert (caller.client_id, caller.name, caller.tier, caller.admin) == (made.client_id, "alice", "free", False)
    assert credentials.caller("no token") is None


@pytest.mark.parametrize("wrong", ["id", "secret", "both", "other", "nul", "empty"])
def test_wrong_credentials_are_all_told_the_same(credentials: Credentials, wrong: str) -> None:
    made, other = credentials.create("alice", "free"), credentials.create("bob", "free")
    pair = {
        "id": ("nobody", made.secret),
        "secret": (made.client_id, "wrong"),
        "both": ("nobody", "wrong"),
        "other": (other.client_id, made.secret),
        "nul": ("\0", "\0"),
        "empty": (made.client_id, ""),
    }[wrong]
    with pytest.raises(Unauthorized) as caught:
        credentials.issue_token(*pair)
    assert str(caught.value).startswith(
        "401 Unauthorized: the client_id or the client_secret is wrong, or was revoked."
    )


def test_tokens_and_sessions_end(credentials: Credentials) -> None:
    made = credentials.create("alice", "free")
    token = credentials.issue_token(made.client_id, made.secret)
    session = credentials.issue_token(made.client_id, made.secret, "session")
    assert credentials.caller(session) is None and credentials.caller(token, "session") is None
    with later(TOKEN_SECONDS - 1):  # type: ignore[attr-defined]
        assert credentials.caller(token) is not None
    with later(TOKEN_SECONDS + 1):  # type: ignore[attr-defined]
        assert credentials.caller(token) is None
        assert credentials.caller(session, "session") is not None
    with later(SESSION_SECONDS + 1):  # type: ignore[attr-defined]
        assert credentials.caller(session, "session") is None
    credentials.end_token(token)
    assert credentials.caller(token) is None


def test_two_secrets_live_during_rotation_and_no_more(credentials: Credentials) -> None:
    first = credentials.create("alice", "free")
    second = credentials.rotate("alice")
    old_token = credentials.issue_token(first.client_id, first.secret)
    for made in (first, second):
        assert credentials.caller(credentials.issue_token(first.client_id, made.secret)) is not None
    with later(ROTATION_SECONDS + 1):  # type: ignore[attr-defined]
        with pytest.raises(Unauthorized):
            credentials.issue_token(first.client_id, first.secret)
        assert credentials.caller(credentials.issue_token(first.client_id, second.secret)) is not None
    third = credentials.rotate(first.client_id)
    with pytest.raises(Unauthorized):  # a second rotation ends the oldest at once, and its tokens with it
        credentials.issue_token(first.client_id, first.secret)
    assert credentials.caller(old_token) is None
    for made in (second, third):
        assert credentials.issue_token(first.client_id, made.secret)
    assert credentials.list(this_month())[0].live_secrets == 2


def test_revoked_clients_are_strangers(credentials: Credentials) -> None:
    made = credentials.create("alice", "free")
    token = credentials.issue_token(made.client_id, made.secret)
    credentials.revoke("alice")
    credentials.revoke("alice")
    assert credentials.caller(token) is None
    with pytest.raises(Unauthorized):
        credentials.issue_token(made.client_id, made.secret)
    with pytest.raises(InvalidOption, match="revoked"):
        credentials.rotate("alice")
    assert credentials.list(this_month())[0].revoked is not None


def test_secrets_and_tokens_are_nowhere_in_the_database(credentials: Credentials, database: Database) -> None:
    made = credentials.create("alice", "free")
    token = credentials.issue_token(made.client_id, made.secret)
    with database.read() as connection:
        everything = repr([connection.execute(sa.select(table)).all() for table in metadata.sorted_tables])
    assert made.client_id in everything
    assert made.secret not in everything and token not in everything


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "new\nline"])
def test_names_that_make_no_sense_are_refused(credentials: Credentials, name: str) -> None:
    with pytest.raises(InvalidOption):
        credentials.create(name, "free")


def test_names_are_unique_and_unknown_ones_are_told(credentials: Credentials) -> None:
    credentials.create("alice", "free")
    with pytest.raises(InvalidOption, match="already"):
        credentials.create("alice", "free")
    for change in (credentials.rotate, credentials.revoke):
        with pytest.raises(InvalidOption, match="no client"):
            change("nobody")


def test_expired_tokens_and_secrets_are_deleted(credentials: Credentials, database: Database) -> None:
    made = credentials.create("alice", "free")
    credentials.issue_token(made.client_id, made.secret)
    credentials.rotate("alice")
    with later(ROTATION_SECONDS + 1):  # type: ignore[attr-defined]
        credentials.forget_expired()
    with database.read() as connection:
        counts = {
            name: connection.scalar(sa.select(sa.func.count()).select_from(metadata.tables[name]))
            for name in ("tokens", "secrets")
        }
    assert counts == {"tokens": 0, "secrets": 1}


def test_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database.migrate()  # once more is no harm
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_several_nodes_may_migrate_at_once(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            database = Database(url)
            database.migrate()
            database.close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
