"""Check-ins: plans, occurrences, answers over time, pauses of an area"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, storage.types.UtcDateTime(timezone=True), nullable=nullable)


def _word(name: str, kind: str, *values: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Enum(*values, name=kind, native_enum=False, length=24), nullable=nullable)


def _index(table: str, name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    some = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=some, postgresql_where=some)


def upgrade() -> None:
    _plans()
    _occurrences()
    _pauses()


def _plans() -> None:
    ends = ("edited", "done", "resident", "staff", "stopped", "silent")
    op.create_table(
        "check_in_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("plan_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        _moment("made_at"),
        sa.Column("sent", sa.Integer(), nullable=False),
        _moment("retired_at", nullable=True),
        _word("retired_why", "planend", *ends, nullable=True),
        _moment("silent_at", nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_check_in_plans_resident_id")),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_check_in_plans_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in_plans")),
    )
    _index("check_in_plans", "uq_check_in_plans_live", ["resident_id"], "retired_at IS NULL", unique=True)
    op.create_index("ix_check_in_plans_resident_id_made_at", "check_in_plans", ["resident_id", "made_at"])
    _index("check_in_plans", "ix_check_in_plans_silent", ["desk_id", "silent_at"], "silent_at IS NOT NULL")


def _occurrences() -> None:
    op.create_table(
        "check_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        _word("kind", "checkinkind", "word", "second", "look"),
        _word("state", "checkinstate", "waiting", "queued", "skipped", "looked", "void"),
        _moment("due_at"),
        _moment("look_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("second_of", sa.Uuid(), nullable=True),
        sa.Column("personal_sealed", sa.LargeBinary(), nullable=True),
        _moment("made_at"),
        _moment("decided_at", nullable=True),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        _moment("answered_at", nullable=True),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["check_in_plans.id"], name=op.f("fk_check_ins_plan_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_check_ins_resident_id")),
        sa.ForeignKeyConstraint(["second_of"], ["check_ins.id"], name=op.f("fk_check_ins_second_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
    )
    waiting = "state = 'waiting'"
    _index("check_ins", "uq_check_ins_waiting_plan_id", ["plan_id"], waiting, unique=True)
    _index("check_ins", "ix_check_ins_due", ["desk_id", "look_at"], waiting)
    _index("check_ins", "ix_check_ins_calendar", ["desk_id", "due_at", "id"], waiting)
    _index("check_ins", "ix_check_ins_queued", ["desk_id", "decided_at"], "state = 'queued'")
    op.create_index("ix_check_ins_resident_id_due_at", "check_ins", ["resident_id", "due_at"])


def _pauses() -> None:
    op.create_table(
        "contact_pauses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=32), nullable=True),
        _word("reason", "pausereason", "disaster", "closed", "other"),
        _moment("starts_at"),
        _moment("ends_at"),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        _moment("made_at"),
        _moment("ended_at", nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_contact_pauses_ended_by")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_contact_pauses_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_pauses")),
    )
    _index("contact_pauses", "ix_contact_pauses_desk_id", ["desk_id", "ends_at"], "ended_at IS NULL")
