"""The tables of sheets: recipients of a desk, sheets, their versions, and to whom they were handed.

State, times and organisations stand in the clear; what is written stands in `sheet_versions.content_sealed` and
`handovers.words_sealed`. A sheet is sealed with the resident's key and goes with it; a record that rests on a law
(通告・通報 …) with the data key, because erasing a resident does not undo what a law made somebody write.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.sheets import Handed, State
from config.contents.forms import Kind, Needs, SecondPerson
from storage.tables import Base, words

_SECOND_OPEN = text("second_due_at IS NOT NULL")


class Recipient(Base):
    """An organisation a desk hands sheets to. `fields` limits what it may see (NULL: no limit).

    `mail` takes a notice without any content. `collects`: it is the 取りまとめ, which finds the right place.
    """

    __tablename__ = "recipients"
    __table_args__ = (UniqueConstraint("desk_id", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    mail: Mapped[str | None] = mapped_column(String(254))
    fields: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    collects: Mapped[bool]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SheetRow(Base):
    """One record of a case. `version` is the newest in `sheet_versions`; who saves an older one is told so."""

    __tablename__ = "sheets"
    __table_args__ = (
        UniqueConstraint("desk_id", "number"),
        Index("ix_sheets_desk_id_state", "desk_id", "state"),
        Index(
            "ix_sheets_second_due",
            "second_due_at",
            sqlite_where=_SECOND_OPEN,
            postgresql_where=_SECOND_OPEN,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), index=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    #: The number of the case and a running one: `2026-0001-1`.
    number: Mapped[str] = mapped_column(String(24))
    form_id: Mapped[str] = mapped_column(String(32))
    #: Which words of the forms it was last saved with.
    forms_version: Mapped[str] = mapped_column(String(16))
    kind: Mapped[Kind] = mapped_column(words(Kind))
    needs: Mapped[Needs] = mapped_column(words(Needs))
    second_person: Mapped[SecondPerson] = mapped_column(words(SecondPerson))
    state: Mapped[State] = mapped_column(words(State))
    version: Mapped[int]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    consented_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    told_on: Mapped[date | None] = mapped_column(Date)
    closed_at: Mapped[datetime | None]
    recalled_at: Mapped[datetime | None]
    basis_kind: Mapped[str | None] = mapped_column(String(32))
    #: The closed sheet of the same case that it was begun from.
    earlier: Mapped[UUID | None]
    #: By when a second person must have agreed to what one decided alone.
    second_due_at: Mapped[datetime | None]


class SheetVersion(Base):
    """What a sheet said after one change. NULL content: erased with the resident."""

    __tablename__ = "sheet_versions"
    __table_args__ = (UniqueConstraint("sheet_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheets.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    #: A member of staff, or `resident` or `program`.
    actor: Mapped[str] = mapped_column(String(36))
    action: Mapped[str] = mapped_column(String(24))
    content_sealed: Mapped[bytes | None]


class HandoverRow(Base):
    """One recipient of a sheet. `name` is the organisation's name as the resident was told it."""

    __tablename__ = "handovers"
    __table_args__ = (Index("ix_handovers_org_id_state", "org_id", "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheets.id"), index=True)
    place: Mapped[int]
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(String(120))
    named_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    named_at: Mapped[datetime]
    state: Mapped[Handed] = mapped_column(words(Handed))
    fields: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    met_on: Mapped[date | None] = mapped_column(Date)
    words_sealed: Mapped[bytes | None]
    recalled_at: Mapped[datetime | None]
    told_to_stop_at: Mapped[datetime | None]


class HandedTo(Base):
    """Which organisations may come near which case because a sheet of it is in their hands, or on its way."""

    __tablename__ = "handed_to"
    __table_args__ = (Index("ix_handed_to_org_id_case_id", "org_id", "case_id"),)

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheets.id"), primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
