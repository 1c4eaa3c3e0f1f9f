"""Who is in a room: the way from a cookie to it, for every route that belongs to somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from handlers.guarding import SAFE_METHODS
from handlers.room.door import RoomDoor, door_of
from handlers.room.security import check_form, session_cookie, take_of_address
from storage import room_sessions
from storage.room_sessions import NOTED_EVERY, Entered
from storage.rooms import RoomRow


class NotInside(Exception):
    """Nobody is in a room with this cookie: it ended, was left, or never was."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inside:
    """A browser in a room. `cookie` is what its forms are bound to."""

    session: Entered
    cookie: str

    @property
    def room(self) -> RoomRow:
        return self.session.room


@dataclass(frozen=True, kw_only=True)
class Access:
    """A dependency that lets in who is in a room, and on a form whoever the form was made for.

    A `quiet` route is asked by scripts by themselves: it is no sign of life, else nobody would ever be out.
    """

    quiet: bool = False

    async def __call__(self, request: Request) -> Inside:
        door = door_of(request)
        if request.method not in SAFE_METHODS:
            take_of_address(door, request)
        inside = await inside_of(door, request)
        if inside is None:
            raise NotInside
        request.state.inside = inside
        if request.method not in SAFE_METHODS:
            await check_form(door, request, inside.cookie)
        if not self.quiet:
            await _note_sign_of_life(door, inside)
        return inside


async def inside_of(door: RoomDoor, request: Request) -> Inside | None:
    """Who a request comes from, if they are in a room."""
    cookie = request.cookies.get(session_cookie(door))
    if not cookie:
        return None
    async with door.database.glance() as connection:
        entered = await room_sessions.load(connection, cookie, now=door.clock(), limits=door.limits)
    return None if entered is None else Inside(session=entered, cookie=cookie)


async def _note_sign_of_life(door: RoomDoor, inside: Inside) -> None:
    now = door.clock()
    if now - inside.session.seen_at < min(NOTED_EVERY, timedelta(minutes=1)):
        return
    async with door.database.write() as connection:
        await room_sessions.seen(connection, inside.session.id, now)


Visitor = Annotated[Inside, Depends(Access())]
Listener = Annotated[Inside, Depends(Access(quiet=True))]
