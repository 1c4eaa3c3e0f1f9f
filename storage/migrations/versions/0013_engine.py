"""Leases with an end, so that several processes may share the work"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types
from storage.job_schema import apply

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, storage.types.UtcDateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        _moment("started_at"),
        _moment("seen_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
    )
    op.create_table(
        "clock_works",
        sa.Column("name", sa.String(length=64), nullable=False),
        _moment("due_at"),
        sa.Column("held_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_clock_works")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # On SQLite there is one process, whose engine keeps its queue in memory.
        apply(op.get_bind(), after="", upto="03.10")
