"""Inside a room: choosing its watchword, with which somebody comes back without LINE, or keeps others out."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from handlers.room.door import door_of
from handlers.room.entry import watchwords_of, words_of
from handlers.room.inside import Inside, Visitor
from handlers.room.pages import page
from handlers.room.watchword import proposal, weakness
from storage import room_sessions, rooms, watchwords

log = structlog.get_logger(__name__)
router = APIRouter()


@router.get("/watchword")
async def asked(request: Request, inside: Visitor) -> Response:
    """The room's name, what makes a good watchword, and a place to write one."""
    return await _page(request, inside)


@router.post("/watchword")
async def chosen(request: Request, inside: Visitor) -> Response:
    """A new watchword. Every other browser is out: it may be somebody who should not be in here."""
    door, form = door_of(request), await request.form()
    given = form.get("word")
    word = given if isinstance(given, str) else ""
    async with door.database.glance() as connection:
        name = await watchwords.name_of(connection, inside.room)
    weak = weakness(word, name=name, words=door.desk(inside.room.desk_id).content.door.watchwords)
    if weak is not None:
        return await _page(request, inside, status=422, weak=weak)
    hashed = await watchwords_of(request).hash(word)
    async with door.database.write() as connection:
        await rooms.set_watchword(connection, inside.room.id, hashed)
        if "lock" in form:
            await rooms.guard(connection, inside.room.id, guarded=True)
        await room_sessions.end_all(connection, inside.room.id, now=door.clock(), but=inside.session.id)
    log.info("room.watchword_set", desk=inside.room.desk_id)
    return RedirectResponse("/room/watchword?set", status_code=303)


async def _page(request: Request, inside: Inside, *, status: int = 200, weak: str | None = None) -> Response:
    door, desk_id = door_of(request), inside.room.desk_id
    async with door.database.glance() as connection:
        name = await watchwords.name_of(connection, inside.room)
    return page(
        request,
        "watchword.html",
        desk_id,
        status=status,
        w=words_of(door, desk_id),
        room_name=name,
        weak=weak,
        proposed=proposal(door.desk(desk_id).content.door.watchwords),
        just_set="set" in request.query_params and inside.room.watchword_hash is not None,
        has_one=inside.room.watchword_hash is not None,
        locked=inside.room.guarded,
    )
