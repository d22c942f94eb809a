"""The tables of the service's database. Times are seconds since 1970, UTC.

Changed only together with a new file in ``migrations/versions/``.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = ["buckets", "clients", "jobs", "metadata", "results", "secrets", "tokens", "uploads", "usage"]

metadata = MetaData()

clients = Table(
    "clients",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("tier", Text, nullable=False),
    Column("admin", Boolean, nullable=False),
    Column("webhook_key", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("revoked", Float),
)

secrets = Table(
    "secrets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, ForeignKey("clients.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("client_id", Text, ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
    Column("secret_id", Text, ForeignKey("secrets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires", Float, nullable=False, index=True),
)

usage = Table(
    "usage",
    metadata,
    Column("client_id", Text, ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True),
    Column("period", Text, primary_key=True),  # "2026-11" or "2026-11-22"
    Column("calls", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
)

buckets = Table(
    "buckets",
    metadata,
    Column("client_id", Text, ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True),
    Column("level", Float, nullable=False),
    Column("updated", Float, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("client_id", Text, ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("finished", Float),
    Column("lease", Float),  # until when whoever runs it has promised to be alive
    Column("attempts", Integer, nullable=False),
    Column("order", Text, nullable=False),  # what to do, as JSON
    Column("size", Integer, nullable=False),
    Column("pages", Integer, nullable=False),  # read so far
    Column("error", Text),  # a problem, as JSON
    Column("idempotency_key", Text),
    Column("fingerprint", Text),
    Column("callback_url", Text),
    Column("callback_due", Float),
    Column("callback_attempts", Integer, nullable=False),
    UniqueConstraint("client_id", "idempotency_key"),
    Index("jobs_by_state", "state", "created"),
    Index("jobs_by_client", "client_id", "state"),
    Index("jobs_by_finish", "finished"),
    Index("jobs_by_callback", "callback_due"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

results = Table(
    "results",
    metadata,
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("format", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
