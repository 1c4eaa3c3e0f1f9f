"""The way in: a link that a preview may fetch without harm, and the button that opens it once, in one browser."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from handlers.room.door import door_of
from handlers.room.limits import Limit
from handlers.room.private_session import mine_cookie, over, shown
from handlers.room.private_work import private_of
from handlers.room.security import check_form, form_token, fresh_token, set_cookie, take_of_address, visit_cookie
from storage import private_page, room_links
from storage.database import Connection
from storage.room_tables import RoomPurpose

router = APIRouter()

#: A token is 43 letters; nothing longer is looked up.
LONGEST_TOKEN = 64


@router.get("/p/{token}")
async def door_page(request: Request, token: str) -> Response:
    """What stands before the page. Nothing is used up, nothing bound, and nothing said of anybody."""
    private_of(request)
    door = door_of(request)
    take_of_address(door, request, Limit.TRY)
    async with door.database.glance() as connection:
        link = await room_links.peek(
            connection, door.keyring, token[:LONGEST_TOKEN], purpose=RoomPurpose.PRIVATE_PAGE, now=door.clock()
        )
    if link is None:
        return over(request)
    visit = request.cookies.get(visit_cookie(door)) or fresh_token()
    answer = shown(request, "private_open.html", link.desk_id, at=f"/room/p/{token}", token=form_token(door, visit))
    set_cookie(door, answer, visit_cookie(door), visit)
    return answer


@router.post("/p/{token}")
async def open_page(request: Request, token: str) -> Response:
    """The pressed button: the link is used up, and this browser has the sheet before it for half an hour."""
    private_of(request)
    door, now = door_of(request), door_of(request).clock()
    take_of_address(door, request, Limit.TRY)
    await check_form(door, request, request.cookies.get(visit_cookie(door), ""))
    cookie = fresh_token()
    async with door.database.write() as connection:
        link = await room_links.use(
            connection, door.keyring, token[:LONGEST_TOKEN], purpose=RoomPurpose.PRIVATE_PAGE, now=now
        )
        if link is None:
            return over(request)
        wanted = _wanted(link.argument)
        begun = await _begun(
            request, connection, cookie, desk_id=link.desk_id, resident_id=link.resident_id, wanted=wanted
        )
    return _entered(request, cookie) if begun else shown(request, "private_none.html", link.desk_id)


async def _begun(
    request: Request,
    connection: Connection,
    cookie: str,
    *,
    desk_id: str,
    resident_id: UUID,
    wanted: UUID | None = None,
) -> bool:
    """Begin a session, where there is a sheet to see."""
    door = door_of(request)
    sheet_id = await private_page.sheet_for(connection, resident_id, wanted)
    return sheet_id is not None and await private_page.begin(
        connection,
        cookie,
        desk_id=desk_id,
        resident_id=resident_id,
        sheet_id=sheet_id,
        now=door.clock(),
        new_id=door.new_id,
    )


def _entered(request: Request, cookie: str) -> Response:
    door, answer = door_of(request), RedirectResponse("/room/mine", status_code=303)
    set_cookie(door, answer, mine_cookie(door), cookie)
    return answer


def _wanted(argument: object) -> UUID | None:
    """The sheet a link was made for; None for any."""
    try:
        return UUID(argument) if isinstance(argument, str) else None
    except ValueError:
        return None
