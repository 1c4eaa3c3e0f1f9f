"""The tables of the audit: who did what, chained so that a change shows. Rows are added, never changed or removed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base


class AuditEntry(Base):
    """One act. `actor` is the id of a member of staff, `resident` or `program`; `detail` holds ids and plain names
    of states, never anybody's words. `mac` seals the row together with the one before it.
    """

    __tablename__ = "audit"
    __table_args__ = (
        UniqueConstraint("desk_id", "number"),
        Index("ix_audit_object", "object_kind", "object_id", "number"),
        Index("ix_audit_actor_number", "actor", "number"),
        Index("ix_audit_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    number: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(36))
    address: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    object_kind: Mapped[str] = mapped_column(String(24))
    object_id: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    mac: Mapped[bytes]


class AuditHead(Base):
    """The newest entry of each desk's chain; its row is the lock under which the next one is added."""

    __tablename__ = "audit_heads"

    desk_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    mac: Mapped[bytes]
