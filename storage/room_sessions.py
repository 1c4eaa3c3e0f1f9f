"""Who is in a room: browsers, by the hash of the token in their cookie."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select, update

from storage.database import Connection
from storage.ids import NewId
from storage.room_tables import Room, RoomSession
from storage.rooms import RoomRow
from storage.tables import table_of

_SESSIONS = table_of(RoomSession)
_ROOMS = table_of(Room)

#: A session's own time is noted this often: not every look is worth a write.
NOTED_EVERY = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomLimits:
    """How long a browser stays in a room: at most, without a sign of life, and where the watchword is asked for."""

    absolute: timedelta = timedelta(days=14)
    idle: timedelta = timedelta(hours=24)
    guarded_idle: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """A session that may be used now, with its room."""

    id: UUID
    room: RoomRow
    created_at: datetime
    seen_at: datetime


def hash_of(token: str) -> bytes:
    """What is stored of a random token of 256 bits, which needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def begin(connection: Connection, *, room_id: UUID, token: str, now: datetime, new_id: NewId) -> UUID:
    """Let a browser in. `token` is new, random and known to this browser alone."""
    session_id = new_id()
    row = {"room_id": room_id, "token_hash": hash_of(token), "created_at": now, "seen_at": now}
    await connection.execute(insert(_SESSIONS), {"id": session_id, **row})
    return session_id


async def load(connection: Connection, token: str, *, now: datetime, limits: RoomLimits) -> Entered | None:
    """The session of a token, if it and its room are open."""
    rooms = [getattr(_ROOMS.c, name).label(f"room_{name}") for name in RoomRow.__slots__]
    query = (
        select(_SESSIONS.c.id, _SESSIONS.c.created_at, _SESSIONS.c.seen_at, *rooms)
        .join_from(_SESSIONS, _ROOMS, _ROOMS.c.id == _SESSIONS.c.room_id)
        .where(_SESSIONS.c.token_hash == hash_of(token), _SESSIONS.c.ended_at.is_(None), _ROOMS.c.closed_at.is_(None))
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    room = RoomRow(**{name: getattr(row, f"room_{name}") for name in RoomRow.__slots__})
    locked = room.guarded and room.watchword_hash is not None
    idle = limits.guarded_idle if locked else limits.idle
    if now >= row.created_at + limits.absolute or now >= row.seen_at + idle:
        return None
    return Entered(id=row.id, room=room, created_at=row.created_at, seen_at=row.seen_at)


async def seen(connection: Connection, session_id: UUID, now: datetime) -> None:
    """Note a sign of life."""
    await connection.execute(update(_SESSIONS).where(_SESSIONS.c.id == session_id).values(seen_at=now))


async def end(connection: Connection, session_id: UUID, *, now: datetime) -> None:
    """This browser is out; other pages that it has open are told to look, and find it so."""
    which = (_SESSIONS.c.id == session_id, _SESSIONS.c.ended_at.is_(None))
    await connection.execute(update(_SESSIONS).where(*which).values(ended_at=now))
    of_session = select(_SESSIONS.c.room_id).where(_SESSIONS.c.id == session_id)
    await _look_again(connection, _ROOMS.c.id == of_session.scalar_subquery())


async def end_all(connection: Connection, room_id: UUID, *, now: datetime, but: UUID | None = None) -> None:
    """Every browser is out of this room, but one where it is given; open pages are told to look, and find it so."""
    which = [_SESSIONS.c.room_id == room_id, _SESSIONS.c.ended_at.is_(None)]
    if but is not None:
        which.append(_SESSIONS.c.id != but)
    await connection.execute(update(_SESSIONS).where(*which).values(ended_at=now))
    await _look_again(connection, _ROOMS.c.id == room_id)


async def _look_again(connection: Connection, room: ColumnElement[bool]) -> None:
    await connection.execute(update(_ROOMS).where(room).values(changed=_ROOMS.c.changed + 1))


async def tidy(connection: Connection, now: datetime) -> None:
    """Forget old sessions."""
    await connection.execute(
        delete(_SESSIONS).where(_SESSIONS.c.seen_at < now - RoomLimits().absolute - KEPT_AFTER_END)
    )
