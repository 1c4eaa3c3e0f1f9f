"""What a resident typed on the private page, and reminders of sheets"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_UNTOLD = sa.text("told_at IS NULL AND held IS NULL")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, storage.types.UtcDateTime(timezone=True), nullable=nullable)


def _word(name: str, kind: str, *values: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Enum(*values, name=kind, native_enum=False, length=24), nullable=nullable)


def upgrade() -> None:
    _news()
    _notices()
    _sessions()
    _unseen()


def _news() -> None:
    op.create_table(
        "sheet_news",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=True),
        _word("kind", "newskind", "submitted", "answered", "overdue"),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        _moment("created_at"),
        _moment("next_try_at"),
        _moment("told_at", nullable=True),
        _word(
            "held", "held", "danger", "guarded", "unsafe", "out_of_reach", "erasing", "by_people", "over", nullable=True
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_sheet_news_case_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheets.id"], name=op.f("fk_sheet_news_sheet_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_sheet_news_resident_id")),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_sheet_news_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_news")),
        sa.UniqueConstraint("handover_id", "kind", name=op.f("uq_sheet_news_handover_id_kind")),
    )
    op.create_index(op.f("ix_sheet_news_case_id"), "sheet_news", ["case_id"])
    op.create_index(op.f("ix_sheet_news_sheet_id"), "sheet_news", ["sheet_id"])
    op.create_index(op.f("ix_sheet_news_resident_id"), "sheet_news", ["resident_id"])
    op.create_index("ix_sheet_news_due", "sheet_news", ["next_try_at"], sqlite_where=_UNTOLD, postgresql_where=_UNTOLD)


def _notices() -> None:
    op.create_table(
        "handover_notices",
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        _word("kind", "noticekind", "urgent", "watch", "hand_off", "test", "handed", "recalled"),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        _moment("at"),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_handover_notices_notice_id")),
        sa.PrimaryKeyConstraint("handover_id", "kind", name=op.f("pk_handover_notices")),
    )


def _sessions() -> None:
    op.create_table(
        "private_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("ended_at", nullable=True),
        _moment("reissued_at", nullable=True),
        sa.Column("draft_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_private_sessions_resident_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheets.id"], name=op.f("fk_private_sessions_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_private_sessions_token_hash")),
    )
    op.create_index("ix_private_sessions_resident_id_created_at", "private_sessions", ["resident_id", "created_at"])
    op.create_index(op.f("ix_private_sessions_expires_at"), "private_sessions", ["expires_at"])


def _unseen() -> None:
    op.create_table(
        "case_unseen_areas",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(length=32), nullable=False),
        _moment("at"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_unseen_areas_case_id")),
        sa.PrimaryKeyConstraint("case_id", "area", name=op.f("pk_case_unseen_areas")),
    )
