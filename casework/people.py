"""Who works at the console: roles, what a grant covers, and the viewer of a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What somebody is at a desk. One person may hold several, each for its own desk and areas."""

    COORDINATOR = "coordinator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"
    TRIAGER = "triager"
    MEETING_MEMBER = "meeting_member"
    RECIPIENT = "recipient"


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A role at one desk (None: at all of them), in some areas (None: in all of them). `absent_id`: whose role it is
    when it is held for somebody who is away.
    """

    role: Role
    desk_id: str | None = None
    areas: frozenset[str] | None = None
    absent_id: UUID | None = None

    def is_at(self, desk_id: str) -> bool:
        """Whether the grant speaks of this desk."""
        return self.desk_id is None or self.desk_id == desk_id

    def is_in(self, area: str | None) -> bool:
        """Whether the grant speaks of this area. A case that has none yet is everybody's."""
        return area is None or self.areas is None or area in self.areas


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """Somebody who is signed in, with the grants that hold now."""

    staff_id: UUID
    organisation_id: UUID
    grants: tuple[Grant, ...] = ()
    on_call: bool = False

    def holder(self, grant: Grant) -> UUID:
        """Whose a grant is: the viewer's own, or that of whom they stand in for."""
        return grant.absent_id or self.staff_id

    @property
    def acts_for(self) -> frozenset[UUID]:
        """The viewer, and everybody they stand in for."""
        return frozenset({self.staff_id, *(self.holder(grant) for grant in self.grants)})


#: What a stand-in takes over. Who keeps accounts or reads the record of acts is nobody's stand-in.
STOOD_IN_FOR = frozenset({Role.COORDINATOR, Role.SUPERVISOR, Role.TRIAGER, Role.MEETING_MEMBER, Role.RECIPIENT})


def for_absent(grant: Grant, absent_id: UUID) -> Grant | None:
    """The grant as a stand-in holds it; None when it is not taken over."""
    return replace(grant, absent_id=absent_id) if grant.role in STOOD_IN_FOR else None
