"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "clients",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("webhook_key", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("revoked", sa.Float),
    )
    op.create_table(
        "secrets",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("client_id", sa.Text, sa.ForeignKey("clients.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("expires", sa.Float),
    )
    op.create_table(
        "tokens",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, sa.ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
        sa.Column("secret_id", sa.Text, sa.ForeignKey("secrets.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("expires", sa.Float, nullable=False, index=True),
    )
    op.create_table(
        "usage",
        sa.Column("client_id", sa.Text, sa.ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
    )
    op.create_table(
        "buckets",
        sa.Column("client_id", sa.Text, sa.ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("level", sa.Float, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("client_id", sa.Text, sa.ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("started", sa.Float),
        sa.Column("finished", sa.Float),
        sa.Column("lease", sa.Float),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("order", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("fingerprint", sa.Text),
        sa.Column("callback_url", sa.Text),
        sa.Column("callback_due", sa.Float),
        sa.Column("callback_attempts", sa.Integer, nullable=False),
        sa.UniqueConstraint("client_id", "idempotency_key"),
    )
    op.create_index("jobs_by_state", "jobs", ["state", "created"])
    op.create_index("jobs_by_client", "jobs", ["client_id", "state"])
    op.create_index("jobs_by_finish", "jobs", ["finished"])
    op.create_index("jobs_by_callback", "jobs", ["callback_due"])
    op.create_table(
        "uploads",
        sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "results",
        sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("format", sa.Text, primary_key=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
