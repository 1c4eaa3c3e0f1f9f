"""The tables.

Columns named `…_sealed` hold AES-GCM bytes (see `storage.vault`); no other column holds words or ids of a person.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.types import UtcDateTime

_WAITING = text("state = 'waiting'")
_MERGED = text("merged_into IS NOT NULL")
_UNANSWERED = text("answer IS NULL")
#: In the very words of its index: SQLite uses it for no others.
SET_ASIDE = text("inbox.state IN ('aside', 'unknown')")
_SET_ASIDE = text("state IN ('aside', 'unknown')")


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can speak of them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute
        datetime: UtcDateTime(),
        UUID: Uuid(),
        bytes: LargeBinary(),
        str: String(),
    }


def table_of(model: type[Base]) -> Table:
    """The plain table behind a model: statements built on it skip the ORM's own bookkeeping."""
    return cast("Table", model.__table__)


def words(kind: type[StrEnum]) -> Enum:
    """A string enum stored by value, without a database type of its own, so that a value can be added."""
    return Enum(
        kind, native_enum=False, length=24, values_callable=lambda e: [m.value for m in e], create_constraint=False
    )


class SchemaInfo(Base):
    """One row: which code may run on this schema, and whether this is a simulator's database."""

    __tablename__ = "schema_info"

    id: Mapped[int] = mapped_column(primary_key=True)
    oldest_code: Mapped[int]
    simulator: Mapped[bool]


class KeyPurpose(StrEnum):
    """What a stored key is for."""

    INDEX = "index"
    DATA = "data"
    RESIDENT = "resident"


class Key(Base):
    """A key wrapped by another: index and data keys by DATA_KEY, residents' keys by the data key.

    Destroying a resident's key (`wrapped` set to NULL) makes everything sealed with it unreadable.
    """

    __tablename__ = "keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[KeyPurpose] = mapped_column(words(KeyPurpose), index=True)
    wrapped: Mapped[bytes | None]
    created_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class Organisation(Base):
    """A body that runs a desk or receives referrals."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Place(StrEnum):
    """Where a resident's talk takes place: what nobody asked for is said there."""

    LINE = "line"
    ROOM = "room"


class Resident(Base):
    """Somebody who writes to a desk, known by an alias only. `version` counts decisions, `messages` what they
    sent; the row is the lock of a turn.
    """

    __tablename__ = "residents"
    __table_args__ = (UniqueConstraint("desk_id", "alias"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    alias: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[UUID] = mapped_column(ForeignKey("keys.id"))
    version: Mapped[int]
    messages: Mapped[int]
    state_sealed: Mapped[bytes | None]
    known_sealed: Mapped[bytes | None]
    created_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    #: Since when nothing may be sent that was not asked for.
    stopped_at: Mapped[datetime | None]
    #: When everything is destroyed, if it is not taken back; until then it is hidden from staff.
    erase_at: Mapped[datetime | None] = mapped_column(index=True)
    erased_at: Mapped[datetime | None]
    place: Mapped[Place] = mapped_column(words(Place), default=Place.LINE, server_default=Place.LINE.value)


class Channel(StrEnum):
    """How a resident is reached: a LINE account, or a room on our own page (whose address is the room's id)."""

    LINE = "line"
    ROOM = "room"


class Identity(Base):
    """One way to reach a resident. `index` is the keyed index of the address: without the key none can be looked up."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("desk_id", "channel", "index"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), index=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    channel: Mapped[Channel] = mapped_column(words(Channel))
    index: Mapped[bytes]
    address_sealed: Mapped[bytes]


class InboxState(StrEnum):
    """What became of an event: to do, part of a turn, not ours, not understood, or set aside with a reason."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    ASIDE = "aside"


class InboxEvent(Base):
    """An acknowledged webhook event. Its body goes once processed; its id stays 30 days against late duplicates."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("desk_id", "event_id"),
        Index("ix_inbox_waiting", "desk_id", "sender", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_inbox_received_at", "received_at"),
        Index(
            "ix_inbox_set_aside",
            "desk_id",
            "received_at",
            sqlite_where=_SET_ASIDE,
            postgresql_where=_SET_ASIDE,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    channel: Mapped[Channel] = mapped_column(words(Channel))
    event_id: Mapped[str] = mapped_column(String(80))
    sender: Mapped[bytes | None]
    event_at: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    body_sealed: Mapped[bytes | None]
    state: Mapped[InboxState] = mapped_column(words(InboxState))
    tries: Mapped[int]
    next_try_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    turn_id: Mapped[UUID | None] = mapped_column(ForeignKey("turns.id"))


class Turn(Base):
    """One decision: which events went in, under which words and which listener, so that it can be replayed."""

    __tablename__ = "turns"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), index=True)
    number: Mapped[int]
    at: Mapped[datetime]
    content_version: Mapped[str] = mapped_column(String(64))
    listener_version: Mapped[str] = mapped_column(String(64))


class ResidentMessage(Base):
    """What a resident sent. `ref` is the keyed index of the channel's message id; an unsent message has no text."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_resident_id_number", "resident_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turns.id"), index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))
    ref: Mapped[bytes | None] = mapped_column(index=True)
    text_sealed: Mapped[bytes | None]
    sent_at: Mapped[datetime]
    unsent_at: Mapped[datetime | None]


class Tag(Base):
    """A concern found in a message. The evidence (spans and words) is sealed and goes with the message."""

    __tablename__ = "tags"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"), index=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), index=True)
    category: Mapped[str] = mapped_column(String(32))
    score: Mapped[float]
    evidence_sealed: Mapped[bytes]
    #: Since when the resident says that it is wrong.
    contested_at: Mapped[datetime | None]


class Finding(Base):
    """Risk and facts of a message: level and kinds in the clear for the queue, evidence and facts sealed."""

    __tablename__ = "findings"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    risk_level: Mapped[str] = mapped_column(String(8))
    risk_kinds: Mapped[list[Any]] = mapped_column(JSON)
    detail_sealed: Mapped[bytes]


class Offer(Base):
    """A person was offered, or asked for, and what the resident answered. `count` is 0 when nobody had offered."""

    __tablename__ = "offers"
    __table_args__ = (Index("ix_offers_unanswered", "at", sqlite_where=_UNANSWERED, postgresql_where=_UNANSWERED),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), index=True)
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turns.id"))
    at: Mapped[datetime]
    count: Mapped[int]
    answer: Mapped[str | None] = mapped_column(String(8))
    answered_at: Mapped[datetime | None]


class Tombstone(Base):
    """A message that was unsent before it was processed: when it comes, its words are not kept."""

    __tablename__ = "tombstones"

    ref: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class OutboxState(StrEnum):
    """Where a message to a resident stands. `sent` means that LINE accepted it, or that the page of a room can show it:
    not that it was read.
    """

    WAITING = "waiting"
    SENT = "sent"
    MERGED = "merged"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    FAILED = "failed"


class OutboxMessage(Base):
    """Something to say to a resident, in channel-neutral words, and how its delivery goes.

    `leased_by` names the process that has it in hand; `unsure` says that LINE may have accepted it without our
    knowing: after a time-out, or when the process that had it died.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "resident_id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_outbox_due", "next_try_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_outbox_resident_id_id", "resident_id", "id"),
        Index("ix_outbox_merged_into", "merged_into", sqlite_where=_MERGED, postgresql_where=_MERGED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    turn_id: Mapped[UUID | None] = mapped_column(ForeignKey("turns.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int]
    body_sealed: Mapped[bytes]
    token_sealed: Mapped[bytes | None]
    token_at: Mapped[datetime | None]
    retry_key: Mapped[UUID]
    state: Mapped[OutboxState] = mapped_column(words(OutboxState))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int]
    pushed_at: Mapped[datetime | None]
    leased_by: Mapped[UUID | None]
    unsure: Mapped[bool]
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str | None] = mapped_column(String(8))
    maybe_doubled: Mapped[bool]
    request_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(200))
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("outbox.id"))
    channel: Mapped[Channel] = mapped_column(words(Channel), default=Channel.LINE, server_default=Channel.LINE.value)


class Alert(Base):
    """Staff have to look: level, kinds and the rule that said so, no words."""

    __tablename__ = "alerts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), index=True)
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turns.id"))
    level: Mapped[str] = mapped_column(String(8))
    kinds: Mapped[list[Any]] = mapped_column(JSON)
    rule: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
