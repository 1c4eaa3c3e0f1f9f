"""The record of acts: who did what, when, from where."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from casework.people import Viewer
from casework.permissions import Action, desks_for
from handlers.staff import words
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.audit_words import detail_shown
from handlers.staff.console import console_of
from handlers.staff.forms import id_of
from handlers.staff.pages import page, turned_to
from storage import api_tokens, audit, staff
from storage.audit import NO_DESK, Wanted

router = APIRouter()

PAGE = 100
_FIELDS = ("actor", "act", "object_kind", "object_id", "since", "until")


@router.get("/audit")
async def audit_page(request: Request, viewer: Annotated[Viewer, Depends(require(Action.SEE_AUDIT))]) -> Response:
    """Entries, the newest first, with filters."""
    console = console_of(request)
    asked = {name: request.query_params.get(name, "").strip()[:64] for name in _FIELDS}
    zone = console.zone_of(turned_to(request, viewer))
    wanted = replace(_wanted(zone, viewer, asked), after=id_of(request.query_params.get("after", "")))
    async with console.database.write() as connection:
        rows = await audit.entries(connection, wanted, limit=PAGE + 1)
        desks = desks_for(viewer, Action.SEE_AUDIT)
        names = await staff.names_at(connection, desks) | await api_tokens.names(connection, desks)
        await note(request, connection, "audit_seen", "audit", None)
    shown = rows[:PAGE]
    more = None
    if len(rows) > PAGE:
        more = "/staff/audit?" + urlencode({**{k: v for k, v in asked.items() if v}, "after": str(shown[-1].id)})
    return page(
        request,
        "audit.html",
        viewer,
        rows=shown,
        more=more,
        asked=asked,
        people={str(staff_id): name for staff_id, name in names.items()},
        acts=words.ACTS,
        objects=words.OBJECTS,
        detail_shown=detail_shown,
        area_name=console.area_name,
        others={audit.PROGRAM: "プログラム", audit.RESIDENT: "住民"},
    )


def _wanted(zone: ZoneInfo, viewer: Viewer, asked: dict[str, str]) -> Wanted:
    """The filters. What is no date asks for nothing. Signing in is no desk's: all who read a record see it."""
    desks = desks_for(viewer, Action.SEE_AUDIT)
    until = _day(zone, asked["until"])
    return Wanted(
        desks=None if desks is None else desks | {NO_DESK},
        actor=asked["actor"] or None,
        action=asked["act"] or None,
        object_kind=asked["object_kind"] or None,
        object_id=asked["object_id"] or None,
        since=_day(zone, asked["since"]),
        before=None if until is None else until + timedelta(days=1),
    )


def _day(zone: ZoneInfo, text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=zone)
    except ValueError:
        return None
