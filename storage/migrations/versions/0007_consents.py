"""Consents: wordings, questions of staff, what was given, what ended, what residents told when asked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KINDS = ("read", "ask_around", "tell_name", "meeting")


def upgrade() -> None:
    _wordings_and_requests()
    _consents()
    op.create_table(
        "told",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_told_resident_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name=op.f("fk_told_turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told")),
    )
    op.create_index("ix_told_resident_id_at", "told", ["resident_id", "at"])
    op.create_index(op.f("ix_told_turn_id"), "told", ["turn_id"])
    with op.batch_alter_table("exclusions", schema=None) as batch_op:
        batch_op.alter_column("by", existing_type=sa.Uuid(), nullable=True)


def _wordings_and_requests() -> None:
    op.create_table(
        "consent_wordings",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="consentkind", native_enum=False, length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_consent_wordings")),
    )
    op.create_table(
        "consent_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="consentkind", native_enum=False, length=24), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("answered_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_consent_requests_asked_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_consent_requests_org_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_consent_requests_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_requests")),
    )
    op.create_index("ix_consent_requests_resident_id_asked_at", "consent_requests", ["resident_id", "asked_at"])


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="consentkind", native_enum=False, length=24), nullable=False),
        sa.Column(
            "method", sa.Enum("chat", "oral", "paper", name="method", native_enum=False, length=24), nullable=False
        ),
        sa.Column("given_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("wording", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("since", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("expires_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_consents_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_consents_org_id")),
        sa.ForeignKeyConstraint(["request_id"], ["consent_requests.id"], name=op.f("fk_consents_request_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_consents_resident_id")),
        sa.ForeignKeyConstraint(["wording"], ["consent_wordings.hash"], name=op.f("fk_consents_wording")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_resident_id_given_at", "consents", ["resident_id", "given_at"])
    op.create_table(
        "consent_ends",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "reason",
            sa.Enum("resident", "staff", "erased", name="ended", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_consent_ends_by")),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name=op.f("fk_consent_ends_consent_id")),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consent_ends")),
    )
