"""The tables of consent: the words it was asked in, what staff asked for, what was given, what ended, what was told.

Rows are added, never changed, but for the answer to a question of staff. Wordings are the desk's own sentences and
hold nothing of a resident; what residents answered and why staff asked are sealed with the resident's key.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from casework.consents import ConsentKind, Ended, Method
from storage.tables import Base, words


class ConsentWording(Base):
    """Words in which consent was asked for, exactly as shown, by the SHA-256 of them."""

    __tablename__ = "consent_wordings"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[ConsentKind] = mapped_column(words(ConsentKind))
    text: Mapped[str] = mapped_column(Text)
    first_at: Mapped[datetime]


class ConsentRequest(Base):
    """Staff asked the resident in the talk for something. `place` is the organisation's name as it was shown."""

    __tablename__ = "consent_requests"
    __table_args__ = (Index("ix_consent_requests_resident_id_asked_at", "resident_id", "asked_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    kind: Mapped[ConsentKind] = mapped_column(words(ConsentKind))
    org_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    place: Mapped[str] = mapped_column(String(120))
    items: Mapped[list[Any]] = mapped_column(JSON)
    purpose: Mapped[str] = mapped_column(String(64))
    reason_sealed: Mapped[bytes | None]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    agreed: Mapped[bool | None]
    answered_at: Mapped[datetime | None]


class ConsentRow(Base):
    """One consent (`casework.consents.Consent`)."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_resident_id_given_at", "resident_id", "given_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    kind: Mapped[ConsentKind] = mapped_column(words(ConsentKind))
    method: Mapped[Method] = mapped_column(words(Method))
    given_at: Mapped[datetime]
    wording: Mapped[str] = mapped_column(ForeignKey("consent_wordings.hash"))
    org_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    items: Mapped[list[Any]] = mapped_column(JSON)
    purpose: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime | None]
    by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    expires_at: Mapped[datetime | None]
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent_requests.id"))


class ConsentEnd(Base):
    """A consent ended before its time."""

    __tablename__ = "consent_ends"

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id"), primary_key=True)
    at: Mapped[datetime]
    reason: Mapped[Ended] = mapped_column(words(Ended))
    by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))


class Told(Base):
    """What a resident answered to a question of the program: NULL words mean that they would rather not say.

    The newest of a field counts. It goes with the turn it was said in, when that is unsent.
    """

    __tablename__ = "told"
    __table_args__ = (Index("ix_told_resident_id_at", "resident_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turns.id"), index=True)
    field: Mapped[str] = mapped_column(String(24))
    words_sealed: Mapped[bytes | None]
    at: Mapped[datetime]
