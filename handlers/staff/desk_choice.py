"""Which desk a page is about, for whoever works at several: shown on every page, and chosen there.

The choice is the browser's, in a cookie that says nothing but the desk's name; what may be seen at a desk is decided by
the rows, as everywhere. A form is about the desk of the page it stands on, whatever was chosen in another window since.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from casework.permissions import Action, desks_for
from handlers.staff.access import SIGNED_IN
from handlers.staff.console import Console, console_of
from handlers.staff.forms import text_of
from handlers.staff.pages import desks_of_viewer
from handlers.staff.security import desk_cookie, set_cookie

router = APIRouter()


def desk_of(console: Console, viewer: Viewer, action: Action, asked: str | None = None) -> str:
    """The desk a page is about: the one asked for, else the first where the viewer may do this."""
    allowed = desks_for(viewer, action)
    desks = [desk for desk in console.desks if allowed is None or desk in allowed]
    if asked is not None and asked in desks:
        return asked
    if not desks:
        raise HTTPException(404)
    return desks[0]


def desk_here(request: Request, viewer: Viewer, action: Action) -> str:
    """The same, for a request: the desk of its form, or of its address, or the chosen one. The page shows which.

    Raises 404 for a form of a desk where the viewer may not do this: it never falls to another one.
    """
    console, form = console_of(request), getattr(request.state, "form_desk", None)
    asked = form or request.query_params.get("desk") or request.cookies.get(desk_cookie(console))
    desk_id = desk_of(console, viewer, action, asked)
    if form is not None and form != desk_id:
        raise HTTPException(404)
    request.state.desk = desk_id
    return desk_id


@router.post("/desk")
async def choose(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """Turn to another desk."""
    console, asked = console_of(request), await text_of(request, "desk")
    if asked not in {desk for desk, _ in desks_of_viewer(console, viewer)}:
        raise HTTPException(404)
    answer = RedirectResponse("/staff/", status_code=303)
    set_cookie(console, answer, desk_cookie(console), asked)
    return answer
