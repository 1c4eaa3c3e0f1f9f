"""The tables of keeping and letting go: legal holds, runs of the retention, and counts of what is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base

_STANDS = text("ended_at IS NULL")


class LegalHold(Base):
    """Somebody's words must not go: a request for disclosure, a court, a review. The reason is sealed with the data
    key. `by` and `ended_by` are members of staff, None from the command line.
    """

    __tablename__ = "legal_holds"
    __table_args__ = (
        Index(
            "uq_legal_holds_standing_resident_id",
            "resident_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    reason_sealed: Mapped[bytes]
    by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))


class RetentionRun(Base):
    """One run at a desk: how many went by which rule, and how many stayed for which reason."""

    __tablename__ = "retention_runs"
    __table_args__ = (Index("ix_retention_runs_desk_id_at", "desk_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    carried_out: Mapped[bool]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)


class KeptCount(Base):
    """What stays of residents whose words are gone: numbers by month of the first contact, of nobody in particular."""

    __tablename__ = "kept_counts"

    desk_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    what: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int]
