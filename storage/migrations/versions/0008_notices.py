"""Telling staff: mail addresses, who is on call, calls with their steps, mails"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")
_WAITING = sa.text("state = 'waiting'")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, storage.types.UtcDateTime(timezone=True), nullable=nullable)


def _word(name: str, kind: str, *values: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Enum(*values, name=kind, native_enum=False, length=24), nullable=nullable)


def upgrade() -> None:
    _rota()
    _calls()
    _notices()


def _rota() -> None:
    op.create_table(
        "staff_contacts",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        _moment("set_at"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_contacts_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_contacts")),
    )
    op.create_table(
        "on_call_windows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("first", sa.Date(), nullable=True),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_on_call_windows_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call_windows")),
    )
    op.create_index(op.f("ix_on_call_windows_staff_id"), "on_call_windows", ["staff_id"])
    op.create_table(
        "desk_addresses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        _word("list", "addresslist", "desk", "night"),
        sa.Column("index", sa.LargeBinary(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_addresses")),
        sa.UniqueConstraint("desk_id", "list", "index", name=op.f("uq_desk_addresses_desk_id_list_index")),
    )


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        _word("urgency", "urgency", "urgent", "watch", "hand_off"),
        _moment("raised_at"),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        _moment("next_at"),
        _moment("ended_at", nullable=True),
        _word("end", "callend", "reacted", "unanswered", "overtaken", "taken_back", "closed", nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_calls_case_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name=op.f("fk_calls_turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index(
        "uq_calls_open_case_id", "calls", ["case_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index("ix_calls_due", "calls", ["next_at"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_calls_case_id_raised_at", "calls", ["case_id", "raised_at"])
    op.create_index("ix_calls_desk_id_raised_at", "calls", ["desk_id", "raised_at"])


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.String(length=16), nullable=True),
        _word("kind", "noticekind", "urgent", "watch", "hand_off", "test"),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        _word("state", "noticestate", "waiting", "sent", "failed", "expired", "dropped"),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("next_try_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.Uuid(), nullable=True),
        _moment("leased_until", nullable=True),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("maybe_doubled", sa.Boolean(), nullable=False),
        _moment("sent_at", nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_notices_call_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notices_case_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notices_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("call_id", "step", "recipient", name=op.f("uq_notices_call_id_step_recipient")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notices_message_id")),
    )
    op.create_index("ix_notices_due", "notices", ["next_try_at"], sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.create_index("ix_notices_desk_id_created_at", "notices", ["desk_id", "created_at"])
