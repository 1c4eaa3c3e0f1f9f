"""Cases: what staff look after, what they write, and what they may read"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_counters",
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "year", name=op.f("pk_case_counters")),
    )
    op.create_table(
        "changes",
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("queue", sa.BigInteger(), nullable=False),
        sa.Column("talk", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("desk_id", name=op.f("pk_changes")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column(
            "number",
            sa.String(length=16).with_variant(sa.String(length=16, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column(
            "alias",
            sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "line", "phone", "visit", "outreach", "pantry", "meeting", name="source", native_enum=False, length=24
            ),
            nullable=False,
        ),
        sa.Column("area", sa.String(length=32), nullable=True),
        sa.Column(
            "state",
            sa.Enum("waiting", "open", "snoozed", "closed", name="casestate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("since", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "last_word",
            sa.Enum("resident", "staff", "program", name="lastword", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("last_word_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "risk_level", sa.Enum("none", "watch", "urgent", name="level", native_enum=False, length=24), nullable=False
        ),
        sa.Column(
            "heard_level",
            sa.Enum("none", "watch", "urgent", name="level", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "staff_level", sa.Enum("none", "watch", "urgent", name="level", native_enum=False, length=24), nullable=True
        ),
        sa.Column("lowered_by", sa.Uuid(), nullable=True),
        sa.Column("lowered_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lowered_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("risk_kinds", sa.JSON(), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("alert_turn", sa.Integer(), nullable=True),
        sa.Column("asked_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("safety_role", sa.String(length=16), nullable=True),
        sa.Column("at_risk", sa.String(length=16), nullable=True),
        sa.Column("danger_now", sa.Boolean(), nullable=False),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("age_band", sa.String(length=8), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column(
            "safe_contact",
            sa.Enum("unknown", "yes", "no", name="safecontact", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("card_shown_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("child_lane", sa.Boolean(), nullable=False),
        sa.Column("deadline_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("present_id", sa.Uuid(), nullable=True),
        sa.Column("present_since", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("act_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("closed_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "close_reason",
            sa.Enum(
                "done", "handed_over", "wished", "mistake", "erased", name="closereason", native_enum=False, length=24
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["lowered_by"], ["staff.id"], name=op.f("fk_cases_lowered_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_cases_owner_id")),
        sa.ForeignKeyConstraint(["present_id"], ["staff.id"], name=op.f("fk_cases_present_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_cases_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("desk_id", "number", name=op.f("uq_cases_desk_id_number")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cases_blocked",
            ["desk_id", "blocked", "last_word_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_cases_closed",
            ["desk_id", "closed_at", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        )
        batch_op.create_index("ix_cases_desk_id_alias", ["desk_id", "alias"], unique=False)
        batch_op.create_index(
            "ix_cases_present",
            ["act_at"],
            unique=False,
            sqlite_where=sa.text("present_id IS NOT NULL"),
            postgresql_where=sa.text("present_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_cases_queue",
            ["desk_id", "place", "since", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_cases_queue_area",
            ["desk_id", "area", "place", "since", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_cases_queue_children",
            ["desk_id", "child_lane", "place", "since", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_cases_queue_level",
            ["desk_id", "risk_level", "place", "since", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_cases_queue_owner",
            ["desk_id", "owner_id", "place", "since", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_cases_resident_id"), ["resident_id"], unique=False)
        batch_op.create_index(
            "ix_cases_silent",
            ["desk_id", "last_word", "last_word_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_cases_snoozed",
            ["snoozed_until"],
            unique=False,
            sqlite_where=sa.text("snoozed_until IS NOT NULL"),
            postgresql_where=sa.text("snoozed_until IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_cases_open_resident_id",
            ["resident_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "spare_tokens",
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("token_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_spare_tokens_resident_id")),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_spare_tokens")),
    )
    op.create_table(
        "case_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.String(length=36), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index("ix_case_events_case_id_at", ["case_id", "at"], unique=False)

    op.create_table(
        "case_tags",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_tags_case_id")),
        sa.PrimaryKeyConstraint("case_id", "category", name=op.f("pk_case_tags")),
    )
    with op.batch_alter_table("case_tags", schema=None) as batch_op:
        batch_op.create_index("ix_case_tags_category_case_id", ["category", "case_id"], unique=False)

    op.create_table(
        "exclusions",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", sa.Enum("excluded", "conflict", name="exclusionkind", native_enum=False, length=24), nullable=False
        ),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_exclusions_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_exclusions_case_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_exclusions_staff_id")),
        sa.PrimaryKeyConstraint("case_id", "staff_id", name=op.f("pk_exclusions")),
    )
    with op.batch_alter_table("exclusions", schema=None) as batch_op:
        batch_op.create_index("ix_exclusions_staff_id_case_id", ["staff_id", "case_id"], unique=False)

    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "note", "phone", "visit", "outreach", "pantry", "meeting", name="notekind", native_enum=False, length=24
            ),
            nullable=False,
        ),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_notes_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notes_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index("ix_notes_case_id_created_at", ["case_id", "created_at"], unique=False)

    op.create_table(
        "reading_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum("life", "abuse", "dv", "false_alarm", "other", name="reason", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("told_id", sa.Uuid(), nullable=True),
        sa.Column("turns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("opened_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("review", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reading_grants_case_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["staff.id"], name=op.f("fk_reading_grants_reviewed_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_reading_grants_staff_id")),
        sa.ForeignKeyConstraint(["told_id"], ["staff.id"], name=op.f("fk_reading_grants_told_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_grants")),
    )
    with op.batch_alter_table("reading_grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reading_grants_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_reading_grants_opened_at", ["opened_at"], unique=False)

    op.create_table(
        "tag_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("right", "wrong", "missing", name="verdict", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("listener_version", sa.String(length=64), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_tag_corrections_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_tag_corrections_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_corrections")),
    )
    with op.batch_alter_table("tag_corrections", schema=None) as batch_op:
        batch_op.create_index("ix_tag_corrections_at", ["at"], unique=False)
        batch_op.create_index("ix_tag_corrections_case_id_at", ["case_id", "at"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_tasks_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_tasks_case_id")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_tasks_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index("ix_tasks_case_id_due_on", ["case_id", "due_on"], unique=False)

    op.create_table(
        "typing",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("typed_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_typing_case_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_typing_staff_id")),
        sa.PrimaryKeyConstraint("case_id", "staff_id", name=op.f("pk_typing")),
    )
    op.create_table(
        "staff_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "released", "dropped", name="messagestate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_staff_messages_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_staff_messages_case_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["outbox.id"], name=op.f("fk_staff_messages_letter_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_staff_messages_resident_id")),
        sa.ForeignKeyConstraint(["second_id"], ["staff.id"], name=op.f("fk_staff_messages_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_messages")),
    )
    with op.batch_alter_table("staff_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_messages_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_staff_messages_resident_id_created_at", ["resident_id", "created_at"], unique=False)

    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_offers_unanswered",
            ["at"],
            unique=False,
            sqlite_where=sa.text("answer IS NULL"),
            postgresql_where=sa.text("answer IS NULL"),
        )
