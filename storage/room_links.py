"""Links that open a room or the private page: random, short-lived, used once.

A preview of a messenger, a virus scanner or a curious eye fetches a link by GET: `peek` changes nothing. What opens
is the POST behind the button on the page, by `use`, exactly once however many come at the same time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.room_sessions import hash_of
from storage.room_tables import RoomLink, RoomPurpose
from storage.tables import Resident, table_of
from storage.vault import Place

_LINKS = table_of(RoomLink)
_RESIDENTS = table_of(Resident)

KEPT_AFTER_END = timedelta(days=7)

NewToken = Callable[[], str]


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A link that may be used, opened. `argument` is the JSON it was issued with, or None."""

    id: UUID
    desk_id: str
    resident_id: UUID
    purpose: RoomPurpose
    created_at: datetime
    expires_at: datetime
    argument: Any


def _argument_place(link_id: UUID) -> Place:
    return Place(table="room_links", column="argument", row=link_id)


async def issue(
    connection: Connection,
    keyring: Keyring,
    *,
    desk_id: str,
    resident_id: UUID,
    purpose: RoomPurpose,
    now: datetime,
    valid_for: timedelta,
    new_id: NewId,
    argument: Any = None,
    token: NewToken = new_token,
) -> str:
    """A new link's token; only its hash is stored."""
    given, link_id = token(), new_id()
    row = {
        "id": link_id,
        "token_hash": hash_of(given),
        "desk_id": desk_id,
        "resident_id": resident_id,
        "purpose": purpose,
        "created_at": now,
        "expires_at": now + valid_for,
        "argument_sealed": None if argument is None else keyring.data.seal_json(_argument_place(link_id), argument),
    }
    await connection.execute(insert(_LINKS), row)
    return given


async def peek(
    connection: Connection, keyring: Keyring, token: str, *, purpose: RoomPurpose, now: datetime
) -> Link | None:
    """The link of a token, if it is for this and may still be used. Nothing is consumed and nothing bound."""
    query = (
        select(_LINKS)
        .join(_RESIDENTS, _RESIDENTS.c.id == _LINKS.c.resident_id)
        .where(
            _LINKS.c.token_hash == hash_of(token),
            _LINKS.c.purpose == purpose,
            _LINKS.c.used_at.is_(None),
            _LINKS.c.expires_at > now,
            _RESIDENTS.c.erased_at.is_(None),
        )
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _opened(keyring, row)


def _opened(keyring: Keyring, row: Row[Any]) -> Link:
    sealed = row.argument_sealed
    return Link(
        id=row.id,
        desk_id=row.desk_id,
        resident_id=row.resident_id,
        purpose=row.purpose,
        created_at=row.created_at,
        expires_at=row.expires_at,
        argument=None if sealed is None else keyring.data.open_json(_argument_place(row.id), sealed),
    )


async def use(
    connection: Connection, keyring: Keyring, token: str, *, purpose: RoomPurpose, now: datetime
) -> Link | None:
    """Like `peek`, and nobody uses it again. None for whoever comes second."""
    link = await peek(connection, keyring, token, purpose=purpose, now=now)
    if link is None:
        return None
    mine = update(_LINKS).where(_LINKS.c.id == link.id, _LINKS.c.used_at.is_(None))
    taken = await connection.execute(mine.values(used_at=now, argument_sealed=None))
    return link if taken.rowcount == 1 else None


async def owner_of(connection: Connection, token: str, *, purpose: RoomPurpose) -> tuple[str, UUID] | None:
    """Desk and resident of a link, also of one that was used or is too old: to send a new one where it came from."""
    query = (
        select(_LINKS.c.desk_id, _LINKS.c.resident_id)
        .join(_RESIDENTS, _RESIDENTS.c.id == _LINKS.c.resident_id)
        .where(_LINKS.c.token_hash == hash_of(token), _LINKS.c.purpose == purpose, _RESIDENTS.c.erased_at.is_(None))
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else (row.desk_id, row.resident_id)


async def end_all(connection: Connection, resident_id: UUID, *, purpose: RoomPurpose, now: datetime) -> None:
    """No open link of a resident for this works any more: before a newer one is given out, or when a room closes."""
    theirs = (_LINKS.c.resident_id == resident_id, _LINKS.c.purpose == purpose, _LINKS.c.used_at.is_(None))
    await connection.execute(update(_LINKS).where(*theirs).values(used_at=now, argument_sealed=None))


async def tidy(connection: Connection, now: datetime) -> None:
    """Forget old links."""
    await connection.execute(delete(_LINKS).where(_LINKS.c.expires_at < now - KEPT_AFTER_END))
