"""Coming into a room: what all ways in have in common.

Nobody is let in by looking at a page. A form of ours is pressed, from this very browser; the session is new each time,
so that no token somebody else knows is ever good; the one before it ends.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dialogue.actions import Action
from handlers.room.door import RoomDoor, door_of
from handlers.room.events import fresh_id, sealed
from handlers.room.limits import Limit
from handlers.room.looks import Look
from handlers.room.pages import look_of, page
from handlers.room.security import (
    check_form,
    drop_cookie,
    fresh_token,
    session_cookie,
    set_cookie,
    take_of_address,
    visit_cookie,
)
from handlers.room.watchword import Watchwords
from storage import room_sessions
from storage.database import Connection
from storage.rooms import RoomRow

log = structlog.get_logger(__name__)

HOME = "/room/"


def watchwords_of(request: Request) -> Watchwords:
    """The one line of this process before the slow hash."""
    state = request.app.state
    if not hasattr(state, "watchwords"):
        state.watchwords = Watchwords()
    found: Watchwords = state.watchwords
    return found


def words_of(door: RoomDoor, desk_id: str | None, **values: object) -> dict[str, str]:
    """The words of the pages before the room, with what they need filled in."""
    desk = door.desk(desk_id)
    own = desk.content.desk
    known = {"hours": own.hours_shown.kana, "shortest": desk.content.door.watchwords.shortest, **values}
    filled = dict(desk.content.door.pages)
    for name, value in known.items():
        filled = {key: text.replace(f"{{{name}}}", str(value)) for key, text in filled.items()}
    return filled


def entry_page(
    request: Request, name: str, desk_id: str | None, *, status: int = 200, minutes: int = 0, **values: Any
) -> HTMLResponse:
    """A page before the room. Its forms are bound to this browser by a cookie that says nothing."""
    door = door_of(request)
    visit = request.cookies.get(visit_cookie(door)) or fresh_token()
    request.state.visit = visit
    words = words_of(door, desk_id, minutes=minutes)
    answer = page(request, name, desk_id, status=status, w=words, desk=desk_id, **values)
    set_cookie(door, answer, visit_cookie(door), visit)
    return answer


async def check_entry(request: Request, limit: Limit = Limit.TRY) -> None:
    """A form of a page before the room: made for this browser, and not too many from one address."""
    door = door_of(request)
    take_of_address(door, request, limit)
    await check_form(door, request, request.cookies.get(visit_cookie(door), ""))


async def begin(door: RoomDoor, request: Request, connection: Connection, room: RoomRow) -> str:
    """A new session of this browser in the room; whatever room it was in before, it is out of."""
    now = door.clock()
    before = request.cookies.get(session_cookie(door))
    if before:
        entered = await room_sessions.load(connection, before, now=now, limits=door.limits)
        if entered is not None:
            await room_sessions.end(connection, entered.id, now=now)
    token = fresh_token()
    await room_sessions.begin(connection, room_id=room.id, token=token, now=now, new_id=door.new_id)
    return token


def go_in(door: RoomDoor, token: str, path: str = HOME) -> Response:
    """Into the room, with the cookie of the new session."""
    answer = RedirectResponse(path, status_code=303)
    set_cookie(door, answer, session_cookie(door), token)
    drop_cookie(door, answer, visit_cookie(door))
    return answer


async def welcome(door: RoomDoor, request: Request, room: RoomRow) -> None:
    """In a new room the program says first who it is, as when somebody adds the account."""
    look: Look = look_of(request)
    fields = {"action": Action.GUIDE.value, "argument": "", "shown": ""}
    sent = sealed(door, room, fresh_id(), "press", easy=look.spoken_easily, **fields)
    await door.intake.store([sent.event])
    door.engine.wake(sent.event.conversation)


def is_new(room: RoomRow, before: RoomRow | None) -> bool:
    """Whether the room was made just now."""
    return before is None or before.id != room.id


#: How soon after one button another one is sent.
AGAIN_AFTER = timedelta(minutes=1)
#: So many buttons a day: whoever found an old link must not make somebody's phone ring all night.
AGAIN_A_DAY = 5
