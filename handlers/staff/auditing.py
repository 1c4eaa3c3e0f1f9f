"""The record of acts: who did what, when, from where."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from casework.people import Viewer
from casework.permissions import Action, desks_for
from handlers.staff import words
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import Console, console_of
from handlers.staff.forms import id_of
from handlers.staff.pages import page
from storage import audit, staff
from storage.audit import NO_DESK, Wanted

router = APIRouter()

PAGE = 100
_FIELDS = ("actor", "act", "object_kind", "object_id", "since", "until")


@router.get("/audit")
async def audit_page(request: Request, viewer: Annotated[Viewer, Depends(require(Action.SEE_AUDIT))]) -> Response:
    """Entries, the newest first, with filters."""
    console = console_of(request)
    asked = {name: request.query_params.get(name, "").strip()[:64] for name in _FIELDS}
    wanted = replace(_wanted(console, viewer, asked), after=id_of(request.query_params.get("after", "")))
    async with console.database.write() as connection:
        rows = await audit.entries(connection, wanted, limit=PAGE + 1)
        names = await staff.names(connection)
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
        details=words.DETAILS,
        values=words.DETAIL_VALUES,
        others={audit.PROGRAM: "プログラム", audit.RESIDENT: "住民"},
    )


def _wanted(console: Console, viewer: Viewer, asked: dict[str, str]) -> Wanted:
    """The filters. What is no date asks for nothing. Signing in is no desk's: all who read a record see it."""
    desks = desks_for(viewer, Action.SEE_AUDIT)
    until = _day(console, asked["until"])
    return Wanted(
        desks=None if desks is None else desks | {NO_DESK},
        actor=asked["actor"] or None,
        action=asked["act"] or None,
        object_kind=asked["object_kind"] or None,
        object_id=asked["object_id"] or None,
        since=_day(console, asked["since"]),
        before=None if until is None else until + timedelta(days=1),
    )


def _day(console: Console, text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=console.zone)
    except ValueError:
        return None
