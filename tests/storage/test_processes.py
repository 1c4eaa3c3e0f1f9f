"""Several processes on one PostgreSQL: who is alive, what the dead leave, and whose turn the clock's works are."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pytest
from sqlalchemy import select, text

from storage import job_schema, processes
from storage.database import Database
from storage.ids import new_id
from storage.process_tables import Process
from storage.processes import Company

pytestmark = pytest.mark.anyio

HERE, THERE = new_id(), new_id()
PACE = timedelta(minutes=1)


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url


async def run(database: Database, statement: str, **values: Any) -> None:
    async with database.write() as connection:
        await connection.execute(text(statement), values)


async def alive(database: Database, *, here: bool = True, there: bool = True) -> None:
    async with database.write() as connection:
        if here:
            await processes.beat(connection, HERE, works=True)
        if there:
            await processes.beat(connection, THERE, works=False)


async def long_ago(database: Database, process: Any) -> None:
    since = f"{processes.LEASE.total_seconds() + 1} seconds"
    await run(database, f"UPDATE processes SET seen_at = seen_at - interval '{since}' WHERE id = :id", id=process)


async def take(database: Database, process: Any, name: str = "sweep", pace: timedelta = PACE) -> bool:
    async with database.write() as connection:
        return await processes.take(connection, name, pace=pace, process=process)


async def done(database: Database, process: Any) -> None:
    async with database.write() as connection:
        await processes.done(connection, "sweep", process=process)


async def company(database: Database) -> Company:
    async with database.read() as connection:
        return await processes.company(connection)


async def test_who_is_seen_is_alive_until_the_lease_is_over(database: Database) -> None:
    await alive(database)
    assert await company(database) == Company(all=2, working=1)
    await long_ago(database, HERE)
    assert await company(database) == Company(all=1, working=0)
    await alive(database, there=False)
    assert await company(database) == Company(all=2, working=1)


async def test_who_died_is_buried_and_who_lives_is_not(database: Database) -> None:
    await alive(database)
    await long_ago(database, HERE)
    async with database.write() as connection:
        assert await processes.bury(connection) == 1
        assert list((await connection.execute(select(Process.id))).scalars()) == [THERE]


async def test_a_work_is_taken_by_one_and_again_when_it_is_due(database: Database) -> None:
    await alive(database)
    assert await take(database, HERE)
    assert not await take(database, THERE)
    await done(database, HERE)
    # Done, but not due again.
    assert not await take(database, THERE)
    await run(database, "UPDATE clock_works SET due_at = now()")
    assert await take(database, THERE)
    # Every work for itself.
    assert await take(database, HERE, "tidy")


async def test_what_takes_long_is_not_begun_a_second_time_by_somebody_else(database: Database) -> None:
    await alive(database)
    assert await take(database, HERE)
    await run(database, "UPDATE clock_works SET due_at = now()")
    assert not await take(database, THERE)
    await long_ago(database, HERE)
    assert await take(database, THERE)
    # The first comes back to life: it does not end what is another's now.
    await done(database, HERE)
    await run(database, "UPDATE clock_works SET due_at = now()")
    await alive(database, there=False)
    assert not await take(database, HERE)


async def test_a_clock_that_was_set_back_does_not_stop_the_works(database: Database) -> None:
    await alive(database)
    await take(database, HERE)
    await done(database, HERE)
    await run(database, "UPDATE clock_works SET due_at = now() + interval '3 days'")
    assert await take(database, THERE)


async def test_who_ends_leaves_its_works_to_others_at_once(database: Database) -> None:
    await alive(database)
    assert await take(database, HERE)
    async with database.write() as connection:
        await processes.end(connection, HERE)
    await run(database, "UPDATE clock_works SET due_at = now()")
    assert await take(database, THERE)
    assert await company(database) == Company(all=1, working=0)


def test_our_migrations_take_all_steps_of_the_locked_procrastinate() -> None:
    """When this fails, a newer Procrastinate has steps of its own: they need a migration of ours."""
    steps = job_schema.steps(after="", upto=job_schema.TAKEN)
    assert steps == job_schema.steps(after="", upto="99")
    assert steps
    assert job_schema.steps(after=job_schema.TAKEN, upto="99") == []
    installed = [int(part) for part in version("procrastinate").split(".")[:2]]
    assert [int(part) for part in job_schema.TAKEN.split(".")] >= installed


async def test_the_steps_make_the_tables_procrastinate_wants(database: Database) -> None:
    """Compared with the schema it would make in one go, function by function."""
    from procrastinate.schema import SchemaManager

    async with database.read() as connection:
        ours = await _functions(connection, "public")
    async with database.write() as connection:
        await connection.execute(text("CREATE SCHEMA whole"))
        await connection.execute(text("SET LOCAL search_path TO whole"))
        await connection.run_sync(lambda c: c.connection.cursor().execute(SchemaManager.get_schema()))
        whole = await _functions(connection, "whole")
    assert whole
    assert ours == whole


async def _functions(connection: Any, schema: str) -> dict[str, str]:
    query = text(
        "SELECT proname, prosrc FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
        " WHERE nspname = :schema AND starts_with(proname, :prefix)"
    )
    rows = await connection.execute(query, {"schema": schema, "prefix": job_schema.PREFIX})
    return {row.proname: row.prosrc for row in rows}
