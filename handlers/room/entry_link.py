"""The button of LINE: `GET /room/go/{token}` shows a page, and only the button on it opens the room, once.

A preview of a messenger or a scanner fetches the page and changes nothing. A link that was used or is too old says so,
and one press sends a new one to where the first one went: whoever holds an old link learns and gets nothing.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response

from dialogue import State, codec
from dialogue.effects import SayKind
from dialogue.words import ROOM, Link
from dialogue.writer import under_age
from handlers.letters import DOOR_WORTH_SAYING
from handlers.room.door import RoomDoor, door_of
from handlers.room.entry import (
    AGAIN_A_DAY,
    AGAIN_AFTER,
    begin,
    check_entry,
    entry_page,
    go_in,
    is_new,
    watchwords_of,
    welcome,
)
from handlers.room.watchword import keys_by_link
from nlp import Known
from storage import knocks, outbox, residents, room_links, rooms
from storage.database import Connection
from storage.outbox import NewLetter
from storage.residents import ResidentRow
from storage.room_tables import RoomPurpose
from storage.rooms import RoomRow
from storage.tables import Channel

log = structlog.get_logger(__name__)
router = APIRouter()


@router.get("/go/{token}")
async def shown(request: Request, token: str) -> Response:
    """A page with one button. Nothing is used, bound or told apart but whether the link is too old."""
    door = door_of(request)
    async with door.database.glance() as connection:
        link = await room_links.peek(connection, door.keyring, token, purpose=RoomPurpose.ROOM, now=door.clock())
    if link is None:
        return entry_page(request, "entry_late.html", None, status=410, go=token)
    return entry_page(request, "entry_link.html", link.desk_id, go=token)


@router.post("/go/{token}")
async def opened(request: Request, token: str) -> Response:
    """The button was pressed: the link is used up and a session begins, or the watchword is asked for first."""
    await check_entry(request)
    door, form = door_of(request), await request.form()
    word = form.get("word")
    if isinstance(word, str) and word:
        return await _with_word(request, token, word)
    async with door.database.write() as connection:
        found = await _room_behind(door, connection, token)
        if found is None:
            return entry_page(request, "entry_late.html", None, status=410, go=token)
        room, fresh = found
        if room.guarded and room.watchword_hash is not None:
            return entry_page(request, "entry_word.html", room.desk_id, go=token)
        session = await _used(door, request, connection, token, room)
    if session is None:
        return entry_page(request, "entry_late.html", None, status=410, go=token)
    if fresh:
        await welcome(door, request, room)
    return go_in(door, session)


async def _with_word(request: Request, token: str, word: str) -> Response:
    """The button of a guarded room, with its watchword."""
    door = door_of(request)
    async with door.database.write() as connection:
        found = await _room_behind(door, connection, token)
    if found is None:
        return entry_page(request, "entry_late.html", None, status=410, go=token)
    room, _ = found
    keys = keys_by_link(door.keyring, resident=str(room.resident_id))
    tried = await watchwords_of(request).attempt(door.database, keys, word, room.watchword_hash, clock=door.clock)
    if not tried.fits:
        why = "enter_wait" if tried.wait else "enter_wrong"
        return entry_page(
            request, "entry_word.html", room.desk_id, status=403, go=token, why=why, minutes=tried.minutes
        )
    async with door.database.write() as connection:
        session = await _used(door, request, connection, token, room)
    if session is None:
        return entry_page(request, "entry_late.html", None, status=410, go=token)
    return go_in(door, session)


async def _room_behind(door: RoomDoor, connection: Connection, token: str) -> tuple[RoomRow, bool] | None:
    """The room a link leads to, made if there is none yet; whether it was. The link is not used."""
    now = door.clock()
    link = await room_links.peek(connection, door.keyring, token, purpose=RoomPurpose.ROOM, now=now)
    if link is None:
        return None
    resident = await residents.by_id(connection, door.keyring, link.resident_id, lock=True)
    if resident is None:
        return None
    before = await rooms.room_of(connection, resident.id)
    room = await rooms.open_room(connection, door.keyring, resident, now=now, new_id=door.new_id)
    if not room.guarded and is_guarded(resident):
        await rooms.guard(connection, room.id, guarded=True)
        room = await rooms.by_id(connection, room.id) or room
    return room, is_new(room, before)


def is_guarded(resident: ResidentRow) -> bool:
    """Whether somebody else may hold the phone, or a child writes."""
    state = State.new() if resident.state is None else State.from_json(resident.state)
    facts = (Known.from_json(resident.known) if resident.known else Known()).assessment.facts
    return state.guarded or under_age(state, facts)


async def _used(door: RoomDoor, request: Request, connection: Connection, token: str, room: RoomRow) -> str | None:
    link = await room_links.use(connection, door.keyring, token, purpose=RoomPurpose.ROOM, now=door.clock())
    if link is None or link.resident_id != room.resident_id:
        return None
    log.info("room.entered", desk=room.desk_id, way="link")
    return await begin(door, request, connection, room)


@router.post("/go/{token}/again")
async def again(request: Request, token: str) -> Response:
    """Send a new button to LINE, whatever became of this one. The page says the same to everybody."""
    await check_entry(request)
    door = door_of(request)
    async with door.database.write() as connection:
        owner = await room_links.owner_of(connection, token, purpose=RoomPurpose.ROOM)
        sent = owner is not None and await _renew(door, connection, owner[1])
    if sent and owner is not None:
        door.engine.deliver(owner[1])
    return entry_page(request, "entry_sent.html", None)


async def _renew(door: RoomDoor, connection: Connection, resident_id: UUID) -> bool:
    """Another button in the talk; once a minute and some a day at most, because each costs and makes the phone ring."""
    resident = await residents.by_id(connection, door.keyring, resident_id, lock=True)
    now = door.clock()
    if resident is None or resident.blocked or not await knocks.is_on_line(connection, resident_id):
        return False
    latest = await knocks.latest_of(connection, resident_id, SayKind.DOOR.value)
    if latest is not None and now - latest < AGAIN_AFTER:
        return False
    today = await knocks.count_since(connection, resident_id, SayKind.DOOR.value, now - timedelta(days=1))
    if today > AGAIN_A_DAY:
        return False
    words = door.desk(resident.desk_id).content.door
    bubble = Link(text=words.renewed.plain, label=words.label.plain, purpose=ROOM)
    letter = NewLetter(
        id=door.new_id(),
        turn_id=None,
        kind=SayKind.DOOR.value,
        priority=1,
        body=codec.to_json([bubble]),
        token=None,
        retry_key=uuid4(),
        created_at=now,
        expires_at=now + DOOR_WORTH_SAYING,
        channel=Channel.LINE,
    )
    await outbox.add(connection, resident_id=resident_id, key=resident.key, letter=letter, leased_by=None)
    return True
