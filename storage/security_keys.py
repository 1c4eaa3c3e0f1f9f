"""Security keys (WebAuthn) of staff: their public halves, and the counters that betray a copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from storage.database import Connection
from storage.ids import NewId
from storage.staff_tables import SecurityKey
from storage.tables import table_of

_KEYS = table_of(SecurityKey)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredKey:
    """A key as it was registered."""

    id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """What an authenticator says about a key it has made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


async def add(connection: Connection, staff_id: UUID, new: NewKey, *, name: str, now: datetime, new_id: NewId) -> None:
    """Keep a key for somebody."""
    row = {"id": new_id(), "staff_id": staff_id, "name": name, "added_at": now}
    key = {"credential_id": new.credential_id, "public_key": new.public_key, "sign_count": new.sign_count}
    await connection.execute(insert(_KEYS), {**row, **key})


async def of(connection: Connection, staff_id: UUID) -> list[StoredKey]:
    """Somebody's keys, the oldest first."""
    rows = await connection.execute(select(_KEYS).where(_KEYS.c.staff_id == staff_id).order_by(_KEYS.c.id))
    return [StoredKey(**{name: getattr(row, name) for name in StoredKey.__slots__}) for row in rows]


async def used(connection: Connection, key: StoredKey, sign_count: int, now: datetime) -> bool:
    """Note a use. False when the key was used meanwhile: then this use is none."""
    which = (_KEYS.c.id == key.id, _KEYS.c.sign_count == key.sign_count)
    result = await connection.execute(update(_KEYS).where(*which).values(sign_count=sign_count, used_at=now))
    return result.rowcount == 1


async def remove(connection: Connection, staff_id: UUID, key_id: UUID) -> bool:
    """Forget a key of somebody. False when they have no such key."""
    which = (_KEYS.c.id == key_id, _KEYS.c.staff_id == staff_id)
    return (await connection.execute(delete(_KEYS).where(*which))).rowcount == 1


async def remove_all(connection: Connection, staff_id: UUID) -> None:
    """Forget all keys of somebody."""
    await connection.execute(delete(_KEYS).where(_KEYS.c.staff_id == staff_id))
