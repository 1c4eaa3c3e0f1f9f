"""The tables of the private room: a talk on our own page, who is in it, what was pressed there, and the links
that open it.

Tokens and watchwords stand here only as hashes: a copy of the database opens no room.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base, words

_OPEN = text("closed_at IS NULL")


class Room(Base):
    """A resident's room; one at a time. `guarded`: nobody enters without the watchword, once there is one.

    `changed` rises with every change of what the page shows, in the transaction of the change.
    """

    __tablename__ = "rooms"
    __table_args__ = (
        Index("uq_rooms_open_resident_id", "resident_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_rooms_resident_id", "resident_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    watchword_hash: Mapped[str | None] = mapped_column(String(255))
    guarded: Mapped[bool]
    changed: Mapped[int]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class RoomSession(Base):
    """A browser that is in a room. `token_hash` is of the random token in its cookie."""

    __tablename__ = "room_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("rooms.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class RoomPress(Base):
    """A button that was pressed, in a room or on LINE: the words on it stand in the talk as the resident's own, here
    and nowhere else. `id` is that of its turn; `ref` is the keyed index of the press's own id, so that it stands there
    once however often it was sent.
    """

    __tablename__ = "room_presses"
    __table_args__ = (Index("ix_room_presses_resident_id_id", "resident_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    ref: Mapped[bytes] = mapped_column(unique=True)
    shown_sealed: Mapped[bytes]
    pressed_at: Mapped[datetime]


class RoomPurpose(StrEnum):
    """What a link opens."""

    ROOM = "room"
    PRIVATE_PAGE = "private_page"


class RoomLink(Base):
    """A link that works once and for a short time. What it is about beside its purpose is sealed."""

    __tablename__ = "room_links"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), index=True)
    purpose: Mapped[RoomPurpose] = mapped_column(words(RoomPurpose))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    argument_sealed: Mapped[bytes | None]
