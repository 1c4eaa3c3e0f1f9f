"""The tables of telling staff: who is on call and where mail reaches them, calls that are being made, and each mail.

No column holds anything a resident said. Addresses are sealed with the data key.
"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Time, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.alerting import Urgency
from storage.tables import Base, words

_WAITING = text("state = 'waiting'")
_OPEN = text("ended_at IS NULL")


class StaffContact(Base):
    """Where mail reaches a member of staff."""

    __tablename__ = "staff_contacts"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    address_sealed: Mapped[bytes]
    set_at: Mapped[datetime]


class OnCallWindow(Base):
    """当番: when somebody is on call at a desk, on the desk's clock (`casework.alerting.Window`)."""

    __tablename__ = "on_call_windows"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    weekdays: Mapped[list[Any]] = mapped_column(JSON)
    first: Mapped[date | None] = mapped_column(Date)
    last: Mapped[date | None] = mapped_column(Date)
    starts: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)


class AddressList(StrEnum):
    """Which of a desk's two lists: told last of all, or told outside its hours."""

    DESK = "desk"
    NIGHT = "night"


class DeskAddress(Base):
    """An address that is nobody's own. `index` is its keyed index, so that none stands twice in a list."""

    __tablename__ = "desk_addresses"
    __table_args__ = (UniqueConstraint("desk_id", "list", "index"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    list: Mapped[AddressList] = mapped_column(words(AddressList))
    index: Mapped[bytes]
    address_sealed: Mapped[bytes]


class CallEnd(StrEnum):
    """Why a call is over. `unanswered`: every step was taken and nobody has reacted."""

    REACTED = "reacted"
    UNANSWERED = "unanswered"
    OVERTAKEN = "overtaken"
    TAKEN_BACK = "taken_back"
    CLOSED = "closed"


class Call(Base):
    """Staff have to be told of a case, step by step, until somebody reacts. At most one is open for each case.

    `plan` are the steps with their times as they were when it was raised; `told` counts those taken, `next_at` is
    when to look again.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index("uq_calls_open_case_id", "case_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_calls_due", "next_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_calls_case_id_raised_at", "case_id", "raised_at"),
        Index("ix_calls_desk_id_raised_at", "desk_id", "raised_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turns.id"))
    urgency: Mapped[Urgency] = mapped_column(words(Urgency))
    raised_at: Mapped[datetime]
    plan: Mapped[list[Any]] = mapped_column(JSON)
    told: Mapped[int]
    next_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end: Mapped[CallEnd | None] = mapped_column(words(CallEnd))


class NoticeKind(StrEnum):
    """What a mail tells."""

    URGENT = "urgent"
    WATCH = "watch"
    HAND_OFF = "hand_off"
    TEST = "test"
    #: Once on a working day: something is due by the calendar.
    DAY = "day"
    #: To a recipient of sheets: one waits; one was called back and must not be used any more.
    HANDED = "handed"
    RECALLED = "recalled"


class NoticeState(StrEnum):
    """Where a mail stands. `sent` means that the mail server took it; `dropped`, that it was not needed any more."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"
    DROPPED = "dropped"


class Notice(Base):
    """One mail to one mail box, of no content. Its Message-ID stands before the first try, so that a mail that comes
    twice can be told from two mails. `unsure`: the server may have taken it without our knowing.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("call_id", "step", "recipient"),
        UniqueConstraint("desk_id", "day", "recipient"),
        Index("ix_notices_due", "next_try_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_notices_desk_id_created_at", "desk_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    #: NULL for a test mail.
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("calls.id"))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[str | None] = mapped_column(String(16))
    kind: Mapped[NoticeKind] = mapped_column(words(NoticeKind))
    step: Mapped[int]
    minutes: Mapped[int]
    #: The day of a reminder: each mail box gets one.
    day: Mapped[date | None] = mapped_column(Date)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    #: The keyed index of the address.
    recipient: Mapped[bytes]
    address_sealed: Mapped[bytes]
    message_id: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[NoticeState] = mapped_column(words(NoticeState))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int]
    leased_by: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    unsure: Mapped[bool]
    maybe_doubled: Mapped[bool]
    sent_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(40))
