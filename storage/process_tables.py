"""The tables of several processes that share the work: who is alive, and whose turn the clock's works are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base


class Process(Base):
    """A process that was alive at `seen_at`, by the database's clock. `works`: it answers and sends."""

    __tablename__ = "processes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    works: Mapped[bool]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class ClockWork(Base):
    """A periodic work that one process does for all: when it is due again, and who is at it."""

    __tablename__ = "clock_works"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    due_at: Mapped[datetime]
    held_by: Mapped[UUID | None]
