"""Many values in one statement: as many ids as one likes are one parameter, and rows come back as they were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from cast import NOW
from sqlalchemy import Executable, event, select, update

from storage.arrays import each_of
from storage.database import Connection, Database
from storage.ids import new_id
from storage.many_rows import Updating, Values, insert_many
from storage.tables import Key, KeyPurpose, table_of

pytestmark = pytest.mark.anyio

KEYS = table_of(Key)
TOKYO = timezone(timedelta(hours=9))


def a_key(**given: Any) -> dict[str, Any]:
    row = {"id": new_id(), "purpose": KeyPurpose.RESIDENT, "wrapped": b'\0k\xff\\"{,}', "created_at": NOW}
    return {**row, "destroyed_at": None, **given}


async def stored(database: Database) -> list[dict[str, Any]]:
    async with database.read() as connection:
        return [dict(row._mapping) for row in await connection.execute(select(KEYS).order_by(KEYS.c.id))]


async def put(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    async with database.write() as connection:
        await insert_many(connection, KEYS, rows)


async def of(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    query = select(KEYS.c.id).where(KEYS.c.id.in_(each_of("ids")))
    return set((await connection.execute(query, {"ids": ids})).scalars())


async def test_just_the_rows_of_the_given_ids_are_found(database: Database) -> None:
    rows = [a_key() for _ in range(5)]
    await put(database, rows)
    wanted = {rows[1]["id"], rows[3]["id"]}
    async with database.read() as connection:
        assert await of(connection, [*wanted, new_id()]) == wanted


async def test_no_ids_find_no_rows(database: Database) -> None:
    await put(database, [a_key()])
    async with database.read() as connection:
        assert await of(connection, []) == set()


async def test_an_id_given_twice_finds_its_row_once(database: Database) -> None:
    row = a_key()
    await put(database, [row])
    async with database.read() as connection:
        query = select(KEYS.c.id).where(KEYS.c.id.in_(each_of("ids")))
        assert len((await connection.execute(query, {"ids": [row["id"]] * 3})).all()) == 1


async def test_a_thousand_ids_are_one_parameter(database: Database) -> None:
    await put(database, [a_key()])
    seen: list[Any] = []

    async with database.read() as connection:

        def listen(sync: Any) -> None:
            event.listen(sync, "before_cursor_execute", lambda *given: seen.append(given[3]))

        await connection.run_sync(listen)
        assert await of(connection, [new_id() for _ in range(1000)]) == set()
    assert [len(parameters) for parameters in seen] == [1]


async def test_many_rows_come_back_as_they_were_given(database: Database) -> None:
    rows = [a_key(), a_key(wrapped=None, destroyed_at=NOW), a_key(wrapped=b"", purpose=KeyPurpose.DATA)]
    await put(database, rows)
    assert await stored(database) == rows


async def test_a_column_without_any_value_stays_empty(database: Database) -> None:
    rows = [a_key(wrapped=None), a_key(wrapped=None)]
    await put(database, rows)
    assert await stored(database) == rows


async def test_no_rows_are_no_statement(database: Database) -> None:
    await put(database, [])
    assert await stored(database) == []


async def test_times_of_any_zone_are_kept_and_a_time_without_one_is_refused(database: Database) -> None:
    await put(database, [a_key(created_at=NOW.astimezone(TOKYO))])
    assert [row["created_at"] for row in await stored(database)] == [NOW]
    with pytest.raises(Exception, match="without a zone"):
        await put(database, [a_key(created_at=datetime(2026, 11, 21, 3, 0))])  # noqa: DTZ001 - just that is refused


def _destroying(row: Values) -> Executable:
    mine = (KEYS.c.id == row["which"], KEYS.c.destroyed_at.is_(None))
    return update(KEYS).where(*mine).values(destroyed_at=row["at"], wrapped=row["to"])


DESTROYING = Updating({"which": KEYS.c.id.type, "at": KEYS.c.destroyed_at.type, "to": KEYS.c.wrapped.type}, _destroying)


async def test_each_row_is_changed_by_its_own_values_and_no_other_row_is(database: Database) -> None:
    first, second, other = [a_key() for _ in range(3)]
    await put(database, [first, second, other])
    later = NOW + timedelta(days=1)
    async with database.write() as connection:
        changed = await DESTROYING.run(
            connection,
            [
                {"which": first["id"], "at": NOW, "to": None},
                {"which": second["id"], "at": later, "to": b"gone"},
            ],
        )
    assert changed == 2
    assert await stored(database) == [
        {**first, "destroyed_at": NOW, "wrapped": None},
        {**second, "destroyed_at": later, "wrapped": b"gone"},
        other,
    ]


async def test_rows_that_do_not_fit_any_more_are_not_counted(database: Database) -> None:
    gone, there = a_key(destroyed_at=NOW), a_key()
    await put(database, [gone, there])
    values = {"at": NOW, "to": None}
    async with database.write() as connection:
        rows = [{"which": one["id"], **values} for one in (gone, there)]
        assert await DESTROYING.run(connection, [*rows, {"which": new_id(), **values}]) == 1
        assert await DESTROYING.run(connection, []) == 0
