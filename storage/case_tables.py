"""The tables of cases: what staff look after.

Everything the queue shows stands in the row of the case, so that a page of it is one indexed select. Columns named
`…_sealed` hold bytes sealed with the resident's own key and go with it; no other column holds anybody's words.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.queue import CaseState, LastWord, Level, SafeContact
from casework.reading import Reason
from storage.tables import Base, words

#: Compared by code points, so that a beginning is a range of the index whatever the server's language is.
_NUMBER = String(16).with_variant(String(16, collation="C"), "postgresql")
_ALIAS = String(64).with_variant(String(64, collation="C"), "postgresql")
_NOT_CLOSED = text("closed_at IS NULL")
_CLOSED = text("closed_at IS NOT NULL")
_SOMEBODY_WRITES = text("present_id IS NOT NULL")
_PUT_OFF = text("snoozed_until IS NOT NULL")


def _live(name: str, *columns: str) -> Index:
    """An index over the cases that are not closed: however many are done, the queue stays small."""
    return Index(name, *columns, sqlite_where=_NOT_CLOSED, postgresql_where=_NOT_CLOSED)


class Source(StrEnum):
    """How a case came: by LINE, or by hand for people without it."""

    LINE = "line"
    PHONE = "phone"
    VISIT = "visit"
    OUTREACH = "outreach"
    PANTRY = "pantry"
    MEETING = "meeting"


class CloseReason(StrEnum):
    """Why a case was closed."""

    DONE = "done"
    HANDED_OVER = "handed_over"
    WISHED = "wished"
    MISTAKE = "mistake"
    ERASED = "erased"


class Case(Base):
    """One matter of a resident that staff look after; at most one that is not closed for each resident.

    `heard_level` is what the words say, `staff_level` what staff lowered it to, `risk_level` what counts. `place`
    and `since` are the order of the queue (`casework.queue`). `present_id` is who writes in the talk now, and
    `act_at` their last act there. `hidden_at`: the resident asked to be erased, and nothing of it is shown.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("desk_id", "number"),
        Index(
            "uq_cases_open_resident_id",
            "resident_id",
            unique=True,
            sqlite_where=_NOT_CLOSED,
            postgresql_where=_NOT_CLOSED,
        ),
        _live("ix_cases_queue", "desk_id", "place", "since", "id"),
        _live("ix_cases_queue_owner", "desk_id", "owner_id", "place", "since", "id"),
        _live("ix_cases_queue_level", "desk_id", "risk_level", "place", "since", "id"),
        _live("ix_cases_queue_area", "desk_id", "area", "place", "since", "id"),
        _live("ix_cases_queue_children", "desk_id", "child_lane", "place", "since", "id"),
        _live("ix_cases_silent", "desk_id", "last_word", "last_word_at"),
        _live("ix_cases_blocked", "desk_id", "blocked", "last_word_at"),
        Index("ix_cases_closed", "desk_id", "closed_at", "id", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
        Index("ix_cases_desk_id_alias", "desk_id", "alias"),
        Index("ix_cases_present", "act_at", sqlite_where=_SOMEBODY_WRITES, postgresql_where=_SOMEBODY_WRITES),
        Index("ix_cases_snoozed", "snoozed_until", sqlite_where=_PUT_OFF, postgresql_where=_PUT_OFF),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    #: 年度 and a running number: `2026-0001`.
    number: Mapped[str] = mapped_column(_NUMBER)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), index=True)
    alias: Mapped[str] = mapped_column(_ALIAS)
    source: Mapped[Source] = mapped_column(words(Source))
    area: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[CaseState] = mapped_column(words(CaseState))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    #: Since when it belongs to somebody whom the program chose; NULL once a person has decided whose it is.
    auto_assigned_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    place: Mapped[int]
    since: Mapped[datetime]
    waiting_since: Mapped[datetime | None]
    last_word: Mapped[LastWord] = mapped_column(words(LastWord))
    last_word_at: Mapped[datetime]
    risk_level: Mapped[Level] = mapped_column(words(Level))
    heard_level: Mapped[Level] = mapped_column(words(Level))
    staff_level: Mapped[Level | None] = mapped_column(words(Level))
    lowered_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    lowered_at: Mapped[datetime | None]
    lowered_reason_sealed: Mapped[bytes | None]
    risk_kinds: Mapped[list[Any]] = mapped_column(JSON)
    #: The rule that raised the alert, or the resident's asking: a label, no words.
    rule: Mapped[str] = mapped_column(String(120))
    #: The turn that raised the newest alert of danger: the sentence that broken glass shows.
    alert_turn: Mapped[int | None]
    #: When the resident last accepted or asked for a person.
    asked_at: Mapped[datetime | None]
    safety_role: Mapped[str | None] = mapped_column(String(16))
    at_risk: Mapped[str | None] = mapped_column(String(16))
    danger_now: Mapped[bool]
    minor: Mapped[bool]
    age_band: Mapped[str | None] = mapped_column(String(8))
    language: Mapped[str | None] = mapped_column(String(16))
    safe_contact: Mapped[SafeContact] = mapped_column(words(SafeContact))
    card_shown_at: Mapped[datetime | None]
    child_lane: Mapped[bool]
    deadline_at: Mapped[datetime | None]
    categories: Mapped[list[Any]] = mapped_column(JSON)
    blocked: Mapped[bool]
    present_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    present_since: Mapped[datetime | None]
    act_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    #: Counts changes: who acts on what they no longer see is told so.
    version: Mapped[int]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[CloseReason | None] = mapped_column(words(CloseReason))


class CaseTag(Base):
    """The open worries of a case once more, for the filter."""

    __tablename__ = "case_tags"
    __table_args__ = (Index("ix_case_tags_category_case_id", "category", "case_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    category: Mapped[str] = mapped_column(String(32), primary_key=True)


class CaseCounter(Base):
    """The last case number of a desk in a 年度."""

    __tablename__ = "case_counters"

    desk_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class CaseEvent(Base):
    """One line of the timeline. `actor` is the id of a member of staff, `resident` or `program`."""

    __tablename__ = "case_events"
    __table_args__ = (Index("ix_case_events_case_id_at", "case_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(36))
    object_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class ExclusionKind(StrEnum):
    """Why somebody never sees a case: kept away by a supervisor, or by what they declared themselves."""

    EXCLUDED = "excluded"
    CONFLICT = "conflict"


class Exclusion(Base):
    """A member of staff who must not see a case. `by` is NULL when the resident wished so."""

    __tablename__ = "exclusions"
    __table_args__ = (Index("ix_exclusions_staff_id_case_id", "staff_id", "case_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    kind: Mapped[ExclusionKind] = mapped_column(words(ExclusionKind))
    by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class ReadingGrant(Base):
    """Broken glass: who reads without consent, why, until when, whom they told, and who looked at it afterwards.

    `turns` are the turns of the talk it shows; NULL shows all.
    """

    __tablename__ = "reading_grants"
    __table_args__ = (Index("ix_reading_grants_opened_at", "opened_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[Reason] = mapped_column(words(Reason))
    reason_sealed: Mapped[bytes | None]
    told_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    turns: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reviewed_at: Mapped[datetime | None]
    review: Mapped[str | None] = mapped_column(String(16))


class Verdict(StrEnum):
    """What staff say of a tag."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"


class TagCorrection(Base):
    """What somebody of the staff says of a tag: kept with who and when, so that the listener can be judged by it.

    Rows are added; the newest about a category counts.
    """

    __tablename__ = "tag_corrections"
    __table_args__ = (
        Index("ix_tag_corrections_case_id_at", "case_id", "at"),
        Index("ix_tag_corrections_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    category: Mapped[str] = mapped_column(String(32))
    verdict: Mapped[Verdict] = mapped_column(words(Verdict))
    score: Mapped[float | None]
    listener_version: Mapped[str | None] = mapped_column(String(64))
    by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class MessageState(StrEnum):
    """Where a message of the staff stands: waiting for a second person, handed to the outbox, or given up."""

    DRAFT = "draft"
    RELEASED = "released"
    DROPPED = "dropped"


class StaffMessage(Base):
    """What staff wrote to a resident. How its delivery goes is read from the outbox."""

    __tablename__ = "staff_messages"
    __table_args__ = (Index("ix_staff_messages_resident_id_created_at", "resident_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    text_sealed: Mapped[bytes]
    state: Mapped[MessageState] = mapped_column(words(MessageState))
    second_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("outbox.id"), index=True)


class NoteKind(StrEnum):
    """What a note tells of: statistics count these."""

    NOTE = "note"
    PHONE = "phone"
    VISIT = "visit"
    OUTREACH = "outreach"
    PANTRY = "pantry"
    MEETING = "meeting"
    HANDED_ON = "handed_on"


class Note(Base):
    """A note of the staff about a case. Notes are added, not changed."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_case_id_created_at", "case_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[NoteKind] = mapped_column(words(NoteKind))
    body_sealed: Mapped[bytes]
    created_at: Mapped[datetime]


class Task(Base):
    """Something to do for a case by a day."""

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_case_id_due_on", "case_id", "due_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    title_sealed: Mapped[bytes]
    due_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))


class Typing(Base):
    """Somebody was writing an answer at `typed_at`: two people never answer at once without seeing each other."""

    __tablename__ = "typing"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    typed_at: Mapped[datetime]


class Change(Base):
    """Counters that rise with every change of a desk's queue and talks: what open pages listen to."""

    __tablename__ = "changes"

    desk_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    queue: Mapped[int] = mapped_column(BigInteger)
    talk: Mapped[int] = mapped_column(BigInteger)


class SpareToken(Base):
    """The resident's newest reply token when the program said nothing with it: a person may answer for free."""

    __tablename__ = "spare_tokens"

    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), primary_key=True)
    token_sealed: Mapped[bytes]
    token_at: Mapped[datetime]
