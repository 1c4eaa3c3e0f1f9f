"""Which closed sheet a new one was begun from"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without a foreign key SQLite adds the column without building the table anew.
    op.add_column("sheets", sa.Column("earlier", sa.Uuid(), nullable=True))
