"""Letters on their way by place: what goes into the room, and the knocks by which LINE says that something is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from storage import rooms
from storage.database import Connection
from storage.outbox import body_place
from storage.room_tables import Room, RoomSession
from storage.tables import Channel, Identity, OutboxMessage, OutboxState, table_of
from storage.vault import SealingKey

_OUTBOX = table_of(OutboxMessage)
_ROOMS = table_of(Room)
_SESSIONS = table_of(RoomSession)
_IDENTITIES = table_of(Identity)

#: The kind of a letter that only says that there is something in the room.
KNOCK = "knock"
#: `outbox.sent_by` of what was put in the room.
BY_ROOM = "room"
SEEN = "seen in the room"


@dataclass(frozen=True, kw_only=True, slots=True)
class OnItsWay:
    """A waiting letter without its words."""

    id: UUID
    kind: str
    channel: Channel
    created_at: datetime
    next_try_at: datetime
    leased_by: UUID | None


_SHOWN = tuple(_OUTBOX.c[name] for name in OnItsWay.__slots__)


async def on_their_way(connection: Connection, resident_id: UUID) -> list[OnItsWay]:
    """All that waits for a resident, crisis first."""
    query = (
        select(*_SHOWN)
        .where(_OUTBOX.c.resident_id == resident_id, _OUTBOX.c.state == OutboxState.WAITING)
        .order_by(_OUTBOX.c.priority, _OUTBOX.c.id)
    )
    return [OnItsWay(**row._mapping) for row in await connection.execute(query)]


async def put_in_room(connection: Connection, resident_id: UUID, letters: Sequence[UUID], *, now: datetime) -> None:
    """From now on these are shown in the room, and go nowhere else."""
    values: dict[str, Any] = {
        "channel": Channel.ROOM,
        "state": OutboxState.SENT,
        "sent_at": now,
        "sent_by": BY_ROOM,
        "leased_by": None,
        "token_sealed": None,
        "token_at": None,
    }
    mine = (_OUTBOX.c.id.in_(letters), _OUTBOX.c.state == OutboxState.WAITING)
    await connection.execute(update(_OUTBOX).where(*mine).values(values))
    await rooms.bump(connection, resident_id)


async def last_knock(connection: Connection, resident_id: UUID) -> datetime | None:
    """When LINE last took a knock for this resident."""
    query = select(func.max(_OUTBOX.c.sent_at)).where(
        _OUTBOX.c.resident_id == resident_id, _OUTBOX.c.kind == KNOCK, _OUTBOX.c.state == OutboxState.SENT
    )
    found: datetime | None = (await connection.execute(query)).scalar_one()
    return found


async def latest_of(connection: Connection, resident_id: UUID, kind: str) -> datetime | None:
    """When a letter of this kind was last written to this resident."""
    query = select(func.max(_OUTBOX.c.created_at)).where(_OUTBOX.c.resident_id == resident_id, _OUTBOX.c.kind == kind)
    found: datetime | None = (await connection.execute(query)).scalar_one()
    return found


async def count_since(connection: Connection, resident_id: UUID, kind: str, since: datetime) -> int:
    """How many letters of this kind were written to this resident from a moment on."""
    theirs = (_OUTBOX.c.resident_id == resident_id, _OUTBOX.c.kind == kind, _OUTBOX.c.created_at >= since)
    return int((await connection.execute(select(func.count()).select_from(_OUTBOX).where(*theirs))).scalar_one())


async def last_seen(connection: Connection, resident_id: UUID) -> datetime | None:
    """When a browser last gave a sign of life in the resident's room."""
    query = (
        select(func.max(_SESSIONS.c.seen_at))
        .join_from(_SESSIONS, _ROOMS, _ROOMS.c.id == _SESSIONS.c.room_id)
        .where(_ROOMS.c.resident_id == resident_id)
    )
    found: datetime | None = (await connection.execute(query)).scalar_one()
    return found


async def is_on_line(connection: Connection, resident_id: UUID) -> bool:
    """Whether LINE leads to this resident."""
    query = select(_IDENTITIES.c.id).where(
        _IDENTITIES.c.resident_id == resident_id, _IDENTITIES.c.channel == Channel.LINE
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def postpone(connection: Connection, letter_id: UUID, until: datetime) -> None:
    """Not before then."""
    mine = (_OUTBOX.c.id == letter_id, _OUTBOX.c.state == OutboxState.WAITING)
    await connection.execute(update(_OUTBOX).where(*mine).values(next_try_at=until, leased_by=None))


async def drop(connection: Connection, letter_id: UUID, reason: str) -> None:
    """Nobody needs it any more."""
    mine = (_OUTBOX.c.id == letter_id, _OUTBOX.c.state == OutboxState.WAITING)
    gone = {"state": OutboxState.EXPIRED, "reason": reason[:200], "leased_by": None}
    await connection.execute(update(_OUTBOX).where(*mine).values(gone))


async def rewrite(connection: Connection, letter_id: UUID, key: SealingKey, body: Any) -> None:
    """Put another body in the place of a waiting letter's: the same words with an address in them."""
    sealed = key.seal_json(body_place(letter_id), body)
    mine = (_OUTBOX.c.id == letter_id, _OUTBOX.c.state == OutboxState.WAITING)
    await connection.execute(update(_OUTBOX).where(*mine).values(body_sealed=sealed))
