"""Who may do what: one table. Single acts ask `allowed`; `storage.visibility` compiles the same table to SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from casework.people import Grant, Role, Viewer


class Action(StrEnum):
    """Something a person can see or do at the console."""

    SEE_QUEUE = "see_queue"
    SEE_CASE = "see_case"
    READ_WORDS = "read_words"
    ANSWER = "answer"
    CLAIM = "claim"
    ASSIGN = "assign"
    HAND_OVER = "hand_over"
    NOTE = "note"
    CORRECT_TAG = "correct_tag"
    LOWER_RISK = "lower_risk"
    CLOSE = "close"
    NEW_CASE = "new_case"
    EXCLUDE = "exclude"
    DECLARE_CONFLICT = "declare_conflict"
    LINK_HOUSEHOLD = "link_household"
    JOIN_ROOMS = "join_rooms"
    SEE_SHEET = "see_sheet"
    EDIT_SHEET = "edit_sheet"
    SUBMIT_SHEET = "submit_sheet"
    RECEIVE_SHEET = "receive_sheet"
    TRIAGE = "triage"
    BREAK_GLASS = "break_glass"
    REVIEW_READING = "review_reading"
    SEE_LOOKERS = "see_lookers"
    SEE_STATISTICS = "see_statistics"
    EXPORT = "export"
    SEE_AUDIT = "see_audit"
    MANAGE_STAFF = "manage_staff"
    MANAGE_DESK = "manage_desk"
    SEE_SET_ASIDE = "see_set_aside"


class Scope(StrEnum):
    """About which cases. OWN: those one is responsible for. AREA: those of one's areas, without an area, and one's
    own. DESK: all of the desk. HANDED: those handed to one's organisation.
    """

    NONE = "none"
    OWN = "own"
    AREA = "area"
    DESK = "desk"
    HANDED = "handed"


_AREA_WORK = (
    Action.SEE_QUEUE,
    Action.SEE_CASE,
    Action.READ_WORDS,
    Action.ANSWER,
    Action.CLAIM,
    Action.NOTE,
    Action.CORRECT_TAG,
    Action.LOWER_RISK,
    Action.CLOSE,
    Action.NEW_CASE,
    Action.DECLARE_CONFLICT,
    Action.LINK_HOUSEHOLD,
    Action.SEE_SHEET,
    Action.EDIT_SHEET,
    Action.SUBMIT_SHEET,
    Action.BREAK_GLASS,
    Action.SEE_STATISTICS,
)
_SUPERVISION = (
    Action.ASSIGN,
    Action.HAND_OVER,
    Action.JOIN_ROOMS,
    Action.EXCLUDE,
    Action.REVIEW_READING,
    Action.SEE_LOOKERS,
    Action.EXPORT,
    Action.SEE_SET_ASIDE,
)

#: The table. What is not in it, nobody may.
RULES: Mapping[Role, Mapping[Action, Scope]] = {
    Role.COORDINATOR: {
        **dict.fromkeys(_AREA_WORK, Scope.AREA),
        Action.HAND_OVER: Scope.OWN,
        # Whoever talks with somebody can tell whether they are who they say.
        Action.JOIN_ROOMS: Scope.OWN,
        Action.SEE_LOOKERS: Scope.OWN,
    },
    Role.SUPERVISOR: dict.fromkeys((*_AREA_WORK, *_SUPERVISION), Scope.DESK),
    # Keeps accounts and the desk's settings; reads nobody's words and sees no case.
    Role.ADMIN: dict.fromkeys((Action.MANAGE_STAFF, Action.MANAGE_DESK, Action.SEE_SET_ASIDE), Scope.DESK),
    # Sees who did what, and that a case exists; never its words.
    Role.AUDITOR: dict.fromkeys(
        (Action.SEE_QUEUE, Action.SEE_AUDIT, Action.SEE_LOOKERS, Action.SEE_STATISTICS), Scope.DESK
    ),
    Role.TRIAGER: {
        **dict.fromkeys(
            (
                Action.SEE_QUEUE,
                Action.SEE_CASE,
                Action.SEE_SHEET,
                Action.RECEIVE_SHEET,
                Action.TRIAGE,
                Action.NOTE,
                Action.DECLARE_CONFLICT,
            ),
            Scope.HANDED,
        ),
        Action.SEE_STATISTICS: Scope.DESK,
    },
    Role.MEETING_MEMBER: dict.fromkeys((Action.SEE_SHEET, Action.DECLARE_CONFLICT), Scope.HANDED),
    Role.RECIPIENT: dict.fromkeys((Action.SEE_SHEET, Action.RECEIVE_SHEET, Action.DECLARE_CONFLICT), Scope.HANDED),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFacts:
    """What the rules need to know of a case. `excluded` and `conflicts` are staff, `handed_to` organisations."""

    desk_id: str
    area: str | None = None
    owner_id: UUID | None = None
    excluded: frozenset[UUID] = frozenset()
    conflicts: frozenset[UUID] = frozenset()
    handed_to: frozenset[UUID] = frozenset()
    #: Areas whose staff the resident keeps away.
    unseen_areas: frozenset[str] = frozenset()


def reaches(viewer: Viewer, action: Action) -> tuple[tuple[Scope, Grant], ...]:
    """How far each grant of the viewer lets them do this; empty when none does."""
    found = ((RULES[grant.role].get(action, Scope.NONE), grant) for grant in viewer.grants)
    return tuple((scope, grant) for scope, grant in found if scope is not Scope.NONE)


def allowed(viewer: Viewer, action: Action, about: CaseFacts) -> bool:
    """Whether the viewer may do this to this case. Who is excluded, or has declared a conflict, never may."""
    if viewer.staff_id in about.excluded or viewer.staff_id in about.conflicts:
        return False
    return any(_covers(viewer, scope, grant, about) for scope, grant in reaches(viewer, action))


def _covers(viewer: Viewer, scope: Scope, grant: Grant, about: CaseFacts) -> bool:
    holder = viewer.holder(grant)
    # A stand-in sees what the absent one sees: what that person may not see, neither.
    kept_away = holder in about.excluded | about.conflicts or (grant.areas or frozenset()) & about.unseen_areas
    if not grant.is_at(about.desk_id) or kept_away:
        return False
    match scope:
        case Scope.DESK:
            return True
        case Scope.AREA:
            return grant.is_in(about.area) or about.owner_id == holder
        case Scope.OWN:
            return about.owner_id == holder
        case Scope.HANDED:
            return viewer.organisation_id in about.handed_to
        case Scope.NONE:
            return False


def allowed_at(viewer: Viewer, action: Action, desk_id: str) -> bool:
    """Whether the viewer may do this at a desk at all: for acts that are about no case yet, or about none."""
    return any(grant.is_at(desk_id) for _, grant in reaches(viewer, action))


def allowed_somewhere(viewer: Viewer, action: Action) -> bool:
    """Whether there is any desk at which the viewer may do this: decides about pages and menus, never about rows."""
    return bool(reaches(viewer, action))


def desks_for(viewer: Viewer, action: Action) -> frozenset[str] | None:
    """The desks at which the viewer may do this; None for all of them."""
    desks = {grant.desk_id for _, grant in reaches(viewer, action)}
    return None if None in desks else frozenset(desk for desk in desks if desk is not None)
