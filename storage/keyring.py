"""The keys of this database: the permanent index key, the data key, and one key for each resident."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from storage.database import Connection, Database
from storage.ids import NewId
from storage.tables import Key, KeyPurpose, table_of
from storage.vault import Chain, IndexKey, Place, SealingKey, UnsealError, open_with_any

_REMEMBERED = 2000
_ADD = insert(table_of(Key))


class Keyring:
    """Opened once at start. Residents' keys are unwrapped when needed and a few are remembered."""

    def __init__(self, *, index: IndexKey, data: SealingKey) -> None:
        self.index = index
        self.data = data
        self._residents: OrderedDict[UUID, SealingKey] = OrderedDict()

    @classmethod
    async def open(cls, database: Database, masters: Sequence[SealingKey], *, now: datetime, new_id: NewId) -> Keyring:
        """Open the database's keys with DATA_KEY; make them on first use; wrap anew after a rotation.

        Raises UnsealError when no given key opens them: then this is another database's DATA_KEY.
        """
        async with database.write() as connection:
            if connection.dialect.name == "postgresql":
                # Several processes may meet an empty database at the same time: one of them makes the keys.
                await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('tsunagu.keys'))")
            (index,) = await _own_keys(connection, KeyPurpose.INDEX, masters, now=now, new_id=new_id)
            data, *older = await _own_keys(connection, KeyPurpose.DATA, masters, now=now, new_id=new_id)
        return cls(index=IndexKey(index), data=Chain(data, older) if older else data)

    async def new_resident_key(
        self, connection: Connection, *, now: datetime, new_id: NewId
    ) -> tuple[UUID, SealingKey]:
        """A fresh key for one resident, stored wrapped by the data key."""
        key_id, key = new_id(), SealingKey.fresh()
        row = {
            "id": key_id,
            "purpose": KeyPurpose.RESIDENT,
            "wrapped": self.data.wrap(key_place(key_id), key),
            "created_at": now,
        }
        await connection.execute(_ADD, row)
        return key_id, key

    async def resident_key(self, connection: Connection, key_id: UUID) -> SealingKey:
        """The key of one resident. Raises UnsealError after it was destroyed."""
        if (known := self._residents.get(key_id)) is not None:
            self._residents.move_to_end(key_id)
            return known
        wrapped = (await connection.execute(select(Key.wrapped).where(Key.id == key_id))).scalar_one_or_none()
        return self.opened(key_id, wrapped)

    def opened(self, key_id: UUID, wrapped: bytes | None) -> SealingKey:
        """The key of one resident whose row was read with others. Raises UnsealError after it was destroyed."""
        if (known := self._residents.get(key_id)) is not None:
            self._residents.move_to_end(key_id)
            return known
        if wrapped is None:
            raise UnsealError("this resident's key was destroyed")
        key = self.data.unwrap(key_place(key_id), wrapped)
        self._residents[key_id] = key
        if len(self._residents) > _REMEMBERED:
            self._residents.popitem(last=False)
        return key

    async def destroy(self, connection: Connection, key_id: UUID, *, now: datetime) -> None:
        """Make everything sealed with a resident's key unreadable for ever."""
        await connection.execute(update(Key).where(Key.id == key_id).values(wrapped=None, destroyed_at=now))
        self._residents.pop(key_id, None)


async def _own_keys(
    connection: Connection, purpose: KeyPurpose, masters: Sequence[SealingKey], *, now: datetime, new_id: NewId
) -> list[SealingKey]:
    """All keys of a purpose, the newest first: more than one data key only while everything is sealed anew."""
    query = select(Key.id, Key.wrapped).where(Key.purpose == purpose).order_by(Key.created_at.desc(), Key.id.desc())
    rows = (await connection.execute(query)).all()
    if not rows:
        return [await add_own_key(connection, purpose, masters[0], now=now, new_id=new_id)]
    keys = []
    for row in rows:
        position, key = open_with_any(masters, key_place(row.id), row.wrapped or b"")
        if position:
            wrapped = masters[0].wrap(key_place(row.id), key)
            await connection.execute(update(Key).where(Key.id == row.id).values(wrapped=wrapped))
        keys.append(key)
    return keys


async def add_own_key(
    connection: Connection, purpose: KeyPurpose, master: SealingKey, *, now: datetime, new_id: NewId
) -> SealingKey:
    """A fresh key of the program itself, stored wrapped by DATA_KEY."""
    key_id, key = new_id(), SealingKey.fresh()
    values = {"id": key_id, "purpose": purpose, "wrapped": master.wrap(key_place(key_id), key), "created_at": now}
    await connection.execute(_ADD, values)
    return key


def key_place(key_id: UUID) -> Place:
    """Where a wrapped key stands."""
    return Place(table="keys", column="wrapped", row=key_id)
