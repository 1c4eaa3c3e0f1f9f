"""The private room: rooms, sessions, links, watchwords; where a talk takes place"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, storage.types.UtcDateTime(timezone=True), nullable=nullable)


def _word(name: str, kind: str, *values: str, default: str | None = None) -> sa.Column[object]:
    word = sa.Enum(*values, name=kind, native_enum=False, length=24)
    return sa.Column(name, word, nullable=False, server_default=default)


def upgrade() -> None:
    op.add_column("residents", _word("place", "place", "line", "room", default="line"))
    op.add_column("outbox", _word("channel", "channel", "line", "room", default="line"))
    _rooms()
    _sessions()
    _presses()
    _links()


def _rooms() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("watchword_hash", sa.String(length=255), nullable=True),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("closed_at", nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_rooms_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
    )
    op.create_index("ix_rooms_resident_id", "rooms", ["resident_id"])
    op.create_index(
        "uq_rooms_open_resident_id", "rooms", ["resident_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )


def _sessions() -> None:
    op.create_table(
        "room_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        _moment("seen_at"),
        _moment("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_sessions_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_room_sessions_token_hash")),
    )
    op.create_index(op.f("ix_room_sessions_room_id"), "room_sessions", ["room_id"])
    op.create_index(op.f("ix_room_sessions_seen_at"), "room_sessions", ["seen_at"])


def _presses() -> None:
    op.create_table(
        "room_presses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.LargeBinary(), nullable=False),
        sa.Column("shown_sealed", sa.LargeBinary(), nullable=False),
        _moment("pressed_at"),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_room_presses_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_presses")),
        sa.UniqueConstraint("ref", name=op.f("uq_room_presses_ref")),
    )
    op.create_index("ix_room_presses_resident_id_id", "room_presses", ["resident_id", "id"])


def _links() -> None:
    op.create_table(
        "room_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("desk_id", sa.String(length=32), nullable=False),
        sa.Column("resident_id", sa.Uuid(), nullable=False),
        _word("purpose", "roompurpose", "room", "private_page"),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.Column("argument_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_room_links_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_room_links_token_hash")),
    )
    op.create_index(op.f("ix_room_links_resident_id"), "room_links", ["resident_id"])
    op.create_index(op.f("ix_room_links_expires_at"), "room_links", ["expires_at"])
