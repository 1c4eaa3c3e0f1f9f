"""The keys of a database: made once, rotated without touching what they sealed, refused when DATA_KEY is another's."""

from __future__ import annotations

import asyncio

import pytest
from cast import MASTER, NOW, keyring_of
from sqlalchemy import select, update

from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.tables import Key, KeyPurpose
from storage.vault import Place, SealingKey, UnsealError

pytestmark = pytest.mark.anyio
PLACE = Place(table="t", column="c", row=new_id())


async def test_opening_again_gives_the_same_keys(database: Database) -> None:
    first = await keyring_of(database)
    second = await keyring_of(database)
    assert first.index.of("U1") == second.index.of("U1")
    assert second.data.open(PLACE, first.data.seal(PLACE, b"words")) == b"words"


async def test_processes_that_start_together_make_the_keys_once(database: Database, database_url: str) -> None:
    others = [Database(database_url) for _ in range(5)]
    rings = await asyncio.gather(*(keyring_of(one) for one in (database, *others)))
    assert len({ring.index.of("U1") for ring in rings}) == 1
    sealed = rings[0].data.seal(PLACE, b"words")
    assert {ring.data.open(PLACE, sealed) for ring in rings} == {b"words"}
    for one in others:
        await one.close()


async def test_another_master_key_is_refused(database: Database) -> None:
    await keyring_of(database)
    with pytest.raises(UnsealError):
        await keyring_of(database, SealingKey.fresh())


async def test_after_a_rotation_the_new_master_alone_opens_and_identities_stay(database: Database) -> None:
    new = SealingKey.fresh()
    before = await keyring_of(database)
    await keyring_of(database, new, MASTER)
    after = await keyring_of(database, new)
    assert after.index.of("U1") == before.index.of("U1")
    with pytest.raises(UnsealError):
        await keyring_of(database, MASTER)


async def test_a_residents_key_is_found_again_until_it_is_destroyed(database: Database) -> None:
    keyring = await keyring_of(database)
    async with database.write() as connection:
        key_id, key = await keyring.new_resident_key(connection, now=NOW, new_id=new_id)
    sealed = key.seal(PLACE, b"words")
    other: Keyring = await keyring_of(database)
    async with database.write() as connection:
        assert (await other.resident_key(connection, key_id)).open(PLACE, sealed) == b"words"
        await connection.execute(update(Key).where(Key.id == key_id).values(wrapped=None))
    fresh = await keyring_of(database)
    async with database.read() as connection:
        with pytest.raises(UnsealError, match="destroyed"):
            await fresh.resident_key(connection, key_id)


async def test_no_key_stands_in_the_database_unwrapped(database: Database) -> None:
    await keyring_of(database)
    async with database.read() as connection:
        rows = (await connection.execute(select(Key.purpose, Key.wrapped))).all()
    assert {row.purpose for row in rows} == {KeyPurpose.INDEX, KeyPurpose.DATA}
    assert all(len(row.wrapped) == 1 + 12 + 32 + 16 for row in rows)
