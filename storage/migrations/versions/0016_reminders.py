"""The day of a reminder to staff: each mail box gets one on a day; indexes for what points at rows that are erased"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


_SECOND = sa.text("second_of IS NOT NULL")
_MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("day", sa.Date(), nullable=True))
        batch_op.create_unique_constraint(
            batch_op.f("uq_notices_desk_id_day_recipient"), ["desk_id", "day", "recipient"]
        )
    op.create_index(op.f("ix_check_ins_plan_id"), "check_ins", ["plan_id"])
    op.create_index(
        "ix_check_ins_second_of", "check_ins", ["second_of"], sqlite_where=_SECOND, postgresql_where=_SECOND
    )
    op.create_index("ix_outbox_merged_into", "outbox", ["merged_into"], sqlite_where=_MERGED, postgresql_where=_MERGED)
