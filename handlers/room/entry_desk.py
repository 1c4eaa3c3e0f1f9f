"""Without LINE: the leaflet's address `GET /room/{desk}` opens a room for somebody nobody knows, or leads back into one
by its name and watchword.

An answer does not tell whether a room of that name exists: an unknown room costs the same time and says the same.
"""

from __future__ import annotations

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from config import aliases
from handlers.room.door import RoomDoor, address_of, door_of
from handlers.room.ending import Ended
from handlers.room.entry import begin, check_entry, entry_page, go_in, watchwords_of, welcome
from handlers.room.inside import inside_of
from handlers.room.limits import Limit
from handlers.room.security import take
from handlers.room.watchword import keys_by_name
from storage import rooms, watchwords

log = structlog.get_logger(__name__)
router = APIRouter()

LONGEST_NAME = 64


@router.get("/enter")
async def any_desk(request: Request) -> Response:
    """For who knows no desk: the first one."""
    door = door_of(request)
    first = next((desk for desk in door.desks if door.takes_in(desk)), None)
    if first is None:
        raise HTTPException(404)
    return RedirectResponse(f"/room/{first}/enter", status_code=303)


@router.get("/{desk}")
async def leaflet(request: Request, desk: str) -> Response:
    """What the leaflet leads to. Looking makes nothing: a room is made by the button."""
    door = _known(request, desk)
    inside = await inside_of(door, request)
    return entry_page(request, "entry_desk.html", desk, already=inside is not None and inside.room.desk_id == desk)


@router.post("/{desk}/open")
async def opened(request: Request, desk: str) -> Response:
    """A new room. A crowd is sent away before anything is stored."""
    door = _known(request, desk)
    await check_entry(request, Limit.NEW_ROOM)
    take(door, Limit.CROWD, desk)
    async with door.database.write() as connection:
        room = await rooms.open_anonymous(connection, door.keyring, desk, now=door.clock(), new_id=door.new_id)
        token = await begin(door, request, connection, room)
    log.info("room.entered", desk=desk, way="leaflet")
    await welcome(door, request, room)
    return go_in(door, token)


@router.get("/{desk}/enter")
async def asked(request: Request, desk: str) -> Response:
    """Name and watchword."""
    _known(request, desk)
    return entry_page(request, "entry_name.html", desk)


@router.post("/{desk}/enter")
async def entered(request: Request, desk: str) -> Response:
    """Back into a room, by its name and watchword."""
    door = _known(request, desk)
    await check_entry(request)
    form = await request.form()
    name, word = (value if isinstance(value := form.get(key), str) else "" for key in ("name", "word"))
    name = aliases.spelled(name[:LONGEST_NAME])
    async with door.database.glance() as connection:
        room = await watchwords.named(connection, desk, name)
    keys = keys_by_name(door.keyring, desk_id=desk, name=name, address=address_of(request))
    stored = None if room is None else room.watchword_hash
    tried = await watchwords_of(request).attempt(door.database, keys, word, stored, clock=door.clock)
    if room is None or not tried.fits:
        log.info("room.refused", desk=desk, waits=bool(tried.wait))
        why = "enter_wait" if tried.wait else "enter_wrong"
        return entry_page(request, "entry_name.html", desk, status=403, why=why, minutes=tried.minutes, room_name=name)
    async with door.database.write() as connection:
        token = await begin(door, request, connection, room)
    log.info("room.entered", desk=desk, way="watchword")
    return go_in(door, token)


def _known(request: Request, desk: str) -> RoomDoor:
    door = door_of(request)
    if door.has_ended(desk):
        raise Ended(desk)
    if not door.takes_in(desk):
        raise HTTPException(404)
    return door
