"""Which accounts an admin keeps, and which roles they can give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import Request

from casework.people import Grant, Role, Viewer
from casework.permissions import Action, desks_for
from handlers.staff.console import Console, console_of
from handlers.staff.forms import text_of, texts_of
from storage.staff import Account, GivenGrant

WRONG_GRANT = "役割・窓口・圏域・期限を確かめてください。"
#: For all desks at once.
EVERYWHERE = "*"


def keeps(viewer: Viewer, account: Account, given: Sequence[GivenGrant]) -> bool:
    """Whether an account is this admin's to keep: all of its roles are at desks that are theirs. Without any role,
    it is their own organisation's.
    """
    desks = desks_for(viewer, Action.MANAGE_STAFF)
    if desks is None:
        return True
    if not given:
        return account.organisation_id == viewer.organisation_id
    return all(one.grant.desk_id in desks for one in given)


def choices(console: Console, viewer: Viewer) -> dict[str, Any]:
    """What the form of a role offers this admin."""
    desks = desks_for(viewer, Action.MANAGE_STAFF)
    return {
        "desks": {
            desk.id: desk.content.desk.organisation
            for desk in console.desks.values()
            if desks is None or desk.id in desks
        },
        "everywhere": desks is None,
        "areas": console.areas(None if desks is None else tuple(desks)),
        "area_name": console.area_name,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedGrant:
    """A role as an admin asks for it."""

    grant: Grant
    ends_at: datetime | None


async def grant_of(request: Request, viewer: Viewer) -> AskedGrant | None:
    """The role a form asks for; None when it is none that this admin can give."""
    console = console_of(request)
    role, desk = await text_of(request, "role"), await text_of(request, "desk")
    areas = await texts_of(request, "area")
    mine = desks_for(viewer, Action.MANAGE_STAFF)
    known = {area.id for area in console.areas(None if desk == EVERYWHERE else (desk,))}
    if role not in set(Role) or not set(areas) <= known:
        return None
    if desk == EVERYWHERE:
        if mine is not None:
            return None
    elif desk not in console.desks or (mine is not None and desk not in mine):
        return None
    try:
        ends_at = _end_of(console, desk, await text_of(request, "until"))
    except ValueError:
        return None
    desk_id = None if desk == EVERYWHERE else desk
    return AskedGrant(grant=Grant(role=Role(role), desk_id=desk_id, areas=frozenset(areas) or None), ends_at=ends_at)


def _end_of(console: Console, desk: str, day: str) -> datetime | None:
    """The end of a day at the desk; None for no day. Raises ValueError for a day that is over, or no day at all."""
    if not day:
        return None
    end = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), tzinfo=console.zone_of(desk))
    if end <= console.clock():
        raise ValueError("over already")
    return end
