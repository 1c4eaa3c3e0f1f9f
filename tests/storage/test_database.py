"""Transactions on both databases: nothing half done, nothing lost, times with their zone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text, update

from storage.database import Database
from storage.ids import new_id
from storage.tables import Organisation, Tombstone

pytestmark = pytest.mark.anyio


async def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError, match="in the middle"):
        async with database.write() as connection:
            await connection.execute(insert(Organisation).values(id=new_id(), name="社協"))
            raise RuntimeError("in the middle")
    async with database.read() as connection:
        assert (await connection.execute(select(Organisation.id))).all() == []


async def test_concurrent_read_modify_write_loses_no_update(database: Database) -> None:
    key = new_id()
    async with database.write() as connection:
        await connection.execute(insert(Organisation).values(id=key, name="0"))

    async def add_one() -> None:
        async with database.write() as connection:
            query = select(Organisation.name).where(Organisation.id == key).with_for_update()
            count = int((await connection.execute(query)).scalar_one())
            await asyncio.sleep(0)
            await connection.execute(update(Organisation).where(Organisation.id == key).values(name=str(count + 1)))

    await asyncio.gather(*(add_one() for _ in range(8)))
    async with database.read() as connection:
        assert (await connection.execute(select(Organisation.name))).scalar_one() == "8"


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    tokyo = datetime(2026, 12, 31, 23, 59, 59, 123456, tzinfo=timezone(timedelta(hours=9)))
    async with database.write() as connection:
        await connection.execute(insert(Tombstone).values(ref=b"r", at=tokyo))
    async with database.read() as connection:
        found = (await connection.execute(select(Tombstone.at))).scalar_one()
    assert found == tokyo
    assert found.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="without a zone"):
        async with database.write() as connection:
            await connection.execute(insert(Tombstone).values(ref=b"r", at=datetime(2026, 1, 1)))  # noqa: DTZ001


async def test_sqlite_keeps_commits_through_a_power_cut_and_checks_foreign_keys(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PRAGMAs are SQLite's; PostgreSQL does both by default")
    async with database.write() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 1000,
        "secure_delete": 1,
    }
