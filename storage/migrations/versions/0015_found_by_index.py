"""Indexes for two looks that read a whole table: a letter's message of staff, and the live plans of a desk"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_LIVE = sa.text("retired_at IS NULL")


def upgrade() -> None:
    op.create_index(op.f("ix_staff_messages_letter_id"), "staff_messages", ["letter_id"])
    op.create_index("ix_check_in_plans_live", "check_in_plans", ["desk_id"], sqlite_where=_LIVE, postgresql_where=_LIVE)
