"""The tables of check-ins: what a resident agreed to, each word that is to go out, and pauses for many at once.

Columns named `…_sealed` hold bytes sealed with the resident's own key; no other column holds anybody's words. All rows
of a resident change only while the resident's own row is locked.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base, words

_LIVE = text("retired_at IS NULL")
_SILENT = text("silent_at IS NOT NULL")
_WAITING = text("state = 'waiting'")
_QUEUED = text("state = 'queued'")
_SECOND = text("second_of IS NOT NULL")
_NOT_ENDED = text("ended_at IS NULL")


class PlanEnd(StrEnum):
    """Why a plan is over. `edited`: another one stands in its place."""

    EDITED = "edited"
    DONE = "done"
    RESIDENT = "resident"
    STAFF = "staff"
    STOPPED = "stopped"
    SILENT = "silent"


class CheckInPlan(Base):
    """What somebody agreed to: at most one that is live for each resident.

    `sent` counts the check-ins that went out under it, second words apart. `set_by` is the member of staff who set it,
    NULL for the resident. `silent_at`: no answer came, and staff were told so.
    """

    __tablename__ = "check_in_plans"
    __table_args__ = (
        Index("uq_check_in_plans_live", "resident_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_check_in_plans_live", "desk_id", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_check_in_plans_resident_id_made_at", "resident_id", "made_at"),
        Index("ix_check_in_plans_silent", "desk_id", "silent_at", sqlite_where=_SILENT, postgresql_where=_SILENT),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    plan_sealed: Mapped[bytes]
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    sent: Mapped[int]
    retired_at: Mapped[datetime | None]
    retired_why: Mapped[PlanEnd | None] = mapped_column(words(PlanEnd))
    silent_at: Mapped[datetime | None]


class CheckInKind(StrEnum):
    """What is due: a check-in, the one gentle word after it was not answered, or a look whether that was answered."""

    WORD = "word"
    SECOND = "second"
    LOOK = "look"


class CheckInState(StrEnum):
    """Where an occurrence stands. `void`: its plan was retired, or it was answered, before its time."""

    WAITING = "waiting"
    QUEUED = "queued"
    SKIPPED = "skipped"
    LOOKED = "looked"
    VOID = "void"


class CheckIn(Base):
    """One occurrence; at most one waits for each plan. Its id is the retry key of its letter: see ADR 0015.

    `due_at` is the time it is meant for, `look_at` when the sweep looks at it next. `reason` is a
    `dialogue.followups.SkipReason`: why it was skipped, or what it still waits for. `answer` is a
    `dialogue.effects.CheckInAnswer`. `personal_sealed` is a line that a person adds, with how they are introduced.
    """

    __tablename__ = "check_ins"
    __table_args__ = (
        Index("uq_check_ins_waiting_plan_id", "plan_id", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_check_ins_due", "desk_id", "look_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_check_ins_calendar", "desk_id", "due_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_check_ins_queued", "desk_id", "decided_at", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        Index("ix_check_ins_resident_id_due_at", "resident_id", "due_at"),
        Index("ix_check_ins_second_of", "second_of", sqlite_where=_SECOND, postgresql_where=_SECOND),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("check_in_plans.id"), index=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    kind: Mapped[CheckInKind] = mapped_column(words(CheckInKind))
    state: Mapped[CheckInState] = mapped_column(words(CheckInState))
    due_at: Mapped[datetime]
    look_at: Mapped[datetime]
    tries: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(40))
    second_of: Mapped[UUID | None] = mapped_column(ForeignKey("check_ins.id"))
    personal_sealed: Mapped[bytes | None]
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    #: The row of the outbox, as long as that is kept.
    letter_id: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(16))


class PauseReason(StrEnum):
    """Why nothing goes out to an area: 災害, 窓口の休み, or something else."""

    DISASTER = "disaster"
    CLOSED = "closed"
    OTHER = "other"


class ContactPause(Base):
    """Nothing unsolicited goes out from `starts_at` to `ends_at`: to an area, or (`area` NULL) to the whole desk."""

    __tablename__ = "contact_pauses"
    __table_args__ = (
        Index("ix_contact_pauses_desk_id", "desk_id", "ends_at", sqlite_where=_NOT_ENDED, postgresql_where=_NOT_ENDED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    area: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[PauseReason] = mapped_column(words(PauseReason))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
