"""The tables of households, of who stands in for whom, and of what belongs to neither the talk nor a sheet."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base, words


class Part(StrEnum):
    """What somebody is in a household, as staff understood it."""

    PARENT = "parent"
    CHILD = "child"
    PARTNER = "partner"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER = "other"


class Household(Base):
    """People who live together (世帯), as staff found out. It holds no consent: each person gives their own."""

    __tablename__ = "households"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]


class HouseholdMember(Base):
    """A resident in a household: one at a time."""

    __tablename__ = "household_members"

    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), primary_key=True)
    household_id: Mapped[UUID] = mapped_column(ForeignKey("households.id"), index=True)
    part: Mapped[Part] = mapped_column(words(Part))
    linked_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    linked_at: Mapped[datetime]


class StandIn(Base):
    """休暇代行: from `starts_at` to `ends_at` one person sees and does what another may, beside their own."""

    __tablename__ = "stand_ins"
    __table_args__ = (
        Index("ix_stand_ins_stand_in_id_ends_at", "stand_in_id", "ends_at"),
        Index("ix_stand_ins_absent_id_ends_at", "absent_id", "ends_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    absent_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    stand_in_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    given_at: Mapped[datetime]
