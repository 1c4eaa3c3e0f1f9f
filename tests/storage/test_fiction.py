"""The mark of people who do not exist."""

from __future__ import annotations

import pytest
from cast import keyring_of, resident_of
from sqlalchemy import select, update

from storage import fiction
from storage.database import Database
from storage.tables import Resident

pytestmark = pytest.mark.anyio


async def test_a_database_is_empty_until_somebody_comes(database: Database) -> None:
    async with database.read() as connection:
        assert not await fiction.anybody(connection)
    await resident_of(database, await keyring_of(database))
    async with database.read() as connection:
        assert await fiction.anybody(connection)


async def test_two_of_one_name_are_told_apart_once_they_are_marked(database: Database) -> None:
    keyring = await keyring_of(database)
    for name in (b"a", b"b"):
        resident = await resident_of(database, keyring, name=name, address=name.hex())
        async with database.write() as connection:
            # The name is free again, because the first one bears the mark.
            await connection.execute(update(Resident).where(Resident.id == resident.id).values(alias="はるの つばめ"))
            await fiction.mark(connection, resident.id)
    async with database.read() as connection:
        found = {row.alias for row in await connection.execute(select(Resident.alias))}
    assert found == {"はるの つばめ(架空)", "はるの つばめ 2(架空)"}
