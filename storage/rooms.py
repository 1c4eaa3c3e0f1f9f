"""Rooms: a resident's talk on our own page. A room is an identity of the resident on the channel `room`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from storage import residents, tables
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.residents import ResidentRow, Sender
from storage.room_tables import Room, RoomSession
from storage.tables import Channel, table_of

_ROOMS = table_of(Room)
_SESSIONS = table_of(RoomSession)


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomRow:
    """An open room. `watchword_hash` is None as long as none was chosen."""

    id: UUID
    desk_id: str
    resident_id: UUID
    watchword_hash: str | None
    guarded: bool
    changed: int
    created_at: datetime


def sender_of(keyring: Keyring, desk_id: str, room_id: UUID) -> Sender:
    """Who writes in a room, as the inbox and the identities know them."""
    index = keyring.index.of(desk_id, Channel.ROOM.value, str(room_id))
    return Sender(desk_id=desk_id, channel=Channel.ROOM, index=index)


async def open_room(
    connection: Connection, keyring: Keyring, resident: ResidentRow, *, now: datetime, new_id: NewId
) -> RoomRow:
    """The resident's room, made if there is none. Their talk takes place there from now on.

    Call it with the resident locked (`residents.by_id(…, lock=True)`, or one made in this transaction).
    """
    await residents.move_to(connection, resident.id, tables.Place.ROOM)
    if (known := await room_of(connection, resident.id)) is not None:
        return known
    room = RoomRow(
        id=new_id(),
        desk_id=resident.desk_id,
        resident_id=resident.id,
        watchword_hash=None,
        guarded=False,
        changed=0,
        created_at=now,
    )
    await connection.execute(insert(_ROOMS), {name: getattr(room, name) for name in RoomRow.__slots__})
    sender = sender_of(keyring, room.desk_id, room.id)
    await residents.add_identity(connection, resident, sender, address=str(room.id), new_id=new_id)
    return room


async def open_anonymous(
    connection: Connection, keyring: Keyring, desk_id: str, *, now: datetime, new_id: NewId
) -> RoomRow:
    """A room for somebody who came without LINE: a new resident whom nothing else reaches."""
    resident = await residents.create_unreached(connection, keyring, desk_id, now=now, new_id=new_id)
    return await open_room(connection, keyring, resident, now=now, new_id=new_id)


def _row(row: Row[tuple[object, ...]]) -> RoomRow:
    return RoomRow(**{name: getattr(row, name) for name in RoomRow.__slots__})


async def room_of(connection: Connection, resident_id: UUID) -> RoomRow | None:
    """The open room of a resident."""
    query = select(_ROOMS).where(_ROOMS.c.resident_id == resident_id, _ROOMS.c.closed_at.is_(None))
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _row(row)


async def by_id(connection: Connection, room_id: UUID) -> RoomRow | None:
    """An open room."""
    query = select(_ROOMS).where(_ROOMS.c.id == room_id, _ROOMS.c.closed_at.is_(None))
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _row(row)


async def set_watchword(connection: Connection, room_id: UUID, watchword_hash: str | None) -> None:
    """Store the hash of a watchword, or none any more."""
    await connection.execute(update(_ROOMS).where(_ROOMS.c.id == room_id).values(watchword_hash=watchword_hash))


async def guard(connection: Connection, room_id: UUID, *, guarded: bool) -> None:
    """From now on nobody enters without the watchword; or no longer so."""
    await connection.execute(update(_ROOMS).where(_ROOMS.c.id == room_id).values(guarded=guarded))


async def close(connection: Connection, room_id: UUID, *, now: datetime) -> None:
    """Nobody enters this room any more; who is in it is out."""
    open_ones = (_SESSIONS.c.room_id == room_id, _SESSIONS.c.ended_at.is_(None))
    await connection.execute(update(_SESSIONS).where(*open_ones).values(ended_at=now))
    await connection.execute(
        update(_ROOMS).where(_ROOMS.c.id == room_id, _ROOMS.c.closed_at.is_(None)).values(closed_at=now)
    )


async def bump(connection: Connection, resident_id: UUID) -> None:
    """Tell open pages of this resident's room that there is something else to show."""
    theirs = (_ROOMS.c.resident_id == resident_id, _ROOMS.c.closed_at.is_(None))
    await connection.execute(update(_ROOMS).where(*theirs).values(changed=_ROOMS.c.changed + 1))


async def counters(connection: Connection, room_ids: Collection[UUID]) -> dict[UUID, int]:
    """How often each of these open rooms has changed; one that is closed is missing."""
    query = select(_ROOMS.c.id, _ROOMS.c.changed).where(_ROOMS.c.id.in_(room_ids), _ROOMS.c.closed_at.is_(None))
    return {row.id: row.changed for row in await connection.execute(query)}
