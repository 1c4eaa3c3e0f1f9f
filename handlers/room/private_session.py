"""Who has their sheet before them: the way from a cookie of its own to the sheet, for half an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from handlers.room.door import RoomDoor, door_of
from handlers.room.pages import look_of, page, with_readings
from handlers.room.private_work import private_of
from handlers.room.security import FormRefused, check_form, comes_from_us, drop_cookie, form_token, take_of_address
from storage import private_page
from storage.private_page import Session

#: More than the longest sheet can hold; whoever sends more means something else.
LARGEST_FORM = 400_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Mine:
    """A browser in which a resident looks at their sheet. `cookie` is what its forms are bound to."""

    session: Session
    cookie: str


def mine_cookie(door: RoomDoor) -> str:
    """The name of the cookie of whoever looks at their own sheet."""
    return "__Secure-room-mine" if door.secure else "room-mine"


async def mine_of(request: Request) -> Mine | None:
    """Whose sheet this browser may see, also shortly after its time."""
    door = door_of(request)
    cookie = request.cookies.get(mine_cookie(door))
    if not cookie:
        return None
    async with door.database.glance() as connection:
        session = await private_page.load(connection, cookie, now=door.clock())
    return None if session is None else Mine(session=session, cookie=cookie)


async def fits(request: Request, mine: Mine) -> bool:
    """Whether the form is one of ours for this browser; an older one of ours is not, and keeps its words.

    Raises FormRefused for what no page of ours made.
    """
    door = door_of(request)
    take_of_address(door, request)
    try:
        await check_form(door, request, mine.cookie)
    except FormRefused:
        if request.headers.get("sec-fetch-site") != "same-origin" or not comes_from_us(door, request):
            raise
        return False
    return True


def too_large(request: Request) -> bool:
    """Whether more is announced than a sheet can hold."""
    length = request.headers.get("content-length", "")
    return not length.isdigit() or int(length) > LARGEST_FORM


async def leave(request: Request, answer: Response) -> None:
    """End what this browser has before it, and take its cookie."""
    door, mine = door_of(request), await mine_of(request)
    if mine is not None:
        async with door.database.write() as connection:
            await private_page.end(connection, mine.session.id, now=door.clock())
    drop_cookie(door, answer, mine_cookie(door))


def shown(
    request: Request, name: str, desk_id: str | None, mine: Mine | None = None, *, status: int = 200, **values: Any
) -> Response:
    """A page with the words of the private page as `w`; forms are bound to this browser."""
    look, own = look_of(request), private_of(request).words_at(desk_id)
    easy = look.easy is True or look.language != "ja"
    given: dict[str, Any] = {"said": "", "w": own.words(easy=easy)}
    given["read"] = lambda text: with_readings(text, shown=look.ruby)
    if mine is not None:
        given["token"] = form_token(door_of(request), mine.cookie)
    return page(request, name, desk_id, status=status, **{**given, **values})


def over(request: Request, status: int = 404) -> Response:
    """Nothing is opened by this, and how a new button comes."""
    return shown(request, "private_over.html", None, status=status)
