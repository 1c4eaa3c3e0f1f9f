"""Tags that the resident called wrong"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tags", sa.Column("contested_at", storage.types.UtcDateTime(timezone=True), nullable=True))
