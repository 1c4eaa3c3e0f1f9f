"""Households, who stands in for whom, who was assigned by itself, the certificate of an account"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, storage.types.UtcDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _households()
    _stand_ins()
    op.add_column("cases", _moment("auto_assigned_at", nullable=True))
    op.add_column("staff", sa.Column("certificate", sa.String(length=64), nullable=True))


def _households() -> None:
    op.create_table(
        "households",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    parts = ("parent", "child", "partner", "grandparent", "sibling", "other")
    op.create_table(
        "household_members",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Enum(*parts, name="part", native_enum=False, length=24), nullable=False),
        sa.Column("linked_by", sa.Uuid(), nullable=False),
        _moment("linked_at"),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_household_members_household_id")),
        sa.ForeignKeyConstraint(["linked_by"], ["staff.id"], name=op.f("fk_household_members_linked_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_household_members_resident_id")),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_household_members")),
    )
    op.create_index(op.f("ix_household_members_household_id"), "household_members", ["household_id"])


def _stand_ins() -> None:
    op.create_table(
        "stand_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("absent_id", sa.Uuid(), nullable=False),
        sa.Column("stand_in_id", sa.Uuid(), nullable=False),
        _moment("starts_at"),
        _moment("ends_at"),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        _moment("given_at"),
        sa.ForeignKeyConstraint(["absent_id"], ["staff.id"], name=op.f("fk_stand_ins_absent_id")),
        sa.ForeignKeyConstraint(["given_by"], ["staff.id"], name=op.f("fk_stand_ins_given_by")),
        sa.ForeignKeyConstraint(["stand_in_id"], ["staff.id"], name=op.f("fk_stand_ins_stand_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_ins")),
    )
    op.create_index("ix_stand_ins_absent_id_ends_at", "stand_ins", ["absent_id", "ends_at"])
    op.create_index("ix_stand_ins_stand_in_id_ends_at", "stand_ins", ["stand_in_id", "ends_at"])
