"""Watchwords of rooms: finding a room by its name, and what a room keeps from whom.

A room's name is the resident's alias. Its watchword stands here only as a slow hash, see `storage.passwords`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, update

from storage import knocks
from storage.case_tables import Case
from storage.database import Connection
from storage.room_tables import Room, RoomPress, RoomSession
from storage.rooms import RoomRow
from storage.tables import Channel, Identity, OutboxMessage, OutboxState, Resident, ResidentMessage, table_of

_ROOMS = table_of(Room)
_SESSIONS = table_of(RoomSession)
_PRESSES = table_of(RoomPress)
_RESIDENTS = table_of(Resident)
_OUTBOX = table_of(OutboxMessage)
_IDENTITIES = table_of(Identity)
_CASES = table_of(Case)
_MESSAGES = table_of(ResidentMessage)


async def named(connection: Connection, desk_id: str, alias: str) -> RoomRow | None:
    """The open room of this name at a desk."""
    query = (
        select(*(_ROOMS.c[name] for name in RoomRow.__slots__))
        .join_from(_ROOMS, _RESIDENTS, _RESIDENTS.c.id == _ROOMS.c.resident_id)
        .where(_RESIDENTS.c.desk_id == desk_id, _RESIDENTS.c.alias == alias, _ROOMS.c.closed_at.is_(None))
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else RoomRow(**row._mapping)


async def name_of(connection: Connection, room: RoomRow) -> str:
    """The name of a room."""
    query = select(_RESIDENTS.c.alias).where(_RESIDENTS.c.id == room.resident_id)
    return str((await connection.execute(query)).scalar_one())


async def guard_of(connection: Connection, resident_id: UUID) -> None:
    """From now on the resident's room asks for its watchword, if there is a room."""
    mine = (_ROOMS.c.resident_id == resident_id, _ROOMS.c.closed_at.is_(None), _ROOMS.c.guarded.is_(False))
    await connection.execute(update(_ROOMS).where(*mine).values(guarded=True))


async def is_unkept(connection: Connection, room: RoomRow) -> bool:
    """Whether a watchword is missing: nothing else leads back in, or somebody else may hold the phone."""
    if room.watchword_hash is not None:
        return False
    return room.guarded or not await knocks.is_on_line(connection, room.resident_id)


async def left_empty(connection: Connection, *, before: datetime, limit: int = 200) -> list[UUID]:
    """Residents of rooms that were opened without LINE, in which nobody ever wrote, nor looked since a moment."""
    query = (
        select(_ROOMS.c.resident_id)
        .join_from(_ROOMS, _RESIDENTS, _RESIDENTS.c.id == _ROOMS.c.resident_id)
        .where(_ROOMS.c.closed_at.is_(None), _ROOMS.c.created_at < before, _ROOMS.c.watchword_hash.is_(None))
        .where(_RESIDENTS.c.messages == 0, _RESIDENTS.c.erase_at.is_(None), _RESIDENTS.c.erased_at.is_(None))
        .where(~exists().where(_IDENTITIES.c.resident_id == _RESIDENTS.c.id, _IDENTITIES.c.channel == Channel.LINE))
        .where(~exists().where(_CASES.c.resident_id == _RESIDENTS.c.id))
        # Whoever looked later may still be inside, and about to write.
        .where(~exists().where(_SESSIONS.c.room_id == _ROOMS.c.id, _SESSIONS.c.seen_at >= before))
        .limit(limit)
    )
    return list((await connection.execute(query)).scalars())


async def veil(connection: Connection, room: RoomRow, *, session_id: UUID, entered_at: datetime) -> datetime | None:
    """In a guarded room without a watchword: up to when nothing is shown. None: all of it may be seen.

    Whoever came in by a button may be somebody else who holds the phone. So what was there before is not shown, but
    for what nobody has seen yet: letters after the last word of the resident and after the last visit.
    """
    if not room.guarded or room.watchword_hash is not None:
        return None
    visits = select(func.max(_SESSIONS.c.seen_at)).where(
        _SESSIONS.c.room_id == room.id, _SESSIONS.c.id != session_id, _SESSIONS.c.created_at < entered_at
    )
    words = select(func.max(_MESSAGES.c.sent_at)).where(
        _MESSAGES.c.resident_id == room.resident_id, _MESSAGES.c.sent_at < entered_at
    )
    buttons = select(func.max(_PRESSES.c.pressed_at)).where(
        _PRESSES.c.resident_id == room.resident_id, _PRESSES.c.pressed_at < entered_at
    )
    on_line = select(func.max(_OUTBOX.c.created_at)).where(
        _OUTBOX.c.resident_id == room.resident_id,
        _OUTBOX.c.channel == Channel.LINE,
        _OUTBOX.c.state == OutboxState.SENT,
        _OUTBOX.c.created_at < entered_at,
    )
    found = [(await connection.execute(query)).scalar_one() for query in (visits, words, buttons, on_line)]
    return max((moment for moment in found if moment is not None), default=None)
