"""Leaving at once, and how the page looks."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from handlers.room import private_session
from handlers.room.door import door_of
from handlers.room.inside import inside_of
from handlers.room.looks import Look
from handlers.room.security import (
    check_form,
    drop_cookie,
    look_cookie,
    own_path,
    session_cookie,
    set_cookie,
    take_of_address,
    visit_cookie,
)
from handlers.room.talking import by_script
from storage import room_links, room_sessions
from storage.room_tables import RoomPurpose

router = APIRouter()


@router.get("/away")
async def away(request: Request) -> Response:
    """Out of the room, to a page that anybody may see. A link, so that it works without scripts and at once.

    Whoever finds this phone later is not let back in; the watchword or a new link opens the room again.
    """
    door = door_of(request)
    inside = await inside_of(door, request)
    if inside is not None:
        async with door.database.write() as connection:
            await room_sessions.end(connection, inside.session.id, now=door.clock())
            # The browser's history may hold the address of one that nobody pressed yet.
            resident_id, page = inside.room.resident_id, RoomPurpose.PRIVATE_PAGE
            await room_links.end_all(connection, resident_id, purpose=page, now=door.clock())
    desk_id = None if inside is None else inside.room.desk_id
    answer: Response = RedirectResponse(door.words(desk_id).leave_to, status_code=303)
    for name in (session_cookie(door), visit_cookie(door), look_cookie(door)):
        drop_cookie(door, answer, name)
    await private_session.leave(request, answer)
    if door.secure:
        answer.headers["clear-site-data"] = '"cache"'
    return answer


@router.post("/look")
async def look(request: Request) -> Response:
    """How pages look from now on, in this browser; also before somebody is in a room."""
    door, form = door_of(request), await request.form()
    take_of_address(door, request)
    inside = await inside_of(door, request)
    await check_form(door, request, request.cookies.get(visit_cookie(door), "") if inside is None else inside.cookie)
    back = own_path(form.get("back"))
    answer = Response(status_code=204) if by_script(request) else RedirectResponse(back, status_code=303)
    set_cookie(door, answer, look_cookie(door), Look.chosen(dict(form)).cookie())
    return answer
