"""Copying a database: every row once, pointers into the own table too, and every difference is found."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cast import NOW, keyring_of, resident_of
from sqlalchemy import insert, select, update

from storage import copying, outbox
from storage.database import Database
from storage.ids import new_id
from storage.outbox import NewLetter
from storage.tables import OutboxMessage, Tombstone, table_of

pytestmark = pytest.mark.anyio

MANY = copying.BATCH * 2 + 7


@pytest.fixture
async def source(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A database in which somebody was answered in one letter that carries another, and many rows stand elsewhere."""
    path = tmp_path / "source.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite+aiosqlite:///{path}")
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    async with database.write() as connection:
        # The older letter points at the newer one, which comes after it in the order of the keys.
        for number in range(2):
            letter = NewLetter(
                id=new_id(),
                turn_id=None,
                kind="answer",
                priority=2,
                body=[number],
                token=None,
                retry_key=uuid4(),
                created_at=NOW,
                expires_at=NOW + timedelta(hours=2),
            )
            await outbox.add(connection, resident_id=resident.id, key=resident.key, letter=letter, leased_by=new_id())
        older, newer = await outbox.waiting(connection, resident.id, resident.key)
        await outbox.merge(connection, older=older, newer=newer, key=resident.key)
        refs = [{"ref": number.to_bytes(32, "big"), "at": NOW} for number in range(MANY)]
        await connection.execute(insert(table_of(Tombstone)), refs)
    yield database
    await database.close()


async def copied(source: Database, target: Database) -> int:
    async with source.read() as old, target.write() as new:
        return sum((await copying.copy(old, new)).values())


async def differing(source: Database, target: Database) -> list[str]:
    async with source.read() as old, target.read() as new:
        return await copying.differences(old, new)


async def test_every_row_arrives_once_also_one_that_points_into_its_own_table(
    source: Database, database: Database
) -> None:
    assert await copied(source, database) > MANY
    assert await differing(source, database) == []
    async with database.read() as connection:
        merged = select(OutboxMessage.merged_into).where(OutboxMessage.merged_into.is_not(None))
        assert len((await connection.execute(merged)).all()) == 1


async def test_a_changed_a_missing_and_an_additional_row_are_each_found(source: Database, database: Database) -> None:
    await copied(source, database)
    one = {"ref": (MANY - 1).to_bytes(32, "big")}
    changes = (
        update(Tombstone).where(Tombstone.ref == one["ref"]).values(at=NOW + timedelta(microseconds=1)),
        table_of(Tombstone).delete().where(Tombstone.ref == one["ref"]),
        insert(table_of(Tombstone)).values(ref=b"x" * 32, at=NOW),
    )
    for change in changes:
        async with database.write() as connection:
            await connection.execute(change)
        assert await differing(source, database) == ["tombstones"]


async def test_nothing_is_copied_over_rows_that_are_there(source: Database, database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(table_of(Tombstone)).values(ref=b"x" * 32, at=NOW))
    with pytest.raises(copying.NotEmpty) as refused:
        await copied(source, database)
    assert refused.value.table == "tombstones"
    assert await differing(source, database) != []
