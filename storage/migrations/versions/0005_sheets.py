"""Recipients, sheets with their versions, and to whom they were handed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recipients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=True),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("collects", sa.Boolean(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_recipients_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipients")),
        sa.UniqueConstraint("desk_id", "organisation_id", name=op.f("uq_recipients_desk_id_organisation_id")),
    )
    with op.batch_alter_table("recipients", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recipients_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "sheets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("form_id", sa.String(length=32), nullable=False),
        sa.Column("forms_version", sa.String(length=16), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "sheet",
                "information",
                "meeting",
                "notification",
                "inquiry",
                "application",
                "aftercare",
                "result",
                name="kind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "needs", sa.Enum("consent", "basis", "nothing", name="needs", native_enum=False, length=24), nullable=False
        ),
        sa.Column(
            "second_person",
            sa.Enum("none", "before", "after", name="secondperson", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "consented",
                "basis_only",
                "submitted",
                "received",
                "triaged",
                "replied",
                "closed",
                "recalled",
                name="state",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("consented_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("closed_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("recalled_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("basis_kind", sa.String(length=32), nullable=True),
        sa.Column("second_due_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_sheets_case_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_sheets_created_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_sheets_org_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_sheets_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheets")),
        sa.UniqueConstraint("desk_id", "number", name=op.f("uq_sheets_desk_id_number")),
    )
    with op.batch_alter_table("sheets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheets_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_sheets_desk_id_state", ["desk_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheets_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(
            "ix_sheets_second_due",
            ["second_due_at"],
            unique=False,
            sqlite_where=sa.text("second_due_at IS NOT NULL"),
            postgresql_where=sa.text("second_due_at IS NOT NULL"),
        )

    op.create_table(
        "handed_to",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_handed_to_case_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_handed_to_org_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheets.id"], name=op.f("fk_handed_to_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", "org_id", name=op.f("pk_handed_to")),
    )
    with op.batch_alter_table("handed_to", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handed_to_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_handed_to_org_id_case_id", ["org_id", "case_id"], unique=False)

    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("named_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "named",
                "proposed",
                "waiting",
                "received",
                "accepted",
                "met",
                "declined",
                "returned",
                "recalled",
                name="handed",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sent_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("received_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recalled_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_to_stop_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["named_by"], ["staff.id"], name=op.f("fk_handovers_named_by")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_handovers_org_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheets.id"], name=op.f("fk_handovers_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index("ix_handovers_org_id_state", ["org_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_handovers_sheet_id"), ["sheet_id"], unique=False)

    op.create_table(
        "sheet_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=36), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheets.id"], name=op.f("fk_sheet_versions_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_versions")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_sheet_versions_sheet_id_number")),
    )
