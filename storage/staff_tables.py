"""The tables of the people who work at the console. Names of staff stand in the clear; their secrets do not."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.people import Role
from storage.tables import Base, words


class Staff(Base):
    """Somebody with an account. `login` is stored folded, `shown_name` is what residents and colleagues see."""

    __tablename__ = "staff"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    shown_name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(255))
    #: The password was given by somebody else: a new one has to be chosen first.
    must_change: Mapped[bool]
    totp_sealed: Mapped[bytes | None]
    #: The time step of the last code that was taken: none is taken twice.
    totp_counter: Mapped[int | None] = mapped_column(BigInteger)
    #: Since when a second factor is asked for; NULL before it was set up.
    second_factor_at: Mapped[datetime | None]
    #: SHA-256 of the client certificate this account is bound to, in hex; NULL: to none.
    certificate: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class StaffGrant(Base):
    """A role at a desk (NULL: at all) in areas (NULL: in all), until a time: a stand-in's grant ends by itself."""

    __tablename__ = "staff_grants"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    role: Mapped[Role] = mapped_column(words(Role))
    desk_id: Mapped[str | None] = mapped_column(String(32))
    areas: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    granted_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code on paper that stands in once for a lost second factor. Only its keyed index is stored."""

    __tablename__ = "recovery_codes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    index: Mapped[bytes]
    used_at: Mapped[datetime | None]


class Stage(StrEnum):
    """How far a sign-in has come."""

    PASSWORD = "password"  # noqa: S105 - the name of a stage
    FULL = "full"


class StaffSession(Base):
    """One signed-in browser, by the hash of its token. Ended sessions stay a while: they show from where one worked."""

    __tablename__ = "staff_sessions"
    __table_args__ = (Index("ix_staff_sessions_staff_id_address", "staff_id", "address"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    stage: Mapped[Stage] = mapped_column(words(Stage))
    address: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(24))


class SignInTry(Base):
    """Failures to sign in, counted under the keyed index of what they have in common."""

    __tablename__ = "sign_in_tries"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    wait_until: Mapped[datetime | None]


class KeptForm(Base):
    """What somebody sent after their session had ended: shown to them again when they have signed in."""

    __tablename__ = "kept_forms"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    body_sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)


class SecurityKey(Base):
    """A key (WebAuthn) that stands in for the app's codes. Its public half is no secret."""

    __tablename__ = "security_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    #: The key's own counter; one that goes back is a copy.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
